package offline

import (
	"testing"
	"time"

	"twombly/internal/speech"
)

// TestHesitating: she stops at the next place, says for how long she stood when she goes on, and goes on from there.
func TestHesitating(t *testing.T) {
	samples := make([]float32, speech.VoiceRate)
	for i := range samples {
		samples[i] = 0.1
	}
	frame := speech.VoiceRate * int(frameLength) / int(time.Second)
	h := her{voice: speech.Utterance{Samples: samples}, places: []int{3*frame + frame/2, len(samples)}}
	h.speak(1, 0)
	h.sound(frameLength)
	if h.heard.Length() != 0 {
		t.Fatal("she is heard before anything is made")
	}
	h.made(1, 0)
	now := time.Duration(0)
	play := func(frames int) {
		for range frames {
			h.sound(now)
			now += frameLength
		}
	}
	play(2)
	h.hesitate()
	play(4)
	if h.at != 3*frame+frame/2 {
		t.Errorf("she stopped at sample %d, not at the place", h.at)
	}
	if stood := h.goOn(); stood.Round(time.Millisecond) != 80*time.Millisecond {
		t.Errorf("she stood for %v", stood)
	}
	play(2)
	if h.at != 5*frame+frame/2 {
		t.Errorf("she went on to sample %d", h.at)
	}
	h.stop(now)
	play(3)
	if !h.replies[0].Cut || h.heard.Audible(now-2*frameLength, now) {
		t.Errorf("she is heard after she was stopped: %+v", h.replies)
	}
}
