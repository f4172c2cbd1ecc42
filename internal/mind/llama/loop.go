package llama

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"twombly/internal/mind"
)

// loop is the decode loop: the one goroutine that owns the engine.
type loop struct {
	engine *engine
	slots  *slots
	states *stateFiles
	budget int // cells of the key-value cache

	wake    chan struct{}
	stopped chan struct{}

	// Shared with callers, under mutex.
	mutex   sync.Mutex
	arrived []*job
	orders  []func() // to be carried out between two steps
	threads int
	closed  bool
	// computing are the jobs that the step under way serves, and using is how many threads it runs on.
	computing []*job
	using     int
	patience  patience
	// changes counts how often threads changed.
	changes int
	// mayYield is false after a step was aborted for fewer threads, until one is complete: so threads that change all
	// the time can't stop the mind altogether.
	mayYield bool

	// The loop's own: jobs without and with a slot, and a count of steps.
	waiting, active []*job
	clock           uint64
	pace            pace
}

func newLoop(engine *engine, options Options, states *stateFiles) *loop {
	return &loop{
		engine: engine, slots: newSlots(engine, options.Sequences), states: states, budget: options.ContextTokens,
		threads: options.Threads, mayYield: true,
		wake: make(chan struct{}, 1), stopped: make(chan struct{}),
	}
}

// submit queues a job. An answer aborts a step that only reads ahead for others.
func (l *loop) submit(job *job) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.closed {
		return errClosed()
	}
	l.arrived = append(l.arrived, job)
	if job.answer && !slices.ContainsFunc(l.computing, job.lets) {
		l.engine.abort.Store(true)
	}
	l.poke()
	return nil
}

func errClosed() error { return fmt.Errorf("%w: it was closed", mind.ErrUnavailable) }

// poke wakes the loop.
func (l *loop) poke() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// cancelled is called when a job's context ends; a step that serves the job is aborted.
func (l *loop) cancelled(job *job) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if slices.Contains(l.computing, job) {
		l.engine.abort.Store(true)
	}
	l.poke()
}

// setThreads says how many threads may be used from now on; 0 pauses. Fewer than the step under way runs on abort it; it
// is computed again later: whoever asks for the cores wants them now.
func (l *loop) setThreads(n int) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if n < l.using && l.mayYield && len(l.computing) > 0 {
		l.engine.abort.Store(true)
		l.mayYield = false
	}
	l.patience.told(l.threads, n, time.Now())
	l.changes++
	l.threads = n
	l.poke()
}

// forget drops what is kept for a conversation.
func (l *loop) forget(ctx context.Context, conversation string) error {
	result := make(chan error, 1)
	l.mutex.Lock()
	if l.closed {
		l.mutex.Unlock()
		return errClosed()
	}
	l.orders = append(l.orders, func() { result <- l.slots.forget(conversation) })
	l.poke()
	l.mutex.Unlock()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return ctx.Err() // it is forgotten all the same, after the step under way
	case <-l.stopped:
		return errClosed()
	}
}

// close ends the loop and waits for it; jobs that are not done fail.
func (l *loop) close() {
	l.mutex.Lock()
	l.closed = true
	l.engine.abort.Store(true)
	l.poke()
	l.mutex.Unlock()
	<-l.stopped
}

// run is the loop. It stays on one thread of the system, which does the first share of llama.cpp's work.
func (l *loop) run() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(l.stopped)
	for {
		l.arrive()
		l.reap()
		l.admit()
		step := l.plan()
		threads, wait, now, closed := l.begin(step)
		switch {
		case closed:
			l.failAll(errClosed())
			return
		case !now:
			continue // something changed meanwhile: plan again
		case len(step.entries) == 0 || threads == 0:
			if threads == 0 || !l.saveOne() {
				<-l.wake
			}
			continue
		case wait > 0:
			l.await(wait)
			continue
		}
		err := l.compute(step.entries, threads)
		l.end(err == nil)
		l.settle(step, err)
	}
}

// await waits until something changes, or a time is over.
func (l *loop) await(most time.Duration) {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-l.wake:
	case <-timer.C:
	}
}

// compute has the step computed.
func (l *loop) compute(entries []entry, threads int) error {
	started := time.Now()
	l.engine.setThreads(threads)
	changes := l.threadChanges()
	before, known := coresUsed()
	err := l.engine.decode(entries)
	// What speech took meanwhile says nothing about other programs.
	if after, stillKnown := coresUsed(); known && stillKnown && err == nil && l.threadChanges() == changes {
		now := time.Now()
		l.pace.step(threads, now.Sub(started), after-before, now)
	}
	return err
}

func (l *loop) threadChanges() int {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.changes
}

// arrive takes the jobs that came. A newer job makes reading ahead for the same conversation pointless.
func (l *loop) arrive() {
	l.mutex.Lock()
	arrived, orders := l.arrived, l.orders
	l.arrived, l.orders = nil, nil
	l.mutex.Unlock()
	for _, order := range orders {
		order()
	}
	for _, newer := range arrived {
		l.finishWhere(func(job *job) bool { return !job.answer && job.sameConversation(newer) })
		l.waiting = append(l.waiting, newer)
	}
}

// begin marks the jobs of a step as being computed, with as many of the allowed threads as the machine can run at once,
// unless something changed since it was planned, or it is better to wait for more.
func (l *loop) begin(step step) (threads int, wait time.Duration, now, closed bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.closed {
		return 0, 0, false, true
	}
	if len(l.arrived)+len(l.orders) > 0 {
		return 0, 0, false, false
	}
	for _, share := range step.shares {
		if share.job.ctx.Err() != nil {
			return 0, 0, false, false
		}
	}
	if len(step.shares) == 1 { // with several, some conversation's answer is being written
		if wait := l.patience.wait(len(step.entries), l.threads, time.Now()); wait > 0 {
			return l.threads, wait, true, false
		}
	}
	l.computing = l.computing[:0]
	if l.threads > 0 {
		for _, share := range step.shares {
			l.computing = append(l.computing, share.job)
		}
	}
	l.engine.abort.Store(false)
	l.using = l.pace.threads(l.threads, time.Now())
	return l.using, 0, true, false
}

// end marks the step as over.
func (l *loop) end(complete bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.computing = l.computing[:0]
	if complete {
		l.mayYield = true
	}
}

// saveOne saves a persona that is not on disk yet, when there is nothing better to do, and reports whether it did.
func (l *loop) saveOne() bool {
	if len(l.active)+len(l.waiting) > 0 {
		return false
	}
	for _, slot := range l.slots.personas() {
		if slot.persona != "" && !slot.saved {
			slot.saved = true // also when saving fails: then it is computed again after the next start
			l.states.save(l.engine, slot)
			return true
		}
	}
	return false
}
