package llama

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"twombly/internal/mind"
	"twombly/internal/native/cores"
	"twombly/internal/native/worker"
)

// TestWorkerKilled: the worker is killed in mid-sentence; the answer fails in a way that callers understand, and the
// next one is answered by a new worker that knows its persona.
func TestWorkerKilled(t *testing.T) {
	folder := t.TempDir()
	client := startClient(t, tiny, func(options *ClientOptions) { options.StateFolder = folder })
	long := persona("Tell me a long story.")
	long.MaxTokens, long.Temperature, long.Seed = 300, 1, 1
	if err := client.Prefill(t.Context(), persona("")); err != nil {
		t.Fatal(err)
	}
	waitSaved(t, folder)
	var killed time.Time
	var kill sync.Once
	var text strings.Builder
	_, err := client.Generate(t.Context(), long, func(delta mind.Delta) error {
		text.WriteString(delta.Text)
		kill.Do(func() {
			killed = time.Now()
			if err := syscall.Kill(client.State().PID, syscall.SIGKILL); err != nil {
				t.Error(err)
			}
		})
		return nil
	})
	if !errors.Is(err, mind.ErrUnavailable) || !errors.Is(err, worker.ErrLost) {
		t.Fatalf("it ended with %v", err)
	}
	if text.Len() == 0 {
		t.Error("what came before was not kept")
	}
	t.Logf("the loss was told after %v", time.Since(killed))
	answered, usage := generate(t, client, persona("Are you there?"))
	t.Logf("the next answer was complete %v after the loss, with %d of %d tokens from disk", time.Since(killed), usage.CachedTokens, usage.PromptTokens)
	if answered == "" || usage.CachedTokens < 100 {
		t.Errorf("the new worker said %q with %d tokens of its persona kept", answered, usage.CachedTokens)
	}
	if starts := client.State().Starts; starts != 2 {
		t.Errorf("%d workers were started", starts)
	}
}

// waitSaved waits until a persona is on disk: it is written when the worker has nothing else to do.
func waitSaved(t *testing.T, folder string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if files, err := filepath.Glob(filepath.Join(folder, "*"+stateSuffix)); err != nil || len(files) > 0 {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
		if time.Now().After(end) {
			t.Fatal("the persona was not saved within a minute")
		}
	}
}

// TestWorkerBudget: the worker uses what the budget of cores leaves it.
func TestWorkerBudget(t *testing.T) {
	budget := cores.New(1)
	client := startClient(t, tiny, func(options *ClientOptions) { options.Budget = budget })
	release, err := budget.Acquire(t.Context(), 1, true)
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan error, 1)
	go func() {
		_, err := client.Generate(t.Context(), persona("Hello?"), func(mind.Delta) error { return nil })
		answered <- err
	}()
	select {
	case err := <-answered:
		t.Errorf("it answered while speech had all cores: %v", err)
	case <-time.After(300 * time.Millisecond): // it must not answer in this time
	}
	release()
	if err := <-answered; err != nil {
		t.Error(err)
	}
}

// TestWorkerPauses measures how soon the cores are free after speech asked for them.
func TestWorkerPauses(t *testing.T) {
	budget := cores.New(1)
	client := startClient(t, tiny, func(options *ClientOptions) { options.Budget = budget })
	writing := make(chan struct{})
	var begun sync.Once
	finished := make(chan error, 1)
	go func() {
		request := persona("Tell me a long story.")
		request.MaxTokens, request.Temperature, request.Seed = 300, 1, 1
		_, err := client.Generate(t.Context(), request, func(mind.Delta) error {
			begun.Do(func() { close(writing) })
			return nil
		})
		finished <- err
	}()
	<-writing
	release, err := budget.Acquire(t.Context(), 1, true)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond) // the allowance to stop, on a machine that may be busy
	before := processCPU(t, client.State().PID)
	time.Sleep(400 * time.Millisecond) // what is measured is what it uses in this time
	if used := processCPU(t, client.State().PID) - before; used > 20*time.Millisecond {
		t.Errorf("while speech had the cores to itself the mind used %v of 400 ms", used)
	}
	release()
	if err := <-finished; err != nil {
		t.Error(err)
	}
}

// processCPU is what a process has used, from the kernel.
func processCPU(t *testing.T, pid int) time.Duration {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Skip(err)
	}
	_, after, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(after)
	var user, system int64
	if _, err := fmt.Sscan(fields[11], &user); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(fields[12], &system); err != nil {
		t.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond // USER_HZ is 100 everywhere
}

// TestWorkerCantOpen: a model that isn't one is said at the start, and no worker is left.
func TestWorkerCantOpen(t *testing.T) {
	rubbish := filepath.Join(t.TempDir(), "model.gguf")
	if err := os.WriteFile(rubbish, []byte("GGUF but not really"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := startClient(t, tiny, nil)
	_, err := Start(t.Context(), ClientOptions{Options: Options{Libraries: good.options.Libraries, Model: rubbish}}, good.log)
	if err == nil || !strings.Contains(err.Error(), "not a model") {
		t.Errorf("a file of rubbish: %v", err)
	}
}
