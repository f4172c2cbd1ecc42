//go:build linux

package worker_test

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"twombly/internal/native/worker"
)

// startConfined starts a worker that may read and write what the folders hold, and skips on kernels that can't confine.
func startConfined(t *testing.T, readable, writable string) *worker.Process {
	t.Helper()
	process := start(t, worker.Spec{Confinement: worker.Confinement{Read: []string{readable, "/no/such/path"}, Write: []string{writable}}})
	if report := process.State().Confinement; report.Landlock == 0 || !report.Seccomp {
		t.Skip("this kernel can't confine: " + report.Missing)
	}
	return process
}

func TestChildIsConfined(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	readable, writable, private := t.TempDir(), t.TempDir(), t.TempDir()
	for _, folder := range []string{readable, writable, private} {
		if err := os.WriteFile(filepath.Join(folder, "file"), []byte("contents"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(private, "file"), filepath.Join(readable, "link")); err != nil {
		t.Fatal(err)
	}
	process := startConfined(t, readable, writable)
	ours := fmt.Sprint(os.Getpid())

	for _, test := range []struct {
		name, method, argument string
		refused                string // a piece of the error, or empty when it must succeed
	}{
		{"a connection to loopback", "dial", listener.Addr().String(), "permission denied"},
		{"a datagram", "udp", "127.0.0.1:53", "permission denied"},
		{"a readable file", "read", filepath.Join(readable, "file"), ""},
		{"writing beside it", "write", filepath.Join(readable, "new"), "permission denied"},
		{"changing it", "write", filepath.Join(readable, "file"), "permission denied"},
		{"a way out of the readable folder", "read", filepath.Join(readable, "link"), "permission denied"},
		{"a way up from the readable folder", "read", filepath.Join(readable, "..", filepath.Base(private), "file"), "permission denied"},
		{"a private file", "read", filepath.Join(private, "file"), "permission denied"},
		{"a private folder", "list", private, "permission denied"},
		{"deleting a private file", "remove", filepath.Join(private, "file"), "permission denied"},
		{"opening up a private file", "chmod", filepath.Join(private, "file"), "operation not permitted"},
		{"the accounts", "read", "/etc/passwd", "permission denied"},
		{"the parent's environment", "read", "/proc/" + ours + "/environ", "permission denied"},
		{"the root folder", "list", "/", "permission denied"},
		{"a writable file", "write", filepath.Join(writable, "new"), ""},
		{"reading it back", "read", filepath.Join(writable, "new"), ""},
		{"deleting it", "remove", filepath.Join(writable, "new"), ""},
		{"about the processor", "read", "/proc/cpuinfo", ""},
		{"about itself", "read", "/proc/self/maps", ""},
		{"another program", "exec", "/bin/true", "not permitted"},
		{"becoming another program", "replace", "/bin/true", "operation not permitted"},
		{"becoming itself again", "replace", "/proc/self/exe", "operation not permitted"},
		{"tracing the parent", "ptrace", ours, "operation not permitted"},
		{"signalling the parent", "signal", ours, "operation not permitted"},
		{"a system library", "list", "/usr/lib", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			result, err := call(t, process, test.method, test.argument)
			switch {
			case test.refused == "" && err != nil:
				t.Errorf("refused: %v", err)
			case test.refused != "" && err == nil:
				t.Errorf("allowed, with result %.40q", result)
			case test.refused != "" && !strings.Contains(err.Error(), test.refused):
				t.Errorf("failed with %v, want %q in it", err, test.refused)
			}
		})
	}
	if data, err := os.ReadFile(filepath.Join(private, "file")); err != nil || string(data) != "contents" {
		t.Errorf("the private file: %q, %v", data, err)
	}
}

func TestUnconfinedChildIsNot(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	process := start(t, worker.Spec{Confinement: worker.Confinement{Off: true}})
	if result, err := call(t, process, "dial", listener.Addr().String()); err != nil || result != "connected" {
		t.Errorf("without confinement the same call must work, or the test above proves nothing: %q, %v", result, err)
	}
	if report := process.State().Confinement; report.Missing == "" || report.Seccomp {
		t.Errorf("its report hides that: %+v", report)
	}
}

func TestLimits(t *testing.T) {
	process := start(t, worker.Spec{Confinement: worker.Confinement{MaxOpenFiles: 100, MaxFile: 5000}})
	answer, err := process.Call(t.Context(), "limits", worker.Message{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var limits map[string]uint64
	if err := json.Unmarshal(answer.Meta, &limits); err != nil {
		t.Fatal(err)
	}
	if limits["core"] != 1 || limits["files"] != 100 || limits["size"] != 5000 || limits["memory"] > 64<<30 && limits["memory"] != 1<<64-1 {
		t.Errorf("limits in the child: %v", limits)
	}
}

// Every thread of the child is confined, also those that the runtime had started before the program began.
func TestEveryThreadIsConfined(t *testing.T) {
	process := startConfined(t, t.TempDir(), t.TempDir())
	answer, err := process.Call(t.Context(), "threads", worker.Message{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var threads []string
	if err := json.Unmarshal(answer.Meta, &threads); err != nil {
		t.Fatal(err)
	}
	if len(threads) < 2 {
		t.Fatalf("only %d threads: this proves nothing", len(threads))
	}
	for _, thread := range threads {
		if !strings.Contains(thread, "NoNewPrivs:1") || !strings.Contains(thread, threads[0]) || strings.Contains(thread, "Seccomp_filters:0") {
			t.Errorf("threads are confined as %v", threads)
			break
		}
	}
}

func TestEnvironmentHoldsNoSecrets(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "sk-not-for-children")
	t.Setenv("TWOMBLY_CACHE", "/somewhere")
	process := start(t, worker.Spec{Env: []string{"COLOUR=blue"}})
	for name, want := range map[string]string{"OPENAI_API_KEY": "", "TWOMBLY_CACHE": "/somewhere", "COLOUR": "blue"} {
		if value, err := call(t, process, "env", name); err != nil || value != want {
			t.Errorf("%s is %q in the child, %v", name, value, err)
		}
	}
}
