package call

import (
	"context"
	"slices"
	"time"

	"twombly/internal/speech"
)

// OverhearMost is how much of the end of what is said over her voice is recognised.
const OverhearMost = 2 * time.Second

// mostOverhearings is how many recognitions of what is heard over her voice run at a time, where a machine is so slow that it comes to that.
const mostOverhearings = 3

// overhearing is a recognition of what is heard over her voice. It runs to its end, also when she has gone on meanwhile or something else is heard: it may
// be the one that knows a wish for silence.
type overhearing struct{ cancel context.CancelFunc }

// duck lowers her voice.
func (c *Call) duck() { c.duckVoice(true) }

// hesitate stops her at the next place in what is being heard at which she can.
func (c *Call) hesitate() {
	if r := c.response; r != nil && r.audible {
		r.holds = r.places(c.mouth.Position(r.itemID))
		if len(r.holds) == 0 { // all that there is has sounded
			r.holds = []time.Duration{r.duration()}
		}
		if !c.mouth.Hold(r.itemID, r.holds) {
			c.step(CantHold{Overlap: c.machine.over.number})
		}
	}
}

// resume lets her go on with the next word.
func (c *Call) resume() {
	if r := c.response; r != nil && r.audible {
		r.holds = nil
		c.mouth.Release(r.itemID)
	}
}

// goOn brings her voice back.
func (c *Call) goOn() {
	c.resume()
	c.duckVoice(false)
}

// duckVoice lowers the voice that sounds, or brings it back.
func (c *Call) duckVoice(down bool) {
	if r := c.response; r != nil && r.audible && !c.machine.rules.Without.Duck {
		c.mouth.Duck(r.itemID, down)
	}
}

// stopOverhearing ends all of it.
func (c *Call) stopOverhearing() {
	for _, running := range c.overhearings {
		running.cancel()
	}
	c.overhearings = nil
}

// overhear recognises what is heard over her voice.
func (c *Call) overhear(intent Intent) {
	if len(c.overhearings) >= mostOverhearings {
		c.overhearings[0].cancel()
		c.overhearings = slices.Delete(c.overhearings, 0, 1)
	}
	ctx, cancel := context.WithCancel(c.ctx)
	running := &overhearing{cancel}
	c.overhearings = append(c.overhearings, running)
	until := c.machine.Position()
	before := c.hearing.before
	keep := min(intent.Back+prefix, OverhearMost)
	samples := append([]float32(nil), before[max(0, len(before)-int(keep*speech.HearingRate/time.Second)):]...)
	c.work.Go(func() {
		defer cancel()
		transcript, err := c.engine.Transcribe(ctx, samples)
		c.post(func() {
			at := slices.Index(c.overhearings, running)
			if at < 0 {
				return // it was ended
			}
			c.overhearings = slices.Delete(c.overhearings, at, at+1)
			if err != nil {
				c.log.Warn("what is said over her could not be recognised", "error", err)
				c.step(Overheard{Overlap: intent.Overlap, Until: until, Remark: Unclear, Failed: true})
				return
			}
			c.step(c.own.Overheard(intent, OverheardAs(intent, until, transcript.Text, c.names()...), transcript.Text))
		})
	})
}
