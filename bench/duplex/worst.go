package duplex

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Note is something that was recognised or decided, in ms after the first voiced sample of what it was about.
type Note struct {
	AtMS float64 `json:"at_ms"`
	What string  `json:"what"`
	Said string  `json:"said,omitempty"`
	// LastsMS is its length, where it has one.
	LastsMS float64 `json:"lasts_ms,omitempty"`
	// Likeness is that of a voice to the person's, where they were compared.
	Likeness float32 `json:"likeness,omitempty"`
}

// String is a note for people.
func (n Note) String() string {
	text := fmt.Sprintf("%.0f %s", n.AtMS, n.What)
	if n.Said != "" {
		text += fmt.Sprintf(" %q", n.Said)
	}
	if n.LastsMS > 0 {
		text += fmt.Sprintf(" (%.0f ms)", n.LastsMS)
	}
	if n.Likeness != 0 {
		text += fmt.Sprintf(" (likeness %.2f)", n.Likeness)
	}
	return text
}

// Aim is what a metric is to be: at least, or at most. One of both is 0.
type Aim struct {
	Metric        string
	Least, AtMost float64
}

// Missed says whether a value misses the aim.
func (a Aim) Missed(value float64) bool {
	return a.Least > 0 && value < a.Least || a.Least == 0 && value > a.AtMost
}

// PanelAims are those of the panel (docs/benchmarks-method.md).
func PanelAims() []Aim {
	return []Aim{
		{Metric: "R_R", Least: 0.98}, {Metric: "R_Y", Least: 0.95}, {Metric: "stops", Least: 0.95}, {Metric: "S_BC", Least: 0.9},
		{Metric: "S_VT", Least: 0.9}, {Metric: "S_ND", Least: 0.6}, {Metric: "I_A", AtMost: 0.05}, {Metric: "cut_off", AtMost: 0.05},
		{Metric: "L_Y_ms_p50", AtMost: 400}, {Metric: "L_Y_ms_p95", AtMost: 700},
	}
}

// Worst is a case that shows why a metric misses its aim.
type Worst struct {
	Metric string `json:"metric"`
	// Event names it: its call, and which of the call's events it is.
	Event string `json:"event"`
	Noise string `json:"noise"`
	Said  string `json:"said"`
	// What came of it, and what was recognised and decided, when.
	What  string `json:"what"`
	Notes []Note `json:"notes,omitempty"`
}

// notesFrom is how long before an event what was decided is shown, in ms.
const notesFrom = -300

// String is one line for people.
func (w Worst) String() string {
	line := fmt.Sprintf("%s: %s, %s, %s: %s", w.Metric, w.Event, w.Noise, w.Said, w.What)
	var notes []string
	for _, note := range w.Notes {
		if note.AtMS >= notesFrom {
			notes = append(notes, note.String())
		}
	}
	if len(notes) > 0 {
		line += "; ms after its beginning: " + strings.Join(notes, ", ")
	}
	return line
}

// noiseOrder are the levels of noise, those first in which it is easiest.
var noiseOrder = []string{"clean", "20 dB", "10 dB", "5 dB"}

// byNoise compares levels of noise.
func byNoise(a, b string) int { return slices.Index(noiseOrder, a) - slices.Index(noiseOrder, b) }

// WorstOf are the n worst outcomes of a metric of the panel. Of a rate they are those that went wrong, those that should have been easiest first; of a
// time the longest.
func WorstOf(metric string, outcomes []Outcome, n int) (worst []Worst) {
	wrong, time := panelFault(metric)
	var found []Outcome
	for _, o := range outcomes {
		if o.Void == "" && wrong(o) {
			found = append(found, o)
		}
	}
	slices.SortStableFunc(found, func(a, b Outcome) int {
		if time {
			return cmp.Compare(b.LatencyMS, a.LatencyMS)
		}
		return byNoise(a.Level, b.Level)
	})
	for _, o := range found[:min(n, len(found))] {
		worst = append(worst, Worst{Metric: metric, Event: o.ID, Noise: o.Level, Said: o.Event.String(), What: o.Describe(), Notes: o.Notes})
	}
	return worst
}

// panelFault says which outcomes count against a metric of the panel, and whether it is a time of theirs.
func panelFault(metric string) (wrong func(Outcome) bool, time bool) {
	switch metric {
	case "I_A":
		return func(o Outcome) bool { return o.Starts > 0 }, false
	case "cut_off":
		return func(o Outcome) bool { return o.CutOff > 0 }, false
	case "L_Y_ms_p50", "L_Y_ms_p95":
		return func(o Outcome) bool { return o.Event.Kind == Interruption && o.Good }, true
	}
	return func(o Outcome) bool { return rateOf[o.Event.Kind] == metric && !o.Good }, false
}

// Describe says for people what came of an event.
func (o Outcome) Describe() string {
	if o.Void != "" {
		return "void, " + o.Void
	}
	what := "as it should be"
	if !o.Good {
		what = map[Kind]string{
			Turn: "not answered", Pausing: "not answered", Interruption: "not yielded to", Stop: "not silent",
		}[o.Event.Kind]
		switch {
		case what != "":
		case o.Event.During:
			what = "she fell silent"
		default:
			what = "she answered"
		}
	}
	if o.Starts > 0 || o.CutOff > 0 {
		what += fmt.Sprintf(", began %d times in it, in %d of %d pauses", o.Starts, o.CutOff, o.Pauses)
	}
	if o.LatencyMS != 0 {
		what += fmt.Sprintf(", %.0f ms", o.LatencyMS)
	}
	if o.SofterDB != 0 {
		what += fmt.Sprintf(", %.0f dB softer", o.SofterDB)
	}
	return what
}
