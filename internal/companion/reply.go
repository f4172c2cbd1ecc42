package companion

import (
	"context"
	"errors"
)

// ErrUnavailable means that the mind behind her is away (its worker died, its server is down); trying again may help.
var ErrUnavailable = errors.New("her mind is not available")

// Reply is one answer in the making. Nothing of it is journaled until its clauses are recorded, so abandoning a draft
// leaves no trace. The reader must drain Text or end the context it was started with.
type Reply struct {
	// Text streams clean text, fit for speech, in small pieces; it is closed at the end.
	Text   <-chan string
	done   chan struct{}
	calls  []ToolCall
	tokens int
	err    error
}

// StartReply runs produce in a goroutine of its own, which ends with the context, and streams what it emits. Wait
// returns after it has ended.
func StartReply(ctx context.Context, produce func(ctx context.Context, emit Emit) error) *Reply {
	text := make(chan string)
	reply := &Reply{Text: text, done: make(chan struct{})}
	go func() {
		defer close(reply.done)
		defer close(text)
		reply.err = produce(ctx, func(piece Piece) error {
			if piece.Call != nil {
				reply.calls = append(reply.calls, *piece.Call)
			}
			reply.tokens += piece.Tokens
			if piece.Text == "" {
				return nil
			}
			select {
			case text <- piece.Text:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	return reply
}

// Wait returns when the answer is complete or was given up, with the reason.
func (r *Reply) Wait() error {
	<-r.done
	return r.err
}

// Calls waits as Wait does and returns what tools she wants called.
func (r *Reply) Calls() []ToolCall {
	<-r.done
	return r.calls
}

// Tokens waits as Wait does and returns how many tokens a mind wrote for it.
func (r *Reply) Tokens() int {
	<-r.done
	return r.tokens
}
