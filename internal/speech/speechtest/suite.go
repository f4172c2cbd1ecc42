package speechtest

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"twombly/internal/audio"
	"twombly/internal/speech"
	"twombly/internal/speech/wer"
)

// Run holds an engine to the promises of speech.Engine, with real clips and real nets.
func Run(t *testing.T, engine speech.Engine) {
	clips := Clips(t)
	t.Run("VoiceActivity", func(t *testing.T) { voiceActivity(t, engine, clips) })
	t.Run("TurnEnd", func(t *testing.T) { turnEnd(t, engine, clips) })
	t.Run("Transcribe", func(t *testing.T) { transcribe(t, engine, clips) })
	t.Run("TranscribeBorders", func(t *testing.T) { transcribeBorders(t, engine, clips) })
	t.Run("Synthesize", func(t *testing.T) { synthesize(t, engine) })
	t.Run("SynthesizeBorders", func(t *testing.T) { synthesizeBorders(t, engine) })
	t.Run("Voices", func(t *testing.T) { voices(t, engine) })
	t.Run("Cancel", func(t *testing.T) { cancel(t, engine, clips) })
	t.Run("AtOnce", func(t *testing.T) { atOnce(t, engine, clips) })
}

// speechShare is the share of frames in which the detector hears speech.
func speechShare(t *testing.T, engine speech.Engine, samples []float32) float64 {
	t.Helper()
	var state speech.VoiceActivityState
	frames, voiced := 0, 0
	for at := 0; at+speech.FrameSamples <= len(samples); at += speech.FrameSamples {
		probability, err := engine.VoiceActivity(t.Context(), &state, samples[at:at+speech.FrameSamples])
		if err != nil {
			t.Fatal(err)
		}
		frames++
		if probability >= 0.5 {
			voiced++
		}
	}
	return float64(voiced) / float64(frames)
}

func voiceActivity(t *testing.T, engine speech.Engine, clips []Clip) {
	for _, clip := range clips {
		from, to, ok := audio.Voiced(clip.Samples, speech.HearingRate)
		if !ok {
			t.Fatalf("%s is silent", clip.Name)
		}
		if share := speechShare(t, engine, clip.Samples[from:to]); share < 0.6 {
			t.Errorf("%s: speech in %.0f %% of its frames", clip.Name, 100*share)
		}
	}
	if share := speechShare(t, engine, make([]float32, 3*speech.HearingRate)); share > 0 {
		t.Errorf("silence: speech in %.0f %% of its frames", 100*share)
	}
	if share := speechShare(t, engine, noise(5*speech.HearingRate, 0.02)); share > 0.05 {
		t.Errorf("noise: speech in %.0f %% of its frames", 100*share)
	}

	var state speech.VoiceActivityState
	if _, err := engine.VoiceActivity(t.Context(), &state, make([]float32, speech.FrameSamples-1)); !errors.Is(err, speech.ErrAudio) {
		t.Errorf("a short frame: %v", err)
	}
	broken := make([]float32, speech.FrameSamples)
	broken[7] = float32(math.NaN())
	if _, err := engine.VoiceActivity(t.Context(), &state, broken); !errors.Is(err, speech.ErrAudio) {
		t.Errorf("a sample that is no number: %v", err)
	}
	if state != (speech.VoiceActivityState{}) {
		t.Error("a refused frame changed the state")
	}
}

// noise is white noise of the given peak, the same each time.
func noise(samples int, peak float32) []float32 {
	random := rand.New(rand.NewPCG(1, 2))
	out := make([]float32, samples)
	for i := range out {
		out[i] = peak * (2*random.Float32() - 1)
	}
	return out
}

