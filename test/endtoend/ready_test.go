package endtoend

import (
	"testing"
	"time"

	"twombly/bench/machine"
	"twombly/internal/audio"
	"twombly/internal/speech/speechtest"
)

// Limits of a second start, and of the first turn after it.
const (
	readyWithin     = 15 * time.Second
	firstTurnWithin = 2400 * time.Millisecond
)

// TestReady starts the program a second time and speaks to it as soon as it may be spoken to: the first turn is answered as
// fast as any other.
func TestReady(t *testing.T) {
	data := t.TempDir() + "/data"
	s := start(t, data)
	s.meet(t)
	s.stop(t)

	watch := machine.Begin()
	began := time.Now()
	s = start(t, data)
	k := s.call(t, overWebRTC)
	up := time.Since(began)
	hold(t, watch, "from the start to a call", up, readyWithin)
	// The rest of the time is hers: what she reads before the first turn.
	select {
	case <-time.After(time.Until(began.Add(readyWithin))):
	case <-k.Done():
		t.Fatal(k.Err())
	}
	ctx := within(t, 2*time.Minute)
	clip := speechtest.Clips(t)[0]
	_, last, voiced := audio.Voiced(clip.Samples, 16000)
	if !voiced {
		t.Fatal("the clip is silent")
	}
	spoke, err := k.Speak(ctx, clip.Samples, 16000)
	if err != nil {
		t.Fatal(err)
	}
	end := spoke.Add(time.Duration(last) * time.Second / 16000)
	first := k.audibleSince(t, ctx, end).Sub(end)
	hold(t, watch, "from the last word to hers, in the first turn", first, firstTurnWithin)
	keep(t, 3, 1, "ready", map[string]any{"ready_ms": up.Milliseconds(), "first_turn_ms": first.Milliseconds()})
}
