package endtoend

import (
	"context"
	"path/filepath"
	"slices"
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

// tries is how often she is asked for something long, for so small a mind answers shortly at times; longWish is what for.
const tries = 4

func longWish(try int) string {
	if try%2 == 1 {
		return "Please count from one to forty for me, in words, one after the other."
	}
	return aLongAnswer
}

// TestOverHerVoice talks while she does: assent and coughs let her go on, and a sentence makes her yield.
func TestOverHerVoice(t *testing.T) {
	s := start(t, t.TempDir()+"/data")
	s.meet(t)
	k := s.call(t, overWebRTC)
	t.Run("asides", func(t *testing.T) { goesOn(t, k) })
	t.Run("an interruption", func(t *testing.T) { yields(t, k) })
}

func voiceOver(e client.Event) bool {
	return e.Type == "output_audio_buffer.stopped" || e.Type == "output_audio_buffer.cleared"
}

// startsToSpeak asks her for something long and waits until she is heard; from is the place of her answer's events.
func startsToSpeak(t *testing.T, k *talk, ctx context.Context, try int) (from int) {
	t.Helper()
	began, from := time.Now(), k.Count()
	if err := k.Type(ctx, longWish(try)); err != nil {
		t.Fatal(err)
	}
	k.audibleSince(t, ctx, began)
	return from
}

// goesOn says asides over her, of which none may stop her.
func goesOn(t *testing.T, k *talk) {
	sounds := asides(t)
	ctx := within(t, 5*time.Minute)
	over, stopped := 0, -1
	for try := 0; over < len(sounds); try++ {
		if try == tries {
			t.Fatalf("her answers were so short that only %d sounds fell into them", over)
		}
		from := startsToSpeak(t, k, ctx, try)
		for over < len(sounds) && !slices.ContainsFunc(k.Events(from), voiceOver) {
			t.Logf("over her: %s", sounds[over].name)
			sound := append(slices.Clone(sounds[over].samples), make([]float32, speech.HearingRate)...)
			if _, err := k.Speak(ctx, sound, speech.HearingRate); err != nil {
				t.Fatal(err)
			}
			over++
		}
		event, next := k.await(t, ctx, from, "the end of her voice", voiceOver)
		if event.Type != "output_audio_buffer.stopped" {
			// What a cough is taken for hangs on where in her sentence it falls: once may be chance, the same sound twice is not.
			over--
			if stopped == over {
				t.Fatalf("she was stopped twice by %s", sounds[over].name)
			}
			t.Logf("she was stopped by %s", sounds[over].name)
			stopped = over
		}
		// A sound that met her last word may be a turn, which she answers.
		for _, e := range k.Events(next) {
			if e.Type == "response.created" {
				_, next = k.await(t, ctx, next, "the end of her voice", voiceOver)
			}
		}
	}
}

// yields says a sentence over her, which stops her and is understood from its first word.
func yields(t *testing.T, k *talk) {
	clip := speechtest.Clips(t)[0]
	voiced, _, ok := audio.Voiced(clip.Samples, speech.HearingRate)
	if !ok {
		t.Fatal("the clip is silent")
	}
	ctx := within(t, 5*time.Minute)
	for try := 1; ; try++ {
		if try > tries {
			t.Fatal("her answers were always over before she was interrupted")
		}
		from := startsToSpeak(t, k, ctx, try)
		watch := machine.Begin()
		spoke, err := k.Speak(ctx, clip.Samples, speech.HearingRate)
		if err != nil {
			t.Fatal(err)
		}
		event, next := k.await(t, ctx, from, "the end of her voice", voiceOver)
		words, _ := k.await(t, ctx, next-1, "the words of what was said",
			client.OfType("conversation.item.input_audio_transcription.completed"))
		if event.Type != "output_audio_buffer.cleared" { // it is a turn like any other, which she answers
			_, next = k.await(t, ctx, next, "an answer", client.OfType("response.created"))
			k.await(t, ctx, next, "the end of her voice", voiceOver)
			continue
		}
		took := event.At.Sub(spoke.Add(time.Duration(voiced) * time.Second / speech.HearingRate))
		hold(t, watch, "from the first voiced sample to her yielding", took, yieldsWithin)
		var understood struct{ Transcript string }
		if err := words.Decode(&understood); err != nil {
			t.Fatal(err)
		}
		var errors tally
		errors.add(t, "the interruption", clip.Transcript, understood.Transcript)
		if errors.over(0.2) {
			t.Errorf("the interruption was not understood: %q", understood.Transcript)
		}
		return
	}
}