// turnEnd expects whole sentences to be finished more often than the same cut at 55 %. The net is right about most,
// not about all: 18 of 21 and 13 of 21 when it was chosen.
func turnEnd(t *testing.T, engine speech.Engine, clips []Clip) {
	whole, cut := 0, 0
	for _, clip := range clips {
		_, to, _ := audio.Voiced(clip.Samples, speech.HearingRate)
		end := min(len(clip.Samples), to+speech.HearingRate/5)
		finished, err := engine.TurnEnd(t.Context(), clip.Samples[:end])
		if err != nil {
			t.Fatal(err)
		}
		unfinished, err := engine.TurnEnd(t.Context(), clip.Samples[:to*55/100])
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: whole %.2f, cut %.2f", clip.Name, finished, unfinished)
		if finished < 0 || finished > 1 || unfinished < 0 || unfinished > 1 {
			t.Errorf("%s: %v and %v are no probabilities", clip.Name, finished, unfinished)
		}
		if finished >= 0.5 {
			whole++
		}
		if unfinished >= 0.5 {
			cut++
		}
	}
	if whole*10 < 7*len(clips) || cut*2 > len(clips) {
		t.Errorf("finished: %d of %d whole sentences and %d cut ones", whole, len(clips), cut)
	}
	// What lies more than 8 s back does not count.
	long := slices.Concat(noise(4*speech.HearingRate, 0.3), make([]float32, 8*speech.HearingRate))
	a, err := engine.TurnEnd(t.Context(), long)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := engine.TurnEnd(t.Context(), long[4*speech.HearingRate:]); err != nil || a != b {
		t.Errorf("the same 8 s: %v and %v, %v", a, b, err)
	}
	if _, err := engine.TurnEnd(t.Context(), nil); err != nil {
		t.Errorf("no audio: %v", err)
	}
}

// tally sums word errors.
type tally struct{ errors, words int }

func (c *tally) add(reference, hypothesis string) (errors int) {
	errors, words := wer.WordErrorRate(reference, hypothesis)
	c.errors += errors
	c.words += words
	return errors
}

func (c *tally) rate() float64 { return float64(c.errors) / float64(c.words) }

func transcribe(t *testing.T, engine speech.Engine, clips []Clip) {
	var count tally
	var audioTime, compute time.Duration
	for _, clip := range clips {
		before := slices.Clone(clip.Samples)
		transcript, err := engine.Transcribe(t.Context(), clip.Samples)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(before, clip.Samples) {
			t.Errorf("%s: the samples were changed", clip.Name)
		}
		if transcript.AudioDuration != time.Duration(len(clip.Samples))*time.Second/speech.HearingRate || transcript.Compute <= 0 {
			t.Errorf("%s: %v of audio in %v", clip.Name, transcript.AudioDuration, transcript.Compute)
		}
		audioTime += transcript.AudioDuration
		compute += transcript.Compute
		if errors := count.add(clip.Transcript, transcript.Text); errors > 0 {
			t.Logf("%s: %d errors in %q", clip.Name, errors, transcript.Text)
		}
	}
	t.Logf("word error %.1f %% of %d, real-time factor %.3f (wall)", 100*count.rate(), count.words, compute.Seconds()/audioTime.Seconds())
	if count.rate() > 0.06 {
		t.Errorf("word error %.1f %%", 100*count.rate())
	}
}

func transcribeBorders(t *testing.T, engine speech.Engine, clips []Clip) {
	for name, samples := range map[string][]float32{
		"empty": nil, "one sample": {0.5}, "silence": make([]float32, 5*speech.HearingRate), "hiss": noise(speech.HearingRate, 0.0005),
	} {
		transcript, err := engine.Transcribe(t.Context(), samples)
		if err != nil || transcript.Text != "" {
			t.Errorf("%s: %q, %v", name, transcript.Text, err)
		}
	}
	if _, err := engine.Transcribe(t.Context(), noise(30*speech.HearingRate+1, 0.1)); !errors.Is(err, speech.ErrTooLong) {
		t.Errorf("more than 30 s: %v", err)
	}
	if _, err := engine.Transcribe(t.Context(), []float32{0, float32(math.Inf(1))}); !errors.Is(err, speech.ErrAudio) {
		t.Errorf("a sample that is no number: %v", err)
	}
	// Clipped speech is harder, and still speech.
	var count tally
	for _, clip := range clips {
		loud := make([]float32, len(clip.Samples))
		gain := 4 / audio.Peak(clip.Samples)
		for i, x := range clip.Samples {
			loud[i] = max(-1, min(1, gain*x))
		}
		transcript, err := engine.Transcribe(t.Context(), loud)
		if err != nil {
			t.Fatal(err)
		}
		count.add(clip.Transcript, transcript.Text)
	}
	t.Logf("clipped by 12 dB: word error %.1f %%", 100*count.rate())
	if count.rate() > 0.15 {
		t.Errorf("clipped by 12 dB: word error %.1f %%", 100*count.rate())
	}
	// 30 s of speech, exactly the longest.
	whole := Read(t, Data(t, "speech/two_cities.wav"))[:30*speech.HearingRate]
	transcript, err := engine.Transcribe(t.Context(), whole)
	if err != nil || len(strings.Fields(transcript.Text)) < 50 {
		t.Errorf("30 s: %q, %v", transcript.Text, err)
	}
}

