package soundcard

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"twombly/internal/audio"
)

// scripted is a program that is a line of shell.
func scripted(t *testing.T, line string) (program, string) {
	t.Helper()
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	return program{"sh", func(string, int) []string { return []string{"-c", line} }, noEnvironment}, shell
}

func scriptedCard(t *testing.T, records, plays string) *Card {
	t.Helper()
	c := &Card{}
	c.recorder, c.hearPath = scripted(t, records)
	c.player, c.playPath = scripted(t, plays)
	return c
}

// TestStepsAreInLockStep: each 10 ms that are heard play 10 ms, in order, as long as the player takes them.
func TestStepsAreInLockStep(t *testing.T) {
	heardFile, playedFile := filepath.Join(t.TempDir(), "heard"), filepath.Join(t.TempDir(), "played")
	const steps = 6 // no more than may wait, so that none is dropped however slow the player is
	clip := make([]float32, steps*HeardSamples)
	for i := range clip {
		clip[i] = float32(i/HeardSamples+1) / 100
	}
	if err := os.WriteFile(heardFile, audio.AppendPCM16(nil, clip), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	c := scriptedCard(t, "cat "+heardFile+"; cat >&2; exit 3", "cat > "+playedFile)
	number := 0
	err := c.Run(ctx, func(heard, played []float32) error {
		number++
		if len(heard) != HeardSamples || len(played) != PlayedSamples || slices.Max(played) != 0 {
			t.Errorf("step %d: %d samples were heard, and %d are to be played", number, len(heard), len(played))
		}
		for i := range played {
			played[i] = heard[0]
		}
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("the recorder's end is told as %v", err)
	}
	if number != steps || c.Dropped() != 0 {
		t.Errorf("%d steps, %d dropped", number, c.Dropped())
	}
	raw, err := os.ReadFile(playedFile)
	if err != nil {
		t.Fatal(err)
	}
	played, err := audio.DecodePCM16(nil, raw)
	if err != nil {
		t.Fatal(err)
	}
	for i, sample := range played {
		if want := float32(i/PlayedSamples+1) / 100; sample < want-0.001 || sample > want+0.001 {
			t.Fatalf("sample %d that was played is %v, not %v", i, sample, want)
		}
	}
}

func TestHowItEnds(t *testing.T) {
	failed := errors.New("the step failed")
	for _, c := range []struct {
		name, records, plays string
		step                 error
		want                 string
	}{
		{"the recorder has no device", "echo no such device >&2; exit 1", "cat > /dev/null", nil, "sh ended: no such device"},
		{"the player has no device", "cat /dev/zero", "echo no such sink >&2; exit 1", nil, "sh ended: no such sink"},
		{"the step fails", "cat /dev/zero", "cat > /dev/null", failed, failed.Error()},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := scriptedCard(t, c.records, c.plays).Run(t.Context(), func(_, _ []float32) error { return c.step })
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("it ended with %v, not %q", err, c.want)
			}
		})
	}
	t.Run("the context ends", func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		err := scriptedCard(t, "cat /dev/zero", "cat > /dev/null").Run(ctx, func(_, _ []float32) error {
			stop()
			return nil
		})
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	})
}

func TestNoPrograms(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := Open(Options{}); !errors.Is(err, ErrNoProgram) || !strings.Contains(err.Error(), "parec, arecord, rec") {
		t.Errorf("without programs: %v", err)
	}
}
