package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"twombly/bench/machine"
	"twombly/internal/native"
)

// Options say what to measure and with what. Program, Commit and Models are required.
type Options struct {
	// Program is the executable that is started as a server.
	Program string
	// Commit is the program's version, for the record.
	Commit string
	// Models is the store of models, in which all that a benchmark needs is ready.
	Models *native.Store
	// Mind is a GGUF file to think with instead of the default model.
	Mind string
	// Clips is a folder of WAV files with a transcripts.tsv.
	Clips string
	// Turns is how many turns, sentences or clips are measured; 0 means the benchmark's own number.
	Turns int
	// Length makes voice go on for this long instead (a soak).
	Length time.Duration
	// Loss (0 to 1) and Jitter make the network of voice bad in both directions; Compare measures it clean first.
	Loss    float64
	Jitter  time.Duration
	Compare bool
	// ReplyLimit is how much of a reply is listened to in voice; 0 means 6 s.
	ReplyLimit time.Duration
	// Instant has turns and voice think with a stub that answers at once, so that all but the mind is measured.
	Instant bool
	// Seed makes another scenario of turns; Plot is a file to draw its calls in, empty for none.
	Seed uint64
	Plot string
	// Rules are other numbers of turn-taking for offline, as a JSON object of call.Rules with durations in nanoseconds; what it does not name is the default.
	Rules string
	// Others has offline play calls in which other people are heard too.
	Others bool
	// Voices has offline tell voices apart: "soft", "only"; empty does not.
	Voices string
	// Without names layers that are left out, parted by commas. echo: "envelope", "words", "duck"; "echo" is a headset. turns: those of call.ParseLayers, as
	// "duck", "drafting", "prefill". endpointing: "tempo", "numbers", "noise", and "words", which are not judged then.
	Without string
	// Subset has turns be of the fixed sixty events on which layers are left out.
	Subset bool
	// Settle is how long idle waits before it measures, 0 means 10 minutes; Watch how long it then measures, 0 means 2.
	Settle, Watch time.Duration
	// Checkpoints is a folder where unfinished runs are noted; empty notes nothing. Fresh forgets what is there.
	Checkpoints string
	Fresh       bool
	// Progress receives lines for people; nil for none.
	Progress io.Writer
}

// runner is one benchmark at work.
type runner struct {
	Options
	result *Result
}

// benchmarks are all of them by name.
var benchmarks = map[string]func(context.Context, *runner) error{
	"stt":         runSTT,
	"tts":         runTTS,
	"mind":        runMind,
	"voice":       runVoice,
	"turns":       runTurns,
	"resume":      runResume,
	"stops":       runStops,
	"endpointing": runEndpointing,
	"offline":     runOffline,
	"speakers":    runSpeakers,
	"short":       runShort,
	"echo":        runEcho,
	"idle":        runIdle,
}

// ErrUnknown means that there is no benchmark of that name.
var ErrUnknown = errors.New("no such benchmark")

// Run runs a benchmark and returns its result. A run on a machine that others kept busy is returned too, marked void.
func Run(ctx context.Context, name string, options Options) (Result, error) {
	benchmark := benchmarks[name]
	if benchmark == nil {
		return Result{}, fmt.Errorf("%w: %q", ErrUnknown, name)
	}
	if options.Progress == nil {
		options.Progress = io.Discard
	}
	r := &runner{Options: options, result: newResult(name, options.Commit)}
	watch := machine.Begin()
	err := benchmark(ctx, r)
	r.result.Quiet = watch.End()
	r.say("%s", quietLine(r.result.Quiet))
	if err != nil {
		return *r.result, fmt.Errorf("bench %s: %w", name, err)
	}
	return *r.result, nil
}

// Names lists the benchmarks.
func Names() []string {
	names := make([]string, 0, len(benchmarks))
	for name := range benchmarks {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// say tells the person at the terminal how it goes. Nothing else depends on it.
func (r *runner) say(format string, arguments ...any) {
	_, _ = fmt.Fprintf(r.Progress, format+"\n", arguments...)
}

func quietLine(q machine.Quiet) string {
	if q.Void {
		return "void: " + q.Why
	}
	return fmt.Sprintf("quiet: others used %.1f %% of a core over %.0f s", 100*q.Outside, q.Seconds)
}
