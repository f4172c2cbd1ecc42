package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"twombly/bench/machine"
	"twombly/internal/people/control"
)

// server is the program as a child, on a free port, over a store of its own.
type server struct {
	folder  string // removed at the end
	command *exec.Cmd
	ended   chan error // gets the child's end, once
	address string
	control *control.Client
	// stopMind ends the stub that it thinks with, if it does.
	stopMind func() error
}

// Times that starting and stopping may take: the models are loaded at the start.
const (
	startWithin = 3 * time.Minute
	stopWithin  = 20 * time.Second
)

// startServer makes a store and starts the program over it; it returns when the program is ready.
func startServer(ctx context.Context, r *runner) (_ *server, err error) {
	folder, err := os.MkdirTemp("", "twombly-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the benchmark: %w", err)
	}
	s := &server{folder: folder}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	r.say("making a store with a person who was met")
	if err := makeStore(ctx, s.data()); err != nil {
		return nil, fmt.Errorf("make a store: %w", err)
	}
	r.say("starting the program")
	if err := s.start(ctx, r); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *server) data() string { return filepath.Join(s.folder, "data") }

// start starts the child and waits until it says that she is here.
func (s *server) start(ctx context.Context, r *runner) error {
	mind, err := s.mind(ctx, r)
	if err != nil {
		return err
	}
	arguments := []string{
		"serve", "--data", s.data(), "--cache", r.Models.Dir(), "--listen", "127.0.0.1:0", "--traces", "timings", "--log-level", "warn",
	}
	if r.Without != "" {
		arguments = append(arguments, "--without", r.Without)
	}
	s.command = exec.Command(r.Program, append(arguments, mind...)...)
	s.command.Stderr = r.Progress
	output, err := s.command.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start the program: %w", err)
	}
	if err := s.command.Start(); err != nil {
		return fmt.Errorf("start the program: %w", err)
	}
	ready := make(chan struct{})
	ended := make(chan error, 1)
	s.ended = ended
	go func() {
		lines := bufio.NewScanner(output)
		for said := false; lines.Scan(); {
			if !said && strings.Contains(lines.Text(), "http://") {
				said = true
				close(ready)
			}
		}
		_, _ = io.Copy(io.Discard, output) // a line too long to scan must not block the child
		ended <- s.command.Wait()
	}()
	waiting, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	select {
	case <-ready:
	case err := <-ended:
		ended <- err // for interrupt
		return fmt.Errorf("the program ended before it was ready: %w", errors.Join(err, errEndedEarly))
	case <-waiting.Done():
		return fmt.Errorf("wait for the program: %w", waiting.Err())
	}
	if s.control, err = control.Dial(ctx, s.data()); err != nil {
		return fmt.Errorf("reach the program: %w", err)
	}
	status, err := s.control.Status(ctx)
	s.address = status.Address
	return err
}

// mind are the settings of what it thinks with.
func (s *server) mind(ctx context.Context, r *runner) ([]string, error) {
	if r.Instant {
		address, stop, err := serveInstantMind(ctx)
		s.stopMind = stop
		return []string{"--mind-kind", "openai", "--mind-address", address, "--mind-model", instantModel}, err
	}
	model, err := r.mindModel()
	return []string{"--mind-kind", "embedded", "--mind-model", model}, err
}

var errEndedEarly = errors.New("its output above says why")

// token makes a token for a client.
func (s *server) token(ctx context.Context) (string, error) {
	secret, _, err := s.control.CreateToken(ctx, "bench")
	return secret, err
}

// parts are the program's processes, sorted by what they are: "parent", "ears", "mind".
func (s *server) parts() (map[string]machine.Process, error) {
	tree, err := machine.Tree(s.command.Process.Pid)
	if err != nil {
		return nil, err
	}
	parts := map[string]machine.Process{"parent": tree[0]}
	for _, process := range tree[1:] {
		arguments := process.Arguments()
		name := fmt.Sprintf("process %d", process.ID)
		if len(arguments) > 0 {
			name = arguments[len(arguments)-1]
		}
		parts[name] = process
	}
	return parts, nil
}

// traces are the paths of the calls' traces.
func (s *server) traces() ([]string, error) {
	return filepath.Glob(filepath.Join(s.data(), "traces", "*.jsonl"))
}

// interrupt asks the child to end and waits for it.
func (s *server) interrupt() error {
	if s.ended == nil {
		return nil
	}
	if err := s.command.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop the program: %w", err)
	}
	ended := s.ended
	s.ended = nil
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("the program ended badly: %w", err)
		}
		return nil
	case <-time.After(stopWithin):
	}
	err := s.command.Process.Kill()
	<-ended
	return errors.Join(fmt.Errorf("the program did not stop within %v", stopWithin), err)
}

// stop ends the child and removes everything that was made for it.
func (s *server) stop() error {
	if s.control != nil {
		s.control.Close()
	}
	err := s.interrupt()
	if s.stopMind != nil {
		err = errors.Join(err, s.stopMind())
	}
	return errors.Join(err, os.RemoveAll(s.folder))
}
