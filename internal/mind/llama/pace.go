package llama

import "time"

// pace notices that others need the cores. llama.cpp's threads wait for each other by spinning: when one of two is not
// running, because another program has its core, the other burns its own core for nothing, and an answer becomes thirty
// times slower instead of twice. The cores that the program's own speech needs are told to the loop (setThreads); this
// is for everything else that runs on the machine.
//
// A step with n threads should use n cores for as long as it takes. When steps get clearly less, one thread is used for
// a while, then more are tried again, after a longer while each time that it doesn't help.
type pace struct {
	// used and took add up the steps with several threads since the last judgement.
	used, took time.Duration
	// calm is until when one thread is used, and wait how long that was.
	calm time.Time
	wait time.Duration
}

const (
	// paceSpan is how much time of steps a judgement is made from.
	paceSpan = 100 * time.Millisecond
	// paceShare is the least share of the cores that steps must get; on a quiet machine they get 0.95 and more.
	paceShare = 0.8
	// Between the first and the last of the waits each is twice the one before.
	paceWait, paceLongestWait = time.Second, 30 * time.Second
)

// threads is how many threads to use of those that are allowed.
func (p *pace) threads(allowed int, now time.Time) int {
	if allowed > 1 && now.Before(p.calm) {
		return 1
	}
	return allowed
}

// step takes in how long a step with some threads took, and how much time of cores the process used in it.
func (p *pace) step(threads int, took, used time.Duration, now time.Time) {
	if threads < 2 || took <= 0 {
		return
	}
	p.took += took * time.Duration(threads)
	p.used += used
	if p.took < paceSpan*time.Duration(threads) {
		return
	}
	if float64(p.used) < paceShare*float64(p.took) {
		p.wait = min(max(2*p.wait, paceWait), paceLongestWait)
		p.calm = now.Add(p.wait)
	} else {
		p.wait = 0
	}
	p.used, p.took = 0, 0
}
