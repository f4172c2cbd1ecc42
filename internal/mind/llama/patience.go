package llama

import "time"

// patience waits a moment for cores that speech took. A recognition takes 70 to 100 ms, and what it stops is mostly a step that
// reads a few words, for which somebody waits or soon will: on one core of two that takes two to three times as long, and can't be sped
// up when the other core is free again. So such a step waits for the cores, and only when they don't come back soon (her voice
// is being made) makes do with fewer.
type patience struct {
	fewer bool
	since time.Time // when cores were taken
	most  int       // threads there were before
}

// patienceFor is how long cores are waited for.
const patienceFor = 150 * time.Millisecond

// told takes in that some threads may be used, after others.
func (p *patience) told(before, now int, at time.Time) {
	switch {
	case now < before:
		p.fewer, p.since, p.most = true, at, max(before, p.most)
	case now >= p.most:
		p.fewer = false
	}
}

// wait says how long to wait before a step of n tokens is computed on some threads. Writing, one token a step, goes on at once, and
// what is paused altogether waits anyway.
func (p *patience) wait(n, threads int, now time.Time) time.Duration {
	if !p.fewer || n < 2 || threads == 0 {
		return 0
	}
	return max(0, p.since.Add(patienceFor).Sub(now))
}