// sentences are said and transcribed back.
var sentences = []string{
	"Good morning.",
	"How are you today?",
	"I was thinking about the garden, and the roses by the wall.",
	"She told me that the water was cold, but we went in anyway.",
	"Of course, I can help you with that.",
	"The train leaves at half past seven in the evening.",
	"That sounds like a wonderful idea to me.",
	"Tell me more about your daughter.",
	"We could walk along the river after lunch, if the rain stops.",
	"I remember that you wanted to call your brother on Sunday.",
	"There are three apples and a bottle of milk on the kitchen table.",
	"What did the doctor say about your knee?",
}

func synthesize(t *testing.T, engine speech.Engine) {
	var count tally
	var spoken, compute time.Duration
	for i, text := range sentences {
		utterance, err := engine.Synthesize(t.Context(), speech.SynthesisRequest{Text: text, First: i%2 == 0})
		if err != nil {
			t.Fatal(err)
		}
		checkUtterance(t, text, utterance)
		spoken += utterance.Duration()
		compute += utterance.Compute
		transcript, err := engine.Transcribe(t.Context(), Heard(t, utterance))
		if err != nil {
			t.Fatal(err)
		}
		if errors := count.add(text, transcript.Text); errors > 0 {
			t.Logf("%q was heard as %q", text, transcript.Text)
		}
	}
	t.Logf("transcribed back: word error %.1f %% of %d; real-time factor %.2f (wall)", 100*count.rate(), count.words, compute.Seconds()/spoken.Seconds())
	// Nets round differently from processor to processor, and "any way" is two errors in so short a text; whether the 2 % of a release
	// hold is for twombly bench tts.
	if count.rate() > 0.05 {
		t.Errorf("transcribed back: word error %.1f %%", 100*count.rate())
	}
}

// checkUtterance checks what must hold for every spoken text.
func checkUtterance(t *testing.T, text string, utterance speech.Utterance) {
	t.Helper()
	fields := strings.Fields(text)
	if len(utterance.Words) != len(fields) {
		t.Fatalf("%q: %d words with times, not %d", text, len(utterance.Words), len(fields))
	}
	last := 0
	for i, word := range utterance.Words {
		if spelled := text[word.Start:word.End]; !strings.Contains(fields[i], spelled) || spelled == "" {
			t.Errorf("%q: word %d is %q", text, i, spelled)
		}
		if word.From < last || word.To <= word.From || word.To > len(utterance.Samples) {
			t.Errorf("%q: word %d sounds from %d to %d, the one before to %d, of %d samples", text, i, word.From, word.To, last, len(utterance.Samples))
		}
		last = word.To
	}
	if first := utterance.Words[0].From; first > speech.VoiceRate/8 {
		t.Errorf("%q: the first word begins at %d ms", text, first*1000/speech.VoiceRate)
	}
	if rest := len(utterance.Samples) - last; rest > speech.VoiceRate/4 {
		t.Errorf("%q: %d ms behind the last word", text, rest*1000/speech.VoiceRate)
	}
	if peak := audio.Peak(utterance.Samples); peak > 0.9 {
		t.Errorf("%q: a peak of %.2f", text, peak)
	}
	ends := max(abs(utterance.Samples[0]), abs(utterance.Samples[len(utterance.Samples)-1]))
	if ends > 0.001 {
		t.Errorf("%q: it begins or ends at %.4f, a click", text, ends)
	}
	from, to, ok := audio.Voiced(utterance.Samples, speech.VoiceRate)
	if !ok || from > speech.VoiceRate/10 || len(utterance.Samples)-to > speech.VoiceRate*3/10 {
		t.Errorf("%q: silence before %d or behind %d of %d samples", text, from, to, len(utterance.Samples))
	}
}

