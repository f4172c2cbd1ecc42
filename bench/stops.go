package bench

import (
	"context"
	_ "embed"
	"errors"
	"strings"
	"time"

	"twombly/bench/duplex"
	"twombly/bench/endpoint"
	"twombly/internal/call"
)

// stopEvents is how often she is told to be silent in a run.
const stopEvents = 48

// soonAfterStop is how soon after its last sample she is to be silent.
const soonAfterStop = 350 * time.Millisecond

// stopSentences are sentences with "stop" in them that do not ask for silence. Written for this benchmark, before anything was measured with it.
//
//go:embed stopsentences.txt
var stopSentences string

// falseStop is a sentence that was taken for a wish for silence.
type falseStop struct {
	Said  string `json:"said"`
	Heard string `json:"heard"`
	Level string `json:"level"`
}

// runStops measures how soon she is silent when she is told to be, and whether she is so only then.
func runStops(ctx context.Context, r *runner) error {
	done, notes, err := holdScenario(ctx, r, turnsRun[duplex.Played]{
		name: "stops", events: stopEvents, build: duplex.SpokenStops, keep: judgeCall,
	})
	if err != nil {
		return err
	}
	summariseStops(r.result, done)
	sentences := strings.Split(strings.TrimSpace(stopSentences), "\n")
	if r.Turns > 0 {
		sentences = sentences[:min(r.Turns, len(sentences))]
	}
	wrong, err := falseStops(ctx, r, turnsFolder(r), sentences)
	if err != nil {
		return errors.Join(err, notes.close(false))
	}
	r.result.set("false_stops", float64(len(wrong)))
	r.result.set("sentences", float64(len(sentences)))
	r.result.Conditions["false_stops"] = wrong
	return notes.close(true)
}

// summariseStops makes the metrics of what was said to her.
func summariseStops(result *Result, calls []duplex.Played) {
	var after []float64
	var all []duplex.Outcome
	told, silent, soon := 0, 0, 0
	for _, call := range calls {
		for _, outcome := range call.Outcomes {
			result.Detail = append(result.Detail, outcome)
			all = append(all, outcome)
			if outcome.Void != "" {
				continue
			}
			told++
			if !outcome.Good {
				continue
			}
			silent++
			after = append(after, outcome.AfterMS)
			if outcome.AfterMS <= milliseconds(soonAfterStop) {
				soon++
			}
		}
	}
	result.proportion("silent", silent, told)
	result.proportion("within_350_ms", soon, told)
	result.percentile("after_word_ms_p50", after, 0.5)
	result.percentile("after_word_ms_p95", after, 0.95)
	result.keepWorst(stopAims, func(metric string) []duplex.Worst { return worstStops(metric, all) })
}

// falseStops has the sentences said to the machine, and finds those that it took for a wish for silence.
func falseStops(ctx context.Context, r *runner, folder string, sentences []string) ([]falseStop, error) {
	corpus, err := duplex.ReadCorpus(folder)
	if err != nil {
		return nil, err
	}
	scenario, err := duplex.Sentences(corpus, duplex.Options{Seed: max(1, r.Seed), Events: len(sentences), NotHers: hers()}, sentences)
	if err != nil {
		return nil, err
	}
	asked, err := openNets(ctx, r)
	if err != nil {
		return nil, err
	}
	defer asked.close()
	takes, err := takesOf(ctx, r, folder, scenario, asked)
	if err != nil {
		return nil, err
	}
	wrong := []falseStop{}
	for i, take := range takes {
		hearing, err := endpoint.Hear(ctx, take, asked)
		if err != nil {
			return nil, err
		}
		played, err := endpoint.Play(ctx, hearing, call.DefaultRules(), endpointingPace)
		if err != nil {
			return nil, err
		}
		for _, commit := range played.Commits {
			if commit.Reason == call.SpokenStop {
				wrong = append(wrong, falseStop{Said: take.Event.Sounds[0].Text, Heard: commit.Words, Level: take.Level})
			}
		}
		if (i+1)%50 == 0 {
			r.say("%d of %d sentences", i+1, len(takes))
		}
	}
	return wrong, nil
}
