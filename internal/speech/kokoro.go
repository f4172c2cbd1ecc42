package speech

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"twombly/internal/native/onnx"
)

const (
	// frameSamples is the length of one of Kokoro's frames at VoiceRate: 25 ms. A token lasts a whole number of them.
	frameSamples = 600
)

// kokoro is the synthesiser, Kokoro-82M v1.0 in int8: phonemes and a style in, samples out, a run at a time.
// https://github.com/hexgrad/kokoro
type kokoro struct {
	lib *onnx.Library
	// first works with all threads, for the clause that somebody waits for, and rest with one: a session's threads are
	// fixed. rest is nil until it is loaded, and with one thread in all; then first does its work.
	first      *onnx.Session
	rest       atomic.Pointer[onnx.Session]
	vocabulary map[rune]int64
}

// openKokoro loads the net. With early it is left to the function returned to load rest.
func openKokoro(graph *graph, vocabulary string, threads int, early bool) (_ *kokoro, complete func() error, err error) {
	k := &kokoro{lib: graph.lib}
	if k.vocabulary, err = readVocabulary(vocabulary); err != nil {
		return nil, nil, fmt.Errorf("load synthesis: %w", err)
	}
	complete = func() error {
		if threads < 2 {
			return nil
		}
		rest, err := graph.session(1, false)
		if err != nil {
			return err
		}
		k.rest.Store(rest)
		return nil
	}
	var loading errgroup.Group
	loading.Go(func() (err error) {
		k.first, err = graph.session(threads, true)
		return err
	})
	if !early {
		loading.Go(complete)
		complete = func() error { return nil }
	}
	if err := loading.Wait(); err != nil {
		k.close()
		return nil, nil, err
	}
	return k, complete, nil
}

func (k *kokoro) close() {
	if k.first != nil {
		k.first.Close()
	}
	if rest := k.rest.Load(); rest != nil {
		rest.Close()
	}
}

// readVocabulary reads vocab.json: {"vocab": {"a": 43, …}}, one character of the phoneme alphabet a key.
func readVocabulary(path string) (map[rune]int64, error) {
	bytes, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file struct {
		Vocab map[string]int64 `json:"vocab"`
	}
	if err := json.Unmarshal(bytes, &file); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	vocabulary := make(map[rune]int64, len(file.Vocab))
	for key, token := range file.Vocab {
		runes := []rune(key)
		if len(runes) != 1 {
			return nil, fmt.Errorf("read %s: the key %q is not one character", path, key)
		}
		vocabulary[runes[0]] = token
	}
	if len(vocabulary) == 0 {
		return nil, fmt.Errorf("read %s: no vocabulary in it", path)
	}
	return vocabulary, nil
}

// spoken is what one run of the net returned.
type spoken struct {
	samples []float32
	// frames says how many frames each token lasts, the pads at both ends among them; they add up to the samples.
	frames []int
}

// speak runs the net over one run of at most 508 tokens, without pads.
func (k *kokoro) speak(ctx context.Context, session *onnx.Session, tokens []int64, limits []float32, style []float32, speed float32) (spoken, error) {
	padded := make([]int64, 0, len(tokens)+2)
	padded = append(append(append(padded, 0), tokens...), 0)
	set := newTensorSet(k.lib)
	add(set, "tokens", []int64{1, int64(len(padded))}, padded)
	add(set, "style", []int64{1, styleSize}, style)
	add(set, "speed", []int64{1}, []float32{speed})
	add(set, durationLimit, []int64{int64(len(limits))}, limits)
	outputs, err := set.run(ctx, session, "audio", limitedDurations)
	if err != nil {
		return spoken{}, err
	}
	defer onnx.CloseAll(outputs...)
	samples, err := onnx.Data[float32](outputs[0])
	if err != nil {
		return spoken{}, err
	}
	lengths, err := onnx.Data[float32](outputs[1])
	if err != nil {
		return spoken{}, err
	}
	out := spoken{samples: samples, frames: make([]int, len(lengths))}
	total := 0
	for i, length := range lengths {
		out.frames[i] = int(length)
		if i == 0 {
			out.frames[i] = min(out.frames[i], leadFrames) // the rest was cut before the generator
		}
		total += out.frames[i]
	}
	if len(lengths) != len(padded) || total*frameSamples != len(samples) {
		return spoken{}, errors.New("the synthesiser's durations do not fit its sound")
	}
	return out, nil
}
