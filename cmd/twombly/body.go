package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"twombly/internal/call"
	"twombly/internal/config"
	"twombly/internal/mind"
	"twombly/internal/mind/llama"
	"twombly/internal/native"
	"twombly/internal/native/cores"
	"twombly/internal/native/worker"
	"twombly/internal/speech"
)

// The manifest's entries that the program itself names.
const (
	mindEntry    = "qwen2.5-coder-1.5b-instruct-q4_k_m"
	turnsEntry   = "smollm2-135m-instruct-q4_1"
	enginesEntry = "llama.cpp"
	opusEntry    = "libopus"
	voicesEntry  = "speaker-embedding"
)

// body is the native half of her: the workers and the cores they share.
type body struct {
	log    *slog.Logger
	store  *native.Store
	budget *cores.Budget
	ears   *speech.Client // nil where speech can't run
	voices bool           // they tell voices apart
	why    string         // why not, as a sentence
	// turns tells by words whether a turn is over; nil where it can't, and then their sound decides alone.
	turns *llama.EndOfTurnClient

	lock  sync.Mutex
	model string        // a GGUF file of the person's own, or empty
	mind  *llama.Client // nil until it is needed
}

// startBody starts the workers: speech, and the embedded mind when it is to be used.
func startBody(ctx context.Context, settings config.Config, store *native.Store, log *slog.Logger) (*body, error) {
	b := &body{log: log, store: store, budget: cores.New(runtime.NumCPU())}
	if settings.Mind.Kind == "embedded" {
		b.model = settings.Mind.Model
	}
	var starting sync.WaitGroup
	var speechErr, mindErr error
	if supported, sentence := native.Supported(); supported {
		starting.Go(func() { b.ears, speechErr = b.startEars(ctx) })
		starting.Go(func() {
			var err error
			if b.turns, err = b.startTurns(ctx); err != nil {
				log.Warn("ends of turns are told by their sound alone", "error", err)
			}
		})
	} else {
		b.why = sentence
	}
	if settings.Mind.Kind == "embedded" && b.why == "" {
		starting.Go(func() { _, mindErr = b.embedded(ctx) })
	}
	starting.Wait()
	if err := errors.Join(speechErr, mindErr); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *body) startEars(ctx context.Context) (*speech.Client, error) {
	options := speech.OptionsIn(b.store.Dir())
	if model, err := b.store.Path(voicesEntry, "wespeaker-resnet34.onnx"); err == nil { // it is optional
		options.Speakers = model
	}
	client, err := speech.Start(ctx, speech.ClientOptions{
		Options: options, Args: earsArguments, Budget: b.budget,
	}, b.log)
	if err != nil {
		return nil, fmt.Errorf("start her ears and voice (\"twombly doctor\" says more): %w", err)
	}
	b.voices = options.Speakers != ""
	return client, nil
}

// speakers tells voices apart for calls; nil where its model is not there.
func (b *body) speakers() call.Speakers {
	if b.ears == nil || !b.voices {
		return nil
	}
	return b.ears
}

func (b *body) startTurns(ctx context.Context) (*llama.EndOfTurnClient, error) {
	model, err := b.store.Path(turnsEntry, "model.gguf")
	if err != nil {
		return nil, fmt.Errorf("the model for ends of turns: %w (\"twombly models fetch %s\" fetches it)", err, turnsEntry)
	}
	client, err := llama.StartEndOfTurn(context.WithoutCancel(ctx), llama.ClientOptions{
		Options: llama.Options{Libraries: b.store.Folder(enginesEntry), Model: model}, Args: turnsArguments,
	}, b.log)
	if err != nil {
		return nil, fmt.Errorf("start what tells ends of turns by their words (\"twombly doctor\" says more): %w", err)
	}
	return client, nil
}

// endOfTurn is what calls ask about words; nil where nothing tells.
func (b *body) endOfTurn() call.EndOfTurn {
	if b.turns == nil {
		return nil
	}
	return b.turns
}

// embedded is the mind on this machine; it is started when it is first needed.
func (b *body) embedded(ctx context.Context) (mind.Mind, error) {
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.mind != nil {
		return b.mind, nil
	}
	model := b.model
	if model == "" {
		path, err := b.store.Path(mindEntry, "model.gguf")
		if err != nil {
			return nil, fmt.Errorf("her mind's model: %w (\"twombly models fetch %s\" fetches it)", err, mindEntry)
		}
		model = path
	} else if _, err := native.CheckGGUF(model); err != nil {
		return nil, fmt.Errorf("the model of your own: %w", err)
	}
	states := filepath.Join(b.store.Dir(), "personas")
	if err := os.MkdirAll(states, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of read personas: %w", err)
	}
	client, err := llama.Start(context.WithoutCancel(ctx), llama.ClientOptions{
		Options: llama.Options{Libraries: b.store.Folder(enginesEntry), Model: model, StateFolder: states},
		Args:    mindArguments, Budget: b.budget,
	}, b.log)
	if err != nil {
		return nil, fmt.Errorf("start her mind (\"twombly doctor\" says more): %w", err)
	}
	b.mind = client
	return client, nil
}

// workers are the child processes that run, by what they are for: each with a way to be told of its state.
func (b *body) workers() map[string]func(func(worker.State)) (stop func()) {
	watches := map[string]func(func(worker.State)) (stop func()){}
	if b.ears != nil {
		watches["ears"] = b.ears.Watch
	}
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.mind != nil {
		watches["mind"] = b.mind.Watch
	}
	return watches
}

// Ready implements web.Ready.
func (b *body) Ready() (missing []string) {
	if b.ears != nil && b.ears.State().Phase != worker.Running {
		missing = append(missing, "ears and voice")
	}
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.mind != nil && b.mind.State().Phase != worker.Running {
		missing = append(missing, "mind")
	}
	return missing
}

// engine is speech as calls use it.
func (b *body) engine() speech.Engine {
	if b.ears == nil {
		return mute{why: b.why}
	}
	return b.ears
}

func (b *body) close() {
	if b.ears != nil {
		b.ears.Close()
	}
	if b.turns != nil {
		b.turns.Close()
	}
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.mind != nil {
		b.mind.Close()
	}
}

// mute is speech where it can't run: every method says why.
type mute struct{ why string }

var _ speech.Engine = mute{}

func (m mute) err() error { return errors.New(m.why) }

func (m mute) VoiceActivity(context.Context, *speech.VoiceActivityState, []float32) (float32, error) {
	return 0, nil
}
func (m mute) TurnEnd(context.Context, []float32) (float32, error) { return 0, m.err() }
func (m mute) Transcribe(context.Context, []float32) (speech.Transcript, error) {
	return speech.Transcript{}, m.err()
}
func (m mute) Synthesize(context.Context, speech.SynthesisRequest) (speech.Utterance, error) {
	return speech.Utterance{}, m.err()
}
func (m mute) Voices(context.Context) ([]speech.VoiceInfo, error) { return nil, nil }
