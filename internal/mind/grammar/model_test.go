package grammar_test

import (
	"log/slog"
	"strings"
	"testing"

	"twombly/internal/mind"
	"twombly/internal/mind/grammar"
	"twombly/internal/mind/llama"
	"twombly/internal/native/nativetest"
)

// TestModel lets a real model write with the grammar of each schema, hot, so that it would write anything, and checks
// what it wrote against the schema. llama.cpp refuses a grammar that it can't read, so this tests that too.
func TestModel(t *testing.T) {
	model, err := llama.Open(llama.Options{
		Libraries: nativetest.Path(t, "llama.cpp", ""), Model: nativetest.Path(t, "smollm2-135m-instruct-q4_1", "model.gguf"),
		ContextTokens: 2048, Threads: 1,
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer model.Close()
	schemas := grammar.Schemas(t)
	// Some that only have to be read.
	for _, schema := range []string{
		`{}`, `{"type":"integer"}`, `{"type":"number","minimum":-3}`, `{"type":"string","format":"date-time"}`, `{"type":"string","maxLength":0}`,
		`{"type":"array","items":{"type":"string"},"minItems":2,"maxItems":1000}`, `{"type":"object","additionalProperties":false}`,
		`{"const":"\u0001\u007f]["}`, `{"type":"object","properties":{"\"]}\n":{"type":"null"}}}`,
	} {
		schemas[schema] = schema
	}
	for name, schema := range schemas {
		t.Run(name, func(t *testing.T) {
			whole := 0
			for seed := range uint32(2) {
				var text strings.Builder
				usage, err := model.Generate(t.Context(), mind.Request{
					Messages:  []mind.Message{{Role: mind.User, Content: "Remind me to call Anna tomorrow at nine. Answer in JSON."}},
					MaxTokens: 60, Temperature: 1.5, Seed: seed + 1, Schema: []byte(schema),
				}, func(delta mind.Delta) error { text.WriteString(delta.Text); return nil })
				if err != nil {
					t.Fatal(err)
				}
				if usage.FinishReason == "length" {
					continue // it did not come to an end, which a grammar can't promise
				}
				whole++
				if err := grammar.Validate(schema, text.String()); err != nil {
					t.Errorf("it wrote %s: %v", text.String(), err)
				}
			}
			t.Logf("%d of 2 came to an end", whole)
		})
	}
}
