package llama

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"twombly/internal/mind"
	"twombly/internal/native/worker"
)

// Methods of the mind's worker. Requests and answers are JSON; parts of an answer are its bare text, or a call of a tool as
// JSON.
const (
	methodOpen     = "open"     // opening; loads the model
	methodGenerate = "generate" // wireRequest; streams text and calls; mind.Usage
	methodPrefill  = "prefill"  // wireRequest
	methodForget   = "forget"   // the conversation's name
	methodDescribe = "describe" // mind.Description
	methodThreads  = "threads"  // how many threads may be used from now on
)

// opening is what a new worker process must know.
type opening struct {
	Options Options `json:"options"`
	// Threads is how many threads it may use at first.
	Threads int `json:"threads"`
}

// wireRequest is a request as it crosses the socket. The schema goes as bytes, because it may not be JSON, and what is
// wrong with it is said in the child.
type wireRequest struct {
	mind.Request
	Schema []byte
}

func toWire(request mind.Request) wireRequest {
	return wireRequest{Request: request, Schema: request.Schema}
}

func (w wireRequest) request() mind.Request {
	request := w.Request
	request.Schema = w.Schema
	return request
}

// failures are the errors of package mind that callers tell apart, by the code they cross the socket with.
var failures = map[string]error{
	"mind_too_long":    mind.ErrTooLong,
	"mind_invalid":     mind.ErrInvalid,
	"mind_unavailable": mind.ErrUnavailable,
}

// sent gives an error of the child its code.
func sent(err error) error {
	for code, known := range failures {
		if errors.Is(err, known) {
			return &worker.Failure{Code: code, Message: err.Error()}
		}
	}
	return err
}

// received makes an error of the parent's side one of package mind's.
func received(err error) error {
	var failure *worker.Failure
	switch {
	case err == nil:
		return nil
	case errors.Is(err, worker.ErrLost):
		return fmt.Errorf("%w: its process ended unexpectedly and is being started again: %w", mind.ErrUnavailable, err)
	case errors.Is(err, worker.ErrStopped):
		return fmt.Errorf("%w: %w", mind.ErrUnavailable, err)
	case errors.As(err, &failure):
		if known := failures[failure.Code]; known != nil {
			return &crossed{message: failure.Message, known: known}
		}
	}
	return err
}

// crossed is an error that says in the parent what it said in the child.
type crossed struct {
	message string
	known   error
}

func (c *crossed) Error() string { return c.message }
func (c *crossed) Unwrap() error { return c.known }

// encoded is a value as a message.
func encoded(value any) (worker.Message, error) {
	meta, err := json.Marshal(value)
	if err != nil {
		return worker.Message{}, fmt.Errorf("llama: message for the worker: %w", err)
	}
	return worker.Message{Meta: meta}, nil
}

// decoded reads a message's value.
func decoded[T any](message worker.Message) (T, error) {
	var value T
	if err := json.Unmarshal(message.Meta, &value); err != nil {
		return value, fmt.Errorf("llama: message of the worker: %w", err)
	}
	return value, nil
}

// method makes a handler of a function from one value to another.
func method[In, Out any](do func(ctx context.Context, in In, emit func(mind.Delta) error) (Out, error)) worker.Handler {
	return func(ctx context.Context, request worker.Message, emit func(worker.Message) error) (worker.Message, error) {
		in, err := decoded[In](request)
		if err != nil {
			return worker.Message{}, err
		}
		out, err := do(ctx, in, func(delta mind.Delta) error {
			part, err := partOf(delta)
			if err != nil {
				return err
			}
			return emit(part)
		})
		if err != nil {
			return worker.Message{}, sent(err)
		}
		return encoded(out)
	}
}

// partOf is a piece of an answer as a message.
func partOf(delta mind.Delta) (worker.Message, error) {
	if delta.ToolCall == nil {
		return worker.Message{Blob: []byte(delta.Text)}, nil
	}
	return encoded(delta.ToolCall)
}

// deltaOf is a message as a piece of an answer.
func deltaOf(part worker.Message) (mind.Delta, error) {
	if len(part.Meta) == 0 {
		return mind.Delta{Text: string(part.Blob)}, nil
	}
	call, err := decoded[mind.ToolCall](part)
	return mind.Delta{ToolCall: &call}, err
}
