package worker

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Spec says what a worker runs.
type Spec struct {
	// Name is for people: "ears", "mind".
	Name string
	// Args are this same binary's arguments in the child, without the program's name.
	Args []string
	// Env are variables of the child's environment, each "NAME=value". The child inherits only those that say where
	// things are (home, cache, library path, language) and Go's own debugging ones.
	Env []string
	// Confinement is what the child may touch.
	Confinement Confinement
	// Prepare, if set, makes each new child ready before calls by others reach it: it loads what the worker needs. An error
	// from a child that lives stops the worker with that error as its reason (it would fail the same way again); a child
	// that dies in it has crashed.
	Prepare func(ctx context.Context, call CallFunc) error
	// StartTimeout bounds a child's start up to its hello, without Prepare; 0 means 20 s.
	StartTimeout time.Duration
}

// CallFunc is what [Process.Call] does, for the one child that is being prepared.
type CallFunc func(ctx context.Context, method string, request Message, emit func(Message) error) (Message, error)

// Process is a worker: a child process that is started again when it crashes. Its methods may be called concurrently.
type Process struct {
	spec   Spec
	log    *slog.Logger
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{} // closed when the supervisor has ended and no child is left
	places chan struct{} // one token for each call in hand
	again  chan struct{} // a stop was lifted

	mu      sync.Mutex
	state   State
	current *life         // the child that calls go to, nil unless running
	changed chan struct{} // closed at the next change of state

	telling  sync.Mutex // serialises changes and watchers
	watchers map[int]func(State)
	watched  int
}

// Start starts a worker and waits until its first child is prepared. The worker lives until [Process.Close] or the end of
// ctx. On error nothing is left running. The log gets what the child prints (see the package comment) and its crashes.
func Start(ctx context.Context, spec Spec, log *slog.Logger) (*Process, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if spec.StartTimeout == 0 {
		spec.StartTimeout = 20 * time.Second
	}
	ctx, cancel := context.WithCancel(ctx)
	p := &Process{
		spec: spec, log: log.With("worker", spec.Name), ctx: ctx, cancel: cancel,
		done: make(chan struct{}), places: make(chan struct{}, maxCalls), again: make(chan struct{}, 1),
		changed: make(chan struct{}), watchers: make(map[int]func(State)),
	}
	go p.supervise()
	if _, err := p.running(ctx); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// Close ends the child and waits for it. Calls in flight get an error that wraps [ErrLost].
func (p *Process) Close() {
	p.cancel()
	<-p.done
}

// Restart lifts a stop: the worker starts anew as if it had never crashed. It waits until a child runs, which it does at
// once unless the worker is Stopped, and returns the reason if the worker stops again.
func (p *Process) Restart(ctx context.Context) error {
	p.change(func() {
		if p.state.Phase == Stopped {
			p.state.Phase, p.state.Reason = Restarting, ""
			p.again <- struct{}{} // has room: only this makes a stop end
		}
	})
	_, err := p.running(ctx)
	return err
}

// running waits for a child that answers.
func (p *Process) running(ctx context.Context) (*life, error) {
	for {
		p.mu.Lock()
		current, state, changed := p.current, p.state, p.changed
		p.mu.Unlock()
		switch {
		case current != nil && !current.lost():
			return current, nil
		case state.Phase == Stopped:
			return nil, fmt.Errorf("%w: %s", ErrStopped, state.Reason)
		case state.Phase == Closed:
			return nil, fmt.Errorf("the %s worker was closed: %w", p.spec.Name, ErrStopped)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for the %s worker: %w", p.spec.Name, ctx.Err())
		}
	}
}
