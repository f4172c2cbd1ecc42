package llama

import (
	"strings"
	"testing"

	"twombly/internal/mind"
)

// Replies of hers that were cut off stand in the conversation, and a small model ends the next one as they end, in the middle.
func TestWholeSentences(t *testing.T) {
	local := open(t, able, nil)
	request := mind.Request{MaxTokens: 60, Messages: []mind.Message{{Role: mind.System, Content: "You are a friendly companion."}}}
	for range 4 {
		request.Messages = append(request.Messages,
			mind.Message{Role: mind.User, Content: "Tell me a long story about the sea."}, mind.Message{Role: mind.Assistant, Content: "There are many stories —"})
	}
	request.Messages = append(request.Messages, mind.Message{Role: mind.User, Content: "Tell me a long story about the mountains."})
	cut, _ := generate(t, local, request)
	if !strings.HasSuffix(strings.TrimSpace(cut), "—") {
		t.Errorf("what this test is about does not happen any more: it said %q", cut)
	}
	request.WholeSentences = true
	whole, usage := generate(t, local, request)
	if end := whole[len(strings.TrimSpace(whole))-1]; usage.FinishReason == "stop" && !strings.ContainsRune(".!?", rune(end)) || len(whole) <= len(cut) {
		t.Errorf("it said %q, %+v", whole, usage)
	}
	t.Logf("%q, then %q", cut, whole)
}

func TestNotBegin(t *testing.T) {
	local := open(t, able, nil)
	request := mind.Request{MaxTokens: 12, Messages: []mind.Message{
		{Role: mind.User, Content: "Tell me a long story about the sea."}, {Role: mind.Assistant, Content: "I'm sorry, but I can't assist with that."},
		{Role: mind.User, Content: "Tell me a long story about the mountains."},
	}}
	free, _ := generate(t, local, request)
	if !strings.HasPrefix(free, "I'm sorry") {
		t.Errorf("what this test is about does not happen any more: it said %q", free)
	}
	request.NotBegin = []string{"i'm sorry", "sorry"}
	other, _ := generate(t, local, request)
	if strings.HasPrefix(strings.ToLower(other), "i'm sorry") || other == "" {
		t.Errorf("it began %q", other)
	}
	t.Logf("%q, then %q", free, other)
}
