package llama

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"twombly/internal/mind"
	"twombly/internal/native/worker"
)

// ServeWorker is the main loop of the mind's worker process; it returns when the parent is gone.
func ServeWorker(ctx context.Context, log *slog.Logger) error {
	child := &child{log: log}
	defer child.close()
	return worker.Serve(ctx, map[string]worker.Handler{
		methodOpen:     method(child.open),
		methodGenerate: method(child.generate),
		methodPrefill:  method(child.prefill),
		methodForget:   method(child.forget),
		methodDescribe: method(child.describe),
		methodThreads:  method(child.threads),
	})
}

// child is the mind in the worker process, once the parent has said which.
type child struct {
	log   *slog.Logger
	mutex sync.Mutex
	local *Local
}

// nothing is the answer of methods that answer nothing.
type nothing struct{}

func (c *child) open(_ context.Context, opening opening, _ func(mind.Delta) error) (nothing, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.local != nil {
		return nothing{}, errors.New("llama: a worker opens one model")
	}
	local, err := Open(opening.Options, c.log)
	if err != nil {
		return nothing{}, err
	}
	local.SetThreads(opening.Threads)
	c.local = local
	return nothing{}, nil
}

func (c *child) mind() (*Local, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.local == nil {
		return nil, fmt.Errorf("%w: no model is open", mind.ErrUnavailable)
	}
	return c.local, nil
}

func (c *child) close() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.local != nil {
		c.local.Close()
	}
}

func (c *child) generate(ctx context.Context, request wireRequest, emit func(mind.Delta) error) (mind.Usage, error) {
	local, err := c.mind()
	if err != nil {
		return mind.Usage{}, err
	}
	return local.Generate(ctx, request.request(), emit)
}

func (c *child) prefill(ctx context.Context, request wireRequest, _ func(mind.Delta) error) (nothing, error) {
	local, err := c.mind()
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, local.Prefill(ctx, request.request())
}

func (c *child) forget(ctx context.Context, conversation string, _ func(mind.Delta) error) (nothing, error) {
	local, err := c.mind()
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, local.Forget(ctx, conversation)
}

func (c *child) describe(ctx context.Context, _ nothing, _ func(mind.Delta) error) (mind.Description, error) {
	local, err := c.mind()
	if err != nil {
		return mind.Description{}, err
	}
	return local.Describe(ctx)
}

func (c *child) threads(_ context.Context, threads int, _ func(mind.Delta) error) (nothing, error) {
	local, err := c.mind()
	if err != nil {
		return nothing{}, err
	}
	local.SetThreads(threads)
	return nothing{}, nil
}
