package endtoend

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"twombly/bench/machine"
	"twombly/internal/native"
	"twombly/internal/people/control"
)

// server is the real program, running.
type server struct {
	data    string
	address string
	token   string

	command *exec.Cmd
	control *control.Client
	log     *tail
	ended   chan struct{} // closed when the process is gone
	said    *tail
}

// Times that the program may take.
const (
	startWithin = 3 * time.Minute
	stopWithin  = 30 * time.Second
)

// environment is the test's, without settings of whoever runs it and without a keyring that keys could be left in.
func environment(t testing.TB) []string {
	t.Helper()
	var kept []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if name == "DBUS_SESSION_BUS_ADDRESS" || name == "XDG_CONFIG_HOME" || name == "XDG_DATA_HOME" || name == "XDG_RUNTIME_DIR" ||
			strings.HasPrefix(name, "TWOMBLY_") {
			continue
		}
		kept = append(kept, entry)
	}
	empty := filepath.Join(sharedFolder, "empty")
	cache, err := native.DefaultDir()
	if err != nil {
		t.Fatal(err)
	}
	return append(kept, "XDG_CONFIG_HOME="+empty, "XDG_DATA_HOME="+empty, "XDG_RUNTIME_DIR="+empty, "TWOMBLY_CACHE="+cache)
}

// command prepares a run of the program.
func command(t testing.TB, arguments ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command(program(t), arguments...)
	c.Env = environment(t)
	return c
}

// run runs the program to its end and returns what it wrote to both outputs.
func run(t testing.TB, arguments ...string) (output, complaints string, err error) {
	t.Helper()
	c := command(t, arguments...)
	var out, errors bytes.Buffer
	c.Stdout, c.Stderr = &out, &errors
	ctx := within(t, startWithin)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Process.Kill() }) // Wait says how it ended
	defer stop()
	err = c.Wait()
	return out.String(), errors.String(), err
}

// start starts the program over a data folder and waits until it is ready. It is stopped with the test.
func start(t testing.TB, data string, flags ...string) *server {
	t.Helper()
	s := launch(t, data, flags...)
	if err := s.reach(within(t, startWithin)); err != nil {
		t.Fatalf("%v\n%s", err, s.log)
	}
	return s
}

// launch starts the program and does not wait.
func launch(t testing.TB, data string, flags ...string) *server {
	t.Helper()
	s := &server{data: data, log: &tail{}, said: &tail{}, ended: make(chan struct{})}
	s.command = command(t, append([]string{"serve", "--data", data, "--listen", "127.0.0.1:0"}, flags...)...)
	s.command.Stderr, s.command.Stdout = s.log, s.said
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = s.command.Wait() // its state is looked at by whoever needs it
		close(s.ended)
	}()
	t.Cleanup(func() { s.stop(t) })
	return s
}

