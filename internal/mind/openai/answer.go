package openai

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"twombly/internal/mind"
	"twombly/internal/mind/textstream"
)

// maxLine bounds one event of the stream, in bytes; maxToolArguments the arguments of one tool call.
const (
	maxLine          = 1 << 20
	maxToolArguments = 256 << 10
	maxToolCalls     = 64
)

// chunk is one event of the stream.
// https://platform.openai.com/docs/api-reference/chat-streaming/streaming
type chunk struct {
	Choices []struct {
		Delta struct {
			Content   string          `json:"content"`
			Refusal   string          `json:"refusal"`
			ToolCalls []toolCallDelta `json:"tool_calls"`
		} `json:"delta"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Usage *struct {
		PromptTokens     int `json:"prompt_tokens"`
		CompletionTokens int `json:"completion_tokens"`
		Details          struct {
			CachedTokens int `json:"cached_tokens"`
		} `json:"prompt_tokens_details"`
	} `json:"usage"`
	Error json.RawMessage `json:"error"`
}

type toolCallDelta struct {
	Index    int    `json:"index"`
	ID       string `json:"id"`
	Function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	} `json:"function"`
}

// answer is an answer in the making.
type answer struct {
	// ctx is the request's: nothing is given out once it has ended, though events may have come already.
	ctx    context.Context
	client *Client
	emit   func(mind.Delta) error
	text   *textstream.Stream
	calls  []toolCallDelta

	started, first time.Time
	// begun: something was given to emit, so the request must not be tried again.
	begun  bool
	finish string
	pieces int
	usage  mind.Usage
}

func newAnswer(ctx context.Context, client *Client, request mind.Request, emit func(mind.Delta) error, started time.Time) *answer {
	return &answer{ctx: ctx, client: client, emit: emit, text: textstream.New(request.Stop), started: started}
}

// result is what the answer cost. A server that counts no tokens is counted for by the pieces that came.
func (a *answer) result() mind.Usage {
	usage := a.usage
	if usage.GeneratedTokens == 0 {
		usage.GeneratedTokens = a.pieces
	}
	usage.FinishReason = a.finish
	usage.Total = time.Since(a.started)
	if !a.first.IsZero() {
		usage.FirstToken = a.first.Sub(a.started)
	}
	return usage
}

// errStopped ends reading at a stop string that the server did not know of.
var errStopped = errors.New("a stop string was met")

// read takes in the stream of events: lines "data: JSON", and "data: [DONE]" at the end.
// https://html.spec.whatwg.org/multipage/server-sent-events.html
func (a *answer) read(body io.Reader, watch *watch) *failure {
	lines := bufio.NewScanner(body)
	lines.Buffer(make([]byte, 0, 16<<10), maxLine)
	for {
		more := lines.Scan()
		watch.end()
		if !more {
			break
		}
		failed, over := a.line(lines.Bytes())
		if failed != nil || over {
			return failed
		}
		watch.begin(a.begun)
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return &failure{err: a.client.rubbish("an event of more than a million bytes")}
	}
	if lines.Err() != nil && a.finish == "" {
		return a.broken()
	}
	return a.end()
}

// line handles one line of the stream, and reports whether it was the last.
func (a *answer) line(line []byte) (failed *failure, over bool) {
	data, ok := bytes.CutPrefix(bytes.TrimRight(line, "\r"), []byte("data:"))
	if !ok {
		return nil, false // an empty line, a comment that keeps the connection alive, or another field of the event
	}
	data = bytes.TrimSpace(data)
	if string(data) == "[DONE]" {
		return a.end(), true
	}
	failed, err := a.take(data)
	switch {
	case failed != nil:
		return failed, true
	case errors.Is(err, errStopped):
		a.finish = "stop"
		return nil, true
	case err != nil:
		return &failure{err: err}, true
	}
	return nil, false
}

// broken is for a stream that ends in the middle of the answer.
func (a *answer) broken() *failure {
	if !a.begun {
		return &failure{err: a.client.unavailable("broke the connection before it answered"), again: true}
	}
	return &failure{err: a.client.unavailable("stopped in the middle of the answer")}
}

// end is for a stream that ended properly, if it said why.
func (a *answer) end() *failure {
	if a.finish == "" {
		return a.broken()
	}
	if err := a.give(a.text.Flush()); err != nil {
		return &failure{err: err}
	}
	return a.giveCalls()
}

// take handles one event.
func (a *answer) take(data []byte) (*failure, error) {
	var event chunk
	if err := json.Unmarshal(data, &event); err != nil {
		return &failure{err: a.client.rubbish("an event that is not JSON of the protocol")}, nil
	}
	if len(event.Error) > 0 && string(event.Error) != "null" {
		return &failure{err: a.client.unavailable("failed while it answered"), again: true}, nil
	}
	if event.Usage != nil {
		a.usage.PromptTokens = max(event.Usage.PromptTokens, 0)
		a.usage.GeneratedTokens = max(event.Usage.CompletionTokens, 0)
		a.usage.CachedTokens = min(max(event.Usage.Details.CachedTokens, 0), a.usage.PromptTokens)
	}
	if len(event.Choices) == 0 {
		return nil, nil
	}
	choice := event.Choices[0]
	if choice.FinishReason != "" {
		a.finish = finishReason(choice.FinishReason)
	}
	for _, delta := range choice.Delta.ToolCalls {
		if failed := a.takeCall(delta); failed != nil {
			return failed, nil
		}
	}
	if text := choice.Delta.Content + choice.Delta.Refusal; text != "" {
		a.pieces++
		given, stopped := a.text.Push([]byte(text))
		if err := a.give(given); err != nil {
			return nil, err
		}
		if stopped {
			return nil, errStopped
		}
	}
	return nil, nil
}

// finishReason keeps to the words that package mind knows.
func finishReason(reason string) string {
	switch reason {
	case "length", "tool_calls":
		return reason
	}
	return "stop" // "stop", and what some servers call it; a filtered answer ends too
}

func (a *answer) mark() {
	if !a.begun {
		a.begun, a.first = true, time.Now()
	}
}

func (a *answer) give(text string) error {
	if text == "" {
		return nil
	}
	if err := a.ctx.Err(); err != nil {
		return err
	}
	a.mark()
	return a.emit(mind.Delta{Text: text})
}

// takeCall adds a piece of a tool call.
func (a *answer) takeCall(delta toolCallDelta) *failure {
	if delta.Index < 0 || delta.Index > len(a.calls) || delta.Index >= maxToolCalls {
		return &failure{err: a.client.rubbish("pieces of tool calls out of order")}
	}
	if delta.Index == len(a.calls) {
		a.calls = append(a.calls, toolCallDelta{})
	}
	call := &a.calls[delta.Index]
	if delta.ID != "" {
		call.ID = delta.ID
	}
	call.Function.Name += delta.Function.Name
	call.Function.Arguments += delta.Function.Arguments
	if len(call.Function.Arguments) > maxToolArguments || len(call.Function.Name) > maxToolArguments {
		return &failure{err: a.client.rubbish("a tool call without end")}
	}
	a.pieces++
	return nil
}

// giveCalls hands out the tool calls, once they are complete.
func (a *answer) giveCalls() *failure {
	for _, call := range a.calls {
		arguments := []byte(call.Function.Arguments)
		if len(arguments) == 0 {
			arguments = []byte("{}")
		}
		if call.Function.Name == "" || !json.Valid(arguments) {
			return &failure{err: a.client.rubbish("a tool call that can't be read")}
		}
		if err := a.ctx.Err(); err != nil {
			return &failure{err: err}
		}
		a.mark()
		if err := a.emit(mind.Delta{ToolCall: &mind.ToolCall{ID: call.ID, Name: call.Function.Name, Arguments: arguments}}); err != nil {
			return &failure{err: err}
		}
		a.finish = "tool_calls"
	}
	return nil
}
