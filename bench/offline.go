package bench

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"twombly/bench/duplex"
	"twombly/bench/offline"
	"twombly/internal/call"
	"twombly/internal/companion"
	"twombly/internal/speech"
)

// offlineEvents is how many events a run has.
const offlineEvents = 640

// offlinePace is how long things take: assumed, so that runs on different machines compare. Two seconds are recognised in 40 to 80 ms on the machines of
// docs/benchmarks.md, and from a decision to the client's loudspeaker it takes 40 to 60 ms.
var offlinePace = offline.Pace{
	Pace: endpointingPace, Overhearing: 80 * time.Millisecond, Transport: 50 * time.Millisecond, Names: []string{"Robin", "Robin"},
}

// offlineTale is what she says meanwhile. Written for this benchmark.
//
//go:embed offlinetale.txt
var offlineTale string

// runOffline plays the scenario of turns to the machine that decides, faster than real time.
func runOffline(ctx context.Context, r *runner) (err error) {
	rules := call.DefaultRules()
	if r.Rules != "" {
		if err := json.Unmarshal([]byte(r.Rules), &rules); err != nil {
			return fmt.Errorf("the rules of turn-taking are no JSON object as is wanted: %w", err)
		}
	}
	r.result.Conditions["rules"] = rules
	folder := turnsFolder(r)
	scenario, err := turnsScenario(r, folder, offlineEvents, duplex.Build)
	if err != nil {
		return err
	}
	calls, err := layCalls(ctx, r, folder, scenario)
	if err != nil {
		return err
	}
	asked, err := openNets(ctx, r)
	if err != nil {
		return err
	}
	defer asked.close()
	nets, err := rememberNets(r, asked)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, nets.close()) }()
	voice, err := asked.Synthesize(ctx, speech.SynthesisRequest{
		Text: strings.TrimSpace(offlineTale), Voice: speech.Voice{Blend: companion.VoiceChoices()[0].Blend, Speed: companion.VoiceChoices()[0].Speed},
	})
	if err != nil {
		return err
	}
	var outcomes []duplex.Outcome
	var pauses []float64
	for i, laid := range calls {
		played, err := offline.Play(ctx, laid, nets, rules, offlinePace, voice)
		if err != nil {
			return err
		}
		for _, outcome := range played.Outcomes {
			outcomes = append(outcomes, outcome.Outcome)
			r.result.Detail = append(r.result.Detail, outcome)
			if outcome.Good && outcome.Event.During && outcome.Event.Kind != duplex.Interruption && outcome.Event.Kind != duplex.Stop {
				pauses = append(pauses, outcome.PausesMS...)
			}
		}
		r.say("call %d of %d", i+1, len(calls))
	}
	summarisePanel(r.result, outcomes)
	r.result.set("pauses", float64(len(pauses)))
	r.result.percentile("pause_ms_p50", pauses, 0.5)
	r.result.percentile("pause_ms_p95", pauses, 0.95)
	r.result.Conditions["pace"] = offlinePace
	return nil
}

// layCalls renders the calls of a scenario.
func layCalls(ctx context.Context, r *runner, folder string, scenario duplex.Scenario) ([]offline.Call, error) {
	bank := &duplex.Bank{Folder: folder, Cache: filepath.Join(r.Models.Dir(), "bench", "voices")}
	if err := prepareSounds(ctx, r, bank, scenario.Calls); err != nil {
		return nil, err
	}
	var calls []offline.Call
	for _, held := range scenario.Calls {
		var noise []float32
		var err error
		if held.Noise != "" {
			if noise, err = bank.Noise(held.Noise, held.SNR); err != nil {
				return nil, err
			}
		}
		var sounds []duplex.Rendered
		for _, event := range held.Events {
			rendered, err := bank.Render(ctx, event)
			if err != nil {
				return nil, err
			}
			sounds = append(sounds, rendered)
		}
		calls = append(calls, offline.Lay(held, sounds, noise))
	}
	return calls, nil
}
