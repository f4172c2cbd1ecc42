package llama

import (
	"testing"
	"time"
)

func TestPace(t *testing.T) {
	var p pace
	now := time.Now()
	// steps lets n steps of 50 ms pass in which two threads get a share of two cores.
	steps := func(n int, share float64) {
		for range n {
			threads := p.threads(2, now)
			now = now.Add(50 * time.Millisecond)
			p.step(threads, 50*time.Millisecond, time.Duration(share*float64(threads)*float64(50*time.Millisecond)), now)
		}
	}
	expect := func(when string, want int) {
		t.Helper()
		if got := p.threads(2, now); got != want {
			t.Errorf("%s: %d threads, want %d", when, got, want)
		}
	}
	expect("at first", 2)
	steps(100, 0.97)
	expect("on a quiet machine", 2)
	steps(1, 0.5)
	expect("after one bad step", 2)
	steps(1, 0.5)
	expect("after bad steps", 1)
	steps(19, 0.5)
	expect("before the wait is over", 1)
	steps(1, 0.5)
	expect("after the wait", 2)
	steps(2, 0.5)
	expect("as bad as before", 1)
	steps(39, 0.5)
	expect("before the second wait is over", 1)
	steps(1, 0.97)
	expect("after the second wait", 2)
	steps(2, 0.97)
	expect("when it is good again", 2)
	for range 20 {
		steps(2, 0.5)
		now = now.Add(paceLongestWait)
	}
	steps(2, 0.5)
	if p.wait != paceLongestWait {
		t.Errorf("the longest wait is %v", p.wait)
	}
	now = now.Add(paceLongestWait - time.Millisecond)
	expect("within the longest wait", 1)
	now = now.Add(2 * time.Millisecond)
	expect("after the longest wait", 2)
	if got := p.threads(0, now); got != 0 {
		t.Errorf("paused: %d threads", got)
	}
}

// TestPaceOneThread: what one thread gets says nothing about spinning.
func TestPaceOneThread(t *testing.T) {
	var p pace
	now := time.Now()
	for range 100 {
		p.step(1, 50*time.Millisecond, time.Millisecond, now)
	}
	if got := p.threads(2, now); got != 2 {
		t.Errorf("%d threads", got)
	}
}
