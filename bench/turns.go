package bench

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"twombly/bench/duplex"
	"twombly/internal/audio"
	"twombly/internal/call"
	"twombly/internal/companion"
	"twombly/internal/realtime/client"
	"twombly/internal/speech"
)

// turnsEvents is how many events a run has.
const turnsEvents = 320

// runTurns measures turn-taking: calls in which people do what people do, and what she makes of it.
func runTurns(ctx context.Context, r *runner) error {
	without, err := call.ParseLayers(r.Without)
	if err != nil {
		return err
	}
	r.result.Conditions["without"], r.result.Conditions["subset"] = without, r.Subset
	events, build := turnsEvents, duplex.Build
	if r.Subset {
		events, build = duplex.SubsetEvents, duplex.Subset
	}
	done, notes, err := holdScenario(ctx, r, turnsRun[duplex.Played]{
		name: "turns", events: events, build: build, keep: judgeCall,
	})
	if err != nil {
		return err
	}
	summariseTurns(r.result, done)
	if r.Plot != "" {
		if err := drawTurns(r.Plot, done, r.result.Worst()); err != nil {
			return err
		}
	}
	return notes.close(true)
}

// turnsRun is a benchmark of calls: its name, how many events it has unless the person said how many, who builds them, and what is kept of a
// call. With quiet she makes no sounds that are no words.
type turnsRun[T any] struct {
	name   string
	events int
	quiet  bool
	build  func(duplex.Corpus, duplex.Options) (duplex.Scenario, error)
	keep   func(context.Context, *turnsCall, duplex.Played) (T, error)
}

// holdScenario holds the calls of a benchmark, as far as they were not held before, and returns what is kept of all. The notes are the caller's to
// close.
func holdScenario[T any](ctx context.Context, r *runner, run turnsRun[T]) ([]T, *checkpoint[T], error) {
	folder := turnsFolder(r)
	scenario, err := turnsScenario(r, folder, run.events, run.build)
	if err != nil {
		return nil, nil, err
	}
	r.result.Conditions["instant_mind"], r.result.Conditions["scenario"] = r.Instant, scenario.List()
	notes, err := openCheckpoint[T](r, run.name, scenario, r.Mind, r.Instant, r.Without)
	if err != nil {
		return nil, nil, err
	}
	done, err := holdCalls(ctx, r, folder, scenario, notes, run)
	if err != nil {
		return nil, nil, errors.Join(err, notes.close(false))
	}
	return done, notes, nil
}

// judgeCall keeps a call with its judged events.
func judgeCall(ctx context.Context, c *turnsCall, played duplex.Played) (duplex.Played, error) {
	return c.judge(ctx, played)
}

// turnsFolder is where what people do is taken from.
func turnsFolder(r *runner) string {
	if filepath.Base(r.Clips) == "speech" { // the default of the other benchmarks is one of the folders that are wanted
		return filepath.Dir(r.Clips)
	}
	return r.Clips
}

// turnsScenario has what people do built, of so many events unless the person said how many.
func turnsScenario(
	r *runner, folder string, events int, build func(duplex.Corpus, duplex.Options) (duplex.Scenario, error),
) (duplex.Scenario, error) {
	corpus, err := duplex.ReadCorpus(folder)
	if err != nil {
		return duplex.Scenario{}, err
	}
	if err := r.models(append(slices.Clone(speechEntries), "english-phonemes")...); err != nil {
		return duplex.Scenario{}, err
	}
	options := duplex.Options{Seed: max(1, r.Seed), Events: events, NotHers: hers()}
	if r.Turns > 0 {
		options.Events = r.Turns
	}
	r.result.Conditions["seed"] = options.Seed
	return build(corpus, options)
}

// hers are the voices that hers is blended of: the benchmark's person has chosen none, so it is the first.
func hers() (voices []string) {
	return slices.Sorted(maps.Keys(companion.VoiceChoices()[0].Blend))
}

