package duplex

import (
	_ "embed"
	"html/template"
	"io"
	"time"
)

// Played is a call as it happened.
type Played struct {
	Call     Call        `json:"call"`
	Events   []Performed `json:"events"`
	Outcomes []Outcome   `json:"outcomes"`
	// Her are the times in which she was heard.
	Her []Stretch `json:"her"`
	// Marks are what the program decided, and when its client heard of it.
	Marks []Mark `json:"marks"`
	// SelfTurns are turns of the person's that the person did not make.
	SelfTurns int `json:"self_turns"`
	// TokensUsed were drafted and spoken, TokensDropped thrown away.
	TokensUsed    int `json:"tokens_used"`
	TokensDropped int `json:"tokens_dropped"`
}

// Mark is a moment, after the call's beginning.
type Mark struct {
	At   time.Duration `json:"at"`
	Text string        `json:"text"`
}

//go:embed plot.html.tmpl
var plotPage string

// pixelsPerSecond is the plot's scale.
const pixelsPerSecond = 40

// Plot writes a page on which each call is two lanes of speech, the person's above hers, with the decisions between. Above them stand lines about the
// worst cases.
func Plot(w io.Writer, calls []Played, worst []string) error {
	page, err := template.New("plot").Funcs(template.FuncMap{
		"x":     func(at time.Duration) float64 { return at.Seconds() * pixelsPerSecond },
		"width": func(s Stretch) float64 { return max(1, (s.To-s.From).Seconds()*pixelsPerSecond) },
	}).Parse(plotPage)
	if err != nil {
		return err
	}
	return page.Execute(w, struct {
		Calls []Played
		Worst []string
	}{calls, worst})
}

// Class is how an outcome is drawn.
func (o Outcome) Class() string {
	switch {
	case o.Void != "":
		return "void"
	case o.Good && o.CutOff == 0 && o.Starts == 0:
		return "good"
	}
	return "bad"
}

// Wide is how wide the call's drawing is, in pixels.
func (p Played) Wide() float64 {
	end := time.Duration(0)
	if len(p.Her) > 0 {
		end = p.Her[len(p.Her)-1].To
	}
	for _, event := range p.Events {
		end = max(end, event.to())
	}
	return end.Seconds()*pixelsPerSecond + 40
}

// Seconds are those of the call, for its scale.
func (p Played) Seconds() (at []time.Duration) {
	for s := time.Duration(0); s.Seconds()*pixelsPerSecond < p.Wide(); s += 5 * time.Second {
		at = append(at, s)
	}
	return at
}
