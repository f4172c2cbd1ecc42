package echoes

import (
	"context"
	"slices"
	"testing"
	"time"

	"twombly/bench/duplex"
	"twombly/bench/rooms"
	"twombly/internal/audio"
	"twombly/internal/call"
	"twombly/internal/speech"
	"twombly/internal/speech/speechtest"
)

// fakeNets hear what is loud, and know no words of it but those of a person: who is far louder than she is when she comes back.
type fakeNets struct{}

func (fakeNets) VoiceActivity(_ context.Context, _ *speech.VoiceActivityState, frame []float32) (float32, error) {
	if audio.Level(frame) > -48 {
		return 1, nil
	}
	return 0, nil
}

func (fakeNets) Transcribe(_ context.Context, samples []float32) (speech.Transcript, error) {
	if audio.Peak(samples) > 0.5 {
		return speech.Transcript{Text: "Wait, I have a question."}, nil
	}
	return speech.Transcript{}, nil
}

// clip is a reader's voice at a rate and a peak.
func clip(t *testing.T, name string, rate int, length time.Duration, peak float32) []float32 {
	t.Helper()
	recorded, err := audio.ReadWAVFile(speechtest.Data(t, "speech") + "/" + name)
	if err != nil {
		t.Skip(err)
	}
	if recorded, err = recorded.To(rate); err != nil {
		t.Fatal(err)
	}
	samples := recorded.Samples[:min(len(recorded.Samples), int(length.Seconds()*float64(rate)))]
	for i, loudest := 0, audio.Peak(samples); i < len(samples); i++ {
		samples[i] *= peak / loudest
	}
	return samples
}

// scene is a call in which she is interrupted once, after one undisturbed reply, and repeated once.
func scene(t *testing.T) Take {
	reply := Reply{{Text: "It was the best of times.", Utterance: speech.Utterance{Samples: clip(t, "two_cities.wav", speech.VoiceRate, 12*time.Second, 0.9)}}}
	said := clip(t, "11_jfk.wav", duplex.Rate, 4*time.Second, 0.9)
	from, to, _ := audio.Voiced(said, duplex.Rate)
	stretch := duplex.Stretch{From: time.Duration(from) * time.Second / duplex.Rate, To: time.Duration(to) * time.Second / duplex.Rate}
	rendered := duplex.Rendered{Samples: said, Voiced: []duplex.Stretch{stretch}}
	response, err := rooms.Box{Size: rooms.Point{4, 3, 2.5}, Reverberation: 0.3}.Response(rooms.Point{1, 1, 1}, rooms.Point{1.5, 1, 1}, duplex.Rate, duplex.Rate/4)
	if err != nil {
		t.Fatal(err)
	}
	for i := range response {
		response[i] *= 0.08
	}
	return Take{
		Name: "a call", Most: time.Minute, Conditions: Conditions{DelayMS: 120}, Replies: []Reply{reply}, Response: response, Events: []Event{
			{Kind: Interruption, Skip: 1, After: 3 * time.Second, Rendered: rendered, Said: "what is asked"},
			{Kind: Repetition, After: time.Second, Reply: reply, Rendered: rendered, Said: "what is repeated"},
		},
	}
}

func play(t *testing.T, take Take, without Without) Played {
	t.Helper()
	pace := Pace{Recognition: 40 * time.Millisecond, Detection: 60 * time.Millisecond, Thinking: 20 * time.Millisecond, Voice: 300 * time.Millisecond}
	played, err := Play(t.Context(), take, fakeNets{}, call.DefaultRules(), pace, without)
	if err != nil {
		t.Fatal(err)
	}
	return played
}

func TestPlay(t *testing.T) {
	for name, without := range map[string]Without{"with an echo": {}, "without": {Echo: true}} {
		played := play(t, scene(t), without)
		if n := len(played.SelfTurns) + len(played.SelfYields); n > 0 {
			t.Errorf("%s: %d turns and stops of her own: %+v", name, n, played.Trace)
		}
		for _, o := range played.Outcomes {
			if !o.Good || o.Void != "" || o.Kind == Interruption && (o.LatencyMS < 100 || o.LatencyMS > 1500) {
				t.Errorf("%s: %+v of %+v", name, o, played.Trace)
			}
		}
		if explained := played.Explained > 100; explained == without.Echo {
			t.Errorf("%s: %d frames were her own", name, played.Explained)
		}
		if played.Voice < 20*time.Second {
			t.Errorf("%s: she was heard for %v", name, played.Voice)
		}
	}
}

// TestEnvelopeOff: without the layer that it is there to measure, she does interrupt herself.
func TestEnvelopeOff(t *testing.T) {
	played := play(t, scene(t), Without{Envelope: true, Words: true})
	if len(played.SelfYields) == 0 {
		t.Errorf("nothing knows her voice, and she goes on: %+v", played.Trace)
	}
	if !slices.ContainsFunc(played.Trace, func(h Happening) bool { return h.What == "yields" && h.Why == string(call.BargeIn) }) {
		t.Errorf("no trace of it: %+v", played.Trace)
	}
}
