package endtoend

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"twombly/bench/machine"
	"twombly/internal/native/nativetest"
	"twombly/internal/speech"
	"twombly/internal/speech/speechtest"
)

// long says whether the acceptance lines are run as they are stated, and not in short.
func long() bool { return os.Getenv("TWOMBLY_LONG") == "1" }

// sharedFolder holds what all tests of a run use; TestMain removes it.
var sharedFolder string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "twombly-endtoend-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	sharedFolder = folder
	code := m.Run()
	closeEar()
	if err := os.RemoveAll(folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// build builds the program, once for all tests.
var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(sharedFolder, "twombly")
	command := exec.Command("go", "build", "-trimpath", "-o", path, "twombly/cmd/twombly")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return path, nil
})

// program returns the path of the built program, and skips the test where it can't run.
func program(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("the real program is left out of short runs")
	}
	speechtest.Options(t)
	nativetest.Path(t, "llama.cpp", "")
	nativetest.Path(t, "qwen2.5-coder-1.5b-instruct-q4_k_m", "model.gguf")
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// patience stretches a wait on a slow or busy machine.
func patience(d time.Duration) time.Duration {
	if factor, err := strconv.ParseFloat(os.Getenv("TWOMBLY_SLOW"), 64); err == nil && factor > 0 {
		return time.Duration(float64(d) * factor)
	}
	return d
}

// within is a context that ends after a wait.
func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience(d))
	t.Cleanup(cancel)
	return ctx
}

// outsideLimit is how much of a core others may use while something is measured.
const outsideLimit = 0.2

// hold fails the test when what was measured since the watch began is over its limit, unless others were busy.
func hold(t testing.TB, watch *machine.Watch, what string, got, limit time.Duration) {
	t.Helper()
	quiet := watch.End()
	switch {
	case got <= limit:
		t.Logf("%s: %s (at most %s)", what, got.Round(time.Millisecond), limit)
	case os.Getenv("TWOMBLY_STRICT") == "1":
		t.Errorf("%s: %s, at most %s", what, got.Round(time.Millisecond), limit)
	case quiet.Outside <= outsideLimit && got > gateSlack*limit:
		// The gate looks for what broke; whether a limit holds to the millisecond is for the acceptance run.
		t.Errorf("%s: %s, far over its limit of %s", what, got.Round(time.Millisecond), limit)
	case quiet.Outside <= outsideLimit:
		t.Logf("%s: %s, OVER its limit of %s", what, got.Round(time.Millisecond), limit)
	default:
		t.Logf("%s: %s, over %s, but others used %.0f %% of a core", what, got.Round(time.Millisecond), limit, 100*quiet.Outside)
	}
}

// gateSlack is how many times over its limit a quiet run of the gate fails: more than the slowest machine needs, far less than
// what it guards against (a persona that is read anew takes half a minute).
const gateSlack = 4

// ear is speech in this process, for what the tests say and hear.
var ear struct {
	lock   sync.Mutex
	engine *speech.Local
}

// listener returns the engine of the tests.
func listener(t testing.TB) *speech.Local {
	t.Helper()
	ear.lock.Lock()
	defer ear.lock.Unlock()
	if ear.engine == nil {
		engine, err := speech.OpenLocal(t.Context(), speechtest.Options(t))
		if err != nil {
			t.Fatal(err)
		}
		ear.engine = engine
	}
	return ear.engine
}

func closeEar() {
	ear.lock.Lock()
	defer ear.lock.Unlock()
	if ear.engine != nil {
		ear.engine.Close()
		ear.engine = nil
	}
}
