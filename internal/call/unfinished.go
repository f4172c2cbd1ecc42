package call

import (
	"context"
	"time"

	"twombly/internal/companion"
)

// finishWithin bounds how long the last words of a call may take to be recognised.
const finishWithin = 5 * time.Second

// keepUnfinished writes down what the person was saying when the call ended: a lost line or a hang-up in mid-sentence loses
// no words. Nobody answers them now; the next answer knows them. It runs when nothing else of the call does any more. What was
// heard beside her own voice is left: it may be her.
func (c *Call) keepUnfinished(ctx context.Context, turn *heardTurn) {
	if turn == nil || c.machine.rules.Detection == Manual {
		return // a client that commits by itself has not committed this
	}
	recognising, cancel := context.WithTimeout(ctx, finishWithin)
	defer cancel()
	turn.recognition.Pause(true)
	for settled := true; settled; {
		var window []float32
		if window, settled = turn.recognition.Window(); len(window) == 0 {
			break
		}
		transcript, err := c.engine.Transcribe(recognising, window)
		if err != nil {
			c.log.Warn("the last words of a call are those of the last partial", "error", err)
			break
		}
		turn.recognition.Take(transcript.Text)
	}
	words := turn.recognition.Whole()
	if words == "" {
		return
	}
	c.recorder <- func(ctx context.Context) {
		if _, err := c.talker.RecordPerson(ctx, c.turnOf(words, companion.ByVoice)); err != nil {
			c.log.Error("the last words of a call could not be written", "error", err)
		}
	}
}

// keepHabits has the next call know what this one has learnt of the person.
func (c *Call) keepHabits(known companion.Habits) {
	learnt := c.machine.Habits()
	before := tempo{}
	before.takes(known)
	if learnt == (companion.Habits{Turns: before.taken, Cut: before.cut}) {
		return
	}
	c.recorder <- func(ctx context.Context) {
		if err := c.talker.KeepHabits(ctx, learnt); err != nil {
			c.log.Error("how the person takes turns could not be kept", "error", err)
		}
	}
}