// holdCalls holds the calls that were not held before, and makes of each what is kept of it.
func holdCalls[T any](
	ctx context.Context, r *runner, folder string, scenario duplex.Scenario, notes *checkpoint[T],
	run turnsRun[T],
) (_ []T, err error) {
	done := notes.done
	if len(done) == len(scenario.Calls) {
		return done, nil
	}
	calls := scenario.Calls[len(done):]
	bank := &duplex.Bank{Folder: folder, Cache: filepath.Join(r.Models.Dir(), "bench", "voices")}
	if err := prepareSounds(ctx, r, bank, calls); err != nil {
		return done, err
	}
	library, err := loadOpus(r)
	if err != nil {
		return done, err
	}
	server, err := startServer(ctx, r)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	secret, err := server.token(ctx)
	if err != nil {
		return done, err
	}
	for _, call := range calls {
		r.say("call %d of %d: %s, %s", len(done)+1, len(scenario.Calls), call.Person, call.Level())
		traced, err := server.traces()
		if err != nil {
			return done, err
		}
		c := &turnsCall{runner: r, bank: bank, quiet: run.quiet, traces: server.traces, tracedBefore: traced}
		played, err := c.hold(ctx, call, client.Options{
			URL: server.address, Token: secret, Opus: library, ReportPlayback: true,
		})
		if err != nil {
			return done, fmt.Errorf("%s: %w", call.Name, err)
		}
		kept, err := run.keep(ctx, c, played)
		if err != nil {
			return done, fmt.Errorf("%s: %w", call.Name, err)
		}
		done = append(done, kept)
		if err := notes.note(kept); err != nil {
			return done, err
		}
	}
	return done, nil
}

// prepareSounds has everything said that synthetic voices say, before the program runs: then it takes no time from it.
func prepareSounds(ctx context.Context, r *runner, bank *duplex.Bank, calls []duplex.Call) error {
	r.say("preparing what is said")
	engine, err := speech.OpenLocal(ctx, speech.OptionsIn(r.Models.Dir()))
	if err != nil {
		return err
	}
	defer engine.Close()
	bank.Speak = func(ctx context.Context, sound duplex.Sound) ([]float32, error) {
		utterance, err := engine.Synthesize(ctx, speech.SynthesisRequest{
			Text: sound.Text, Phonemes: sound.Phonemes, Voice: speech.Voice{Blend: map[string]float32{sound.Voice: 1}}, First: true,
		})
		if err != nil {
			return nil, err
		}
		return audio.Resample(utterance.Samples, speech.VoiceRate, duplex.Rate)
	}
	for _, call := range calls {
		for _, event := range call.Events {
			if _, err := bank.Render(ctx, event); err != nil {
				return err
			}
		}
	}
	return nil
}

// summariseTurns makes the metrics.
func summariseTurns(result *Result, calls []duplex.Played) {
	var outcomes []duplex.Outcome
	selfTurns := 0
	var drafted tokens
	for _, call := range calls {
		drafted.Used, drafted.Dropped = drafted.Used+call.TokensUsed, drafted.Dropped+call.TokensDropped
		outcomes = append(outcomes, call.Outcomes...)
		selfTurns += call.SelfTurns
	}
	summarisePanel(result, outcomes)
	result.setWaste("", drafted)
	result.set("self_turns", float64(selfTurns))
	for _, outcome := range outcomes {
		result.Detail = append(result.Detail, outcome)
	}
}

// summarisePanel makes the metrics of judged events.
func summarisePanel(result *Result, outcomes []duplex.Outcome) {
	panel := duplex.Summarise(outcomes)
	for name, count := range panel.Rates {
		result.proportion(name, count.Happened, count.Of)
	}
	for name, key := range map[string]string{"L_R_ms": "L_R", "L_Y_ms": "L_Y", "stop_ms": "stop", "wait_ms": "wait"} {
		result.percentile(name+"_p50", panel.Times[key], 0.5)
		result.percentile(name+"_p95", panel.Times[key], 0.95)
	}
	result.percentile("softer_db_p50", panel.Times["softer"], 0.5)
	result.set("events", float64(len(outcomes)))
	void := 0
	for _, n := range panel.Void {
		void += n
	}
	result.set("void", float64(void))
	result.Conditions["void"] = panel.Void
	result.keepWorst(duplex.PanelAims(), func(metric string) []duplex.Worst { return duplex.WorstOf(metric, outcomes, worstEach) })
}

// drawTurns writes the page of the calls.
func drawTurns(path string, calls []duplex.Played, worst []string) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("draw the calls: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return duplex.Plot(file, calls, worst)
}
