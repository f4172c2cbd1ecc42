package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// Handler answers one method in the child. It may stream parts with emit before it returns the answer; emit waits while
// the parent is behind and fails when ctx ends; call it from one goroutine at a time. ctx ends when the caller gives up or the parent is gone. Handlers run
// concurrently, and must not keep request or hand on what they emitted for writing.
type Handler func(ctx context.Context, request Message, emit func(Message) error) (Message, error)

// maxCalls bounds the calls one child has in hand; the parent's callers wait for a place.
const maxCalls = 32

// window is how many bytes of parts a call may have on the way, unconsumed.
const window = 4 << 20

// goodbye is how long handlers have to return once the parent is gone, before the process ends anyway.
const goodbye = 500 * time.Millisecond

// hello is the Meta of the child's first frame.
type hello struct {
	Version     int    `json:"version"`
	Confinement Report `json:"confinement"`
}

// Environment variables by which the parent talks to a child that has only just started.
const (
	stageVariable       = "TWOMBLY_WORKER_STAGE"       // confine, then serve
	confinementVariable = "TWOMBLY_WORKER_CONFINEMENT" // a Confinement as JSON
	reportVariable      = "TWOMBLY_WORKER_REPORT"      // a Report as JSON, from the first stage to the second
	parentVariable      = "TWOMBLY_WORKER_PARENT"      // the parent's process id
	stageConfine        = "confine"
	stageServe          = "serve"
)

const socketDescriptor = 3

// IsChild says whether this process was started by [Start], so that a program (or a test's TestMain) knows to serve.
func IsChild() bool { return os.Getenv(stageVariable) != "" }

// Serve is the child's main loop: it confines the process, answers the parent's calls with the handlers by method name,
// and returns nil when the parent is gone or ctx ends. Call it early and before loading anything: confining starts the
// program over once (the same binary with the same arguments, every thread of which then inherits the limits), so what
// ran before it runs twice, and what was opened before it is lost.
//
// A handler that does not return within half a second after the parent has gone can't be waited for: it may be inside
// native code. The process then ends with status 3.
func Serve(ctx context.Context, handlers map[string]Handler) error {
	report, err := confine()
	if err != nil {
		return fmt.Errorf("worker: confining the process: %w", err)
	}
	socket, err := inheritedSocket()
	if err != nil {
		return fmt.Errorf("worker: this process was not started as a worker: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &server{socket: socket, handlers: handlers, calls: make(map[uint64]*served)}
	meta, err := json.Marshal(hello{Version: Version, Confinement: report})
	if err != nil {
		return fmt.Errorf("worker: hello: %w", err)
	}
	if err := s.write(frame{kind: kindHello, message: Message{Meta: meta}}); err != nil {
		return fmt.Errorf("worker: hello: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { socket.Close() }) // wakes the read below
	defer stop()
	err = s.read(ctx)
	cancel()
	socket.Close()
	finished := make(chan struct{})
	go func() { s.running.Wait(); close(finished) }()
	select {
	case <-finished:
	case <-time.After(goodbye):
		os.Exit(3)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

// server is the child's end of the socket.
type server struct {
	socket   *os.File
	handlers map[string]Handler
	running  sync.WaitGroup

	writing sync.Mutex

	mu    sync.Mutex
	calls map[uint64]*served
}

// served is a call in the child's hands.
type served struct {
	cancel context.CancelFunc
	mu     sync.Mutex
	flying int           // bytes of parts sent and not yet consumed
	landed chan struct{} // has room for one token: some were consumed
}

func (s *server) write(f frame) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	return writeFrame(s.socket, f)
}

// read dispatches frames until the socket ends. It never writes, so that it always makes way for the parent's writes.
func (s *server) read(ctx context.Context) error {
	for {
		f, err := readFrame(s.socket)
		if err != nil {
			return err
		}
		switch f.kind {
		case kindRequest:
			if err := s.begin(ctx, f); err != nil {
				return err
			}
		case kindCancel:
			if call := s.find(f.call); call != nil {
				call.cancel()
			}
		case kindCredit:
			if call := s.find(f.call); call != nil {
				call.credit(int(f.credit))
			}
		default:
			return fmt.Errorf("%w: the parent sent a frame of kind %d", ErrProtocol, f.kind)
		}
	}
}

func (s *server) find(id uint64) *served {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[id]
}

func (s *server) begin(ctx context.Context, f frame) error {
	ctx, cancel := context.WithCancel(ctx)
	call := &served{cancel: cancel, landed: make(chan struct{}, 1)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, twice := s.calls[f.call]; twice || len(s.calls) >= maxCalls {
		cancel()
		return fmt.Errorf("%w: call %d is one too many", ErrProtocol, f.call)
	}
	s.calls[f.call] = call
	s.running.Go(func() {
		defer cancel()
		last := s.handle(ctx, f, call)
		s.mu.Lock()
		delete(s.calls, f.call)
		s.mu.Unlock()
		// An error here means that the parent is gone, which the read loop learns by itself.
		_ = s.write(last)
	})
	return nil
}

// handle runs one call's handler and returns its last frame.
func (s *server) handle(ctx context.Context, f frame, call *served) frame {
	failed := func(err error) frame {
		return frame{kind: kindFailure, call: f.call, message: Message{Meta: encodeFailure(failureOf(err))}}
	}
	handler, known := s.handlers[f.method]
	if !known {
		return failed(&Failure{Code: CodeUnknownMethod, Message: fmt.Sprintf("worker: no method %q", f.method)})
	}
	answer, err := handler(ctx, f.message, func(part Message) error {
		if err := checkLength(part); err != nil {
			return err
		}
		out := frame{kind: kindPart, call: f.call, message: part}
		if err := call.await(ctx, out.size()); err != nil {
			return err
		}
		return s.write(out)
	})
	if err == nil {
		err = checkLength(answer)
	}
	if err != nil {
		return failed(err)
	}
	return frame{kind: kindAnswer, call: f.call, message: answer}
}

// await waits until size more bytes fit the window. A part larger than the window may go when nothing else is on the way.
func (c *served) await(ctx context.Context, size int) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		c.mu.Lock()
		if c.flying == 0 || c.flying+size <= window {
			c.flying += size
			c.mu.Unlock()
			return nil
		}
		c.mu.Unlock()
		select {
		case <-c.landed:
		case <-ctx.Done():
		}
	}
}

func (c *served) credit(size int) {
	c.mu.Lock()
	c.flying = max(c.flying-size, 0)
	c.mu.Unlock()
	select {
	case c.landed <- struct{}{}:
	default:
	}
}
