package speech

import (
	"context"
	"fmt"
	"math"

	"twombly/internal/native/onnx"
	"twombly/internal/speech/mel"
)

// turnSamples is the length of what the turn detector hears: 8 s.
const turnSamples = 8 * HearingRate

// smartTurn is the turn detector, Smart Turn v3.2: Whisper's encoder, made small, over the log-mel spectrogram of the
// last 8 s. https://github.com/pipecat-ai/smart-turn
type smartTurn struct {
	lib      *onnx.Library
	session  *onnx.Session
	spectrum *mel.Whisper
}

func openSmartTurn(lib *onnx.Library, path string) (*smartTurn, error) {
	session, err := lib.NewSessionFromFile(path, onnx.SessionOptions{})
	if err != nil {
		return nil, fmt.Errorf("load turn detection from %s: %w", path, err)
	}
	return &smartTurn{lib: lib, session: session, spectrum: mel.NewWhisper()}, nil
}

func (s *smartTurn) end(ctx context.Context, samples []float32) (float32, error) {
	features := s.spectrum.Features(lastTurn(samples))
	set := newTensorSet(s.lib)
	add(set, "input_features", []int64{1, mel.Bands, turnSamples / mel.Hop}, features)
	outputs, err := set.run(ctx, s.session, "logits") // the name misleads: it is a probability
	if err != nil {
		return 0, err
	}
	defer onnx.CloseAll(outputs...)
	return oneFloat(outputs[0])
}

// lastTurn returns the last 8 s, with silence before shorter audio, at zero mean and unit variance as the net was
// trained.
func lastTurn(samples []float32) []float32 {
	samples = samples[max(0, len(samples)-turnSamples):]
	window := make([]float32, turnSamples)
	copy(window[turnSamples-len(samples):], samples)
	var sum, squares float64
	for _, x := range window {
		sum += float64(x)
		squares += float64(x) * float64(x)
	}
	mean := sum / turnSamples
	scale := 1 / math.Sqrt(squares/turnSamples-mean*mean+1e-7)
	for i, x := range window {
		window[i] = float32((float64(x) - mean) * scale)
	}
	return window
}

func (s *smartTurn) close() { s.session.Close() }
