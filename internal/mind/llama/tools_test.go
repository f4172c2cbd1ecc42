package llama

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"twombly/internal/mind"
)

var weather = mind.Tool{
	Name: "get_weather", Description: "What the weather is in a city now.",
	Parameters: json.RawMessage(`{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}`),
}

var lights = mind.Tool{
	Name: "switch_light", Description: "Switch a light in the house on or off.",
	Parameters: json.RawMessage(`{"type":"object","properties":{"room":{"enum":["kitchen","bedroom"]},"on":{"type":"boolean"}},"required":["room","on"],"additionalProperties":false}`),
}

// generateCalls returns the text and the calls of an answer.
func generateCalls(t *testing.T, m mind.Mind, request mind.Request) (string, []mind.ToolCall, mind.Usage) {
	t.Helper()
	var text strings.Builder
	var calls []mind.ToolCall
	usage, err := m.Generate(t.Context(), request, func(delta mind.Delta) error {
		text.WriteString(delta.Text)
		if delta.ToolCall != nil {
			calls = append(calls, *delta.ToolCall)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return text.String(), calls, usage
}

// TestTools: the model calls the right tool with arguments of its schema, reads what came of it, and talks when no tool
// helps. In a worker as in this process.
func TestTools(t *testing.T) {
	local := open(t, able, func(options *Options) { options.Threads = 2 })
	client := startClient(t, able, nil)
	for name, m := range map[string]mind.Mind{"in process": local, "in a worker": client} {
		t.Run(name, func(t *testing.T) {
			request := mind.Request{Conversation: name, MaxTokens: 80, Tools: []mind.Tool{weather, lights}, Messages: []mind.Message{
				{Role: mind.System, Content: "You are a helpful companion. Answer in one short sentence."},
				{Role: mind.User, Content: "How is the weather in Lisbon right now?"},
			}}
			text, calls, usage := generateCalls(t, m, request)
			if len(calls) != 1 || calls[0].Name != "get_weather" || usage.FinishReason != "tool_calls" || calls[0].ID == "" {
				t.Fatalf("it said %q and called %+v, %s", text, calls, usage.FinishReason)
			}
			var arguments struct{ City string }
			if err := json.Unmarshal(calls[0].Arguments, &arguments); err != nil || !strings.Contains(arguments.City, "Lisbon") {
				t.Errorf("arguments %s: %v", calls[0].Arguments, err)
			}
			if strings.Contains(text, "<") {
				t.Errorf("its words hold the notation: %q", text)
			}
			request.Messages = append(request.Messages,
				mind.Message{Role: mind.Assistant, ToolCalls: calls},
				mind.Message{Role: mind.ToolRole, ToolCallID: calls[0].ID, Content: `{"sky":"heavy rain","celsius":11}`})
			text, calls, usage = generateCalls(t, m, request)
			if len(calls) != 0 || !strings.Contains(strings.ToLower(text), "rain") || usage.FinishReason != "stop" {
				t.Errorf("knowing the weather it said %q, called %+v", text, calls)
			}
			if usage.CachedTokens < 100 {
				t.Errorf("only %d tokens were kept", usage.CachedTokens)
			}
		})
	}
}

// TestToolChoice: a call can be demanded, of any tool or of one, also of the smallest model that knows the notation.
func TestToolChoice(t *testing.T) {
	local := open(t, able, func(options *Options) { options.Threads = 2 })
	for choice, want := range map[string]string{mind.ToolRequired: "", "switch_light": "switch_light"} {
		_, calls, usage := generateCalls(t, local, mind.Request{
			MaxTokens: 80, Temperature: 1, Seed: 3, Tools: []mind.Tool{weather, lights}, ToolChoice: choice,
			Messages: []mind.Message{{Role: mind.User, Content: "Hello there, how are you?"}},
		})
		if len(calls) == 0 || want != "" && calls[0].Name != want || usage.FinishReason != "tool_calls" {
			t.Errorf("%s: it called %+v", choice, calls)
		}
		for _, call := range calls {
			if !json.Valid(call.Arguments) || !hasTool([]mind.Tool{weather, lights}, call.Name) {
				t.Errorf("%s: a call that there is not: %+v", choice, call)
			}
		}
	}
	_, err := local.Generate(t.Context(), mind.Request{MaxTokens: 4, Tools: []mind.Tool{weather}, ToolChoice: mind.ToolRequired,
		Messages: []mind.Message{{Role: mind.User, Content: "Hello"}}}, func(mind.Delta) error { return nil })
	if !errors.Is(err, mind.ErrTooLong) {
		t.Errorf("a call cut off in the middle: %v", err)
	}
}

func TestToolsRefused(t *testing.T) {
	hello := []mind.Message{{Role: mind.User, Content: "Hello"}}
	cases := map[string]mind.Request{
		"no name":              {Messages: hello, Tools: []mind.Tool{{}}},
		"rubbish for a schema": {Messages: hello, Tools: []mind.Tool{{Name: "f", Parameters: json.RawMessage("{")}}},
		"a choice of none":     {Messages: hello, ToolChoice: mind.ToolRequired},
		"an unknown choice":    {Messages: hello, Tools: []mind.Tool{weather}, ToolChoice: "other"},
		"rubbish of a call":    {Messages: []mind.Message{{Role: mind.Assistant, ToolCalls: []mind.ToolCall{{Name: "f", Arguments: json.RawMessage("{")}}}}},
	}
	for name, request := range cases {
		if err := check(request); !errors.Is(err, mind.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	small := open(t, tiny, nil)
	if _, err := small.Generate(t.Context(), mind.Request{Messages: hello, Tools: []mind.Tool{weather}}, func(mind.Delta) error { return nil }); !errors.Is(err, mind.ErrInvalid) {
		t.Errorf("a model that knows no tools: %v", err)
	}
}

func TestReadCalls(t *testing.T) {
	calls, err := readCalls("\n{\"name\": \"a\", \"arguments\": {\"x\": 1}}\n</tool_call>\n<tool_call>\n{\"name\": \"b\", \"arguments\": {}}\n</tool_call>")
	if err != nil || len(calls) != 2 || calls[0].Name != "a" || string(calls[0].Arguments) != `{"x": 1}` || calls[1].Name != "b" || calls[0].ID == calls[1].ID {
		t.Errorf("%+v, %v", calls, err)
	}
	if _, err := readCalls("\n{\"name\": \"a\", \"argum"); err == nil {
		t.Error("half a call was read")
	}
	calls, err = readCalls("\n{\"name\": \"a\", \"arguments\": {}}\n</tool_call>\n<tool_call>\n{\"name\": \"b\", \"argum")
	if err != nil || len(calls) != 1 {
		t.Errorf("a whole call and half of one: %+v, %v", calls, err)
	}
}

// TestLooseSchema: a schema that a grammar can't promise is held to an object.
func TestLooseSchema(t *testing.T) {
	rules, err := callsGrammar(mind.Request{Tools: []mind.Tool{
		{Name: "f", Parameters: json.RawMessage(`{"type":"object","properties":{"x":{"type":"string","pattern":"^a"}}}`)}, {Name: "g"},
	}})
	if err != nil || !strings.Contains(rules, `"\"f\""`) || !strings.Contains(rules, `"\"g\""`) {
		t.Errorf("%v\n%s", err, rules)
	}
}
