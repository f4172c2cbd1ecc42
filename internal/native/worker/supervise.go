package worker

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// supervise keeps a child running until the worker is closed.
func (p *Process) supervise() {
	defer close(p.done)
	defer p.change(func() {
		p.current = nil
		p.state.Phase, p.state.Reason, p.state.PID = Closed, "", 0
	})
	var policy restarts
	for p.ctx.Err() == nil {
		crash, final := p.live()
		if p.ctx.Err() != nil {
			return
		}
		pause, again := policy.crashed(time.Now())
		switch {
		case final:
			p.stop(crash.Error())
			policy = restarts{}
		case !again:
			p.stop(fmt.Sprintf("the %s worker crashed %d times within a minute and is not started again (last: %v); `twombly doctor` looks for the cause",
				p.spec.Name, crashLimit, crash))
			policy = restarts{}
		default:
			p.log.Warn("worker crashed and is started again", "error", crash, "pause", pause)
			p.change(func() {
				p.current = nil
				p.state.Phase, p.state.PID = Restarting, 0
				p.state.Reason = fmt.Sprintf("the %s worker crashed and is being started again (%v)", p.spec.Name, crash)
			})
			select {
			case <-time.After(pause):
			case <-p.ctx.Done():
			}
		}
	}
}

// stop rests until somebody lifts the stop or the worker is closed.
func (p *Process) stop(reason string) {
	p.log.Error("worker stopped", "reason", reason)
	p.change(func() {
		p.current = nil
		p.state.Phase, p.state.PID, p.state.Reason = Stopped, 0, reason
	})
	select {
	case <-p.again:
	case <-p.ctx.Done():
	}
}

// live starts a child, prepares it, lets calls reach it and waits for its end. It returns why it ended, and final when
// starting another would end the same way. No child is left when it returns.
func (p *Process) live() (crash error, final bool) {
	child, err := spawn(p.spec, p.log)
	if err != nil {
		return fmt.Errorf("starting the %s worker: %w", p.spec.Name, err), true
	}
	defer child.end()
	p.change(func() { p.state.Starts++ })

	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, child.close)
	defer stop()

	greeting, err := child.greet(ctx, p.spec.StartTimeout)
	if err != nil {
		_ = child.command.Process.Kill() // one that doesn't speak doesn't take its leave either
		// Bytes of another protocol, or none: the program or the system is at fault, not the moment; but a child that was
		// killed while starting may do better the next time.
		return fmt.Errorf("the %s worker did not start: %w", p.spec.Name, err), errors.Is(err, ErrProtocol)
	}
	if p.spec.Prepare != nil {
		if err := p.spec.Prepare(ctx, child.call); err != nil {
			lost := child.lost()
			return fmt.Errorf("preparing the %s worker: %w", p.spec.Name, err), !lost
		}
	}
	p.change(func() {
		p.current = child
		p.state.Phase, p.state.Reason, p.state.PID = Running, "", child.pid
		p.state.Confinement = greeting.Confinement
	})
	p.log.Info("worker runs", "pid", child.pid, "landlock", greeting.Confinement.Landlock,
		"seccomp", greeting.Confinement.Seccomp, "missing", greeting.Confinement.Missing)
	<-child.dead
	if p.ctx.Err() != nil {
		return child.end(), false
	}
	p.change(func() { // no more calls to it while it is being buried
		p.current = nil
		p.state.Phase, p.state.PID, p.state.Reason = Restarting, 0, "the "+p.spec.Name+" worker was lost and is being started again"
	})
	return child.end(), false
}
