package endpoint

import (
	"time"

	"twombly/internal/call"
)

// Outcome is what became of one take.
type Outcome struct {
	Take string `json:"take"`
	// Human says that it was recorded of a person; Level is the noise.
	Human bool   `json:"human"`
	Level string `json:"level"`
	// Pauses are those inside it, in ms, and CutOff which of them were taken for its end.
	Pauses []float64 `json:"pauses_ms"`
	CutOff []bool    `json:"cut_off"`
	// WaitMS is from its last voiced sample to its end as it was taken; Missed is true when none was.
	WaitMS float64 `json:"wait_ms"`
	Missed bool    `json:"missed,omitempty"`
	Reason string  `json:"reason,omitempty"`
	Words  string  `json:"words,omitempty"`
}

// Judge says what became of a take.
func Judge(take Take, played Played) Outcome {
	o := Outcome{Take: take.Event.String(), Human: take.Event.Human(), Level: take.Level, Missed: true}
	pauses := take.Pauses()
	for i, pause := range pauses {
		// What comes while the person goes on already was decided in the pause before.
		until, cut := take.End(), false
		if i+1 < len(pauses) {
			until = pauses[i+1].From
		}
		for _, commit := range played.Commits {
			cut = cut || commit.At > pause.From && commit.At <= until
		}
		o.Pauses = append(o.Pauses, milliseconds(pause.To-pause.From))
		o.CutOff = append(o.CutOff, cut)
	}
	for _, commit := range played.Commits {
		if commit.At > take.End() {
			o.WaitMS, o.Missed, o.Reason, o.Words = milliseconds(commit.At-take.End()), false, string(commit.Reason), commit.Words
			break
		}
	}
	return o
}

// Silence plays the plain rule: an end is a silence of a length, by the voice activity that the call hears too.
func Silence(heard *Hearing, length time.Duration, rules call.Rules) Played {
	var played Played
	voiced, quiet, spoken := false, time.Duration(0), false
	for i, frame := range heard.frames {
		if frame.speech >= rules.SpeechProbability {
			voiced = true
		} else if frame.speech < rules.SilenceProbability {
			voiced = false
		}
		if voiced {
			spoken, quiet = true, 0
			continue
		}
		quiet += frameLength
		if spoken && quiet >= length {
			spoken = false
			played.Commits = append(played.Commits, Commit{At: time.Duration(i+1) * frameLength, Reason: call.SilenceElapsed})
		}
	}
	return played
}

// Point is how a rule did: what share of pauses it cut off, and how long it let the person wait, in ms.
type Point struct {
	Name   string  `json:"name"`
	CutOff float64 `json:"cut_off"`
	WaitMS float64 `json:"wait_ms_mean"`
	Pauses int     `json:"pauses"`
	Ends   int     `json:"ends"`
	Missed int     `json:"missed"`
}

// Score counts outcomes.
func Score(name string, outcomes []Outcome) Point {
	p := Point{Name: name}
	cut, wait := 0, 0.0
	for _, o := range outcomes {
		for _, off := range o.CutOff {
			p.Pauses++
			if off {
				cut++
			}
		}
		if o.Missed {
			p.Missed++
			continue
		}
		p.Ends++
		wait += o.WaitMS
	}
	if p.Pauses > 0 {
		p.CutOff = float64(cut) / float64(p.Pauses)
	}
	if p.Ends > 0 {
		p.WaitMS = wait / float64(p.Ends)
	}
	return p
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
