package realtime

import (
	"context"
	"errors"
	"sync"
)

// maxQueuedBytes is how much may wait for a client before it counts as too slow: about two minutes of her voice.
const maxQueuedBytes = 8 << 20

// errSlow ends a session whose client does not read.
var errSlow = errors.New("the client reads too slowly")

// message is one text to be sent.
type message struct {
	data []byte
	// item and samples are set for audio: whose it is and how long.
	item    string
	samples int
}

// outbox is the queue of what a client is yet to be sent. Adding never blocks; one goroutine takes.
type outbox struct {
	lock  sync.Mutex
	queue []message
	bytes int
	wake  chan struct{}
	// overflow is called once when more waits than may.
	overflow func()
	over     bool
}

func newOutbox(overflow func()) *outbox {
	return &outbox{wake: make(chan struct{}, 1), overflow: overflow}
}

// add queues messages, all of them or, when there is no room, none.
func (o *outbox) add(messages ...message) {
	o.lock.Lock()
	defer o.lock.Unlock()
	if o.over {
		return
	}
	for _, m := range messages {
		o.bytes += len(m.data)
	}
	o.queue = append(o.queue, messages...)
	if o.bytes > maxQueuedBytes {
		o.over, o.queue = true, nil
		o.overflow()
	}
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// drop takes back the audio of an item that was not sent yet.
func (o *outbox) drop(item string) {
	o.lock.Lock()
	defer o.lock.Unlock()
	kept := o.queue[:0]
	for _, m := range o.queue {
		if m.item == item {
			o.bytes -= len(m.data)
			continue
		}
		kept = append(kept, m)
	}
	clear(o.queue[len(kept):])
	o.queue = kept
}

// next waits for the next message.
func (o *outbox) next(ctx context.Context) (message, error) {
	for {
		o.lock.Lock()
		if len(o.queue) > 0 {
			m := o.queue[0]
			o.queue[0] = message{}
			o.queue = o.queue[1:]
			o.bytes -= len(m.data)
			o.lock.Unlock()
			return m, nil
		}
		o.queue = nil
		o.lock.Unlock()
		select {
		case <-o.wake:
		case <-ctx.Done():
			return message{}, context.Cause(ctx)
		}
	}
}
