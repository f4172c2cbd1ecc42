package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"twombly/bench/duplex"
	"twombly/bench/endpoint"
	"twombly/internal/call"
	"twombly/internal/mind/llama"
	"twombly/internal/speech"
)

// endpointingEvents is of how many events of a scenario of turns those are taken that are turns: more than 100 pauses.
const endpointingEvents = 640

// endpointingPace is how long things take with a mind that answers at once: assumed, so that runs on different
// machines compare. Her first clause takes 350 ms on the fastest machine of docs/benchmarks.md, and up to a second on the others.
var endpointingPace = endpoint.Pace{
	Recognition: 10 * time.Millisecond, Detection: 60 * time.Millisecond, Thinking: 20 * time.Millisecond, Voice: 350 * time.Millisecond,
	Words: true,
}

// nets are those that a call asks.
type nets struct {
	*speech.Local
	ends *llama.EndOfTurn
}

func (n *nets) EndOfTurn(ctx context.Context, words string) (float32, error) {
	return n.ends.Probability(ctx, words)
}

// openNets loads them.
func openNets(ctx context.Context, r *runner) (*nets, error) {
	if err := r.models(endOfTurnEntries...); err != nil {
		return nil, err
	}
	model, err := r.Models.Path(endOfTurnEntries[1], "model.gguf")
	if err != nil {
		return nil, err
	}
	options := speech.OptionsIn(r.Models.Dir())
	if r.Voices != "" {
		if options, err = withVoices(r, options); err != nil {
			return nil, err
		}
	}
	engine, err := speech.OpenLocal(ctx, options)
	if err != nil {
		return nil, err
	}
	ends, err := llama.OpenEndOfTurn(llama.Options{Libraries: r.Models.Folder(endOfTurnEntries[0]), Model: model})
	if err != nil {
		engine.Close()
		return nil, err
	}
	return &nets{engine, ends}, nil
}

func (n *nets) close() {
	n.ends.Close()
	n.Local.Close()
}

// runEndpointing measures how well the ends of turns are found, faster than real time.
func runEndpointing(ctx context.Context, r *runner) error {
	layers, withoutWords, err := endsWithout(r.Without)
	if err != nil {
		return err
	}
	asked, err := openNets(ctx, r)
	if err != nil {
		return err
	}
	defer asked.close()
	takes, err := recordTakes(ctx, r, asked)
	if err != nil {
		return err
	}
	rules, pace := call.DefaultRules().LeaveOut(layers), endpointingPace
	pace.Words = pace.Words && !withoutWords
	var heard []*endpoint.Hearing
	for i, take := range takes {
		hearing, err := endpoint.Hear(ctx, take, asked)
		if err != nil {
			return err
		}
		heard = append(heard, hearing)
		if (i+1)%20 == 0 {
			r.say("heard %d of %d turns", i+1, len(takes))
		}
	}
	r.say("judging them")
	outcomes, err := outcomesOf(ctx, heard, rules, pace)
	if err != nil {
		return err
	}
	r.say("with layers left out")
	layered, err := endpointingLayers(ctx, heard, call.DefaultRules())
	if err != nil {
		return err
	}
	r.result.Conditions["without"], r.result.Conditions["layers"], r.result.Conditions["pace"] = r.Without, layered, pace
	r.say("the curves")
	curves, err := endpointingCurves(ctx, heard, rules)
	if err != nil {
		return err
	}
	here := endpoint.Score("default", outcomes)
	summariseEndpointing(r.result, here, outcomes, curves)
	if r.Plot == "" {
		return nil
	}
	return drawEndpointing(r.Plot, curves, here)
}

// outcomesOf plays takes by rules, and judges what came of them.
func outcomesOf(ctx context.Context, heard []*endpoint.Hearing, rules call.Rules, pace endpoint.Pace) (outcomes []endpoint.Outcome, err error) {
	played, err := endpoint.PlayCalls(ctx, heard, rules, pace)
	if err != nil {
		return nil, err
	}
	for i, hearing := range heard {
		outcomes = append(outcomes, endpoint.Judge(hearing.Take, played[i]))
	}
	return outcomes, nil
}

// recordTakes renders the turns of a scenario, with their noise.
func recordTakes(ctx context.Context, r *runner, asked endpoint.Nets) ([]endpoint.Take, error) {
	folder := turnsFolder(r)
	scenario, err := turnsScenario(r, folder, endpointingEvents, duplex.Build)
	if err != nil {
		return nil, err
	}
	for i, call := range scenario.Calls {
		scenario.Calls[i].Events = slices.DeleteFunc(call.Events, func(event duplex.Event) bool {
			return event.Kind != duplex.Turn && event.Kind != duplex.Pausing
		})
	}
	return takesOf(ctx, r, folder, scenario, asked)
}

