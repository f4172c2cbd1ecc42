package llama

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"twombly/internal/mind"
	"twombly/internal/native/nativetest"
)

// The models of these tests: one for plumbing, one that can talk.
const (
	tiny = "smollm2-135m-instruct-q4_1"
	able = "qwen2.5-coder-1.5b-instruct-q4_k_m"
)

// open opens a model in this process.
func open(t testing.TB, model string, change func(*Options)) *Local {
	t.Helper()
	options := Options{Libraries: nativetest.Path(t, "llama.cpp", ""), Model: nativetest.Path(t, model, "model.gguf"), ContextTokens: 4096, Threads: 1}
	if change != nil {
		change(&options)
	}
	local, err := Open(options, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(local.Close)
	return local
}

// persona is a conversation whose first messages are the persona's.
func persona(words string) mind.Request {
	return mind.Request{
		Conversation: "c", PersonaMessages: 3, MaxTokens: 6,
		Messages: []mind.Message{
			{Role: mind.System, Content: strings.Repeat("You are kind, curious and brief. ", 20)},
			{Role: mind.User, Content: "Hello!"}, {Role: mind.Assistant, Content: "Good to hear you."},
			{Role: mind.User, Content: words},
		},
	}
}

func generate(t testing.TB, m mind.Mind, request mind.Request) (string, mind.Usage) {
	t.Helper()
	var text strings.Builder
	usage, err := m.Generate(t.Context(), request, func(delta mind.Delta) error { text.WriteString(delta.Text); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return text.String(), usage
}

// TestPersonaState: the persona is computed once, kept over a restart, and nothing else is on disk.
func TestPersonaState(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "personas")
	withFolder := func(options *Options) { options.StateFolder = folder }
	first := open(t, tiny, withFolder)
	ahead := persona("x")
	ahead.Messages = ahead.Messages[:3]
	if err := first.Prefill(t.Context(), ahead); err != nil {
		t.Fatal(err)
	}
	_, usage := generate(t, first, persona("My name is Rumpelstiltskin and I live in the woods."))
	length := usage.CachedTokens
	if length < 100 {
		t.Errorf("after reading the persona ahead %d tokens were kept", length)
	}
	other := persona("Somebody else.")
	other.Conversation = ""
	if _, usage = generate(t, first, other); usage.CachedTokens < length-5 {
		t.Errorf("another conversation began with %d tokens, not with the persona's", usage.CachedTokens)
	}
	waitIdle(t, first) // it saves when it is idle
	first.Close()
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != 1 {
		t.Fatalf("the folder holds %v, %v", files, err)
	}
	second := open(t, tiny, withFolder)
	if _, usage = generate(t, second, persona("Good morning.")); usage.CachedTokens < length-5 {
		t.Errorf("after a restart %d tokens of the persona were kept, not about %d", usage.CachedTokens, length)
	}
	second.Close()

	path := filepath.Join(folder, files[0].Name())
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, damaged := range map[string][]byte{
		"torn": data[:len(data)-100], "flipped": flip(data, len(data)/2), "another": []byte("hello"), "empty": {},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			third := open(t, tiny, withFolder)
			text, usage := generate(t, third, persona("Good morning."))
			if usage.CachedTokens > 5 || text == "" {
				t.Errorf("with a damaged state %d tokens counted as kept; it said %q", usage.CachedTokens, text)
			}
			waitIdle(t, third)
			third.Close()
			if repaired, err := os.ReadFile(path); err != nil || len(repaired) != len(data) {
				t.Errorf("it was not made again: %d bytes, %v", len(repaired), err)
			}
		})
	}
}

func flip(data []byte, at int) []byte {
	data = slices.Clone(data)
	data[at] ^= 1
	return data
}

