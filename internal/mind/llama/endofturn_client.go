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

// methodEndOfTurn asks for the probability that words are all of a turn.
const methodEndOfTurn = "end_of_turn"

// EndOfTurnClient is EndOfTurn in a worker process of its own.
type EndOfTurnClient struct {
	process *worker.Process
	cancel  context.CancelFunc
}

// StartEndOfTurn starts the worker and loads the model. Of the options' Options only Libraries and Model count, and there is no budget: it
// computes for some hundredths of a second in a pause.
func StartEndOfTurn(ctx context.Context, options ClientOptions, log *slog.Logger) (*EndOfTurnClient, error) {
	settled, err := endOfTurnOptions(options.Options).withDefaults()
	if err != nil {
		return nil, err
	}
	settled.StateFolder = ""
	confinement, err := confine(&settled)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	prepare := func(ctx context.Context, call worker.CallFunc) error {
		message, err := encoded(opening{Options: settled})
		if err == nil {
			_, err = call(ctx, methodOpen, message, nil)
		}
		return err
	}
	process, err := worker.Start(ctx, worker.Spec{
		Name: "turns", Args: options.Args, Env: options.Env, Confinement: confinement, Prepare: prepare,
	}, log)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("llama: starting the worker for ends of turns: %w", err)
	}
	return &EndOfTurnClient{process: process, cancel: cancel}, nil
}

// EndOfTurn is how likely a turn ends with these words, from 0 to 1.
func (c *EndOfTurnClient) EndOfTurn(ctx context.Context, words string) (float32, error) {
	message, err := encoded(words)
	if err != nil {
		return 0, err
	}
	answer, err := c.process.Call(ctx, methodEndOfTurn, message, nil)
	if err != nil {
		return 0, received(err)
	}
	return decoded[float32](answer)
}

// State is how the worker is now.
func (c *EndOfTurnClient) State() worker.State { return c.process.State() }

// Close ends the worker and waits for it.
func (c *EndOfTurnClient) Close() {
	c.cancel()
	c.process.Close()
}

// ServeEndOfTurn is the main loop of its worker process; it returns when the parent is gone.
func ServeEndOfTurn(ctx context.Context) error {
	child := &endOfTurnChild{}
	defer child.close()
	return worker.Serve(ctx, map[string]worker.Handler{
		methodOpen: method(child.open), methodEndOfTurn: method(child.endOfTurn),
	})
}

// endOfTurnChild is it in the worker process.
type endOfTurnChild struct {
	lock  sync.Mutex
	model *EndOfTurn
}

func (c *endOfTurnChild) open(_ context.Context, opening opening, _ func(mind.Delta) error) (nothing, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.model != nil {
		return nothing{}, errors.New("llama: a worker opens one model")
	}
	model, err := OpenEndOfTurn(opening.Options)
	c.model = model
	return nothing{}, err
}

func (c *endOfTurnChild) endOfTurn(ctx context.Context, words string, _ func(mind.Delta) error) (float32, error) {
	c.lock.Lock()
	model := c.model
	c.lock.Unlock()
	if model == nil {
		return 0, fmt.Errorf("%w: no model is open", mind.ErrUnavailable)
	}
	return model.Probability(ctx, words)
}

func (c *endOfTurnChild) close() {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.model != nil {
		c.model.Close()
	}
}
