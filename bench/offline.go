package bench

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
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
// docs/benchmarks-method.md, and from a decision to the client's loudspeaker it takes 40 to 60 ms.
var offlinePace = offline.Pace{
	Pace: endpointingPace, Overhearing: 80 * time.Millisecond, Transport: 50 * time.Millisecond, Names: []string{"Robin", "Robin"},
}

// offlineTale is what she says meanwhile. Written for this benchmark.
//
//go:embed offlinetale.txt
var offlineTale string

// runOffline plays the scenario of turns to the machine that decides, faster than real time.
func runOffline(ctx context.Context, r *runner) (err error) {
	rules, err := rulesAsked(r)
	if err != nil {
		return err
	}
	switch r.Voices {
	case "soft", "only":
		rules = rules.WithVoices(r.Voices == "only")
	}
	folder := turnsFolder(r)
	build := duplex.Build
	if r.Others {
		build = duplex.BuildOthers
	}
	scenario, err := turnsScenario(r, folder, offlineEvents, build)
	if err != nil {
		return err
	}
	bank, calls, err := layCalls(ctx, r, folder, scenario)
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
	voice, err := offlineVoice(ctx, asked)
	if err != nil {
		return err
	}
	var outcomes []duplex.Outcome
	var played []offline.Outcome
	var pauses []float64
	for i, laid := range calls {
		voices, err := familiar(ctx, r, bank, laid, asked, rules)
		if err != nil {
			return err
		}
		call, err := offline.Play(ctx, laid, nets, rules, offlinePace, voice, voices)
		if err != nil {
			return err
		}
		for _, outcome := range call.Outcomes {
			played = append(played, outcome)
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
	r.result.keepWorst(pauseAims, func(metric string) []duplex.Worst { return worstPauses(metric, played) })
	r.result.Conditions["pace"] = offlinePace
	return nil
}

// rulesAsked are the rules of turn-taking, with the numbers that are to be tried.
func rulesAsked(r *runner) (call.Rules, error) {
	rules := call.DefaultRules()
	if r.Rules != "" {
		if err := json.Unmarshal([]byte(r.Rules), &rules); err != nil {
			return rules, fmt.Errorf("the rules of turn-taking are no JSON object as is wanted: %w", err)
		}
	}
	r.result.Conditions["rules"] = rules
	return rules, nil
}

// offlineVoice is what she says meanwhile, in her voice.
func offlineVoice(ctx context.Context, engine *nets) (speech.Utterance, error) {
	choice := companion.VoiceChoices()[0]
	return engine.Synthesize(ctx, speech.SynthesisRequest{
		Text: strings.TrimSpace(offlineTale), Voice: speech.Voice{Blend: choice.Blend, Speed: choice.Speed},
	})
}

// layCalls renders the calls of a scenario.
func layCalls(ctx context.Context, r *runner, folder string, scenario duplex.Scenario) (*duplex.Bank, []offline.Call, error) {
	bank := &duplex.Bank{Folder: folder, Cache: filepath.Join(r.Models.Dir(), "bench", "voices")}
	all := slices.Clone(scenario.Calls)
	for _, held := range scenario.Calls {
		if r.Voices == "soft" || r.Voices == "only" {
			events, err := familiarEvents(r, folder, held)
			if err != nil {
				return nil, nil, err
			}
			all = append(all, duplex.Call{Name: held.Name, Events: events})
		}
	}
	if err := prepareSounds(ctx, r, bank, all); err != nil {
		return nil, nil, err
	}
	var calls []offline.Call
	for _, held := range scenario.Calls {
		var noise []float32
		var err error
		if held.Noise != "" {
			if noise, err = bank.Noise(held.Noise, held.SNR); err != nil {
				return nil, nil, err
			}
		}
		var sounds []duplex.Rendered
		for _, event := range held.Events {
			rendered, err := bank.Render(ctx, event)
			if err != nil {
				return nil, nil, err
			}
			sounds = append(sounds, rendered)
		}
		calls = append(calls, offline.Lay(held, sounds, noise))
	}
	return bank, calls, nil
}

// comparing is how long a comparison of voices takes in a call: assumed, as the other times are.
const comparing = 120 * time.Millisecond

// familiarEvents are what the person of a call has said to her before.
func familiarEvents(r *runner, folder string, held duplex.Call) ([]duplex.Event, error) {
	corpus, err := duplex.ReadCorpus(folder)
	if err != nil {
		return nil, err
	}
	return duplex.Familiar(corpus, duplex.Options{Seed: max(1, r.Seed), NotHers: hers()}, held)
}

// familiar makes the voice of a call's person known, where voices are told apart.
func familiar(ctx context.Context, r *runner, bank *duplex.Bank, laid offline.Call, asked *nets, rules call.Rules) (offline.Voices, error) {
	voices := offline.Voices{Net: asked.Local, Comparing: comparing}
	if rules.Stranger == 0 {
		return voices, nil
	}
	events, err := familiarEvents(r, bank.Folder, laid.Call)
	if err != nil {
		return voices, err
	}
	var said []duplex.Rendered
	for _, event := range events {
		rendered, err := bank.Render(ctx, event)
		if err != nil {
			return voices, err
		}
		said = append(said, rendered)
	}
	var noise []float32
	if laid.Noise != "" {
		if noise, err = bank.Noise(laid.Noise, laid.SNR); err != nil {
			return voices, err
		}
	}
	return voices, voices.Learn(ctx, asked, said, noise, rules)
}
