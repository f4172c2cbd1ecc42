package echoes

import (
	"slices"
	"time"

	"twombly/bench/duplex"
)

// Happening is one line of what happened in a call.
type Happening struct {
	AtMS  float64 `json:"at_ms"`
	What  string  `json:"what"`
	Why   string  `json:"why,omitempty"`
	Words string  `json:"words,omitempty"`
}

// Played is what came of a take.
type Played struct {
	Conditions Conditions `json:"conditions"`
	// Voice is how long she was to be heard.
	Voice time.Duration `json:"voice_ns"`
	// Explained is how many frames of voice were known to be hers.
	Explained int       `json:"explained"`
	Outcomes  []Outcome `json:"outcomes"`
	// SelfTurns are turns of the person where no person made a sound, SelfYields times at which she stopped for nobody, SelfDrops turns that
	// nobody began and that were dropped, SelfDucks and SelfHesitations times at which she became soft or stopped between two words for nobody.
	SelfTurns, SelfYields, SelfDrops, SelfDucks, SelfHesitations []Self
	Trace                                                        []Happening `json:"trace"`

	audible, yields, ducks, hesitations []time.Duration
	commits, drops                      []commit
	ends                                time.Duration // of the last event
}

// Self is something that she did because of her own voice.
type Self struct {
	AtMS float64 `json:"at_ms"`
	// First is true within her first two seconds in the call.
	First bool   `json:"first,omitempty"`
	Words string `json:"words,omitempty"`
}

// commit is a turn.
type commit struct {
	from, until time.Duration
	words       string
}

// Outcome is what came of an event.
type Outcome struct {
	Kind  Kind   `json:"kind"`
	Said  string `json:"said"`
	Words int    `json:"words,omitempty"`
	Human bool   `json:"human"`
	AtMS  float64
	// Void says why it tells nothing.
	Void string `json:"void,omitempty"`
	// Good is true when she yielded within two seconds, or took what was repeated for a turn.
	Good bool `json:"good"`
	// LatencyMS is from its first voiced sample to her silence.
	LatencyMS float64 `json:"latency_ms,omitempty"`
	Heard     string  `json:"heard,omitempty"`

	from time.Duration
}

const (
	// inTime is how soon she is to yield.
	inTime = 2 * time.Second
	// lingers is how long after the person's last sound something may still be because of it.
	lingers = 2 * time.Second
)

func (p *player) note(what, why, words string) {
	p.played.Trace = append(p.played.Trace, Happening{AtMS: milliseconds(p.now), What: what, Why: why, Words: words})
}

// judge says what became of the take.
func (p *player) judge() {
	q := &p.played
	q.Conditions = p.take.Conditions
	var persons []duplex.Stretch
	for i, event := range p.take.Events {
		o := &q.Outcomes[i]
		o.Kind, o.Said, o.Words, o.Human, o.AtMS = event.Kind, event.Said, event.Words, event.Human, milliseconds(o.from)
		if o.from == 0 {
			o.Void = "she did not get to it"
			continue
		}
		from := o.from + event.Rendered.Voiced[0].From
		to := o.from + event.Rendered.Voiced[len(event.Rendered.Voiced)-1].To
		persons = append(persons, duplex.Stretch{From: from, To: to})
		if event.Kind == Interruption {
			p.judgeInterruption(o, from)
		}
		for _, c := range q.commits {
			if c.from <= to && c.until >= from {
				o.Heard = c.words
				o.Good = o.Good || event.Kind == Repetition
			}
		}
	}
	nobody := func(from, to time.Duration) bool {
		return !slices.ContainsFunc(persons, func(s duplex.Stretch) bool { return from <= s.To+lingers && to >= s.From-frameLength })
	}
	self := func(at time.Duration, words string) Self {
		heard := 0
		for _, frame := range q.audible {
			if frame < at {
				heard++
			}
		}
		return Self{milliseconds(at), time.Duration(heard)*frameLength < 2*time.Second, words}
	}
	moments := func(times []time.Duration) (found []Self) {
		for _, at := range times {
			if nobody(at, at) {
				found = append(found, self(at, ""))
			}
		}
		return found
	}
	turns := func(commits []commit) (found []Self) {
		for _, c := range commits {
			if !slices.ContainsFunc(persons, func(s duplex.Stretch) bool { return c.from <= s.To && c.until >= s.From }) {
				found = append(found, self(c.from, c.words))
			}
		}
		return found
	}
	q.SelfTurns, q.SelfDrops = turns(q.commits), turns(q.drops)
	q.SelfYields, q.SelfDucks, q.SelfHesitations = moments(q.yields), moments(q.ducks), moments(q.hesitations)
}

// judgeInterruption looks for the silence of one that began at a time.
func (p *player) judgeInterruption(o *Outcome, from time.Duration) {
	yield := time.Duration(-1)
	for _, at := range p.played.yields {
		if at >= from && yield < 0 {
			yield = at
		}
	}
	last := time.Duration(0)
	for _, frame := range p.played.audible {
		if yield < 0 && frame < from+inTime || frame < yield {
			last = frame + frameLength
		}
	}
	switch {
	case yield >= 0 && yield <= from+inTime:
		o.Good, o.LatencyMS = true, milliseconds(max(0, last-from))
	case last < from+inTime-between/2:
		o.Void = "her reply ended by itself"
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
