package speech

import (
	"context"
	"fmt"

	"twombly/internal/native/onnx"
)

// silero is the voice activity detector, Silero VAD v5 and v6: a recurrent net over frames of 512 samples, each given
// with the 64 samples before it. https://github.com/snakers4/silero-vad
type silero struct {
	lib     *onnx.Library
	session *onnx.Session
}

func openSilero(lib *onnx.Library, path string) (*silero, error) {
	session, err := lib.NewSessionFromFile(path, onnx.SessionOptions{})
	if err != nil {
		return nil, fmt.Errorf("load voice activity detection from %s: %w", path, err)
	}
	return &silero{lib: lib, session: session}, nil
}

func (s *silero) activity(ctx context.Context, state *VoiceActivityState, frame []float32) (float32, error) {
	window := make([]float32, 0, len(state.Context)+FrameSamples)
	window = append(append(window, state.Context[:]...), frame...)
	set := newTensorSet(s.lib)
	add(set, "input", []int64{1, int64(len(window))}, window)
	add(set, "state", []int64{2, 1, 128}, state.Recurrent[:])
	add(set, "sr", nil, []int64{HearingRate})
	outputs, err := set.run(ctx, s.session, "output", "stateN")
	if err != nil {
		return 0, err
	}
	defer onnx.CloseAll(outputs...)
	probability, err := oneFloat(outputs[0])
	if err != nil {
		return 0, err
	}
	recurrent, err := onnx.Data[float32](outputs[1])
	if err != nil {
		return 0, err
	}
	if len(recurrent) != len(state.Recurrent) {
		return 0, fmt.Errorf("the net's state has %d numbers, not %d", len(recurrent), len(state.Recurrent))
	}
	copy(state.Recurrent[:], recurrent)
	copy(state.Context[:], frame[len(frame)-len(state.Context):])
	return probability, nil
}

func (s *silero) close() { s.session.Close() }
