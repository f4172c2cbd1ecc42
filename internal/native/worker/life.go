package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"time"
)

// writeTimeout is how long a child may leave the parent's frame unread before it counts as hung.
const writeTimeout = 20 * time.Second

// life is one child from its start to its burial.
type life struct {
	pid     int
	socket  *os.File
	command *exec.Cmd
	reaped  chan struct{} // closed when the process has ended and all it printed was logged
	exit    error         // how it ended; valid once reaped
	hello   chan frame    // the first frame
	turn    chan struct{} // holds one token: the right to write a frame
	readers sync.WaitGroup
	ending  sync.Once

	dead chan struct{} // closed when nothing more will come from the child

	mu     sync.Mutex
	calls  map[uint64]*pending
	lastID uint64
	cause  error // why it is dead
}

// spawn starts the child process.
func spawn(spec Spec, log *slog.Logger) (*life, error) {
	ours, theirs, err := socketpair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	limits, err := json.Marshal(spec.Confinement)
	if err != nil {
		ours.Close()
		return nil, fmt.Errorf("confinement: %w", err)
	}
	output, input, err := os.Pipe()
	if err != nil {
		ours.Close()
		return nil, fmt.Errorf("output: %w", err)
	}
	defer input.Close()
	command := exec.Command(self, spec.Args...)
	command.Args[0] = programName()
	command.Env = childEnvironment(os.Environ(), spec.Env, []string{
		stageVariable + "=" + stageConfine,
		confinementVariable + "=" + string(limits),
		parentVariable + "=" + strconv.Itoa(os.Getpid()),
	})
	command.ExtraFiles = []*os.File{theirs} // becomes descriptor 3
	command.Stdout, command.Stderr = input, input
	asChild(command)

	l := &life{
		socket: ours, command: command, reaped: make(chan struct{}), hello: make(chan frame, 1),
		turn: make(chan struct{}, 1), dead: make(chan struct{}), calls: make(map[uint64]*pending),
	}
	l.turn <- struct{}{}
	if err := l.start(output, log); err != nil {
		ours.Close()
		output.Close()
		return nil, err
	}
	l.pid = command.Process.Pid
	l.readers.Go(l.read)
	return l, nil
}

// start starts the process from a thread of its own that lives as long as the process: the kernel's parent-death signal
// means the thread, and Go may end any other.
func (l *life) start(output *os.File, log *slog.Logger) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := l.command.Start()
		started <- err
		if err != nil {
			return
		}
		var printing sync.WaitGroup
		printing.Go(func() {
			defer output.Close()
			logOutput(output, log)
		})
		l.exit = l.command.Wait()
		printing.Wait()
		close(l.reaped)
	}()
	return <-started
}

func programName() string {
	path, err := os.Executable()
	if err != nil {
		return "twombly"
	}
	return filepath.Base(path)
}

// greet waits for the child's hello.
func (l *life) greet(ctx context.Context, patience time.Duration) (hello, error) {
	var greeting hello
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case f := <-l.hello:
		if err := json.Unmarshal(f.message.Meta, &greeting); err != nil {
			return hello{}, fmt.Errorf("%w: greeting that can't be read: %w", ErrProtocol, err)
		}
		if greeting.Version != Version {
			return hello{}, fmt.Errorf("%w: it speaks version %d and this program version %d", ErrProtocol, greeting.Version, Version)
		}
		return greeting, nil
	case <-l.dead:
		return hello{}, l.end()
	case <-timer.C:
		return hello{}, fmt.Errorf("no sign of it after %v", patience)
	case <-ctx.Done():
		return hello{}, ctx.Err()
	}
}

// lost says whether nothing more will come from the child.
func (l *life) lost() bool {
	select {
	case <-l.dead:
		return true
	default:
		return false
	}
}

// close closes the socket, at which the child takes its leave.
func (l *life) close() { l.socket.Close() }

// end sees to it that the child is gone, waits for all that belongs to it, and returns how it ended.
func (l *life) end() error {
	l.ending.Do(func() {
		l.close()
		select {
		case <-l.reaped:
		case <-time.After(2 * goodbye):
			// The error would say that it has ended meanwhile.
			_ = l.command.Process.Kill()
			<-l.reaped
		}
		l.readers.Wait()
	})
	<-l.reaped
	l.mu.Lock()
	defer l.mu.Unlock()
	if errors.Is(l.cause, ErrProtocol) {
		return l.cause
	}
	if l.exit != nil {
		return l.exit
	}
	return errors.New("it ended by itself")
}

// read takes in what the child sends. It never writes and never waits for a consumer.
func (l *life) read() {
	first := true
	for {
		f, err := readFrame(l.socket)
		if err == nil && first != (f.kind == kindHello) {
			err = fmt.Errorf("%w: frame of kind %d out of place", ErrProtocol, f.kind)
		}
		if err == nil {
			if first {
				l.hello <- f // has room
				first = false
				continue
			}
			err = l.deliver(f)
		}
		if err != nil {
			l.die(err)
			return
		}
	}
}

// die marks the life as over; calls in flight learn of it.
func (l *life) die(cause error) {
	l.mu.Lock()
	l.cause = cause
	left := l.calls
	l.calls = nil
	l.mu.Unlock()
	close(l.dead)
	for _, call := range left {
		call.finish()
	}
	if errors.Is(cause, ErrProtocol) {
		_ = l.command.Process.Kill() // it may have ended already
	}
}

// write writes one frame in its turn. A child that doesn't read for writeTimeout is killed.
func (l *life) write(ctx context.Context, f frame) error {
	select {
	case <-l.turn:
	case <-ctx.Done():
		return ctx.Err()
	case <-l.dead:
		return ErrLost
	}
	defer func() { l.turn <- struct{}{} }()
	if err := l.socket.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return fmt.Errorf("%w: %w", ErrLost, err)
	}
	if err := writeFrame(l.socket, f); err != nil {
		if errors.Is(err, ErrTooLong) {
			return err
		}
		_ = l.command.Process.Kill() // half a frame may be on the wire: nothing after it could be understood
		return fmt.Errorf("%w: %w", ErrLost, err)
	}
	return nil
}
