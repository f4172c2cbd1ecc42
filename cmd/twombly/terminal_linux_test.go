package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"twombly/internal/mind"
	"twombly/internal/mind/openaiserver"
	"twombly/internal/native"
)

// TestTalkAtATerminal has somebody at a terminal stop her with Ctrl-C, go on, and leave with Ctrl-C twice.
func TestTalkAtATerminal(t *testing.T) {
	cache := cacheWithSpeech(t)
	her := &endless{stopped: make(chan struct{}, 16)}
	server := httptest.NewServer(openaiserver.New(slog.New(slog.DiscardHandler), openaiserver.Model{ID: "endless", Mind: her}).Handler())
	defer server.Close()
	home := t.TempDir()
	folder := home + "/d"
	meet(t, folder)

	terminal, screen := openTerminal(t)
	// This test's own binary under the program's name, which its workers need as well; testscript.Main puts it there.
	program, err := exec.LookPath("twombly")
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Cmd{
		Path: program, Args: []string{"twombly", "talk", "--data", folder, "--cache", cache, "--mind-kind", "openai",
			"--mind-address", server.URL + "/v1", "--mind-model", "endless"},
		Env:   append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home+"/config"),
		Stdin: terminal, Stdout: terminal, Stderr: terminal,
		SysProcAttr: &syscall.SysProcAttr{Setsid: true, Setctty: true},
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- command.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = command.Process.Kill() // it has ended, unless the test failed
		for range ended {
		}
	})
	watcher := watchScreen(t, screen)

	watcher.await("is listening. Ctrl-C stops her", "> ")
	watcher.write("tell me\n")
	watcher.await("word number 3 ")
	watcher.write("\x03")
	watcher.await("> ")
	select {
	case <-her.stopped:
	case <-time.After(20 * time.Second):
		t.Error("her mind was not told to stop")
	}
	watcher.write("and again\n")
	watcher.await("word number 2 ")
	watcher.write("\x03")
	watcher.await("> ")
	watcher.write("\n\x03") // the first of two was that one
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Error("Ctrl-C twice did not end it")
	}
}

// meet lets the owner of a new data folder have met her.
func meet(t *testing.T, folder string) {
	t.Helper()
	home, err := openHome(t.Context(), folder, nil)
	if err != nil {
		t.Fatal(err)
	}
	rooms := &rooms{house: home.house, minds: &minds{settings: configOfRemoteMind().Mind}, log: slog.New(slog.DiscardHandler)}
	room, err := rooms.room(t.Context(), home.people.Owner().ID)
	if err == nil {
		err = room.companion.SkipMeeting(t.Context())
	}
	if err := errors.Join(err, rooms.close(), home.house.Close()); err != nil {
		t.Fatal(err)
	}
}

// endless is a mind that goes on until it is stopped.
type endless struct {
	parrot
	stopped chan struct{}
}

func (e *endless) Generate(ctx context.Context, _ mind.Request, emit func(mind.Delta) error) (mind.Usage, error) {
	pace := time.NewTicker(20 * time.Millisecond)
	defer pace.Stop()
	for number := 1; ; number++ {
		select {
		case <-pace.C:
		case <-ctx.Done():
			e.stopped <- struct{}{}
			return mind.Usage{}, ctx.Err()
		}
		if err := emit(mind.Delta{Text: fmt.Sprintf("This is word number %d of many. ", number)}); err != nil {
			e.stopped <- struct{}{}
			return mind.Usage{}, err
		}
	}
}

// screenWatcher reads what a terminal shows.
type screenWatcher struct {
	t      *testing.T
	screen *os.File
	shown  string
}

func watchScreen(t *testing.T, screen *os.File) *screenWatcher {
	return &screenWatcher{t: t, screen: screen}
}

// await reads until the texts were shown, one after the other.
func (w *screenWatcher) await(texts ...string) {
	w.t.Helper()
	if err := w.screen.SetReadDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		w.t.Fatal(err)
	}
	buffer := make([]byte, 4096)
	for _, text := range texts {
		for {
			if _, after, found := strings.Cut(w.shown, text); found {
				w.shown = after
				break
			}
			n, err := w.screen.Read(buffer)
			if err != nil {
				w.t.Fatalf("%q was not shown, but %q: %v", text, w.shown, err)
			}
			w.shown += string(buffer[:n])
		}
	}
}

func (w *screenWatcher) write(keys string) {
	w.t.Helper()
	if _, err := w.screen.WriteString(keys); err != nil {
		w.t.Fatal(err)
	}
}

// openTerminal makes a pseudo-terminal: a program runs at terminal, and screen is its keyboard and its screen.
func openTerminal(t *testing.T) (terminal, screen *os.File) {
	t.Helper()
	descriptor, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skipf("this machine has no pseudo-terminals: %v", err)
	}
	screen = os.NewFile(uintptr(descriptor), "/dev/ptmx") // not blocking, so that a read can have a deadline
	t.Cleanup(func() { screen.Close() })
	if err := unix.IoctlSetPointerInt(descriptor, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(descriptor, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return terminal, screen
}

// cacheWithSpeech is the folder of the models; the test is skipped without those that hear and speak.
func cacheWithSpeech(t *testing.T) string {
	t.Helper()
	cache, err := native.DefaultDir()
	if err != nil {
		t.Fatal(err)
	}
	if have, err := haveSpeech(t, cache); err != nil || !have {
		if err != nil {
			t.Fatal(err)
		}
		t.Skip("models are not in the cache")
	}
	return cache
}