func abs(x float32) float32 { return max(x, -x) }

func synthesizeBorders(t *testing.T, engine speech.Engine) {
	say := func(text string, voice speech.Voice) (speech.Utterance, error) {
		return engine.Synthesize(t.Context(), speech.SynthesisRequest{Text: text, Voice: voice, First: true})
	}
	for _, text := range []string{"", "   ", "...", "—", "\n"} {
		utterance, err := say(text, speech.Voice{})
		if err != nil || len(utterance.Samples) != 0 || len(utterance.Words) != 0 {
			t.Errorf("%q: %d samples, %d words, %v", text, len(utterance.Samples), len(utterance.Words), err)
		}
	}
	if _, err := say(strings.Repeat("word ", 100000), speech.Voice{}); !errors.Is(err, speech.ErrTooLong) {
		t.Errorf("half a megabyte of text: %v", err)
	}
	for name, voice := range map[string]speech.Voice{
		"unknown":      {Blend: map[string]float32{"af_nobody": 1}},
		"path":         {Blend: map[string]float32{"../af_heart": 1}},
		"no weight":    {Blend: map[string]float32{"af_heart": 0}},
		"minus weight": {Blend: map[string]float32{"af_heart": -1}},
		"minus speed":  {Speed: -1},
		"no speed":     {Speed: float32(math.NaN())},
	} {
		if _, err := say("Hello.", voice); !errors.Is(err, speech.ErrVoice) && name != "no speed" || err == nil {
			t.Errorf("voice %s: %v", name, err)
		}
	}
	// Longer than the net takes at once: the pieces are joined, and no word is lost.
	text := strings.Repeat("The old man walked slowly down to the river, and the dog went with him. ", 4)
	utterance, err := say(text, speech.Voice{})
	if err != nil {
		t.Fatal(err)
	}
	checkUtterance(t, strings.TrimSpace(text), utterance)
	var heard []string
	samples := Heard(t, utterance)
	for len(samples) > 0 {
		piece := samples[:min(len(samples), 29*speech.HearingRate)]
		samples = samples[len(piece):]
		transcript, err := engine.Transcribe(t.Context(), piece)
		if err != nil {
			t.Fatal(err)
		}
		heard = append(heard, transcript.Text)
	}
	if errors, words := wer.WordErrorRate(text, strings.Join(heard, " ")); errors*20 > words {
		t.Errorf("a long text: %d of %d words wrong in %q", errors, words, heard)
	}
	// A word that is longer than what the net takes at once.
	if utterance, err := say(strings.Repeat("na", 130), speech.Voice{}); err != nil || len(utterance.Words) != 1 || len(utterance.Samples) == 0 {
		t.Errorf("a word of 260 letters: %d words, %d samples, %v", len(utterance.Words), len(utterance.Samples), err)
	}
}

func voices(t *testing.T, engine speech.Engine) {
	infos, err := engine.Voices(t.Context())
	if err != nil || len(infos) < 8 {
		t.Fatalf("%d voices, %v", len(infos), err)
	}
	if infos[0].Name != "af_heart" || infos[1].Name != "af_bella" {
		t.Errorf("the first voices are %v", infos[:2])
	}
	const text = "The water was cold this morning."
	var count tally
	var levels []float64
	for _, voice := range []speech.Voice{
		{}, {Speed: 0.7}, {Speed: 1.3}, {Blend: map[string]float32{"am_michael": 1}}, {Blend: map[string]float32{"af_heart": 1, "am_adam": 1}},
		{Blend: map[string]float32{"bf_emma": 1}, Speed: 1},
	} {
		utterance, err := engine.Synthesize(t.Context(), speech.SynthesisRequest{Text: text, Voice: voice})
		if err != nil {
			t.Fatalf("%v: %v", voice, err)
		}
		checkUtterance(t, text, utterance)
		from, to, _ := audio.Voiced(utterance.Samples, speech.VoiceRate)
		levels = append(levels, audio.Decibels(audio.RMS(utterance.Samples[from:to])))
		transcript, err := engine.Transcribe(t.Context(), Heard(t, utterance))
		if err != nil {
			t.Fatal(err)
		}
		count.add(text, transcript.Text)
		t.Logf("%v: %v, %.1f dB, %q", voice, utterance.Duration(), levels[len(levels)-1], transcript.Text)
	}
	if count.rate() > 0.1 {
		t.Errorf("word error %.1f %% over voices", 100*count.rate())
	}
	if spread := slices.Max(levels) - slices.Min(levels); spread > 3 {
		t.Errorf("the voices' levels differ by %.1f dB: %.1f", spread, levels)
	}
	slow, err := engine.Synthesize(t.Context(), speech.SynthesisRequest{Text: text, Voice: speech.Voice{Speed: 0.7}})
	if err != nil {
		t.Fatal(err)
	}
	fast, err := engine.Synthesize(t.Context(), speech.SynthesisRequest{Text: text, Voice: speech.Voice{Speed: 1.3}})
	if err != nil {
		t.Fatal(err)
	}
	if slow.Duration() < fast.Duration()*5/4 {
		t.Errorf("slow lasts %v and fast %v", slow.Duration(), fast.Duration())
	}
}

