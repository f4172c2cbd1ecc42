package pace_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"twombly/internal/audio"
	"twombly/internal/audio/pace"
)

// TestHold: she stops at the end of a word, is silent for as long as she is held, and goes on without loss or click.
func TestHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, stop := start(t, pace.Options{})
		defer stop()
		samples := tone(2 * rate)
		audio.FadeOut(samples, 120)
		r.Hold("nobody", []time.Duration{time.Second})
		r.Play("a", samples)
		r.End("a")
		time.Sleep(505 * millisecond)
		r.Hold("a", []time.Duration{100 * millisecond, 400 * millisecond, 707 * millisecond, 900 * millisecond})
		time.Sleep(time.Second)
		r.Hold("a", []time.Duration{800 * millisecond}) // is there already
		r.Release("a")
		r.Release("a")
		time.Sleep(3 * time.Second)
		synctest.Wait()

		const place = 707 * rate / 1000
		var heard []float32
		for _, f := range r.frames {
			sounds := time.Duration(f.Timestamp) * time.Second / rate
			if f.Item == "" {
				continue
			}
			if late := sounds - f.at; late < 0 || late > 40*millisecond {
				t.Errorf("a frame left %v before its time", late)
			}
			n := len(f.Samples)
			if before := len(heard); before < place && before+n > place {
				n = place - before
				if sounds < 680*millisecond || sounds > 707*millisecond {
					t.Errorf("the last frame before the pause sounds at %v", sounds)
				}
			} else if before == place && sounds != 1520*millisecond {
				t.Errorf("she goes on at %v", sounds)
			}
			heard = append(heard, f.Samples[:n]...)
		}
		differ := 0
		for i := range min(len(heard), len(samples)) {
			if heard[i] != samples[i] {
				differ++
				if i < place-120 || i >= place+120 {
					t.Fatalf("sample %d was changed", i)
				}
			}
		}
		if len(heard) < len(samples) || differ == 0 {
			t.Errorf("%d of %d samples were heard, %d of them in a fade", len(heard), len(samples), differ)
		}
		if rough := r.roughest(); rough > 0.05 {
			t.Errorf("a click: the signal jumps by %.2f", rough)
		}
		want := []string{"a started at 0", "a paused after 16968", "a resumed with 16968 at 36480", "a stopped false"}
		if !slices.Equal(r.events, want) {
			t.Errorf("events %q, want %q", r.events, want)
		}
	})
}

// TestHoldTooLate: where she may stop is over, so she plays on; what is hushed while it is held is over, and holds up nothing.
func TestHoldTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, stop := start(t, pace.Options{})
		defer stop()
		r.Play("a", tone(2*rate))
		time.Sleep(505 * millisecond)
		r.Hold("a", []time.Duration{100 * millisecond})
		time.Sleep(300 * millisecond)
		synctest.Wait()
		if len(r.events) != 1 || r.Position("a", time.Now()) < 790*millisecond {
			t.Fatalf("she is at %v after %q", r.Position("a", time.Now()), r.events)
		}
		r.Hold("a", []time.Duration{900 * millisecond})
		time.Sleep(500 * millisecond)
		if at := r.Position("a", time.Now()); at != 900*millisecond {
			t.Errorf("held, she is at %v", at)
		}
		r.Hush("a")
		r.Play("b", tone(rate/10))
		r.End("b")
		time.Sleep(time.Second)
		synctest.Wait()
		if got := r.Sent("b"); got != rate/10 || r.Sent("a") != 900*rate/1000 {
			t.Errorf("%d samples of the next item were sent, %d of the first; %q", got, r.Sent("a"), r.events)
		}
		r.Play("c", tone(rate))
		time.Sleep(100 * millisecond)
		r.Hold("c", []time.Duration{200 * millisecond})
		time.Sleep(500 * millisecond)
		r.Play("d", tone(rate/10)) // nothing more comes of c, which is heard to its end
		r.End("d")
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if r.Sent("c") != rate || r.Sent("d") != rate/10 {
			t.Errorf("%d and %d samples were sent; %q", r.Sent("c"), r.Sent("d"), r.events)
		}
	})
}
