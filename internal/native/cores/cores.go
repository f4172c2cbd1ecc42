// Package cores hands out the machine's cores, because they are too few to be fought over.
//
// Two kinds of native work compete here. Speech comes in short bursts that a person is waiting for; the language model
// (the mind) writes for seconds and its threads spin while they wait for each other. Two spinning threads beside a busy
// synthesis bring both to a crawl, so the sum of busy threads must never exceed the cores.
//
// A [Budget] settles it with two rules:
//
//   - Speech asks ([Budget.Acquire]) and waits its turn. Turns are strictly first come, first served: a holder of one
//     core that came later never overtakes an asker of two that came earlier, so nobody starves.
//   - The mind is told ([Budget.OnMind]) how many threads it may use now: all cores while speech is idle; at least one
//     while speech works; none, which means pause, while a speech holder asked for the cores exclusively.
//
// Releasing is always possible and never waits for anybody but the mind's listeners, which must be quick. Asking while
// already holding is the one way to deadlock with any budget; don't: ask once, for all that the work needs.
package cores

import (
	"context"
	"fmt"
	"sync"
)

// Budget shares out a fixed number of cores. Make one with [New]; all its methods may be called concurrently.
type Budget struct {
	total int

	mu        sync.Mutex
	used      int       // cores held by speech now
	exclusive int       // holders now that keep the mind out
	waiting   []*waiter // in order of arrival

	// telling serialises the listeners, so that each hears the values in order and the last it hears is the current one.
	telling   sync.Mutex
	listeners []func(threads int)
	told      int
}

type waiter struct {
	cores     int
	exclusive bool
	granted   chan struct{} // closed when it is this waiter's turn
}

// New returns a budget of total cores; anything below one counts as one.
func New(total int) *Budget {
	total = max(total, 1)
	return &Budget{total: total, told: total}
}

// Total is the number of cores the budget was made with.
func (b *Budget) Total() int { return b.total }

// Acquire takes n cores for speech work and waits its turn. n is capped to the total; less than one counts as one. With
// exclusive the mind is told to pause (0 threads) for as long as the cores are held; otherwise it keeps what is left,
// and at least one thread. The returned release gives the cores back; calling it again does nothing. The error is the
// context's, wrapped; then nothing is held and release is nil.
func (b *Budget) Acquire(ctx context.Context, n int, exclusive bool) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("cores: waiting for %d: %w", n, err)
	}
	w := &waiter{cores: min(max(n, 1), b.total), exclusive: exclusive, granted: make(chan struct{})}
	b.mu.Lock()
	b.waiting = append(b.waiting, w)
	b.grant()
	b.mu.Unlock()

	select {
	case <-w.granted:
	case <-ctx.Done():
		if b.withdraw(w) {
			return nil, fmt.Errorf("cores: waiting for %d: %w", n, ctx.Err())
		}
		// The turn came in the same instant: give it back as if it had been used.
		b.giveBack(w)
		return nil, fmt.Errorf("cores: waiting for %d: %w", n, ctx.Err())
	}
	b.tell()
	var once sync.Once
	return func() { once.Do(func() { b.giveBack(w) }) }, nil
}

// PauseMind tells the mind to pause until resume is called, without taking a core from speech's askers: for loading the
// speech worker anew, which the askers themselves may be waiting for.
func (b *Budget) PauseMind() (resume func()) {
	b.mu.Lock()
	b.exclusive++
	b.mu.Unlock()
	b.tell()
	var once sync.Once
	return func() {
		once.Do(func() {
			b.mu.Lock()
			b.exclusive--
			b.mu.Unlock()
			b.tell()
		})
	}
}

// OnMind registers who is told how many threads the mind may use now: the total while speech is idle, at least 1 while
// speech works, 0 (pause) while an exclusive holder works. It is called at once with the current value and then at each
// change, never twice at the same time, in the goroutine that caused the change: so it must be quick and must not call
// Acquire, OnMind or a release itself.
func (b *Budget) OnMind(listener func(threads int)) {
	b.telling.Lock()
	defer b.telling.Unlock()
	b.listeners = append(b.listeners, listener)
	listener(b.told)
}

// Held says how many cores speech holds now and how many askers wait.
func (b *Budget) Held() (cores, waiting int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used, len(b.waiting)
}

// withdraw takes a waiter out of the line and reports whether it was still in it.
func (b *Budget) withdraw(w *waiter) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, other := range b.waiting {
		if other == w {
			b.waiting = append(b.waiting[:i], b.waiting[i+1:]...)
			b.grant() // those behind a large asker that left may go now
			return true
		}
	}
	return false
}

func (b *Budget) giveBack(w *waiter) {
	b.mu.Lock()
	b.used -= w.cores
	if w.exclusive {
		b.exclusive--
	}
	b.grant()
	b.mu.Unlock()
	b.tell()
}

// grant lets waiters in from the front of the line for as long as they fit. It needs b.mu.
func (b *Budget) grant() {
	for len(b.waiting) > 0 {
		w := b.waiting[0]
		if b.used+w.cores > b.total {
			return
		}
		b.waiting = b.waiting[1:]
		b.used += w.cores
		if w.exclusive {
			b.exclusive++
		}
		close(w.granted)
	}
}

// mindThreads is what the mind may use as things are. It needs b.mu.
func (b *Budget) mindThreads() int {
	switch {
	case b.exclusive > 0:
		return 0
	case b.used == 0:
		return b.total
	default:
		return max(b.total-b.used, 1)
	}
}

// tell passes the current value on, if it is new. Two changes at once may be told as one; the last told is the truth.
func (b *Budget) tell() {
	b.telling.Lock()
	defer b.telling.Unlock()
	b.mu.Lock()
	threads := b.mindThreads()
	b.mu.Unlock()
	if threads == b.told {
		return
	}
	b.told = threads
	for _, listener := range b.listeners {
		listener(threads)
	}
}
