package call

import (
	"sync"

	"twombly/internal/speech"
)

// maxQueuedSound is how much sound may wait to be listened to before Hear makes its caller wait: 30 s.
const maxQueuedSound = 30 * speech.HearingRate

// soundQueue holds the person's sound between the transport and the listener. A transport in real time never waits;
// one that sends a whole file at once is slowed down to what can be listened to, and nothing is dropped.
type soundQueue struct {
	lock    sync.Mutex
	changed *sync.Cond
	samples []float32
	head    int // samples before it were taken
	closed  bool
}

func newSoundQueue() *soundQueue {
	q := &soundQueue{}
	q.changed = sync.NewCond(&q.lock)
	return q
}

// push appends samples, waiting while too much is queued.
func (q *soundQueue) push(samples []float32) {
	q.lock.Lock()
	defer q.lock.Unlock()
	for !q.closed && len(q.samples)-q.head > maxQueuedSound {
		q.changed.Wait()
	}
	if q.closed {
		return
	}
	if q.head > speech.HearingRate {
		q.samples = q.samples[:copy(q.samples, q.samples[q.head:])]
		q.head = 0
	}
	q.samples = append(q.samples, samples...)
	q.changed.Broadcast()
}

// next fills the frame, waiting for enough samples; false when the queue was closed.
func (q *soundQueue) next(frame []float32) bool {
	q.lock.Lock()
	defer q.lock.Unlock()
	for !q.closed && len(q.samples)-q.head < len(frame) {
		q.changed.Wait()
	}
	if q.closed {
		return false
	}
	copy(frame, q.samples[q.head:])
	q.head += len(frame)
	q.changed.Broadcast()
	return true
}

func (q *soundQueue) close() {
	q.lock.Lock()
	defer q.lock.Unlock()
	q.closed = true
	q.changed.Broadcast()
}
