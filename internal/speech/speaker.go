package speech

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"

	"twombly/internal/native/onnx"
	"twombly/internal/speech/mel"
)

// Lengths of sound that a voice can be told by, in samples.
const (
	// speakerShortest is the least of it; what is told by so little is not to be relied on.
	speakerShortest = HearingRate / 2
	// speakerLongest is the most that is listened to: the end.
	speakerLongest = 10 * HearingRate
)

// ErrNoSpeakers is wrapped by the error of an engine that has no net to tell voices apart: its model is optional.
var ErrNoSpeakers = errors.New("voices can't be told apart: the model is not there")

// VoicePrint is whose voice some speech is in: a direction in a space in which one person's speech lies close together, of length 1.
type VoicePrint [256]float32

// Likeness is the cosine of the angle between two prints: about 0 for two people, 1 for the same sound.
func (v *VoicePrint) Likeness(other *VoicePrint) float32 {
	var sum float64
	for i, x := range v {
		sum += float64(x) * float64(other[i])
	}
	return float32(sum)
}

// Normalise gives it the length 1; it is false, and nothing is done, when it has none.
func (v *VoicePrint) Normalise() bool {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 || math.IsNaN(sum) || math.IsInf(sum, 0) {
		return false
	}
	scale := 1 / math.Sqrt(sum)
	for i, x := range v {
		v[i] = float32(float64(x) * scale)
	}
	return true
}

// speakers is the net that tells voices apart: WeSpeaker's ResNet34, over Kaldi's features. https://github.com/wenet-e2e/wespeaker
type speakers struct {
	lib      *onnx.Library
	session  *onnx.Session
	features *mel.Kaldi
}

func openSpeakers(lib *onnx.Library, path string) (*speakers, error) {
	model, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load what tells voices apart: %w", err)
	}
	// From memory: by the name of a file the runtime guesses wrongly what is in it.
	session, err := lib.NewSession(model, onnx.SessionOptions{NoMemoryPattern: true})
	if err != nil {
		return nil, fmt.Errorf("load what tells voices apart from %s: %w", path, err)
	}
	return &speakers{lib: lib, session: session, features: mel.NewKaldi()}, nil
}

func (s *speakers) print(ctx context.Context, samples []float32) (VoicePrint, error) {
	var print VoicePrint
	features := s.features.Features(samples)
	columns := len(features) / mel.Bands
	withoutMean(features)
	weights := make([]float32, columns)
	for i := range weights {
		weights[i] = 1
	}
	set := newTensorSet(s.lib)
	add(set, "fbank", []int64{1, int64(columns), mel.Bands}, features)
	add(set, "weights", []int64{1, int64(columns)}, weights)
	outputs, err := set.run(ctx, s.session, "embedding")
	if err != nil {
		return print, err
	}
	defer onnx.CloseAll(outputs...)
	values, err := onnx.Data[float32](outputs[0])
	if err != nil {
		return print, err
	}
	if copy(print[:], values) != len(values) || len(values) != len(print) || !print.Normalise() {
		return print, fmt.Errorf("the net returned %d numbers that are no voice", len(values))
	}
	return print, nil
}

// withoutMean takes from each band its mean, and with it what the microphone and the room do to the sound.
func withoutMean(features []float32) {
	columns := len(features) / mel.Bands
	for band := range mel.Bands {
		var sum float64
		for at := band; at < len(features); at += mel.Bands {
			sum += float64(features[at])
		}
		mean := float32(sum / float64(columns))
		for at := band; at < len(features); at += mel.Bands {
			features[at] -= mean
		}
	}
}

func (s *speakers) close() { s.session.Close() }

// VoicePrint tells whose voice the samples (HearingRate, nothing but speech, at least half a second; of more than 10 s the end counts) are in.
// Errors wrap ErrNoSpeakers without the optional model, ErrAudio for what is no sound or too short. About 70 ms a 2 s of speech on one core.
func (l *Local) VoicePrint(ctx context.Context, samples []float32) (VoicePrint, error) {
	samples, err := lastOfVoice(samples)
	switch {
	case err != nil:
		return VoicePrint{}, err
	case l.speakers == nil:
		return VoicePrint{}, ErrNoSpeakers
	}
	loudness, err := level(samples)
	if err == nil && loudness <= silent {
		err = fmt.Errorf("%w: it is silent", ErrAudio)
	}
	if err != nil {
		return VoicePrint{}, fmt.Errorf("whose voice it is: %w", err)
	}
	print, err := l.speakers.print(ctx, samples)
	if err != nil {
		return VoicePrint{}, fmt.Errorf("whose voice it is: %w", err)
	}
	return print, nil
}

// lastOfVoice is the part of sound that is listened to.
func lastOfVoice(samples []float32) ([]float32, error) {
	if len(samples) < speakerShortest {
		return nil, fmt.Errorf("whose voice it is: %w: %v is too short", ErrAudio, durationOf(samples))
	}
	return samples[max(0, len(samples)-speakerLongest):], nil
}
