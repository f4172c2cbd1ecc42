package worker_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"twombly/internal/native/worker"
)

// start starts a worker on this test binary, and fails the test if anything of it is left at the end.
func start(t *testing.T, spec worker.Spec) *worker.Process {
	t.Helper()
	return startWithLog(t, spec, slog.New(slog.NewTextHandler(t.Output(), nil)))
}

func startWithLog(t *testing.T, spec worker.Spec, log *slog.Logger) *worker.Process {
	t.Helper()
	before := goleak.IgnoreCurrent()
	if spec.Name == "" {
		spec.Name = "test"
	}
	process, err := worker.Start(t.Context(), spec, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		process.Close()
		goleak.VerifyNone(t, before)
	})
	return process
}

func call(t *testing.T, process *worker.Process, method, argument string) (string, error) {
	t.Helper()
	answer, err := process.Call(t.Context(), method, worker.Message{Blob: []byte(argument)}, nil)
	return string(answer.Blob), err
}

func TestCallsCarryWhatWasSent(t *testing.T) {
	process := start(t, worker.Spec{})
	for _, test := range []struct {
		name    string
		request worker.Message
	}{
		{"nothing", worker.Message{}},
		{"a description", worker.Message{Meta: json.RawMessage(`{"a":1}`)}},
		{"data", worker.Message{Blob: []byte{0, 1, 2, 255}}},
		{"both, large", worker.Message{Meta: json.RawMessage(`"` + strings.Repeat("x", 1<<20) + `"`), Blob: bytes.Repeat([]byte("abc"), 3<<20)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			answer, err := process.Call(t.Context(), "echo", test.request, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(answer.Meta, test.request.Meta) || !bytes.Equal(answer.Blob, test.request.Blob) {
				t.Errorf("%d and %d bytes came back changed (%d and %d)", len(test.request.Meta), len(test.request.Blob), len(answer.Meta), len(answer.Blob))
			}
		})
	}
}

func TestFailuresKeepTheirCode(t *testing.T) {
	process := start(t, worker.Spec{})
	for _, test := range []struct{ method, argument, code, message string }{
		{"fail", "the oven is on", "too_warm", "the oven is on"},
		{"no such", "", worker.CodeUnknownMethod, `worker: no method "no such"`},
		{"oversized", "", worker.CodeTooLong, ""},
		{"read", "/nowhere", worker.CodeFailed, ""},
	} {
		_, err := call(t, process, test.method, test.argument)
		var failure *worker.Failure
		if !errors.As(err, &failure) || failure.Code != test.code || test.message != "" && failure.Message != test.message {
			t.Errorf("%s: got %#v, want code %q and message %q", test.method, err, test.code, test.message)
		}
	}
	if _, err := process.Call(t.Context(), "echo", worker.Message{Blob: make([]byte, worker.MaxLength+1)}, nil); !errors.Is(err, worker.ErrTooLong) {
		t.Errorf("a request that is too long: %v", err)
	}
	if _, err := call(t, process, "echo", "still there?"); err != nil {
		t.Error(err)
	}
}

func TestManyCallsAtOnceStreamInOrder(t *testing.T) {
	process := start(t, worker.Spec{})
	var all sync.WaitGroup
	for caller := range 100 { // more than the child takes at once
		all.Go(func() {
			parts, size := 20+caller, 1000*caller
			meta, err := json.Marshal(streamed{Parts: parts, Size: size})
			if err != nil {
				t.Error(err)
				return
			}
			next := 0
			answer, err := process.Call(t.Context(), "stream", worker.Message{Meta: meta}, func(part worker.Message) error {
				if string(part.Meta) != fmt.Sprint(next) || len(part.Blob) != size {
					return fmt.Errorf("part %s of %d bytes, want %d of %d", part.Meta, len(part.Blob), next, size)
				}
				next++
				return nil
			})
			if err != nil || next != parts || string(answer.Meta) != `"done"` {
				t.Errorf("caller %d: %d of %d parts, then %q and %v", caller, next, parts, answer.Meta, err)
			}
		})
	}
	all.Wait()
}

// A consumer that does not consume holds up its own call, not another's, and not more than a bounded amount of memory is
// on the way: the child, which notes how many parts it got rid of, must have stopped far from the end.
func TestSlowConsumerIsBounded(t *testing.T) {
	process := start(t, worker.Spec{})
	const parts, size = 400, 256 << 10 // 100 MiB
	meta, err := json.Marshal(streamed{Parts: parts, Size: size})
	if err != nil {
		t.Fatal(err)
	}
	entered, leave := make(chan struct{}), make(chan struct{})
	var once sync.Once
	got := 0
	var slow sync.WaitGroup
	slow.Go(func() {
		_, err := process.Call(t.Context(), "stream", worker.Message{Meta: meta}, func(worker.Message) error {
			got++
			once.Do(func() { close(entered); <-leave })
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-entered
	for range 50 { // each makes a round trip past the stuck call
		if _, err := call(t, process, "echo", "hello"); err != nil {
			t.Error(err)
		}
	}
	sent, err := call(t, process, "sent", "")
	if err != nil {
		t.Error(err)
	}
	var count int
	if _, err := fmt.Sscan(sent, &count); err != nil || count < 2 || count > 40 {
		t.Errorf("%q parts of %d KiB were sent to a consumer that took none (%v)", sent, size>>10, err)
	}
	close(leave)
	slow.Wait()
	if got != parts {
		t.Errorf("%d of %d parts arrived once the consumer woke up", got, parts)
	}
}

func TestCancelTravels(t *testing.T) {
	folder := t.TempDir()
	mark := folder + "/mark"
	process := start(t, worker.Spec{Env: []string{"TWOMBLY_TEST_MARK=" + mark}, Confinement: worker.Confinement{Write: []string{folder}}})
	ctx, cancel := context.WithCancel(t.Context())
	_, err := process.CallToEnd(ctx, "wait", worker.Message{}, func(worker.Message) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	// The handler had ended when CallToEnd returned, so its mark is there.
	if said, err := call(t, process, "read", mark); err != nil || said != "cancelled" {
		t.Errorf("the child's handler said %q, %v", said, err)
	}

	t.Run("a handler that does not listen holds nobody up", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := process.Call(ctx, "stuck", worker.Message{}, func(worker.Message) error { cancel(); return nil })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("an error of the consumer's own ends the call", func(t *testing.T) {
		full := errors.New("full")
		meta, err := json.Marshal(streamed{Parts: 1000, Size: 100_000})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := process.CallToEnd(t.Context(), "stream", worker.Message{Meta: meta}, func(worker.Message) error { return full }); !errors.Is(err, full) {
			t.Errorf("got %v", err)
		}
	})
}

func TestCrashIsAnErrorAndIsMended(t *testing.T) {
	var mu sync.Mutex
	var phases []worker.Phase
	prepared := 0
	process := start(t, worker.Spec{Prepare: func(ctx context.Context, call worker.CallFunc) error {
		prepared++
		_, err := call(ctx, "echo", worker.Message{}, nil)
		return err
	}})
	running := make(chan struct{}, 10)
	process.Watch(func(state worker.State) {
		mu.Lock()
		defer mu.Unlock()
		phases = append(phases, state.Phase)
		if state.Phase == worker.Running {
			running <- struct{}{}
		}
	})
	<-running
	first := process.State().PID

	bystander := make(chan error, 1)
	entered := make(chan struct{})
	go func() {
		_, err := process.Call(t.Context(), "stuck", worker.Message{}, func(worker.Message) error { close(entered); return nil })
		bystander <- err
	}()
	<-entered
	if _, err := call(t, process, "crash", ""); !errors.Is(err, worker.ErrLost) {
		t.Errorf("the call that crashed it: %v", err)
	}
	if err := <-bystander; !errors.Is(err, worker.ErrLost) {
		t.Errorf("the call beside it: %v", err)
	}
	if answer, err := call(t, process, "echo", "again"); err != nil || answer != "again" {
		t.Errorf("the call after it: %q, %v", answer, err)
	}
	<-running
	if second := process.State(); second.PID == first || second.Starts != 2 || prepared != 2 {
		t.Errorf("first process %d, then %+v, prepared %d times", first, second, prepared)
	}
	mu.Lock()
	defer mu.Unlock()
	if phases[0] != worker.Running || phases[len(phases)-1] != worker.Running || len(phases) < 3 || phases[1] != worker.Restarting {
		t.Errorf("phases seen: %v", phases)
	}
}

func TestFiveCrashesStopIt(t *testing.T) {
	process := start(t, worker.Spec{Name: "ears"})
	for i := range 5 {
		if _, err := call(t, process, "crash", ""); !errors.Is(err, worker.ErrLost) {
			t.Fatalf("crash %d: %v", i+1, err)
		}
	}
	_, err := call(t, process, "echo", "")
	if !errors.Is(err, worker.ErrStopped) || !strings.Contains(err.Error(), "ears worker crashed 5 times") || !strings.Contains(err.Error(), "doctor") {
		t.Errorf("a call after the fifth crash: %v", err)
	}
	if state := process.State(); state.Phase != worker.Stopped || state.PID != 0 {
		t.Errorf("state %+v", state)
	}
	if err := process.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := call(t, process, "echo", ""); err != nil {
		t.Errorf("after the stop was lifted: %v", err)
	}
}

func TestWhatCannotStart(t *testing.T) {
	for _, test := range []struct {
		name string
		spec worker.Spec
		want string
	}{
		{"a model that can't be loaded stops it at once", worker.Spec{Prepare: func(context.Context, worker.CallFunc) error {
			return errors.New("the model is truncated")
		}}, "the model is truncated"},
		{"a child that crashes while it is prepared", worker.Spec{Prepare: func(ctx context.Context, call worker.CallFunc) error {
			_, err := call(ctx, "crash", worker.Message{}, nil)
			return err
		}}, "crashed 5 times"},
		{"a child that says nothing", worker.Spec{Env: []string{"TWOMBLY_TEST_MUTE=1"}, StartTimeout: 50 * time.Millisecond}, "no sign of it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			test.spec.Name = "test"
			process, err := worker.Start(t.Context(), test.spec, nil)
			if process != nil || !errors.Is(err, worker.ErrStopped) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
		})
	}
}

func TestGarbageFromTheChildIsACrash(t *testing.T) {
	process := start(t, worker.Spec{})
	first := process.State().PID
	if _, err := call(t, process, "garbage", ""); !errors.Is(err, worker.ErrLost) {
		t.Errorf("got %v", err)
	}
	if pid, err := call(t, process, "pid", ""); err != nil || pid == fmt.Sprint(first) {
		t.Errorf("the next call was answered by process %s, %v", pid, err)
	}
}

func TestClosedWorkerRefuses(t *testing.T) {
	process := start(t, worker.Spec{})
	process.Close()
	process.Close()
	if _, err := call(t, process, "echo", ""); !errors.Is(err, worker.ErrStopped) {
		t.Errorf("got %v", err)
	}
	if state := process.State(); state.Phase != worker.Closed {
		t.Errorf("state %+v", state)
	}
}

func TestWordsDoNotReachTheLog(t *testing.T) {
	var log bytes.Buffer
	process := startWithLog(t, worker.Spec{}, slog.New(slog.NewTextHandler(&log, nil)))
	if _, err := call(t, process, "print", `error: prompt "my secret is blue" not understood`); err != nil {
		t.Error(err)
	}
	if _, err := call(t, process, "print", strings.Repeat("long ", 10_000)); err != nil {
		t.Error(err)
	}
	if _, err := call(t, process, "panic", "I am so blue\nand so blue"); !errors.Is(err, worker.ErrLost) {
		t.Error(err)
	}
	for range 1000 {
		if _, err := call(t, process, "print", "again and again"); err != nil {
			t.Fatal(err)
		}
	}
	process.Close()
	text := log.String()
	if strings.Contains(text, "blue") || !strings.Contains(text, "not understood") || !strings.Contains(text, "panic: …") {
		t.Error("the quoted words were logged, or the message was not")
	}
	if lines := strings.Count(text, "again and again"); lines == 0 || lines > 200 || !strings.Contains(text, "printed more") {
		t.Errorf("%d of 1000 lines were logged", lines)
	}
	for line := range strings.Lines(text) {
		if len(line) > 1000 {
			t.Errorf("a line of %d bytes was logged", len(line))
		}
	}
}
