package openaiserver

import (
	"crypto/rand"
	"strings"
	"time"

	"twombly/internal/mind"
)

// completion is an answer as the protocol writes it.
type completion struct {
	id      string
	created int64
	model   string
	text    strings.Builder
	calls   []any
	begun   bool
}

func newCompletion(model string, now time.Time) *completion {
	return &completion{id: "chatcmpl-" + rand.Text(), created: now.Unix(), model: model}
}

// collect keeps a piece for an answer that is sent whole.
func (c *completion) collect(delta mind.Delta) error {
	c.text.WriteString(delta.Text)
	if delta.ToolCall != nil {
		c.calls = append(c.calls, c.call(delta.ToolCall, false))
	}
	return nil
}

func (c *completion) call(call *mind.ToolCall, indexed bool) any {
	id := call.ID
	if id == "" {
		id = "call_" + rand.Text()
	}
	body := map[string]any{"id": id, "type": "function", "function": map[string]any{"name": call.Name, "arguments": string(call.Arguments)}}
	if indexed {
		body["index"] = len(c.calls)
	}
	return body
}

// envelope is what every event and every whole answer has.
func (c *completion) envelope(object string, choices []any, usage any) map[string]any {
	body := map[string]any{"id": c.id, "object": object, "created": c.created, "model": c.model, "choices": choices}
	if usage != nil {
		body["usage"] = usage
	}
	return body
}

// piece is the event of one piece of the answer.
func (c *completion) piece(delta mind.Delta) any {
	body := map[string]any{}
	if !c.begun {
		c.begun = true
		body["role"] = "assistant"
	}
	if delta.Text != "" {
		body["content"] = delta.Text
	}
	if delta.ToolCall != nil {
		call := c.call(delta.ToolCall, true)
		c.calls = append(c.calls, call)
		body["tool_calls"] = []any{call}
	}
	return c.event(body, nil)
}

func (c *completion) event(delta, finish any) any {
	return c.envelope("chat.completion.chunk", []any{map[string]any{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": nil}}, nil)
}

// last is the event that says why the answer ended.
func (c *completion) last(usage mind.Usage) any {
	return c.event(map[string]any{}, usage.FinishReason)
}

// cost is the event that says what the answer cost.
func (c *completion) cost(usage mind.Usage) any {
	return c.envelope("chat.completion.chunk", []any{}, usageBody(usage))
}

// whole is the answer in one.
func (c *completion) whole(usage mind.Usage) any {
	message := map[string]any{"role": "assistant", "content": c.text.String(), "refusal": nil}
	if len(c.calls) > 0 {
		message["tool_calls"] = c.calls
		if c.text.Len() == 0 {
			message["content"] = nil
		}
	}
	choice := map[string]any{"index": 0, "message": message, "finish_reason": usage.FinishReason, "logprobs": nil}
	return c.envelope("chat.completion", []any{choice}, usageBody(usage))
}

func usageBody(usage mind.Usage) any {
	return map[string]any{
		"prompt_tokens": usage.PromptTokens, "completion_tokens": usage.GeneratedTokens,
		"total_tokens":          usage.PromptTokens + usage.GeneratedTokens,
		"prompt_tokens_details": map[string]any{"cached_tokens": usage.CachedTokens},
	}
}
