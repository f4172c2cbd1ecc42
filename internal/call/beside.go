package call

import (
	"context"
	"time"

	"twombly/internal/speech"
)

// heardFrame is a frame of the person's sound, how likely there is a voice in it, and its level in dBFS.
type heardFrame struct {
	samples            []float32
	at                 time.Duration // when its last sample came, since the call began
	probability, level float32
}

// besideHer is voice activity detection in what is left of the person's sound when her own voice is taken out. It belongs to the goroutine that listens.
type besideHer struct {
	state speech.VoiceActivityState
	left  chan []float32
}

// hearBeside has the loop take a frame, with what voice activity detection says of what is left of it without her voice, where that comes back; false when
// the call has ended.
func (c *Call) hearBeside(ctx context.Context, beside *besideHer, frame heardFrame) bool {
	if beside.left == nil {
		beside.left = make(chan []float32, 1) // so that the loop never waits
	}
	taken := c.post(func() {
		item, position := c.heardAt(frame.at)
		left := c.own.Hears(frame.samples, item, position)
		if left == nil {
			c.takeFrame(frame, frame.probability)
		}
		beside.left <- left
	})
	if !taken {
		return false
	}
	var left []float32
	select {
	case left = <-beside.left:
	case <-ctx.Done():
		return false
	}
	if left == nil {
		beside.state = speech.VoiceActivityState{} // it begins anew when she is heard again
		return true
	}
	probability, err := c.judge(ctx, &beside.state, left) // nothing else writes to what is left until the next frame is heard
	return err == nil && c.post(func() { c.takeFrame(frame, probability) })
}
