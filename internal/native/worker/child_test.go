package worker_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"twombly/internal/native/worker"
)

// roleVariable says what a started test binary is: a worker's child by default, or a parent that is to be killed.
const roleVariable = "TWOMBLY_TEST_ROLE"

func TestMain(m *testing.M) {
	switch {
	case worker.IsChild():
		if os.Getenv("TWOMBLY_TEST_MUTE") != "" {
			time.Sleep(time.Hour)
		}
		if err := worker.Serve(context.Background(), childHandlers()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	case os.Getenv(roleVariable) == "parent":
		parentToBeKilled()
	default:
		os.Exit(m.Run())
	}
}

// childHandlers are what the child does in these tests; most try something it should not be able to.
func childHandlers() map[string]worker.Handler {
	plain := func(do func(argument string) (string, error)) worker.Handler {
		return func(_ context.Context, request worker.Message, _ func(worker.Message) error) (worker.Message, error) {
			result, err := do(string(request.Blob))
			return worker.Message{Blob: []byte(result)}, err
		}
	}
	return map[string]worker.Handler{
		"echo": func(_ context.Context, request worker.Message, _ func(worker.Message) error) (worker.Message, error) {
			return request, nil
		},
		"stream": stream,
		"wait": func(ctx context.Context, _ worker.Message, emit func(worker.Message) error) (worker.Message, error) {
			if err := emit(worker.Message{Blob: []byte("waiting")}); err != nil {
				return worker.Message{}, err
			}
			<-ctx.Done()
			return worker.Message{}, os.WriteFile(os.Getenv("TWOMBLY_TEST_MARK"), []byte("cancelled"), 0o600)
		},
		"stuck": func(_ context.Context, _ worker.Message, emit func(worker.Message) error) (worker.Message, error) {
			if err := emit(worker.Message{}); err != nil {
				return worker.Message{}, err
			}
			select {}
		},
		"fail": plain(func(message string) (string, error) {
			return "", &worker.Failure{Code: "too_warm", Message: message}
		}),
		"oversized": func(context.Context, worker.Message, func(worker.Message) error) (worker.Message, error) {
			return worker.Message{Blob: make([]byte, worker.MaxLength+1)}, nil
		},
		"crash": plain(func(string) (string, error) {
			if err := syscall.Kill(os.Getpid(), syscall.SIGSEGV); err != nil {
				return "", err
			}
			select {} // the signal is on its way
		}),
		"sent":  plain(func(string) (string, error) { return strconv.FormatInt(sent.Load(), 10), nil }),
		"panic": plain(func(words string) (string, error) { panic(words) }),
		"print": plain(func(line string) (string, error) {
			_, err := fmt.Fprintln(os.Stderr, line)
			return "", err
		}),
		"garbage": plain(func(string) (string, error) {
			_, err := syscall.Write(3, []byte("this is not a frame, it is a sentence"))
			return "", err
		}),
		"pid": plain(func(string) (string, error) { return strconv.Itoa(os.Getpid()), nil }),
		"env": plain(func(name string) (string, error) { return os.Getenv(name), nil }),
		"dial": plain(func(address string) (string, error) {
			connection, err := net.DialTimeout("tcp", address, time.Second)
			if err != nil {
				return "", err
			}
			return "connected", connection.Close()
		}),
		"udp": plain(func(address string) (string, error) {
			connection, err := net.Dial("udp", address)
			if err != nil {
				return "", err
			}
			return "opened", connection.Close()
		}),
		"read": plain(func(path string) (string, error) {
			data, err := os.ReadFile(path)
			return string(data), err
		}),
		"list": plain(func(path string) (string, error) {
			entries, err := os.ReadDir(path)
			return fmt.Sprint(len(entries)), err
		}),
		"write":  plain(func(path string) (string, error) { return "", os.WriteFile(path, []byte("words"), 0o600) }),
		"chmod":  plain(func(path string) (string, error) { return "", os.Chmod(path, 0o777) }),
		"remove": plain(func(path string) (string, error) { return "", os.Remove(path) }),
		"exec": plain(func(path string) (string, error) {
			output, err := exec.Command(path).CombinedOutput()
			return string(output), err
		}),
		"replace": plain(func(path string) (string, error) {
			return "", syscall.Exec(path, []string{path}, nil)
		}),
		"ptrace": plain(func(pid string) (string, error) {
			number, err := strconv.Atoi(pid)
			if err != nil {
				return "", err
			}
			return "", syscall.PtraceAttach(number)
		}),
		"signal": plain(func(pid string) (string, error) {
			number, err := strconv.Atoi(pid)
			if err != nil {
				return "", err
			}
			return "", syscall.Kill(number, 0)
		}),
		"limits":  limits,
		"threads": threads,
	}
}

// sent counts the parts that the child's streams got rid of.
var sent atomic.Int64

type streamed struct{ Parts, Size int }

func stream(_ context.Context, request worker.Message, emit func(worker.Message) error) (worker.Message, error) {
	var wanted streamed
	if err := json.Unmarshal(request.Meta, &wanted); err != nil {
		return worker.Message{}, err
	}
	part := make([]byte, wanted.Size)
	for i := range wanted.Parts {
		if err := emit(worker.Message{Meta: json.RawMessage(strconv.Itoa(i)), Blob: part}); err != nil {
			return worker.Message{}, err
		}
		sent.Add(1)
	}
	return worker.Message{Meta: json.RawMessage(`"done"`)}, nil
}

// limits reports the resource limits in force.
func limits(context.Context, worker.Message, func(worker.Message) error) (worker.Message, error) {
	values := make(map[string]uint64)
	for name, resource := range map[string]int{"core": unix.RLIMIT_CORE, "files": unix.RLIMIT_NOFILE, "size": unix.RLIMIT_FSIZE, "memory": unix.RLIMIT_AS} {
		var limit unix.Rlimit
		if err := unix.Getrlimit(resource, &limit); err != nil {
			return worker.Message{}, err
		}
		values[name] = limit.Max
	}
	meta, err := json.Marshal(values)
	return worker.Message{Meta: meta}, err
}

// threads reports the confinement of every thread of the child: no_new_privs and the number of seccomp filters.
func threads(context.Context, worker.Message, func(worker.Message) error) (worker.Message, error) {
	tasks, err := filepath.Glob("/proc/self/task/*/status")
	if err != nil || len(tasks) == 0 {
		return worker.Message{}, errors.Join(errors.New("no threads"), err)
	}
	var found []string
	for _, task := range tasks {
		status, err := os.ReadFile(task)
		if err != nil {
			return worker.Message{}, err
		}
		var facts []string
		for line := range strings.Lines(string(status)) {
			if strings.HasPrefix(line, "NoNewPrivs:") || strings.HasPrefix(line, "Seccomp_filters:") {
				facts = append(facts, strings.Join(strings.Fields(line), ""))
			}
		}
		found = append(found, strings.Join(facts, " "))
	}
	meta, err := json.Marshal(found)
	return worker.Message{Meta: meta}, err
}

// parentToBeKilled starts a worker, has it stuck in a call, prints its process id and waits for its own end.
func parentToBeKilled() {
	process, err := worker.Start(context.Background(), worker.Spec{Name: "orphan"}, nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_, err = process.Call(context.Background(), "stuck", worker.Message{}, func(worker.Message) error {
		fmt.Println(process.State().PID)
		return nil
	})
	fmt.Fprintln(os.Stderr, "the stuck call returned:", err)
	os.Exit(1)
}
