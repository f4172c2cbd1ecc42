package bench

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"time"

	"twombly/bench/measure"
	"twombly/internal/audio"
	"twombly/internal/companion"
	"twombly/internal/speech"
	"twombly/internal/speech/clause"
)

// sentences are what synthesis is measured on beside the transcripts of the clips: things she might say, a fifth of them
// with numbers, times, money or abbreviations. They were written before anything was measured.
//
//go:embed sentences.txt
var sentences string

// ttsTurn is one sentence, spoken and transcribed back.
type ttsTurn struct {
	Text    string        `json:"text"`
	Heard   string        `json:"heard"`
	Errors  measure.Share `json:"errors"`
	Clauses int           `json:"clauses"`
	// Seconds is the length of the sound, ComputeMS what it took to make, FirstAudioMS the wait for the first clause.
	Seconds      float64 `json:"seconds"`
	ComputeMS    float64 `json:"compute_ms"`
	FirstAudioMS float64 `json:"first_audio_ms"`
	// WholeMS and WholeSeconds are those of the sentence spoken as one.
	WholeMS      float64 `json:"whole_ms"`
	WholeSeconds float64 `json:"whole_seconds"`
}

// runTTS measures synthesis: each sentence is spoken clause by clause as in a call, and what is heard of it is
// transcribed back.
func runTTS(ctx context.Context, r *runner) error {
	texts := strings.Split(strings.TrimSpace(sentences), "\n")
	if clips, err := readClips(r.Clips); err == nil {
		for _, c := range clips {
			texts = append(texts, c.Transcript)
		}
	} else {
		r.say("without the transcripts of clips: %v", err)
	}
	if r.Turns > 0 {
		texts = texts[:min(r.Turns, len(texts))]
	}
	if err := r.models("onnxruntime", "kokoro", "english-phonemes", "moonshine-tiny-en"); err != nil {
		return err
	}
	notes, err := openCheckpoint[ttsTurn](r, "tts", texts)
	if err != nil {
		return err
	}
	done := notes.done
	engine, err := speech.OpenLocal(ctx, speech.OptionsIn(r.Models.Dir()))
	if err != nil {
		return err
	}
	defer engine.Close()
	for i := len(done); i < len(texts); i++ {
		turn, err := speakBack(ctx, engine, texts[i])
		if err != nil {
			return fmt.Errorf("speak %q: %w", texts[i], err)
		}
		r.say("%d/%d %.0f errors in %.0f words, %.1f s of sound in %.0f ms", i+1, len(texts), turn.Errors.Of, turn.Errors.All,
			turn.Seconds, turn.ComputeMS)
		done = append(done, turn)
		if err := notes.note(turn); err != nil {
			return err
		}
	}
	summariseTTS(r.result, done)
	return notes.close(true)
}

// restBeforeAndAfter is the silence around what is transcribed back, as anybody hears it.
const restBeforeAndAfter = 300 * time.Millisecond

// speakBack speaks a text clause by clause, joins the clauses as a loudspeaker does, and has them transcribed.
func speakBack(ctx context.Context, engine speech.Engine, text string) (ttsTurn, error) {
	turn := ttsTurn{Text: text}
	choice := companion.VoiceChoices()[0]
	voice := speech.Voice{Blend: choice.Blend, Speed: choice.Speed}
	rest := make([]float32, int(restBeforeAndAfter*speech.VoiceRate/time.Second))
	sound := append([]float32(nil), rest...)
	var splitter clause.Splitter
	for _, piece := range append(splitter.Push(text), splitter.Flush()...) {
		if strings.TrimSpace(piece) == "" {
			continue
		}
		began := time.Now()
		utterance, err := engine.Synthesize(ctx, speech.SynthesisRequest{Text: piece, Voice: voice, First: turn.Clauses == 0})
		if err != nil {
			return ttsTurn{}, err
		}
		if turn.Clauses == 0 {
			turn.FirstAudioMS = milliseconds(time.Since(began))
		}
		turn.Clauses++
		turn.ComputeMS += milliseconds(utterance.Compute)
		turn.Seconds += utterance.Duration().Seconds()
		sound = append(sound, utterance.Samples...)
	}
	whole, err := engine.Synthesize(ctx, speech.SynthesisRequest{Text: text, Voice: voice})
	if err != nil {
		return ttsTurn{}, err
	}
	turn.WholeMS, turn.WholeSeconds = milliseconds(whole.Compute), whole.Duration().Seconds()
	heard, err := audio.Resample(append(sound, rest...), speech.VoiceRate, speech.HearingRate)
	if err != nil {
		return ttsTurn{}, err
	}
	transcript, err := engine.Transcribe(ctx, heard)
	if err != nil {
		return ttsTurn{}, err
	}
	turn.Heard = transcript.Text
	turn.Errors = wordErrors(text, transcript.Text)
	return turn, nil
}

func summariseTTS(result *Result, turns []ttsTurn) {
	var errors, speed, whole []measure.Share
	var first []float64
	for _, turn := range turns {
		errors = append(errors, turn.Errors)
		speed = append(speed, measure.Share{Of: turn.ComputeMS / 1000, All: turn.Seconds})
		whole = append(whole, measure.Share{Of: turn.WholeMS / 1000, All: turn.WholeSeconds})
		first = append(first, turn.FirstAudioMS)
		result.Detail = append(result.Detail, turn)
	}
	result.rate("wer", errors)
	result.rate("rtf", speed)
	result.rate("rtf_whole_sentences", whole)
	result.percentile("first_audio_ms_p50", first, 0.5)
	result.Conditions["voice"] = companion.VoiceChoices()[0].ID
}
