package endtoend

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"twombly/internal/realtime/client"
	"twombly/internal/speech"
	"twombly/internal/speech/speechtest"
)

// echoOf is a room: what the loudspeaker plays comes back late and softer by so many dB, with reflections after it that die
// away by 60 dB in 300 ms.
func echoOf(late time.Duration, softer float64, seed uint64) []client.Tap {
	gain := math.Pow(10, -softer/20)
	taps := []client.Tap{{Delay: late, Gain: float32(gain)}}
	random := rand.New(rand.NewPCG(seed, 9))
	for range 24 {
		after := 3 + random.Float64()*200 // ms
		taps = append(taps, client.Tap{
			Delay: late + time.Duration(after*float64(time.Millisecond)), Gain: float32(gain * random.NormFloat64() * 0.5 * math.Pow(10, -3*after/300)),
		})
	}
	return taps
}

// TestOwnEcho has her own voice come back through a room, and nothing cancel it: she never takes it for the person, and still
// hears the person over it.
func TestOwnEcho(t *testing.T) {
	if !long() {
		t.Skip("two minutes; TWOMBLY_LONG=1 runs it")
	}
	s := start(t, t.TempDir()+"/data")
	s.meet(t)
	k := s.callWith(t, overWebRTC, client.Options{Token: s.token, ReportPlayback: true, Echo: echoOf(120*time.Millisecond, 12, 1)})
	ctx := within(t, 5*time.Minute)
	for try := range tries - 1 {
		from := startsToSpeak(t, k, ctx, try)
		event, next := k.await(t, ctx, from, "the end of her voice", voiceOver)
		if event.Type != "output_audio_buffer.stopped" {
			t.Fatal("she was interrupted by her own voice")
		}
		// The echo of her last words would be a turn that is answered.
		waiting, cancel := context.WithTimeout(ctx, 3*time.Second)
		_, _, err := k.Await(waiting, from, client.OfType("input_audio_buffer.committed"))
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			words, _ := k.await(t, ctx, next, "the words of the turn", client.OfType("conversation.item.input_audio_transcription.completed"))
			t.Fatalf("she took her own voice for the person's (%v): %s", err, words.Data)
		}
	}
	clip := speechtest.Clips(t)[0]
	for try := range tries {
		from := startsToSpeak(t, k, ctx, try)
		if _, err := k.Speak(ctx, clip.Samples, speech.HearingRate); err != nil {
			t.Fatal(err)
		}
		if event, _ := k.await(t, ctx, from, "the end of her voice", voiceOver); event.Type == "output_audio_buffer.cleared" {
			return
		}
	}
	t.Error("she did not hear the person over her own voice")
}