// cancel gives up calls that take seconds, and expects them to end soon.
func cancel(t *testing.T, engine speech.Engine, clips []Clip) {
	long := strings.Repeat("The old man walked slowly down to the river, and the dog went with him. ", 12)
	ctx, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer stop()
	started := time.Now()
	if _, err := engine.Synthesize(ctx, speech.SynthesisRequest{Text: long}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("synthesis: %v", err)
	}
	if took := time.Since(started); took > 3*time.Second { // it would take more than 20 s; the bound is for a busy machine
		t.Errorf("synthesis went on for %v", took)
	}
	gone, stopNow := context.WithCancel(t.Context())
	stopNow()
	var state speech.VoiceActivityState
	for name, call := range map[string]func() error{
		"voice activity": func() error {
			_, err := engine.VoiceActivity(gone, &state, make([]float32, speech.FrameSamples))
			return err
		},
		"turn end":    func() error { _, err := engine.TurnEnd(gone, clips[0].Samples); return err },
		"recognition": func() error { _, err := engine.Transcribe(gone, clips[0].Samples); return err },
		"synthesis": func() error {
			_, err := engine.Synthesize(gone, speech.SynthesisRequest{Text: "Hello."})
			return err
		},
	} {
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s after the end: %v", name, err)
		}
	}
	// And it works again.
	if utterance, err := engine.Synthesize(t.Context(), speech.SynthesisRequest{Text: "Hello there."}); err != nil || len(utterance.Samples) == 0 {
		t.Errorf("after a cancelled call: %d samples, %v", len(utterance.Samples), err)
	}
}

// atOnce makes calls of all kinds at the same time.
func atOnce(t *testing.T, engine speech.Engine, clips []Clip) {
	want := make([]string, len(clips))
	for i, clip := range clips {
		transcript, err := engine.Transcribe(t.Context(), clip.Samples)
		if err != nil {
			t.Fatal(err)
		}
		want[i] = transcript.Text
	}
	var group sync.WaitGroup
	for i, clip := range clips {
		group.Go(func() {
			if transcript, err := engine.Transcribe(t.Context(), clip.Samples); err != nil || transcript.Text != want[i] {
				t.Errorf("%s: %q, alone %q, %v", clip.Name, transcript.Text, want[i], err)
			}
		})
	}
	for _, first := range []bool{true, false} {
		group.Go(func() {
			const text = "We can all speak at once."
			utterance, err := engine.Synthesize(t.Context(), speech.SynthesisRequest{Text: text, First: first})
			if err != nil {
				t.Error(err)
				return
			}
			checkUtterance(t, text, utterance)
		})
	}
	group.Go(func() {
		var state speech.VoiceActivityState
		for range 50 {
			if _, err := engine.VoiceActivity(t.Context(), &state, make([]float32, speech.FrameSamples)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	group.Go(func() {
		if _, err := engine.TurnEnd(t.Context(), clips[0].Samples); err != nil {
			t.Error(err)
		}
	})
	group.Wait()
}
