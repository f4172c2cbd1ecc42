package llama

import (
	"encoding/json"
	"strings"
	"testing"

	"twombly/internal/mind"
)

// TestAble asks the model that people talk with: what makes sense, in its own template, and JSON by a schema.
func TestAble(t *testing.T) {
	local := open(t, able, nil)
	text, usage := generate(t, local, mind.Request{Conversation: "a", MaxTokens: 30, Messages: []mind.Message{
		{Role: mind.System, Content: "You are a friendly companion. Answer in one short sentence."},
		{Role: mind.User, Content: "What is the capital of France?"},
	}})
	if !strings.Contains(text, "Paris") || usage.FinishReason != "stop" || strings.Contains(text, "<|") {
		t.Errorf("it said %q, %+v", text, usage)
	}
	text, _ = generate(t, local, mind.Request{MaxTokens: 60, Messages: []mind.Message{
		{Role: mind.User, Content: "Call Anna at nine in the evening."}, {Role: mind.Assistant, Content: `{"intent":"reminder","hour":21}`},
		{Role: mind.User, Content: "Water the plants at seven in the morning."},
	}, Schema: []byte(`{"type":"object","properties":{"intent":{"enum":["reminder","chat"]},"hour":{"type":"integer","minimum":0,"maximum":23}},"required":["intent","hour"]}`)})
	var got struct {
		Intent string
		Hour   int
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil || got.Intent != "reminder" || got.Hour != 7 {
		t.Errorf("it wrote %s, %v", text, err)
	}
	description, err := local.Describe(t.Context())
	if err != nil || !description.Local || !strings.Contains(description.Model, "Qwen") {
		t.Errorf("it describes itself as %+v, %v", description, err)
	}
	t.Log(description)
}
