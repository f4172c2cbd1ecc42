package endtoend

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"twombly/internal/fabric"
	"twombly/internal/vault"
)

// refusesToStart runs `serve` and wants it to end soon, with a sentence that holds all of these words and no stack trace.
func refusesToStart(t *testing.T, data string, flags []string, words ...string) {
	t.Helper()
	began := time.Now()
	out, complaints, err := run(t, append([]string{"serve", "--data", data}, flags...)...)
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("it ended with %v", err)
	}
	for _, word := range words {
		if !strings.Contains(complaints, word) {
			t.Errorf("it says\n%s\nwithout %q", complaints, word)
		}
	}
	if strings.Contains(complaints, "goroutine ") || strings.Contains(out, "She is here") {
		t.Errorf("it says\n%s%s", out, complaints)
	}
	t.Logf("after %s: %s", time.Since(began).Round(10*time.Millisecond), strings.TrimSpace(complaints))
}

// TestBadStarts tries to start on what can't be started on. Nothing is lost by it.
func TestBadStarts(t *testing.T) {
	mind := newStandIn(t, "quiet", func(string) string { return "Hello." })
	data := t.TempDir() + "/data"
	anyPort := []string{"--listen", "127.0.0.1:0"}

	s := start(t, data, mind.flags()...)
	s.meet(t)
	k := s.write(t)
	if done := k.typed(t, within(t, time.Minute), "Remember this sentence."); done.status != "completed" {
		t.Fatalf("%+v", done)
	}
	t.Run("two servers on one store", func(t *testing.T) {
		refusesToStart(t, data, anyPort, "in use by twombly, process", "--data")
	})
	t.Run("port taken", func(t *testing.T) {
		refusesToStart(t, t.TempDir()+"/other", []string{"--listen", strings.TrimPrefix(s.address, "http://")},
			"something else listens", "--listen")
	})
	t.Run("port taken by a stranger", func(t *testing.T) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		refusesToStart(t, t.TempDir()+"/other", []string{"--listen", listener.Addr().String()}, "something else listens")
	})
	t.Run("open to the network", func(t *testing.T) {
		out, complaints, err := run(t, "serve", "--data", t.TempDir()+"/other", "--listen", "0.0.0.0:0")
		if err == nil || strings.Contains(out, "She is here") || !strings.Contains(complaints, "sign-in") {
			t.Errorf("%v\n%s%s", err, out, complaints)
		}
	})
	if done := k.typed(t, within(t, time.Minute), "Are you still there?"); done.status != "completed" {
		t.Errorf("the first server: %+v", done)
	}
	if err := k.Close(); err != nil {
		t.Error(err)
	}
	s.stop(t)
	whole := len(moments(t, data))

	flags := append(anyPort, mind.flags()...)
	t.Run("a newer version", func(t *testing.T) {
		copied := copyOf(t, data)
		makeNewer(t, copied)
		refusesToStart(t, copied, flags, "newer", "update Twombly", "nothing was changed")
	})
	t.Run("the wrong key", func(t *testing.T) {
		copied := copyOf(t, data)
		stranger := t.TempDir() + "/stranger"
		if _, complaints, err := run(t, "token", "create", "--data", stranger, "--name", "x"); err != nil {
			t.Fatalf("%v\n%s", err, complaints)
		}
		key := filepath.Join("keeper", "house.json")
		right := read(t, filepath.Join(copied, key))
		write(t, filepath.Join(copied, key), read(t, filepath.Join(stranger, key)))
		refusesToStart(t, copied, flags, "not the key")
		// With the right one everything is there.
		write(t, filepath.Join(copied, key), right)
		if after := len(moments(t, copied)); after != whole {
			t.Errorf("%d moments, before %d", after, whole)
		}
	})
	t.Run("damaged pages", func(t *testing.T) {
		copied := copyOf(t, data)
		names, err := filepath.Glob(filepath.Join(copied, "people", "*", "journal.db"))
		if err != nil || len(names) != 1 {
			t.Fatalf("%v %v", names, err)
		}
		text := read(t, names[0])
		for at := range text {
			if at > 4096 && at%7 == 0 {
				text[at] ^= 0x55
			}
		}
		write(t, names[0], text)
		refusesToStart(t, copied, flags, "damaged")
	})
	if after := len(moments(t, data)); after != whole {
		t.Errorf("the store itself: %d moments, before %d", after, whole)
	}
}

// makeNewer gives a part of the house's store a version that no program knows yet.
func makeNewer(t *testing.T, data string) {
	t.Helper()
	house, err := fabric.Open(t.Context(), fabric.Options{Folder: data, Rest: vault.InFile})
	if err != nil {
		t.Fatal(err)
	}
	err = house.Database().Write(t.Context(), func(c *sqlite3.Conn) error {
		return c.Exec(`UPDATE versions SET version = version + 98`)
	})
	if err := errors.Join(err, house.Close()); err != nil {
		t.Fatal(err)
	}
}

func copyOf(t *testing.T, data string) string {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(copied, os.DirFS(data)); err != nil {
		t.Fatal(err)
	}
	return copied
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
