package progress_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"twombly/internal/native/progress"
)

func TestLinesTellSpeedAndTimeLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		lines := progress.NewLines(&out)
		lines.Note("hello")
		bar := lines.Begin("her voice")
		bar.Update(0, 100_000_000)
		time.Sleep(time.Minute) // waiting for its turn says nothing
		bar.Update(0, 100_000_000)
		bar.Update(1, 100_000_000)
		for second := range 30 {
			time.Sleep(time.Second)
			bar.Update(int64(second+1)*1_000_000, 100_000_000)
		}
		bar.Note("verifying")
		bar.Done(nil)
		lines.Begin("her mind").Done(errors.New("no"))
		text := out.String()
		if n := strings.Count(text, "\n"); n > 9 {
			t.Errorf("%d lines:\n%s", n, text)
		}
		for _, want := range []string{"hello\n", "her voice: 100.0 MB\n", "20.0 MB of 100.0 MB, 1000 kB/s, 1m20s left (20 %)", "her voice: verifying", "her voice: ready after 1m30s", "her mind: failed"} {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in\n%s", want, text)
			}
		}
	})
}

func TestBarsEnd(t *testing.T) {
	var out bytes.Buffer
	bars := progress.NewBars(&out)
	good, bad, idle := bars.Begin("her voice, with a name that is far longer than its column"), bars.Begin("her mind"), bars.Begin("her ears")
	good.Update(0, 1000)
	good.Update(400, 1000)
	good.Update(1000, 1000)
	good.Update(5, 2000) // another source
	good.Note("verifying")
	good.Done(nil)
	bad.Update(10, 1000)
	bad.Done(errors.New("no"))
	idle.Done(nil) // nothing was to be done
	bars.Note("all is well")
	bars.Wait() // returns only if every bar has ended
	for _, want := range []string{"her voice", "her mind", "failed", "ready", "all is well"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in %q", want, out.String())
		}
	}
}
