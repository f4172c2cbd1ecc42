package bench

import (
	"context"
	"fmt"
	"time"

	"twombly/bench/measure"
	"twombly/internal/audio"
	"twombly/internal/speech"
)

// sttRounds is how often each clip is recognised unless a number of turns is asked for.
const sttRounds = 3

// Recognition while the person speaks, as a call does it: again every 400 ms.
const partialEvery = 400 * time.Millisecond

// longestAtOnce is the longest clip that the net takes at once.
const longestAtOnce = 30 * time.Second

// sttTurn is one clip, recognised.
type sttTurn struct {
	Clip    string  `json:"clip"`
	Seconds float64 `json:"seconds"`
	Heard   string  `json:"heard"`
	// Streamed is what a call understands, window by window while the person speaks.
	Streamed       string        `json:"streamed"`
	Errors         measure.Share `json:"errors"`
	StreamedErrors measure.Share `json:"streamed_errors"`
	// ComputeMS is the time that one recognition of the whole clip took, FinalMS that from the end of the sound to the
	// final words in a call, StreamComputeMS all computing for them.
	ComputeMS       float64 `json:"compute_ms"`
	FinalMS         float64 `json:"final_ms"`
	StreamComputeMS float64 `json:"stream_compute_ms"`
}

// runSTT measures recognition: word errors and speed on whole clips, and how long after the last sound the words are
// final when the clip was followed while it was spoken.
func runSTT(ctx context.Context, r *runner) (err error) {
	clips, err := readClips(r.Clips)
	if err != nil {
		return err
	}
	if err := r.models("onnxruntime", "moonshine-tiny-en"); err != nil {
		return err
	}
	turns := r.Turns
	if turns == 0 {
		turns = sttRounds * len(clips)
	}
	notes, err := openCheckpoint[sttTurn](r, "stt", clipNames(clips), turns)
	if err != nil {
		return err
	}
	done := notes.done
	engine, err := speech.OpenLocal(ctx, speech.OptionsIn(r.Models.Dir()))
	if err != nil {
		return err
	}
	defer engine.Close()
	for i := len(done); i < turns; i++ {
		turn, err := recogniseClip(ctx, engine, clips[i%len(clips)])
		if err != nil {
			return fmt.Errorf("recognise %s: %w", clips[i%len(clips)].Name, err)
		}
		r.say("%d/%d %s: %.0f errors in %.0f words, %.0f ms", i+1, turns, turn.Clip, turn.Errors.Of, turn.Errors.All, turn.ComputeMS)
		done = append(done, turn)
		if err := notes.note(turn); err != nil {
			return err
		}
	}
	summariseSTT(r.result, done)
	return notes.close(true)
}

func clipNames(clips []clip) []string {
	names := make([]string, len(clips))
	for i, c := range clips {
		names[i] = c.Name
	}
	return names
}

// recogniseClip recognises one clip both ways.
func recogniseClip(ctx context.Context, engine speech.Engine, c clip) (sttTurn, error) {
	samples, err := audio.Resample(c.Sound.Samples, c.Sound.Rate, speech.HearingRate)
	if err != nil {
		return sttTurn{}, err
	}
	turn := sttTurn{Clip: c.Name, Seconds: c.Sound.Duration().Seconds()}
	streamed, stream, final, err := follow(ctx, engine, samples, partialEvery)
	if err != nil {
		return sttTurn{}, err
	}
	turn.Streamed, turn.StreamComputeMS, turn.FinalMS = streamed, milliseconds(stream), milliseconds(final)
	if c.Sound.Duration() < longestAtOnce {
		transcript, err := engine.Transcribe(ctx, samples)
		if err != nil {
			return sttTurn{}, err
		}
		turn.Heard, turn.ComputeMS = transcript.Text, milliseconds(transcript.Compute)
	} else {
		heard, compute, _, err := follow(ctx, engine, samples, 0)
		if err != nil {
			return sttTurn{}, err
		}
		turn.Heard, turn.ComputeMS = heard, milliseconds(compute)
	}
	turn.Errors, turn.StreamedErrors = wordErrors(c.Transcript, turn.Heard), wordErrors(c.Transcript, turn.Streamed)
	return turn, nil
}

// follow recognises samples as a call does, without waiting for real time: a partial every so often (0 for none), and the
// final words at the end. compute is the time in the net, final that of the recognitions after the last sample.
func follow(ctx context.Context, engine speech.Engine, samples []float32, every time.Duration) (words string,
	compute, final time.Duration, err error) {
	var recognition speech.Recognition
	step := int(every * speech.HearingRate / time.Second)
	if step == 0 {
		step = 10 * speech.HearingRate // a full window, which must be settled to make room for the next
	}
	look := func() (bool, error) {
		window, settles := recognition.Window()
		if len(window) == 0 {
			return false, nil
		}
		transcript, err := engine.Transcribe(ctx, window)
		if err != nil {
			return false, err
		}
		compute += transcript.Compute
		recognition.Take(transcript.Text)
		return settles, nil
	}
	for from := 0; from < len(samples); from += step {
		to := min(from+step, len(samples))
		recognition.Add(samples[from:to])
		if to == len(samples) {
			break
		}
		if _, err := look(); err != nil {
			return "", 0, 0, err
		}
	}
	recognition.Pause(true)
	began := time.Now()
	for {
		settled, err := look()
		if err != nil {
			return "", 0, 0, err
		}
		if !settled || recognition.Open() == 0 {
			break
		}
	}
	return recognition.Whole(), compute, time.Since(began), nil
}

func summariseSTT(result *Result, turns []sttTurn) {
	var errors, streamed, speed []measure.Share
	var final []float64
	for _, turn := range turns {
		errors, streamed = append(errors, turn.Errors), append(streamed, turn.StreamedErrors)
		speed = append(speed, measure.Share{Of: turn.ComputeMS / 1000, All: turn.Seconds})
		final = append(final, turn.FinalMS)
		result.Detail = append(result.Detail, turn)
	}
	result.rate("wer", errors)
	result.rate("wer_streamed", streamed)
	result.rate("rtf", speed)
	result.percentile("final_ms_p50", final, 0.5)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
