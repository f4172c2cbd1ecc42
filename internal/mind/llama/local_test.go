package llama

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"twombly/internal/mind"
)

func cached(t testing.TB, id, file string) string {
	t.Helper()
	root := os.Getenv("TWOMBLY_CACHE")
	if root == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		root = filepath.Join(cache, "twombly")
	}
	path := filepath.Join(root, id, file)
	if _, err := os.Stat(path); err != nil {
		t.Skip(err)
	}
	return path
}

func open(t testing.TB, model string, change func(*Options)) *Local {
	t.Helper()
	options := Options{Libraries: cached(t, "llama.cpp", ""), Model: cached(t, model, "model.gguf"), ContextTokens: 4096, Threads: 1}
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

const (
	tiny = "smollm2-135m-instruct-q4_1"
	real = "qwen2.5-coder-1.5b-instruct-q4_k_m"
)

func TestGenerate(t *testing.T) {
	model := tiny
	if m := ""; m != "" {
		model = m
	}
	local := open(t, model, nil)
	for range 2 {
		var text strings.Builder
		usage, err := local.Generate(context.Background(), mind.Request{
			Conversation: "a", MaxTokens: 40,
			Messages: []mind.Message{
				{Role: mind.System, Content: "You are a friendly companion. Answer in one short sentence."},
				{Role: mind.User, Content: "What is the capital of France?"},
			},
		}, func(d mind.Delta) error { text.WriteString(d.Text); return nil })
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%q %+v", text.String(), usage)
	}
	var text strings.Builder
	usage, err := local.Generate(context.Background(), mind.Request{
		Conversation: "b", MaxTokens: 60,
		Schema:   []byte(`{"type":"object","properties":{"city":{"type":"string","maxLength":20},"population":{"type":"integer","minimum":5,"maximum":17000},"mood":{"enum":["happy","sad"]}},"required":["city","mood"]}`),
		Messages: []mind.Message{{Role: mind.User, Content: "Tell me about Paris as JSON."}},
	}, func(d mind.Delta) error { text.WriteString(d.Text); return nil })
	t.Logf("%q %+v %v", text.String(), usage, err)
}
