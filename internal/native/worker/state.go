package worker

import (
	"fmt"
	"slices"
	"time"
)

// Phase is where a worker stands in its life.
type Phase int

// The phases of a worker. Running is the only one in which calls are answered; in Starting and Restarting they wait.
const (
	Starting   Phase = iota // the first child is being started
	Running                 // a child answers
	Restarting              // a child died and another is being started
	Stopped                 // it crashed too often, or can't be prepared; see State.Reason
	Closed                  // it was closed on purpose
)

func (p Phase) String() string {
	switch p {
	case Starting:
		return "starting"
	case Running:
		return "running"
	case Restarting:
		return "restarting"
	case Stopped:
		return "stopped"
	case Closed:
		return "closed"
	default:
		return fmt.Sprintf("phase %d", int(p))
	}
}

// State is how a worker is now.
type State struct {
	Phase Phase
	// Reason is a sentence for a person when the phase is Restarting or Stopped, else empty.
	Reason string
	// PID is the running child's process id, else 0.
	PID int
	// Starts counts the children started so far.
	Starts int
	// Confinement says what the running child is kept from.
	Confinement Report
}

const (
	crashLimit  = 5
	crashWindow = time.Minute
)

// restarts decides when a crashed child is started again: at once after the first crash, after a growing pause when it
// crashes again soon, and not at all after crashLimit crashes within crashWindow.
type restarts struct {
	crashes []time.Time // those within the window, oldest first
}

func (r *restarts) crashed(now time.Time) (pause time.Duration, again bool) {
	r.crashes = slices.DeleteFunc(r.crashes, func(at time.Time) bool { return now.Sub(at) >= crashWindow })
	r.crashes = append(r.crashes, now)
	if len(r.crashes) >= crashLimit {
		return 0, false
	}
	if len(r.crashes) == 1 {
		return 0, true
	}
	return 100 * time.Millisecond << (len(r.crashes) - 2), true
}

// Watch registers who is told of the worker's state: at once of the current one, then of each change, one after the
// other in the order they happened, in a goroutine of the worker's. It must not block, nor call Close or Watch. The
// returned function ends it.
func (p *Process) Watch(watcher func(State)) (stop func()) {
	p.telling.Lock()
	defer p.telling.Unlock()
	p.watched++
	id := p.watched
	p.watchers[id] = watcher
	watcher(p.State())
	return func() {
		p.telling.Lock()
		defer p.telling.Unlock()
		delete(p.watchers, id)
	}
}

// State is how the worker is now.
func (p *Process) State() State {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state
}

// change lets set alter the state and the current life, under p.mu, and tells the watchers.
func (p *Process) change(set func()) {
	p.telling.Lock()
	defer p.telling.Unlock()
	p.mu.Lock()
	set()
	close(p.changed)
	p.changed = make(chan struct{})
	state := p.state
	p.mu.Unlock()
	for _, watcher := range p.watchers {
		watcher(state)
	}
}
