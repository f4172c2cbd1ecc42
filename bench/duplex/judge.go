package duplex

import "time"

// The rules of the panel (docs/benchmarks-method.md).
const (
	// AnswerWithin is how soon a turn is to be answered, YieldWithin how soon she is to be silent after an interruption began.
	AnswerWithin = 5 * time.Second
	YieldWithin  = 2 * time.Second
	// lostWithin is how long after a sound that was no interruption her silence is still blamed on it; answeredWithin how
	// long after one that was not for her a word of hers is.
	lostWithin     = time.Second
	answeredWithin = 2 * time.Second
	// silence is how long she is silent when she yields.
	silence = time.Second
	// rest is how long she was silent before she begins.
	rest = 300 * time.Millisecond
	// shortestPause is the shortest pause inside a turn that is counted.
	shortestPause = 300 * time.Millisecond
)

// Listen is how long after an event's end must be listened, for it to be judged.
func Listen(event Event) time.Duration {
	switch {
	case event.Kind == Turn || event.Kind == Pausing:
		return AnswerWithin
	case event.Kind == Interruption || event.Kind == Stop:
		return YieldWithin + silence
	case event.During:
		return lostWithin + silence
	default:
		return answeredWithin
	}
}

// Reply is one reply of hers: when it sounded, and whether it was cut. One that is not over has no To.
type Reply struct {
	From, To  time.Duration
	Over, Cut bool
}

// Performed is an event as it happened. Times are after the call's beginning, at the client.
type Performed struct {
	Event  Event     `json:"event"`
	Voiced []Stretch `json:"voiced"`
	// Commits are when turns of the person were committed, from the event's beginning on.
	Commits []time.Duration `json:"commits,omitempty"`
}

func (p Performed) from() time.Duration { return p.Voiced[0].From }
func (p Performed) to() time.Duration   { return p.Voiced[len(p.Voiced)-1].To }

// Outcome is what became of an event. Times are in ms.
type Outcome struct {
	// ID names the event: its call, and which of the call's events it is.
	ID    string `json:"id"`
	Call  string `json:"call"`
	Level string `json:"level"`
	Human bool   `json:"human"`
	Event Event  `json:"event"`
	// AtMS is when it began, after the call's beginning.
	AtMS float64 `json:"at_ms"`
	// Void says why it tells nothing: she was not speaking, or her reply was just over.
	Void string `json:"void,omitempty"`
	Good bool   `json:"good"`
	// LatencyMS is from the end of a turn to her voice, or from an interruption's beginning to her silence; 0 when neither
	// came.
	LatencyMS float64 `json:"latency_ms,omitempty"`
	// AfterMS is from the end of what was said over her to her silence, less than 0 if she was silent before.
	AfterMS float64 `json:"after_ms,omitempty"`
	// SofterDB is how much softer she was meanwhile than before, in dB; 0 where she fell silent too soon for that to be known.
	SofterDB float64 `json:"softer_db,omitempty"`
	// Starts is how often she began while the person was speaking.
	Starts int `json:"starts,omitempty"`
	// Pauses are those inside a turn, CutOff those in which she spoke.
	Pauses int `json:"pauses,omitempty"`
	CutOff int `json:"cut_off,omitempty"`
	// WaitMS is from the last voiced sample of a turn to its commit.
	WaitMS float64 `json:"wait_ms,omitempty"`
	// Notes are what was recognised and decided, as far as it is known.
	Notes []Note `json:"notes,omitempty"`
}

// Judge says what became of an event.
func Judge(p Performed, t *Timeline, replies []Reply) Outcome {
	o := Outcome{Event: p.Event, Human: p.Event.Human(), AtMS: ms(p.from())}
	switch {
	case p.Event.Kind == Turn || p.Event.Kind == Pausing:
		judgeTurn(&o, p, t)
	case p.Event.During:
		judgeOver(&o, p, t, replies)
	default:
		_, answered := t.Onset(p.from(), p.to()+answeredWithin, rest)
		o.Good = !answered
		if t.Audible(p.from()-rest, p.from()) {
			o.Void = "she was speaking"
		}
	}
	return o
}

func judgeTurn(o *Outcome, p Performed, t *Timeline) {
	if t.Audible(p.from()-rest, p.from()) {
		o.Void = "she was speaking"
		return
	}
	for at := p.from(); ; o.Starts++ {
		start, began := t.Onset(at, p.to(), rest)
		if !began {
			break
		}
		at = start + levelFrame
	}
	for i := range p.Voiced[:len(p.Voiced)-1] {
		from, to := p.Voiced[i].To, p.Voiced[i+1].From
		if to-from < shortestPause {
			continue
		}
		o.Pauses++
		if t.Audible(from, to) {
			o.CutOff++
		}
	}
	if heard, ok := t.NextAudible(p.to(), p.to()+AnswerWithin); ok {
		o.Good = true
		o.LatencyMS = ms(heard - p.to())
	}
	for _, commit := range p.Commits {
		if commit > p.to() {
			o.WaitMS = ms(commit - p.to())
			break
		}
	}
}

// judgeOver judges what was said over her.
func judgeOver(o *Outcome, p Performed, t *Timeline, replies []Reply) {
	if !t.Audible(p.from()-rest, p.from()+100*time.Millisecond) {
		o.Void = "she was not speaking"
		return
	}
	yielding := p.Event.Kind == Interruption || p.Event.Kind == Stop
	limit := p.to() + lostWithin
	if yielding {
		limit = p.from() + YieldWithin
	}
	silent, yielded := t.Silence(p.from(), limit, silence)
	until := p.to()
	if yielded {
		until = min(until, silent)
	}
	o.SofterDB = t.softer(p.from(), until)
	if yielded {
		o.Void = nothingSaid(silent, t, replies)
		o.LatencyMS, o.AfterMS = ms(silent-p.from()), ms(silent-p.to())
	}
	o.Good = yielded == yielding
}

// nothingSaid tells why a silence of hers says nothing about what was said over her: her reply was over, or its next words
// were not ready.
func nothingSaid(silent time.Duration, t *Timeline, replies []Reply) string {
	const slack = 400 * time.Millisecond
	for _, reply := range replies {
		if reply.Cut || silent < reply.From {
			continue
		}
		if reply.Over && silent > reply.To-slack && silent < reply.To+slack {
			return "her reply was over"
		}
		if next, again := t.NextAudible(silent+silence, t.Length()); again && silent < reply.To && next < reply.To {
			return "she waited for her next words"
		}
	}
	return ""
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