// waitIdle waits until the loop has nothing left to do, saving included.
func waitIdle(t testing.TB, local *Local) {
	t.Helper()
	for range 2 { // the first order may come before the saving, the second comes after it
		if err := local.Forget(t.Context(), "nobody"); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFewSequences: more conversations than sequences, of which the oldest are read again.
func TestFewSequences(t *testing.T) {
	local := open(t, tiny, func(options *Options) { options.Sequences = 4 })
	ask := func(name string) mind.Usage {
		request := persona("I am " + name + strings.Repeat(" and so on", 30))
		request.Conversation = name
		request.PersonaMessages = 0
		_, usage := generate(t, local, request)
		return usage
	}
	ask("a")
	ask("b")
	if usage := ask("a"); usage.CachedTokens < usage.PromptTokens-1 {
		t.Errorf("a was forgotten: %+v", usage)
	}
	ask("c") // takes the place of b
	if usage := ask("a"); usage.CachedTokens < usage.PromptTokens-1 {
		t.Errorf("a was forgotten: %+v", usage)
	}
	if usage := ask("b"); usage.CachedTokens > usage.PromptTokens-30 {
		t.Errorf("b was kept: %+v", usage)
	}
}

// TestFullCache: conversations that don't fit together make room for each other.
func TestFullCache(t *testing.T) {
	local := open(t, tiny, func(options *Options) { options.ContextTokens = 512 })
	for _, name := range []string{"a", "b", "c", "a"} {
		text, usage := generate(t, local, mind.Request{Conversation: name, MaxTokens: 20, Messages: []mind.Message{{
			Role: mind.User, Content: name + strings.Repeat(" walks over the green hills", 50),
		}}})
		if text == "" || usage.PromptTokens < 200 {
			t.Errorf("%s: %q %+v", name, text, usage)
		}
	}
	var asking atomic.Int32
	errs := make(chan error)
	for _, name := range []string{"d", "e", "f"} { // at once they don't fit: they wait for each other
		go func() {
			_, err := local.Generate(t.Context(), mind.Request{Conversation: name, MaxTokens: 20, Messages: []mind.Message{{
				Role: mind.User, Content: name + strings.Repeat(" walks over the green hills", 50),
			}}}, func(mind.Delta) error { asking.Add(1); return nil })
			errs <- err
		}()
	}
	for range 3 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// TestPause: with no threads it computes nothing, and goes on when it gets some.
func TestPause(t *testing.T) {
	local := open(t, tiny, nil)
	first := make(chan struct{})
	finished := make(chan error, 1)
	var parts atomic.Int32
	go func() {
		request := persona("Tell me a long story.")
		request.MaxTokens, request.Temperature, request.Seed = 200, 1, 3
		_, err := local.Generate(t.Context(), request, func(mind.Delta) error {
			if parts.Add(1) == 5 {
				close(first)
			}
			return nil
		})
		finished <- err
	}()
	<-first
	local.SetThreads(0)
	waitIdle(t, local) // the step under way is over
	before := usedNow(t)
	at := parts.Load()
	time.Sleep(500 * time.Millisecond) // what is measured is that nothing happens in this time
	if used := usedNow(t) - before; used > 25*time.Millisecond {
		t.Errorf("paused for 500 ms it used %v of CPU", used)
	}
	if now := parts.Load(); now > at+2 { // what was computed before may still be on its way
		t.Errorf("paused it wrote %d more pieces", now-at)
	}
	local.SetThreads(1)
	if err := <-finished; err != nil {
		t.Error(err)
	}

	// Cancelled while paused.
	local.SetThreads(0)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := local.Generate(ctx, persona("Hello?"), func(mind.Delta) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("cancelled while paused: %v", err)
	}
}

// TestIdle: idle costs nothing, after work with two threads too.
func TestIdle(t *testing.T) {
	local := open(t, tiny, func(options *Options) { options.Threads = 2 })
	generate(t, local, persona("Hello?"))
	waitIdle(t, local)
	before := usedNow(t)
	time.Sleep(time.Second) // what is measured is the CPU that this costs
	if used := usedNow(t) - before; used > 10*time.Millisecond {
		t.Errorf("idle for a second it used %v of CPU", used)
	}
}

// TestAnswerGoesFirst: reading ahead for one conversation doesn't hold up the answer of another, and is taken up again.
func TestAnswerGoesFirst(t *testing.T) {
	local := open(t, tiny, nil)
	ahead := mind.Request{Conversation: "ahead", Messages: []mind.Message{{Role: mind.User, Content: strings.Repeat("They walk over the green hills and far away. ", 90)}}}
	read := make(chan error, 1)
	go func() { read <- local.Prefill(t.Context(), ahead) }()
	waitIdle(t, local)
	_, usage := generate(t, local, persona("Hello?"))
	select {
	case err := <-read:
		t.Errorf("900 tokens were read before an answer: %v", err)
	default:
	}
	if err := <-read; err != nil {
		t.Error(err)
	}
	ahead.MaxTokens = 4
	if _, usage = generate(t, local, ahead); usage.CachedTokens < usage.PromptTokens-10 {
		t.Errorf("after reading ahead: %+v", usage)
	}
}

// TestClosed: what is under way fails, and so does what comes later.
func TestClosed(t *testing.T) {
	local := open(t, tiny, nil)
	begun := make(chan struct{})
	finished := make(chan error, 1)
	go func() {
		request := persona("Tell me a long story.")
		request.MaxTokens = 2000
		_, err := local.Generate(t.Context(), request, func(mind.Delta) error {
			select {
			case <-begun:
			default:
				close(begun)
			}
			return nil
		})
		finished <- err
	}()
	<-begun
	local.loop.close()
	if err := <-finished; !errors.Is(err, mind.ErrUnavailable) {
		t.Errorf("what was under way ended with %v", err)
	}
	if _, err := local.Generate(t.Context(), persona("Hello?"), func(mind.Delta) error { return nil }); !errors.Is(err, mind.ErrUnavailable) {
		t.Error(err)
	}
	if err := local.Forget(t.Context(), "c"); !errors.Is(err, mind.ErrUnavailable) {
		t.Error(err)
	}
}

func TestOpenFails(t *testing.T) {
	libraries := nativetest.Path(t, "llama.cpp", "")
	rubbish := filepath.Join(t.TempDir(), "model.gguf")
	if err := os.WriteFile(rubbish, []byte("GGUF but not really"), 0o600); err != nil {
		t.Fatal(err)
	}
	whole, err := os.Open(nativetest.Path(t, tiny, "model.gguf"))
	if err != nil {
		t.Fatal(err)
	}
	defer whole.Close()
	half := make([]byte, 20<<20)
	if _, err := whole.Read(half); err != nil {
		t.Fatal(err)
	}
	truncated := filepath.Join(t.TempDir(), "truncated.gguf")
	if err := os.WriteFile(truncated, half, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, options := range map[string]Options{
		"nothing":       {},
		"no such model": {Libraries: libraries, Model: "/nowhere/model.gguf"},
		"rubbish":       {Libraries: libraries, Model: rubbish},
		"truncated":     {Libraries: libraries, Model: truncated},
		"sequences":     {Libraries: libraries, Model: rubbish, Sequences: 2},
	} {
		if local, err := Open(options, slog.New(slog.DiscardHandler)); err == nil {
			local.Close()
			t.Errorf("%s: it was opened", name)
		}
	}
}

func usedNow(t testing.TB) time.Duration {
	t.Helper()
	used, ok := coresUsed()
	if !ok {
		t.Skip("this system doesn't say what a process uses")
	}
	return used
}
