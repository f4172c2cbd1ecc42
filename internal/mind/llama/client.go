package llama

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"twombly/internal/mind"
	"twombly/internal/native/cores"
	"twombly/internal/native/worker"
)

// ClientOptions say how the embedded mind's worker is started.
type ClientOptions struct {
	Options
	// Args are this program's arguments that lead to ServeWorker, as in {"worker", "mind"}.
	Args []string
	// Env are further variables for the worker, each "NAME=value".
	Env []string
	// Budget, if set, says how many threads may be used from moment to moment.
	Budget *cores.Budget
}

// Client is the embedded mind in a worker process. A crash there is an error wrapping mind.ErrUnavailable here; the
// worker is started again, and requests that come meanwhile wait for it.
type Client struct {
	process *worker.Process
	options Options
	log     *slog.Logger

	mutex   sync.Mutex
	threads int
	changed chan struct{}
	cancel  context.CancelFunc
	telling sync.WaitGroup
}

var _ mind.Mind = (*Client)(nil)

// Start starts the worker and loads the model; it returns when the mind can answer.
func Start(ctx context.Context, options ClientOptions, log *slog.Logger) (*Client, error) {
	settled, err := options.Options.withDefaults()
	if err != nil {
		return nil, err
	}
	confinement, err := confine(&settled)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	client := &Client{options: settled, log: log, threads: settled.Threads, changed: make(chan struct{}, 1), cancel: cancel}
	if options.Budget != nil {
		options.Budget.OnMind(client.setThreads)
	}
	client.process, err = worker.Start(ctx, worker.Spec{
		Name: "mind", Args: options.Args, Env: options.Env, Confinement: confinement, Prepare: client.prepare,
	}, log)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("llama: starting the mind's worker: %w", err)
	}
	client.telling.Go(func() { client.tellThreads(ctx) })
	return client, nil
}

// confine says what the worker may touch: its libraries and its model to read, and the folder of personas to write.
func confine(options *Options) (worker.Confinement, error) {
	var confinement worker.Confinement
	for _, path := range []*string{&options.Libraries, &options.Model} {
		// Landlock goes by what a path leads to, so links are followed here.
		real, err := filepath.EvalSymlinks(*path)
		if err != nil {
			return confinement, fmt.Errorf("llama: %w", err)
		}
		if *path, err = filepath.Abs(real); err != nil {
			return confinement, fmt.Errorf("llama: %w", err)
		}
		confinement.Read = append(confinement.Read, *path)
	}
	if options.StateFolder != "" {
		if err := os.MkdirAll(options.StateFolder, 0o700); err != nil {
			return confinement, fmt.Errorf("llama: folder for computed personas: %w", err)
		}
		folder, err := filepath.Abs(options.StateFolder)
		if err != nil {
			return confinement, fmt.Errorf("llama: folder for computed personas: %w", err)
		}
		options.StateFolder = folder
		confinement.Write = append(confinement.Write, folder)
	}
	return confinement, nil
}

// prepare loads the model in a new child.
func (c *Client) prepare(ctx context.Context, call worker.CallFunc) error {
	c.mutex.Lock()
	message, err := encoded(opening{Options: c.options, Threads: c.threads})
	c.mutex.Unlock()
	if err != nil {
		return err
	}
	_, err = call(ctx, methodOpen, message, nil)
	c.threadsChanged() // they may have changed while it loaded
	return err
}

// setThreads is told by the budget; it doesn't wait for the worker.
func (c *Client) setThreads(n int) {
	c.mutex.Lock()
	c.threads = min(n, c.options.Threads)
	c.mutex.Unlock()
	c.threadsChanged()
}

func (c *Client) threadsChanged() {
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// tellThreads tells the worker the newest number of threads, until ctx ends.
func (c *Client) tellThreads(ctx context.Context) {
	for {
		select {
		case <-c.changed:
		case <-ctx.Done():
			return
		}
		c.mutex.Lock()
		threads := c.threads
		c.mutex.Unlock()
		if _, err := call[nothing](ctx, c, methodThreads, threads, nil); err != nil && ctx.Err() == nil {
			c.log.Warn("the mind was not told how many threads it may use", "error", err)
		}
	}
}

// call asks the worker.
func call[Out any](ctx context.Context, c *Client, method string, in any, emit func(mind.Delta) error) (Out, error) {
	var out Out
	message, err := encoded(in)
	if err != nil {
		return out, err
	}
	var part func(worker.Message) error
	if emit != nil {
		part = func(message worker.Message) error {
			delta, err := deltaOf(message)
			if err != nil {
				return err
			}
			return emit(delta)
		}
	}
	answer, err := c.process.Call(ctx, method, message, part)
	if err != nil {
		return out, received(err)
	}
	return decoded[Out](answer)
}

// Generate answers; see mind.Mind.
func (c *Client) Generate(ctx context.Context, request mind.Request, emit func(mind.Delta) error) (mind.Usage, error) {
	if err := check(request); err != nil {
		return mind.Usage{}, err
	}
	return call[mind.Usage](ctx, c, methodGenerate, toWire(request), emit)
}

// Prefill reads ahead; see mind.Mind.
func (c *Client) Prefill(ctx context.Context, request mind.Request) error {
	if err := check(request); err != nil {
		return err
	}
	_, err := call[nothing](ctx, c, methodPrefill, toWire(request), nil)
	return err
}

// Forget drops what is kept for a conversation; see mind.Mind.
func (c *Client) Forget(ctx context.Context, conversation string) error {
	_, err := call[nothing](ctx, c, methodForget, conversation, nil)
	return err
}

// Describe says which model runs.
func (c *Client) Describe(ctx context.Context) (mind.Description, error) {
	return call[mind.Description](ctx, c, methodDescribe, nothing{}, nil)
}

// Watch registers who is told how the worker is, as worker.Process.Watch does.
func (c *Client) Watch(watcher func(worker.State)) (stop func()) { return c.process.Watch(watcher) }

// State is how the worker is now.
func (c *Client) State() worker.State { return c.process.State() }

// Restart starts a worker again that was given up after too many crashes.
func (c *Client) Restart(ctx context.Context) error { return c.process.Restart(ctx) }

// Close ends the worker and waits for it. Its budget keeps telling it how many threads there are, to no effect.
func (c *Client) Close() {
	c.cancel()
	c.process.Close()
	c.telling.Wait()
}
