package client

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// TestPausesAreNoSound: over WebRTC the clock of her sound runs on while the next clause is not ready.
func TestPausesAreNoSound(t *testing.T) {
	ms := time.Millisecond
	l := &loudspeaker{}
	now := time.Now()
	announce := func(duration int) {
		l.event(Event{Type: "twombly.caption", At: now, Data: fmt.Appendf(nil, `{"item_id": "a", "duration_ms": %d}`, duration)})
	}
	offset := time.Duration(0)
	plays := func(length time.Duration, sample float32) {
		for range length / (20 * ms) {
			l.play(Sound{
				At: now, Item: "a", Offset: int64(offset * VoiceRate / time.Second), Samples: slices.Repeat([]float32{sample}, VoiceRate/50),
			})
			offset, now = offset+20*ms, now.Add(20*ms)
		}
	}
	at := func(want time.Duration) {
		t.Helper()
		if item, got := l.position(now); item != "a" || got < want-20*ms || got > want+20*ms {
			t.Errorf("%v of %s was played, want %v", got, item, want)
		}
	}
	tell := func(kind string, content time.Duration) {
		const start = 1000
		l.event(Event{Type: kind, At: now, Data: fmt.Appendf(nil, `{"item_id": "a", "offset_ms": %d, "rtp_timestamp": %d}`,
			content.Milliseconds(), start+uint32(offset*2*VoiceRate/time.Second))})
	}
	announce(1000)
	tell("output_audio_buffer.started", 0)
	plays(600*ms, 0.1)
	at(600 * ms)
	plays(400*ms, 0.1)
	tell("twombly.paused", time.Second)
	plays(200*ms, 0) // the silence that follows sound
	at(1000 * ms)
	offset, now = offset+700*ms, now.Add(700*ms) // in which nothing is sent
	at(1000 * ms)
	announce(500)
	tell("twombly.resumed", time.Second)
	plays(300*ms, 0.1)
	at(1300 * ms)
	announce(500) // in time
	plays(400*ms, 0.1)
	at(1700 * ms)
	offset, now = offset+100*ms, now.Add(100*ms) // the network's, in the middle of a clause
	plays(60*ms, 0.1)
	at(1860 * ms)
	tell("twombly.paused", 1860*ms) // held at the end of a word
	plays(100*ms, 0)
	at(1860 * ms)
	offset, now = offset+300*ms, now.Add(300*ms)
	tell("twombly.resumed", 1860*ms)
	offset -= 40 * ms // a receiver fills the pause with silence
	plays(40*ms, 0)
	at(1860 * ms)
	plays(100*ms, 0.1)
	at(1960 * ms)
	plays(200*ms, 0) // all of it has sounded
	at(2000 * ms)
}
