package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"twombly/internal/mind"
	"twombly/internal/mind/openaiserver"
	"twombly/internal/speech/speechtest"
)

// TestTalkWithAMicrophone holds a spoken call through a sound daemon whose loudspeaker comes back to its microphone, as late
// as the daemon's buffers make it and 8 dB softer: the person is understood, she answers aloud, a key stops her and another hangs up.
func TestTalkWithAMicrophone(t *testing.T) {
	cache := cacheWithSpeech(t)
	clips := speechtest.Data(t, "speech")
	sound := startSound(t)
	server := httptest.NewServer(openaiserver.New(slog.New(slog.DiscardHandler), openaiserver.Model{ID: "teller", Mind: teller{}}).Handler())
	defer server.Close()
	home := t.TempDir()
	folder := home + "/d"
	meet(t, folder)
	terminal, screen := openTerminal(t)
	program, err := exec.LookPath("twombly")
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Cmd{
		Path: program, Args: []string{"twombly", "talk", "--mic", "--mic-device", "mic", "--speaker-device", "room", "--data", folder, "--cache", cache,
			"--mind-kind", "openai", "--mind-address", server.URL + "/v1", "--mind-model", "teller"},
		Env:   append(sound, "HOME="+home, "XDG_CONFIG_HOME="+home+"/config"),
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
	say := func(clip string) {
		t.Helper()
		play := exec.Command("paplay", "--device=room", filepath.Join(clips, clip))
		play.Env = sound
		if out, err := play.CombinedOutput(); err != nil {
			t.Fatalf("paplay: %v: %s", err, out)
		}
	}
	watcher.await("] listening")
	soften := exec.Command("pactl", "set-sink-input-volume", "0", "-8dB") // she is the first that plays
	soften.Env = sound
	if out, err := soften.CombinedOutput(); err != nil {
		t.Fatalf("pactl: %v: %s", err, out)
	}
	say("18_sense_and_sensibility_01_austen_64kb-0890.wav")
	watcher.await("You: ", "cold-hearted", "The lighthouse")
	watcher.write(" ")
	watcher.await("] listening")
	watcher.write("q")
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Error("q did not end it")
	}
}

// startSound starts a sound daemon of the test's own and returns the environment in which programs meet it. What is played to
// sink "room", by her loudspeaker or by anybody, is what source "mic" hears.
func startSound(t *testing.T) []string {
	t.Helper()
	for _, program := range []string{"pulseaudio", "pactl", "paplay", "parec"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("no sound daemon can be started: %v (Debian's packages are pulseaudio and pulseaudio-utils)", err)
		}
	}
	folder := t.TempDir()
	socket := filepath.Join(folder, "sock")
	environment := append(os.Environ(), "XDG_RUNTIME_DIR="+folder, "HOME="+folder, "PULSE_SERVER=unix:"+socket)
	if err := os.Chmod(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	daemon := exec.CommandContext(t.Context(), "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--realtime=no", "--high-priority=no",
		"-L", "module-native-protocol-unix auth-anonymous=1 socket="+socket,
		"-L", "module-null-sink sink_name=room rate=48000",
		"-L", "module-remap-source source_name=mic master=room.monitor")
	daemon.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+folder, "HOME="+folder)
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- daemon.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = daemon.Process.Kill() // it has no other end
		for range ended {
		}
	})
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	pause := time.NewTicker(100 * time.Millisecond)
	defer pause.Stop()
	for {
		ask := exec.CommandContext(ctx, "pactl", "info")
		ask.Env = environment
		out, err := ask.CombinedOutput()
		if err == nil {
			return environment
		}
		select {
		case <-pause.C:
		case err := <-ended:
			t.Skipf("no sound daemon can be started here: %v", errors.Join(err, ctx.Err()))
		case <-ctx.Done():
			t.Skipf("no sound daemon can be started here: %s", out)
		}
	}
}

// teller is a mind that always tells the same.
type teller struct{ parrot }

func (teller) Generate(_ context.Context, _ mind.Request, emit func(mind.Delta) error) (mind.Usage, error) {
	return mind.Usage{}, emit(mind.Delta{Text: "The lighthouse was built long ago, when the harbour was still busy. Every evening somebody climbed the stairs and lit " +
		"the lamp by hand. In bad weather the keeper stayed up there all night and read novels. In the end a small motor took his place, " +
		"and nobody has climbed the stairs again to this day."})
}