// takesOf renders the events of a scenario, with their noise.
func takesOf(ctx context.Context, r *runner, folder string, scenario duplex.Scenario, asked endpoint.Nets) ([]endpoint.Take, error) {
	bank := &duplex.Bank{Folder: folder, Cache: filepath.Join(r.Models.Dir(), "bench", "voices")}
	err := prepareSounds(ctx, r, bank, scenario.Calls)
	if err != nil {
		return nil, err
	}
	var takes []endpoint.Take
	for _, call := range scenario.Calls {
		var noise []float32
		if call.Noise != "" {
			if noise, err = bank.Noise(call.Noise, call.SNR); err != nil {
				return nil, err
			}
		}
		for _, event := range call.Events {
			rendered, err := bank.Render(ctx, event)
			if err != nil {
				return nil, err
			}
			if rendered, err = endpoint.Spoken(ctx, rendered, asked); err != nil {
				return nil, fmt.Errorf("listen to %s: %w", event, err)
			}
			take := endpoint.NewTake(event, call.Level(), rendered, noise)
			take.Call = call.Name
			takes = append(takes, take)
		}
	}
	return takes, nil
}

// endpointingCurves are the plain silence, and her rules with other numbers.
func endpointingCurves(ctx context.Context, heard []*endpoint.Hearing, rules call.Rules) ([]endpoint.Curve, error) {
	plain := endpoint.Curve{Name: "a plain silence"}
	for length := 300 * time.Millisecond; length <= 2*time.Second; length += 100 * time.Millisecond {
		var outcomes []endpoint.Outcome
		for _, hearing := range heard {
			outcomes = append(outcomes, endpoint.Judge(hearing.Take, endpoint.Silence(hearing, length, rules)))
		}
		plain.Points = append(plain.Points, endpoint.Score(length.String(), outcomes))
	}
	curves := []endpoint.Curve{plain}
	for _, words := range []bool{false, true} {
		curve, err := ownCurve(ctx, heard, rules, words)
		if err != nil {
			return nil, err
		}
		curves = append(curves, curve)
	}
	return curves, nil
}

// ownCurve are her rules with other numbers, with the words judged or not: the best of them.
func ownCurve(ctx context.Context, heard []*endpoint.Hearing, rules call.Rules, words bool) (endpoint.Curve, error) {
	curve := endpoint.Curve{Name: "her rules, by the turn's sound alone"}
	if words {
		curve.Name = "her rules, by sound and words"
	}
	pace := endpointingPace
	pace.Words = words
	for _, hold := range []time.Duration{700, 900, 1100, 1300, 1700} {
		for _, threshold := range []float32{0.3, 0.5, 0.7, 0.9} {
			with := rules
			with.Hold = hold * time.Millisecond
			if words {
				with.Ends = slices.Clone(rules.Ends)
				for i := range with.Ends {
					with.Ends[i].Finished *= 2 * threshold
				}
			} else {
				with.Likely = threshold
			}
			outcomes, err := outcomesOf(ctx, heard, with, pace)
			if err != nil {
				return curve, err
			}
			curve.Points = append(curve.Points, endpoint.Score(fmt.Sprintf("threshold %.1f, hold %s", threshold, with.Hold), outcomes))
		}
	}
	curve.Points = endpoint.Front(curve.Points)
	return curve, nil
}

// summariseEndpointing makes the metrics.
func summariseEndpointing(result *Result, here endpoint.Point, outcomes []endpoint.Outcome, curves []endpoint.Curve) {
	groups := map[string][]endpoint.Outcome{"": outcomes}
	for _, o := range outcomes {
		who := "/synthetic"
		if o.Human {
			who = "/human"
		}
		groups[who] = append(groups[who], o)
		groups["/"+o.Level] = append(groups["/"+o.Level], o)
		result.Detail = append(result.Detail, o)
	}
	for name, group := range groups {
		cut, pauses, waits := cutsAndWaits(group)
		result.proportion("cut_off"+name, cut, pauses)
		result.mean("wait_ms_mean"+name, waits)
	}
	result.set("missed", float64(here.Missed))
	result.Conditions["curves"] = curves
}

func drawEndpointing(path string, curves []endpoint.Curve, here endpoint.Point) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("draw the curves: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return endpoint.Plot(file, curves, here)
}
