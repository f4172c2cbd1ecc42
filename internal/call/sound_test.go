package call

import (
	"testing"
	"time"

	"twombly/internal/speech"
)

// TestSoundArrives: each frame says when its last sample came, however the sound was cut on its way.
func TestSoundArrives(t *testing.T) {
	q := newSoundQueue()
	half := make([]float32, speech.FrameSamples/2)
	q.push(half, 10*time.Millisecond)
	q.push(make([]float32, speech.FrameSamples), 30*time.Millisecond)
	q.push(half, 50*time.Millisecond)
	q.push(make([]float32, 2*speech.FrameSamples), 90*time.Millisecond)
	frame := make([]float32, speech.FrameSamples)
	for i, want := range []time.Duration{30, 50, 90, 90} {
		if at, ok := q.next(frame); !ok || at != want*time.Millisecond {
			t.Errorf("frame %d came at %v, %v, want %v", i, at, ok, want*time.Millisecond)
		}
	}
	q.close()
	if _, ok := q.next(frame); ok {
		t.Error("a frame of a queue that was closed")
	}
}
