package worker

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// Call sends a request to the child's handler of that name and returns its answer. emit, if not nil, gets the streamed
// parts in order, in this goroutine, before Call returns; while it works, the handler's emit waits (after 4 MiB), and an
// error from it ends the call. While the child is being (re)started, Call waits for it.
//
// When ctx ends, Call tells the child and returns at once, though a handler inside native code may need a moment more to
// stop; [Process.CallToEnd] waits for that. Errors: the context's, [ErrLost] when the child died, [ErrStopped],
// [ErrTooLong], emit's own, or a [Failure] that the handler returned.
func (p *Process) Call(ctx context.Context, method string, request Message, emit func(Message) error) (Message, error) {
	return p.callIn(ctx, method, request, emit, false)
}

// CallToEnd is Call, but when ctx ends it waits until the child's handler has returned (or the child is gone), so that
// the caller knows that the cores it used are free.
func (p *Process) CallToEnd(ctx context.Context, method string, request Message, emit func(Message) error) (Message, error) {
	return p.callIn(ctx, method, request, emit, true)
}

func (p *Process) callIn(ctx context.Context, method string, request Message, emit func(Message) error, toEnd bool) (Message, error) {
	select {
	case p.places <- struct{}{}:
	case <-ctx.Done():
		return Message{}, fmt.Errorf("calling %s: %w", method, ctx.Err())
	}
	child, err := p.running(ctx)
	if err != nil {
		<-p.places
		return Message{}, err
	}
	return child.exchange(ctx, method, request, emit, toEnd, func() { <-p.places })
}

// call is exchange for Prepare, before there are places to take.
func (l *life) call(ctx context.Context, method string, request Message, emit func(Message) error) (Message, error) {
	return l.exchange(ctx, method, request, emit, false, func() {})
}

// pending is a call whose answer is awaited. The read loop fills the queue and the caller empties it.
type pending struct {
	wake chan struct{} // has room for one token: the queue or finished changed

	mu        sync.Mutex
	queue     []frame
	queued    int  // bytes in the queue
	abandoned bool // nobody empties the queue any more
	finished  bool // nothing more will come

	ended   chan struct{} // closed when finished
	release func()        // gives the call's place back; called once, when finished
}

// finish marks the call as over, once.
func (c *pending) finish() {
	c.mu.Lock()
	already := c.finished
	c.finished = true
	c.mu.Unlock()
	if already {
		return
	}
	c.release()
	close(c.ended)
	c.signal()
}

func (c *pending) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// next takes the oldest frame from the queue. last says that it was the queue's last for now.
func (c *pending) next() (f frame, some, last, finished bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.queue) == 0 {
		return frame{}, false, true, c.finished
	}
	f = c.queue[0]
	c.queue[0] = frame{}
	c.queue = c.queue[1:]
	c.queued -= f.size()
	return f, true, len(c.queue) == 0, c.finished
}

// deliver hands a frame from the child to the call it belongs to. An error means that the child breaks the protocol.
func (l *life) deliver(f frame) error {
	l.mu.Lock()
	call, known := l.calls[f.call]
	final := f.kind == kindAnswer || f.kind == kindFailure
	if known && final {
		delete(l.calls, f.call)
	}
	l.mu.Unlock()
	if !known || !final && f.kind != kindPart {
		return fmt.Errorf("%w: frame of kind %d for call %d", ErrProtocol, f.kind, f.call)
	}
	call.mu.Lock()
	overfull := call.queued > window && !final
	if !call.abandoned && !overfull {
		call.queue = append(call.queue, f)
		call.queued += f.size()
	}
	call.mu.Unlock()
	if overfull {
		return fmt.Errorf("%w: call %d sends more than was granted", ErrProtocol, f.call)
	}
	call.signal()
	if final {
		call.finish()
	}
	return nil
}

// exchange makes one call to this child. release is called once the child has done with it, however it ends.
func (l *life) exchange(ctx context.Context, method string, request Message, emit func(Message) error, toEnd bool, release func()) (Message, error) {
	call := &pending{wake: make(chan struct{}, 1), ended: make(chan struct{}), release: release}
	l.mu.Lock()
	if l.calls == nil {
		l.mu.Unlock()
		release()
		return Message{}, fmt.Errorf("calling %s: %w", method, ErrLost)
	}
	l.lastID++
	id := l.lastID
	l.calls[id] = call
	l.mu.Unlock()

	if err := l.write(ctx, frame{kind: kindRequest, call: id, method: method, message: request}); err != nil {
		l.mu.Lock()
		delete(l.calls, id) // it never reached the child
		l.mu.Unlock()
		call.finish()
		return Message{}, fmt.Errorf("calling %s: %w", method, err)
	}
	answer, err := l.receive(ctx, id, call, emit)
	if err == nil {
		return answer, nil
	}
	l.abandon(id, call)
	if toEnd {
		<-call.ended
	}
	return Message{}, fmt.Errorf("calling %s: %w", method, err)
}

// receive passes parts on until the answer is there, and grants the child more as they are consumed.
func (l *life) receive(ctx context.Context, id uint64, call *pending, emit func(Message) error) (Message, error) {
	consumed := 0
	for {
		if err := ctx.Err(); err != nil {
			return Message{}, err
		}
		f, some, last, finished := call.next()
		switch {
		case !some && finished:
			return Message{}, ErrLost
		case !some:
			select {
			case <-call.wake:
			case <-ctx.Done():
			}
		case f.kind == kindAnswer:
			return f.message, nil
		case f.kind == kindFailure:
			return Message{}, decodeFailure(f.message.Meta)
		default:
			if emit != nil {
				if err := emit(f.message); err != nil {
					return Message{}, err
				}
			}
			consumed += f.size()
			if last || consumed >= window/4 {
				grant := frame{kind: kindCredit, call: id, credit: uint32(consumed)}
				if err := l.write(ctx, grant); err != nil && !errors.Is(err, ErrLost) {
					return Message{}, err
				}
				consumed = 0
			}
		}
	}
}

// abandon tells the child, without waiting, that nobody wants the answer; what still comes is dropped.
func (l *life) abandon(id uint64, call *pending) {
	call.mu.Lock()
	call.abandoned = true
	call.queue, call.queued = nil, 0
	finished := call.finished
	call.mu.Unlock()
	if finished {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.calls == nil {
		return
	}
	l.readers.Go(func() {
		// It fails only when the child is gone, and with it the call.
		_ = l.write(context.Background(), frame{kind: kindCancel, call: id})
	})
}
