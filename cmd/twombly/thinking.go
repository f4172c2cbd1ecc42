package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"twombly/internal/companion"
	"twombly/internal/mind"
)

// thinking is a mind as a companion sees it: it translates prompts and errors, and keeps how fast the mind was lately.
type thinking struct {
	mind mind.Mind
	log  *slog.Logger

	lock  sync.Mutex
	speed speed
}

// speed is how fast a mind was, in tokens a second; 0 is not measured.
type speed struct{ prompt, generate float64 }

var _ companion.Mind = (*thinking)(nil)

// Generate implements companion.Mind.
func (t *thinking) Generate(ctx context.Context, prompt companion.Prompt, emit companion.Emit) error {
	usage, err := t.mind.Generate(ctx, requestOf(prompt), func(delta mind.Delta) error { return emit(pieceOf(delta)) })
	t.measure(usage)
	t.log.Debug("the mind answered", "prompt", usage.PromptTokens, "cached", usage.CachedTokens,
		"first_token", usage.FirstToken, "generated", usage.GeneratedTokens, "total", usage.Total, "error", err)
	return mindError(err)
}

// Prefill implements companion.Mind.
func (t *thinking) Prefill(ctx context.Context, prompt companion.Prompt) error {
	began := time.Now()
	err := t.mind.Prefill(ctx, requestOf(prompt))
	t.log.Debug("the mind read ahead", "took", time.Since(began), "error", err)
	return mindError(err)
}

func requestOf(prompt companion.Prompt) mind.Request {
	request := mind.Request{
		Conversation: prompt.Conversation, PersonaMessages: prompt.Persona, MaxTokens: prompt.MaxTokens,
		Temperature: prompt.Temperature, TopP: prompt.TopP, Schema: prompt.Schema, ToolChoice: prompt.ToolChoice,
		WholeSentences: prompt.WholeSentences, NotBegin: prompt.NotBegin,
	}
	for _, tool := range prompt.Tools {
		request.Tools = append(request.Tools, mind.Tool(tool))
	}
	for _, message := range prompt.Messages {
		asked := mind.Message{Role: mind.Role(message.Role), Content: message.Content, ToolCallID: message.ToolCallID}
		for _, call := range message.ToolCalls {
			asked.ToolCalls = append(asked.ToolCalls, mind.ToolCall(call))
		}
		request.Messages = append(request.Messages, asked)
	}
	return request
}

// pieceOf is a mind's piece of an answer as a companion's.
func pieceOf(delta mind.Delta) companion.Piece {
	piece := companion.Piece{Text: delta.Text}
	if delta.ToolCall != nil {
		call := companion.ToolCall(*delta.ToolCall)
		piece.Call = &call
	}
	return piece
}

// mindError wraps a mind's errors so that a companion can tell them apart.
func mindError(err error) error {
	if errors.Is(err, mind.ErrUnavailable) {
		return fmt.Errorf("%w: %w", companion.ErrUnavailable, err)
	}
	return err
}

// Tokens that make a measurement worth keeping, and how much a new one counts.
const (
	measuredPrompt   = 24
	measuredGenerate = 6
	newestWeight     = 0.3
)

func (t *thinking) measure(usage mind.Usage) {
	t.lock.Lock()
	defer t.lock.Unlock()
	if read := usage.PromptTokens - usage.CachedTokens; read >= measuredPrompt && usage.FirstToken > 0 {
		t.speed.prompt = blend(t.speed.prompt, float64(read)/usage.FirstToken.Seconds())
	}
	if took := usage.Total - usage.FirstToken; usage.GeneratedTokens >= measuredGenerate && took > time.Millisecond {
		t.speed.generate = blend(t.speed.generate, float64(usage.GeneratedTokens-1)/took.Seconds())
	}
}

func blend(before, now float64) float64 {
	if before == 0 {
		return now
	}
	return before*(1-newestWeight) + now*newestWeight
}

func (t *thinking) lately() speed {
	t.lock.Lock()
	defer t.lock.Unlock()
	return t.speed
}
