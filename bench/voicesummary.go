package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"twombly/bench/duplex"
	"twombly/bench/measure"
	"twombly/internal/call"
)

// summariseVoice makes the metrics of turns over one network.
func summariseVoice(result *Result, prefix string, n network, turns []voiceTurn) {
	var word, sound, opened, unopened, pauses []float64
	var errors []measure.Share
	byStage := map[string][]float64{}
	var drafted tokens
	glitches, long, cutOff, split, self, missed, cut := 0, 0, 0, 0, 0, 0, 0
	for _, turn := range turns {
		turn.Network = n.name
		result.Detail = append(result.Detail, turn)
		errors = append(errors, turn.Errors)
		glitches += len(turn.Glitches)
		pauses = append(pauses, turn.PausesMS...)
		for _, pause := range turn.PausesMS {
			if pause > milliseconds(measure.MaxPause) {
				long++
			}
		}
		self += turn.SelfTurns
		cutOff += count(turn.CutOffMS > 0)
		split += count(turn.Commits-turn.SelfTurns > 1)
		missed += count(!turn.Answered)
		cut += count(turn.Cut)
		drafted.Used, drafted.Dropped = drafted.Used+turn.Drafted.Used, drafted.Dropped+turn.Drafted.Dropped
		if !turn.Answered {
			continue
		}
		word, sound = append(word, turn.FirstWordMS), append(sound, turn.FirstSoundMS)
		if turn.Stages.Opener > 0 {
			opened = append(opened, turn.FirstSoundMS)
		} else {
			unopened = append(unopened, turn.FirstWordMS)
		}
		for name, value := range turn.Stages.named() {
			byStage[name] = append(byStage[name], value)
		}
	}
	result.percentile(prefix+"first_word_ms_p50", word, 0.5)
	result.percentile(prefix+"first_word_ms_p95", word, 0.95)
	result.percentile(prefix+"first_sound_ms_p50", sound, 0.5)
	result.percentile(prefix+"first_sound_with_opener_ms_p50", opened, 0.5)
	result.percentile(prefix+"first_word_without_opener_ms_p50", unopened, 0.5)
	result.proportion(prefix+"openers", len(opened), len(turns))
	for name, values := range byStage {
		result.percentile(prefix+name+"_p50", values, 0.5)
	}
	result.set(prefix+"glitches", float64(glitches))
	result.set(prefix+"long_pauses", float64(long))
	result.percentile(prefix+"clause_pause_ms_p50", pauses, 0.5)
	result.setWaste(prefix, drafted)
	result.rate(prefix+"wer", errors)
	result.proportion(prefix+"wrong_turns", cutOff+split, len(turns))
	result.proportion(prefix+"cut_off", cutOff, len(turns))
	result.set(prefix+"self_turns", float64(self))
	result.set(prefix+"unanswered", float64(missed))
	result.set(prefix+"turns", float64(len(turns)))
	result.set(prefix+"replies_cut_by_bench", float64(cut))
	if prefix == "" {
		aims := voiceAims
		if instant, _ := result.Conditions["instant_mind"].(bool); instant {
			aims = instantVoiceAims
		}
		result.keepWorst(aims, func(metric string) []duplex.Worst { return worstTurns(metric, turns) })
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// named are the stages under the names of their metrics.
func (s stages) named() map[string]float64 {
	named := map[string]float64{
		"voice_tail_ms": s.VoiceTail, "pause_ms": s.Pause, "recognition_ms": s.Recognition, "first_token_ms": s.FirstToken,
		"first_clause_ms": s.FirstClause, "synthesis_ms": s.Synthesis, "hold_ms": s.Hold, "overhead_ms": s.Overhead,
	}
	if s.Opener > 0 {
		named["opener_ms"] = s.Opener
	} else {
		named["transport_ms"], named["lead_ms"] = s.Transport, s.Lead
	}
	return named
}

// memoryEvery is how often memory is looked at; memorySettles how long it may grow at the beginning.
const (
	memoryEvery   = 10 * time.Second
	memorySettles = 5 * time.Minute
)

// memorySample is the memory of the program's processes at a time, in MB.
type memorySample struct {
	Seconds float64            `json:"seconds"`
	RSS     map[string]float64 `json:"rss_mb"`
}

// memoryWatch looks at memory until it is stopped.
type memoryWatch struct {
	cancel  context.CancelFunc
	done    chan struct{}
	samples []memorySample
	err     error
}

func watchMemory(ctx context.Context, s *server) *memoryWatch {
	ctx, cancel := context.WithCancel(ctx)
	w := &memoryWatch{cancel: cancel, done: make(chan struct{})}
	began := time.Now()
	go func() {
		defer close(w.done)
		for w.err == nil {
			w.sample(s, time.Since(began))
			if wait(ctx, memoryEvery) != nil {
				return
			}
		}
	}()
	return w
}

func (w *memoryWatch) sample(s *server, at time.Duration) {
	parts, err := s.parts()
	if err != nil {
		w.err = fmt.Errorf("watch memory: %w", err)
		return
	}
	sample := memorySample{Seconds: at.Seconds(), RSS: map[string]float64{}}
	for name, process := range parts {
		megabytes := float64(process.Resident) / (1 << 20)
		sample.RSS[name] = megabytes
		sample.RSS["all"] += megabytes
	}
	w.samples = append(w.samples, sample)
}

func (w *memoryWatch) stop() ([]memorySample, error) {
	w.cancel()
	<-w.done
	return w.samples, w.err
}

// summariseMemory keeps memory at the end and, for a soak, its growth after the first minutes.
func summariseMemory(result *Result, prefix string, samples []memorySample, soak bool) {
	if len(samples) == 0 {
		return
	}
	last := samples[len(samples)-1]
	for name, megabytes := range last.RSS {
		result.set(prefix+"rss_mb_"+name, megabytes)
	}
	if !soak {
		return
	}
	for name := range last.RSS {
		if growth, ok := memoryGrowth(samples, name); ok {
			result.set(prefix+"memory_growth_"+name, growth)
		}
	}
	result.Detail = append(result.Detail, map[string]any{"memory": samples})
}

// memoryGrowth is by which share the memory of a part grew: the median of the last minute against that of the minute
// after memorySettles. False when the run was too short to say.
func memoryGrowth(samples []memorySample, part string) (float64, bool) {
	window := func(from, to float64) []float64 {
		var values []float64
		for _, sample := range samples {
			if value, known := sample.RSS[part]; known && sample.Seconds >= from && sample.Seconds <= to {
				values = append(values, value)
			}
		}
		return values
	}
	end := samples[len(samples)-1].Seconds
	settled := memorySettles.Seconds()
	before, after := window(settled, settled+60), window(end-60, end)
	if end < settled+120 || len(before) == 0 || len(after) == 0 {
		return 0, false
	}
	return measure.Median(after)/measure.Median(before) - 1, true
}

// traceStep is what a trace's line says of decisions.
type traceStep struct {
	Intents []call.Intent `json:"intents"`
}

// traceWithin is how long the traces of ended calls may take to be complete.
const traceWithin = 5 * time.Second

// summariseTraces counts the reason codes of every commit and yield in the traces that are new.
func summariseTraces(ctx context.Context, result *Result, prefix string, s *server, before []string) error {
	reasons := map[string]map[string]int{}
	unexplained := 0
	paths, err := s.traces()
	if err != nil {
		return err
	}
	for _, path := range paths {
		if slices.Contains(before, path) {
			continue
		}
		if err := awaitTrace(ctx, path); err != nil {
			return err
		}
		if err := readTrace(path, func(intent call.Intent) {
			if intent.Action != call.CommitTurn && intent.Action != call.Yield {
				return
			}
			if intent.Reason == "" {
				unexplained++
			}
			if reasons[string(intent.Action)] == nil {
				reasons[string(intent.Action)] = map[string]int{}
			}
			reasons[string(intent.Action)][string(intent.Reason)]++
		}); err != nil {
			return err
		}
	}
	result.set(prefix+"decisions_without_reason", float64(unexplained))
	result.Detail = append(result.Detail, map[string]any{"network": prefix, "reasons": reasons})
	return nil
}

// awaitTrace waits until a trace does not grow any more: the call ends a moment after its client hung up.
func awaitTrace(ctx context.Context, path string) error {
	var size int64 = -1
	for began := time.Now(); time.Since(began) < traceWithin; {
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("read a trace: %w", err)
		}
		if info.Size() == size {
			return nil
		}
		size = info.Size()
		if err := wait(ctx, 300*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// readTrace visits the intents of a trace.
func readTrace(path string, visit func(call.Intent)) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read a trace: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var step traceStep
		if err := json.Unmarshal(lines.Bytes(), &step); err != nil {
			return fmt.Errorf("read a trace: %w", err)
		}
		for _, intent := range step.Intents {
			visit(intent)
		}
	}
	return lines.Err()
}
