// Package mindtest is the conformance suite of package mind: what every implementation of mind.Mind promises, as tests.
//
// An implementation's own test calls [Run] with a way to make a mind. The questions are few-shot copying games, which
// even a model of 135 million parameters wins, so that the suite judges the plumbing and not the model.
package mindtest

import (
	"context"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"twombly/internal/mind"
)

// Suite says what is tested.
type Suite struct {
	// Mind is what is tested; the tests share it, as the program's parts do.
	Mind mind.Mind
	// Keeps is true for minds that keep what they read for a conversation, and say so in CachedTokens.
	Keeps bool
	// Forgets is true for minds whose Forget drops it.
	Forgets bool
	// TooLong is a message that does not fit the mind.
	TooLong string
	// Grace is how long after a cancellation Generate may return, in the median of several; 0 means 50 ms.
	Grace time.Duration
}

// Run runs the suite.
func Run(t *testing.T, suite Suite) {
	if suite.Grace == 0 {
		suite.Grace = 50 * time.Millisecond
	}
	for _, test := range []struct {
		name string
		run  func(*testing.T, Suite)
	}{
		{"Describe", describe},
		{"Streaming", streaming},
		{"MaxTokens", maxTokens},
		{"Stop", stopStrings},
		{"Schema", schema},
		{"SchemaUnsupported", schemaUnsupported},
		{"Sampling", sampling},
		{"UTF8", unicodeText},
		{"NoCommands", noCommands},
		{"Together", together},
		{"CancelGenerating", cancelGenerating},
		{"CancelReading", cancelReading},
		{"CancelledBefore", cancelledBefore},
		{"EmitError", emitError},
		{"Keeps", keeps},
		{"Prefill", prefill},
		{"Forget", forget},
		{"TooLong", tooLong},
		{"Empty", empty},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, suite) })
	}
}

// answer is an answer and how it came.
type answer struct {
	text  string
	parts []string
	usage mind.Usage
}

// ask generates and checks what holds for every answer.
func ask(t *testing.T, m mind.Mind, request mind.Request) answer {
	t.Helper()
	result, err := try(t.Context(), m, request)
	if err != nil {
		t.Fatal(err)
	}
	usage := result.usage
	if usage.FinishReason != "stop" && usage.FinishReason != "length" {
		t.Errorf("the answer ended for the reason %q", usage.FinishReason)
	}
	if usage.PromptTokens <= 0 || usage.CachedTokens < 0 || usage.CachedTokens > usage.PromptTokens {
		t.Errorf("%d of %d tokens of the prompt were kept", usage.CachedTokens, usage.PromptTokens)
	}
	if usage.FirstToken <= 0 || usage.FirstToken > usage.Total {
		t.Errorf("the first token came after %v and the last after %v", usage.FirstToken, usage.Total)
	}
	for _, part := range result.parts {
		if part == "" || !utf8.ValidString(part) {
			t.Errorf("a piece of the answer is empty or not UTF-8: %q", part)
		}
	}
	return result
}

func try(ctx context.Context, m mind.Mind, request mind.Request) (answer, error) {
	var result answer
	usage, err := m.Generate(ctx, request, func(delta mind.Delta) error {
		result.parts = append(result.parts, delta.Text) // the race detector sees it if emit is called at once
		return nil
	})
	result.text = strings.Join(result.parts, "")
	result.usage = usage
	return result, err
}

// game is a conversation in which the assistant repeats a word; a model that reads it goes on doing so.
func game(word string) []mind.Message {
	messages := []mind.Message{{Role: mind.System, Content: "Repeat the word after me, and nothing else."}}
	for _, example := range []string{"table", "river", "yellow", "garden"} {
		messages = append(messages, mind.Message{Role: mind.User, Content: "Say: " + example}, mind.Message{Role: mind.Assistant, Content: example})
	}
	return append(messages, mind.Message{Role: mind.User, Content: "Say: " + word})
}

// story is a request for a long answer.
func story(conversation string) mind.Request {
	return mind.Request{
		Conversation: conversation,
		Messages: []mind.Message{
			{Role: mind.System, Content: "You tell long stories."},
			{Role: mind.User, Content: "Tell me a long story about a lighthouse, a storm and a boat."},
		},
		MaxTokens: 200, Temperature: 1, Seed: 7,
	}
}

// long is text of about n tokens that no cache has seen.
func long(n int, seed string) string {
	var text strings.Builder
	for i := range n / 4 {
		text.WriteString(seed)
		text.WriteString([]string{" walks", " over", " green", " hills", " and"}[i%5])
		text.WriteString(" ")
	}
	return text.String()
}
