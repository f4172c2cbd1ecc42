package call

import (
	"context"
	"time"

	"twombly/internal/speech"
)

// OverhearMost is how much of the end of what is said over her voice is recognised.
const OverhearMost = 2 * time.Second

// overhearing is the recognition of what is heard over her voice. It belongs to the call's loop.
type overhearing struct {
	until  time.Duration // audio time at which the last one began
	cancel context.CancelFunc
}

// duck lowers her voice.
func (c *Call) duck() {
	c.stopOverhearing()
	c.duckVoice(true)
}

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
	c.stopOverhearing()
	c.resume()
	c.duckVoice(false)
}

// duckVoice lowers the voice that sounds, or brings it back.
func (c *Call) duckVoice(down bool) {
	if r := c.response; r != nil && r.audible && !c.machine.rules.Without.Duck {
		c.mouth.Duck(r.itemID, down)
	}
}

func (c *Call) stopOverhearing() {
	if c.overheard.cancel != nil {
		c.overheard.cancel()
	}
	c.overheard = overhearing{}
}

// overhear recognises what is heard over her voice.
func (c *Call) overhear(intent Intent) {
	c.stopOverhearing()
	ctx, cancel := context.WithCancel(c.ctx)
	until := c.machine.Position()
	c.overheard = overhearing{until: until, cancel: cancel}
	before := c.hearing.before
	keep := min(intent.Back+prefix, OverhearMost)
	samples := append([]float32(nil), before[max(0, len(before)-int(keep*speech.HearingRate/time.Second)):]...)
	c.work.Go(func() {
		defer cancel()
		transcript, err := c.engine.Transcribe(ctx, samples)
		cancelled := ctx.Err() != nil
		c.post(func() {
			if cancelled && err != nil || c.overheard.until != until {
				return // another took its place
			}
			if err != nil {
				c.log.Warn("what is said over her could not be recognised", "error", err)
				c.step(Overheard{Overlap: intent.Overlap, Until: until, Remark: Unclear, Failed: true})
				return
			}
			c.step(c.own.Overheard(intent, OverheardAs(intent, until, transcript.Text, c.names()...), transcript.Text))
		})
	})
}
