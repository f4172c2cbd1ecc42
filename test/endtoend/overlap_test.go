package endtoend

import (
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"twombly/bench/machine"
	"twombly/internal/audio"
	"twombly/internal/realtime/client"
	"twombly/internal/speech"
	"twombly/internal/speech/speechtest"
)

// yieldsWithin is how soon she is silent after somebody begins to interrupt her, on a quiet machine. Over this, only words or
// a length of 900 ms decide.
const yieldsWithin = 1500 * time.Millisecond

// aside is something that is heard over her and is no interruption.
type aside struct {
	name    string
	samples []float32 // at speech.HearingRate
}

// asides are words of assent in a voice that is not hers, and a cough.
func asides(t *testing.T) []aside {
	var all []aside
	for _, text := range []string{"Yeah.", "I see."} {
		all = append(all, aside{text, spokenBy(t, "am_michael", text)})
	}
	folder := speechtest.Data(t, "nonverbal")
	cough, err := audio.ReadWAVFile(filepath.Join(folder, "coughing-03.wav"))
	if err != nil {
		t.Fatal(err)
	}
	if cough, err = cough.To(speech.HearingRate); err != nil {
		t.Fatal(err)
	}
	return append(all, aside{"a cough", cough.Samples})
}

// spokenBy is a text in another person's voice, at speech.HearingRate.
func spokenBy(t *testing.T, voice, text string) []float32 {
	t.Helper()
	utterance, err := listener(t).Synthesize(t.Context(), speech.SynthesisRequest{
		Text: text, Voice: speech.Voice{Blend: map[string]float32{voice: 1}}, First: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return speechtest.Heard(t, utterance)
}

// TestOverHerVoice talks while she does: assent and coughs let her go on, and a sentence makes her yield.
func TestOverHerVoice(t *testing.T) {
	s := start(t, t.TempDir()+"/data")
	s.meet(t)
	sounds := asides(t)
	clip := speechtest.Clips(t)[0]
	voiced, _, ok := audio.Voiced(clip.Samples, speech.HearingRate)
	if !ok {
		t.Fatal("the clip is silent")
	}
	k := s.call(t, overWebRTC)
	ctx := within(t, 5*time.Minute)
	ended := func(e client.Event) bool {
		return e.Type == "output_audio_buffer.stopped" || e.Type == "output_audio_buffer.cleared"
	}

	began, from := time.Now(), k.Count()
	if err := k.Type(ctx, aLongAnswer); err != nil {
		t.Fatal(err)
	}
	k.audibleSince(t, ctx, began)
	over := 0
	for _, sound := range sounds {
		for _, e := range k.Events(from) {
			if ended(e) {
				sound.samples = nil // a short answer is over
			}
		}
		if sound.samples == nil {
			break
		}
		t.Logf("over her: %s", sound.name)
		over++
		if _, err := k.Speak(ctx, append(sound.samples, make([]float32, speech.HearingRate)...), speech.HearingRate); err != nil {
			t.Fatal(err)
		}
	}
	if over < 2 {
		t.Errorf("her answer was so short that only %d sounds fell into it", over)
	}
	event, next := k.await(t, ctx, from, "the end of her voice", ended)
	if event.Type != "output_audio_buffer.stopped" {
		t.Errorf("she was stopped by one of %d sounds", over)
	}

	began, from = time.Now(), next
	if err := k.Type(ctx, "Please count from one to forty for me, in words, one after the other."); err != nil {
		t.Fatal(err)
	}
	k.audibleSince(t, ctx, began)
	watch := machine.Begin()
	spoke, err := k.Speak(ctx, clip.Samples, speech.HearingRate)
	if err != nil {
		t.Fatal(err)
	}
	event, next = k.await(t, ctx, from, "the end of her voice", ended)
	if event.Type != "output_audio_buffer.cleared" {
		t.Fatal("her answer was over before she was interrupted")
	}
	took := event.At.Sub(spoke.Add(time.Duration(voiced) * time.Second / speech.HearingRate))
	hold(t, watch, "from the first voiced sample to her yielding", took, yieldsWithin)
	cut, _ := k.await(t, ctx, from, "what was heard of her", client.OfType("conversation.item.truncated"))
	var fields struct {
		Transcript string `json:"transcript"`
	}
	if err := json.Unmarshal(cut.Data, &fields); err != nil {
		t.Fatal(err)
	}
	t.Logf("heard of her: %q", fields.Transcript)
	words, _ := k.await(t, ctx, next, "the words of what was said", client.OfType("conversation.item.input_audio_transcription.completed"))
	var understood struct{ Transcript string }
	if err := words.Decode(&understood); err != nil {
		t.Fatal(err)
	}
	var errors tally
	errors.add(t, "the interruption", clip.Transcript, understood.Transcript)
	if errors.rate() > 0.2 {
		t.Errorf("the interruption was not understood: %q", understood.Transcript)
	}
}
