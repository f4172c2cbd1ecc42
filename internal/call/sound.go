package call

import (
	"sync"
	"time"

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
	taken   int // samples that were taken in all
	pushed  int // samples that came in all
	// arrivals say when the sound came that is not taken yet.
	arrivals []arrival
	closed   bool
}

// arrival is when samples came, up to a number of them in all.
type arrival struct {
	until int
	at    time.Duration
}

func newSoundQueue() *soundQueue {
	q := &soundQueue{}
	q.changed = sync.NewCond(&q.lock)
	return q
}

// push appends samples that came at some time, waiting while too much is queued.
func (q *soundQueue) push(samples []float32, at time.Duration) {
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
	q.pushed += len(samples)
	q.arrivals = append(q.arrivals, arrival{until: q.pushed, at: at})
	q.changed.Broadcast()
}

// next fills the frame, waiting for enough samples, and says when the last of them came; false when the queue was closed.
func (q *soundQueue) next(frame []float32) (at time.Duration, ok bool) {
	q.lock.Lock()
	defer q.lock.Unlock()
	for !q.closed && len(q.samples)-q.head < len(frame) {
		q.changed.Wait()
	}
	if q.closed {
		return 0, false
	}
	copy(frame, q.samples[q.head:])
	q.head += len(frame)
	q.taken += len(frame)
	past := 0
	for q.arrivals[past].until < q.taken {
		past++
	}
	q.arrivals = q.arrivals[:copy(q.arrivals, q.arrivals[past:])]
	q.changed.Broadcast()
	return q.arrivals[0].at, true
}

func (q *soundQueue) close() {
	q.lock.Lock()
	defer q.lock.Unlock()
	q.closed = true
	q.changed.Broadcast()
}