// reach waits for the program's private socket and asks where it is, and for a token.
func (s *server) reach(ctx context.Context) error {
	for {
		dialled, err := control.Dial(ctx, s.data)
		if err == nil {
			s.control = dialled
			break
		}
		if !errors.Is(err, control.ErrNoServer) {
			return fmt.Errorf("reach the program: %w", err)
		}
		select {
		case <-s.ended:
			return fmt.Errorf("the program ended before it was ready: %s", s.command.ProcessState)
		case <-ctx.Done():
			return fmt.Errorf("wait for the program: %w", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
	status, err := s.control.Status(ctx)
	if err != nil {
		return err
	}
	s.address = status.Address
	s.token, _, err = s.control.CreateToken(ctx, fmt.Sprintf("test %d", time.Now().UnixNano()))
	return err
}

// running says whether the process is still there.
func (s *server) running() bool {
	select {
	case <-s.ended:
		return false
	default:
		return true
	}
}

// stop ends the program as Ctrl-C does.
func (s *server) stop(t testing.TB) {
	t.Helper()
	if s.control != nil {
		s.control.Close()
	}
	if !s.running() {
		return
	}
	if err := s.command.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	select {
	case <-s.ended:
	case <-time.After(patience(stopWithin)):
		t.Errorf("the program did not end within %s\n%s", patience(stopWithin), s.log)
		s.kill(t)
	}
}

// kill ends it with SIGKILL.
func (s *server) kill(t testing.TB) {
	t.Helper()
	if err := s.command.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	<-s.ended
	if s.control != nil {
		s.control.Close()
	}
}

// worker returns the process of a worker, "ears" or "mind".
func (s *server) worker(t testing.TB, name string) int {
	t.Helper()
	tree, err := machine.Tree(s.command.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	for _, process := range tree {
		if arguments := process.Arguments(); len(arguments) > 2 && arguments[len(arguments)-2] == "worker" && arguments[len(arguments)-1] == name {
			return process.ID
		}
	}
	t.Fatalf("no worker %q runs under process %d", name, s.command.Process.Pid)
	return 0
}

// killWorker kills a worker with SIGKILL and says when.
func (s *server) killWorker(t testing.TB, name string) time.Time {
	t.Helper()
	if err := syscall.Kill(s.worker(t, name), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	return time.Now()
}

// ask sends a request of the page's API with the token and decodes the answer into what is given, unless nil.
func (s *server) ask(t testing.TB, method, path string, body, into any) (status int, text string) {
	t.Helper()
	return ask(t, http.DefaultClient, method, s.address+path, s.token, body, into)
}

// ask sends a request, with the token unless it is empty, and decodes the answer into what is given, unless nil.
func ask(t testing.TB, sender *http.Client, method, url, token string, body, into any) (status int, text string) {
	t.Helper()
	var reader io.Reader = http.NoBody
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		reader = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(within(t, 2*time.Minute), method, url, reader)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := sender.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if into != nil && response.StatusCode < 300 {
		if err := json.Unmarshal(answer, into); err != nil {
			t.Fatalf("%s %s: %v: %s", method, url, err, answer)
		}
	}
	return response.StatusCode, string(answer)
}

// must is ask, and fails the test unless it went well.
func (s *server) must(t testing.TB, method, path string, body, into any) {
	t.Helper()
	if status, text := s.ask(t, method, path, body, into); status >= 300 {
		t.Fatalf("%s %s: %d %s", method, path, status, text)
	}
}

// meet ends the first meeting.
func (s *server) meet(t testing.TB) {
	t.Helper()
	s.must(t, http.MethodPost, "/api/meeting/skip", nil, nil)
}

// tail keeps the end of what a program wrote, for messages of failed tests.
type tail struct {
	lock sync.Mutex
	text []byte
}

const tailBytes = 16 << 10

// Write implements io.Writer.
func (t *tail) Write(text []byte) (int, error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.text = append(t.text, text...)
	if over := len(t.text) - tailBytes; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(text), nil
}

// String implements fmt.Stringer.
func (t *tail) String() string {
	t.lock.Lock()
	defer t.lock.Unlock()
	return string(t.text)
}

// moments reads the whole journal of a data folder by `twombly export`, after `twombly journal verify` found it sound.
func moments(t testing.TB, data string) []moment {
	t.Helper()
	if out, complaints, err := run(t, "journal", "verify", "--data", data); err != nil {
		t.Fatalf("journal verify: %v\n%s%s", err, out, complaints)
	}
	folder := filepath.Join(t.TempDir(), fmt.Sprint(time.Now().UnixNano()))
	if out, complaints, err := run(t, "export", "--data", data, "--out", folder); err != nil {
		t.Fatalf("export: %v\n%s%s", err, out, complaints)
	}
	file, err := os.Open(filepath.Join(folder, "journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var all []moment
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for first := true; lines.Scan(); first = false {
		if first {
			continue // says what the file is
		}
		var one moment
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// moment is what the tests look at of an exported moment.
type moment struct {
	ID, Kind, Speaker, Channel, Words, Refers string
}
