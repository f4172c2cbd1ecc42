package speech_test

import (
	"path/filepath"
	"strings"
	"testing"

	"twombly/internal/audio"
	"twombly/internal/speech"
	"twombly/internal/speech/speechtest"
	"twombly/internal/speech/wer"
)

// listen drives a Recognition as a call does: frames of 32 ms, a partial every 800 ms, pauses told by their level.
// It returns the final text, all stable texts, and how many seconds of audio were transcribed for one of speech.
func listen(t *testing.T, engine speech.Engine, samples []float32, pauses bool) (final string, stables []string, cost float64) {
	t.Helper()
	var r speech.Recognition
	heard := 0
	ask := func() {
		for {
			window, settles := r.Window()
			if len(window) == 0 {
				return
			}
			heard += len(window)
			transcript, err := engine.Transcribe(t.Context(), window)
			if err != nil {
				t.Fatal(err)
			}
			r.Take(transcript.Text)
			stables = append(stables, r.Stable())
			if !settles {
				return
			}
		}
	}
	quiet, since := 0, 0
	floor := audio.RMS(samples) / 10
	for at := 0; at+speech.FrameSamples <= len(samples); at += speech.FrameSamples {
		frame := samples[at : at+speech.FrameSamples]
		r.Add(frame)
		if quiet++; audio.RMS(frame) > floor {
			quiet = 0
		}
		if since++; quiet == 7 && pauses { // 224 ms
			r.Pause(false)
			ask()
			since = 0
		} else if since >= 25 {
			ask()
			since = 0
		}
	}
	r.Pause(true)
	ask()
	if r.Open() != 0 {
		t.Errorf("%d samples are left open", r.Open())
	}
	if r.Whole() != r.Stable() {
		t.Errorf("at the end %q is whole and %q stable", r.Whole(), r.Stable())
	}
	return r.Whole(), stables, float64(heard) / float64(len(samples))
}

// TestRecognitionSeams reads 44 s of one narrator, with pauses and without, and compares with what is recognised in
// pieces that were cut by hand at long pauses.
func TestRecognitionSeams(t *testing.T) {
	engine := openLocal(t)
	samples := speechtest.Read(t, filepath.Join(speechtest.Data(t, "speech"), "two_cities.wav"))
	const reference = twoCities
	for _, pauses := range []bool{true, false} {
		final, stables, cost := listen(t, engine, samples, pauses)
		errors, words := wer.WordErrorRate(reference, final)
		t.Logf("pauses %v: %d of %d words wrong, %.1f s transcribed a second\n%s", pauses, errors, words, cost, final)
		if errors*100 > 8*words {
			t.Errorf("pauses %v: %d of %d words wrong", pauses, errors, words)
		}
		checkGrowth(t, stables)
	}
}

// checkGrowth expects stable texts to grow, but for words that a settled window corrects.
func checkGrowth(t *testing.T, stables []string) {
	t.Helper()
	broken := 0
	for i := 1; i < len(stables); i++ {
		if !strings.HasPrefix(stables[i], stables[i-1]) {
			broken++
		}
	}
	t.Logf("%d of %d stable texts are no continuation of the one before", broken, len(stables))
	if broken*10 > len(stables) {
		t.Errorf("%d of %d stable texts are no continuation of the one before", broken, len(stables))
	}
}

func TestRecognitionClips(t *testing.T) {
	engine := openLocal(t)
	errors, words := 0, 0
	for _, clip := range speechtest.Clips(t) {
		final, _, _ := listen(t, engine, clip.Samples, true)
		e, w := wer.WordErrorRate(clip.Transcript, final)
		errors, words = errors+e, words+w
		if e > 0 {
			t.Logf("%s: %q", clip.Name, final)
		}
	}
	t.Logf("%d of %d words wrong", errors, words)
	if errors*100 > 6*words {
		t.Errorf("%d of %d words wrong", errors, words)
	}
}

// twoCities is what the narrator of two_cities.wav reads (Charles Dickens, 1859).
const twoCities = `It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of
foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of light, it was the season
of darkness, it was the spring of hope, it was the winter of despair, we had everything before us, we had nothing before
us, we were all going direct to heaven, we were all going direct the other way. In short, the period was so far like the
present period, that some of its noisiest authorities insisted on its being received, for good or for evil, in the
superlative degree of comparison only.`
