package speech_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"twombly/internal/native/cores"
	"twombly/internal/native/worker"
	"twombly/internal/speech"
	"twombly/internal/speech/speechtest"
)

// TestMain lets the test binary be its own worker.
func TestMain(m *testing.M) {
	if worker.IsChild() {
		if err := speech.ServeWorker(context.Background(), slog.New(slog.NewTextHandler(os.Stderr, nil))); err != nil {
			slog.Error("the worker failed", "error", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func openLocal(t testing.TB) *speech.Local {
	t.Helper()
	engine, err := speech.OpenLocal(t.Context(), speechtest.Options(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Close)
	return engine
}

func TestLocal(t *testing.T) { speechtest.Run(t, openLocal(t)) }

func startClient(t testing.TB, budget *cores.Budget) *speech.Client {
	t.Helper()
	client, err := speech.Start(t.Context(), speech.ClientOptions{Options: speechtest.Options(t), Budget: budget},
		slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func TestClient(t *testing.T) {
	budget := cores.New(2)
	speechtest.Run(t, startClient(t, budget))
	if held, waiting := budget.Held(); held != 0 || waiting != 0 {
		t.Errorf("%d cores are still held, %d calls wait", held, waiting)
	}
}

// TestWorkerLost kills the worker while it speaks: the call fails, and the next one works.
func TestWorkerLost(t *testing.T) {
	budget := cores.New(2)
	var told []int // what the mind was told; the budget tells one at a time
	budget.OnMind(func(threads int) { told = append(told, threads) })
	client := startClient(t, budget)
	failed := make(chan error, 1)
	go func() {
		text := strings.Repeat("The old man walked slowly down to the river, and the dog went with him. ", 12)
		_, err := client.Synthesize(t.Context(), speech.SynthesisRequest{Text: text, First: true})
		failed <- err
	}()
	for {
		if held, _ := budget.Held(); held == 2 {
			break
		}
		runtime.Gosched()
	}
	process, err := os.FindProcess(client.State().PID)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; !errors.Is(err, speech.ErrUnavailable) {
		t.Errorf("the call of the lost worker: %v", err)
	}
	restarting := make(chan struct{})
	var once sync.Once
	stop := client.Watch(func(state worker.State) {
		if state.Phase == worker.Restarting {
			once.Do(func() { close(restarting) })
		}
	})
	defer stop()
	<-restarting
	if _, err := client.Synthesize(t.Context(), speech.SynthesisRequest{Text: "Now.", NoWait: true}); !errors.Is(err, speech.ErrUnavailable) {
		t.Errorf("a call that does not wait: %v", err)
	}
	utterance, err := client.Synthesize(t.Context(), speech.SynthesisRequest{Text: "Here I am again."})
	if err != nil || len(utterance.Samples) == 0 {
		t.Errorf("the next call: %d samples, %v", len(utterance.Samples), err)
	}
	if starts := client.State().Starts; starts != 2 {
		t.Errorf("%d workers were started, not 2", starts)
	}
	if held, _ := budget.Held(); held != 0 {
		t.Errorf("%d cores are still held", held)
	}
	if !slices.Contains(told, 0) || told[len(told)-1] != 2 {
		t.Errorf("the mind was told %v threads: not to pause, or not to go on", told)
	}
	client.Close()
	if _, err := client.Voices(t.Context()); !errors.Is(err, speech.ErrUnavailable) {
		t.Errorf("after Close: %v", err)
	}
}

func TestMissingFile(t *testing.T) {
	options := speechtest.Options(t)
	options.TurnEnd = options.TurnEnd + ".gone"
	if engine, err := speech.OpenLocal(t.Context(), options); err == nil {
		engine.Close()
		t.Error("a missing net was opened in this process")
	}
	if client, err := speech.Start(t.Context(), speech.ClientOptions{Options: options}, nil); err == nil {
		client.Close()
		t.Error("a missing net was opened in a worker")
	}
}

func TestDamagedFile(t *testing.T) {
	whole := speechtest.Options(t)
	damage := func(path string) string {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		damaged := filepath.Join(t.TempDir(), filepath.Base(path))
		if err := os.WriteFile(damaged, data[:len(data)*6/10], 0o600); err != nil {
			t.Fatal(err)
		}
		return damaged
	}
	for name, change := range map[string]func(*speech.Options){
		"voice activity": func(o *speech.Options) { o.VoiceActivity = damage(o.VoiceActivity) },
		"recognition":    func(o *speech.Options) { o.Decoder = damage(o.Decoder) },
		"tokenizer":      func(o *speech.Options) { o.Tokenizer = damage(o.Tokenizer) },
		"synthesis":      func(o *speech.Options) { o.Synthesis = damage(o.Synthesis) },
	} {
		options := whole
		change(&options)
		if engine, err := speech.OpenLocal(t.Context(), options); err == nil {
			engine.Close()
			t.Errorf("%s: a damaged file was opened", name)
		}
	}
}
