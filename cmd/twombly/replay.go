package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"twombly/internal/call"
)

// replayCommand runs a recorded call through today's state machine.
type replayCommand struct {
	dataFolder `embed:""`
	Trace      string `arg:"" complete:"files" help:"A trace file, or the name of a sealed one in the store (call-….jsonl)."`
	Show       bool   `help:"Show every step at which something was decided."`
	JSON       bool   `name:"json" help:"Print the outcome as JSON."`
}

// Help implements kong.HelpProvider.
func (replayCommand) Help() string {
	return `Calls are recorded when the setting "traces" says so. Words are not in a trace, unless it is a sealed one.

Examples:

  twombly serve --traces timings
  twombly replay ~/.local/share/twombly/traces/call-20260501T101500.000.jsonl --show
  twombly replay call-20260501T101500.000.jsonl      (a sealed trace, from the store)`
}

// errDiffers means that the machine of today decides something else.
var errDiffers = errors.New("today's turn-taking decides differently")

func (r *replayCommand) Run(ctx context.Context, term terminal) error {
	trace, err := r.open(ctx)
	if err != nil {
		return err
	}
	defer trace.Close()
	visit := func(at time.Duration, input call.Input, intents []call.Intent) {
		if r.Show && len(intents) > 0 {
			_, _ = fmt.Fprintf(term.out, "%9.3f s  %T\n", at.Seconds(), input)
			for _, intent := range intents {
				_, _ = fmt.Fprintf(term.out, "             %s, because %s\n", intent.Action, intent.Reason)
			}
		}
	}
	replayed, err := call.Replay(trace, visit)
	if err != nil {
		return err
	}
	if r.JSON {
		if err := json.NewEncoder(term.out).Encode(replayed); err != nil {
			return fmt.Errorf("print the outcome: %w", err)
		}
	} else {
		printReplayed(term.out, replayed)
	}
	if len(replayed.Differences) > 0 {
		return errDiffers
	}
	return nil
}

// open finds the trace: a plain file, or a sealed one in the owner's folder.
func (r *replayCommand) open(ctx context.Context) (io.ReadCloser, error) {
	file, err := os.Open(r.Trace)
	if err == nil {
		return file, nil
	}
	if strings.ContainsRune(r.Trace, filepath.Separator) {
		return nil, fmt.Errorf("open the trace: %w", err)
	}
	var text bytes.Buffer
	err = withRecords(ctx, r.Data, func(records records) error { return records.trace(ctx, r.Trace, &text) })
	if err != nil {
		return nil, err
	}
	return io.NopCloser(&text), nil
}

func printReplayed(out io.Writer, replayed call.Replayed) {
	_, _ = fmt.Fprintf(out, "%d steps over %.1f s, %d decisions\n", replayed.Steps, replayed.Duration.Seconds(), replayed.Intents)
	for _, reason := range slices.Sorted(maps.Keys(replayed.Reasons)) {
		_, _ = fmt.Fprintf(out, "  %-20s %d\n", reason, replayed.Reasons[reason])
	}
	for _, difference := range replayed.Differences {
		_, _ = fmt.Fprintf(out, "line %d, %.3f s, %s: recorded %v, now %v\n", difference.Line, difference.At.Seconds(),
			difference.Input, difference.Recorded, difference.Now)
	}
}
