package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"twombly/bench/endpoint"
	"twombly/bench/measure"
	"twombly/internal/call"
)

// endsLayers are what may be left out of how ends of turns are found: each alone, all that is learnt or adapted, and all of it.
var endsLayers = []string{"", "tempo", "numbers", "noise", "tempo,numbers,noise", "words", "words,tempo,numbers,noise"}

// layeredPoint is how ends of turns are found with some layers left out.
type layeredPoint struct {
	Without string `json:"without"`
	endpoint.Point
	CutOffInterval measure.Interval `json:"cut_off_interval"`
	WaitInterval   measure.Interval `json:"wait_ms_mean_interval"`
}

// endsWithout reads what is left out of how ends of turns are found: layers of the machine, or "words", which are not judged then.
func endsWithout(names string) (layers call.Layers, words bool, err error) {
	list := slices.DeleteFunc(strings.Split(names, ","), func(name string) bool { return name == "" })
	rest := slices.DeleteFunc(slices.Clone(list), func(name string) bool { return name == "words" })
	layers, err = call.ParseLayers(strings.Join(rest, ","))
	if err == nil && (layers.Duck || layers.Drafting || layers.Prefill) {
		err = fmt.Errorf("of the ends of turns only tempo, numbers, noise and words can be left out, not %q", names)
	}
	return layers, len(rest) < len(list), err
}

// endpointingLayers plays the takes with each of the layers left out.
func endpointingLayers(ctx context.Context, heard []*endpoint.Hearing, rules call.Rules) (points []layeredPoint, err error) {
	for _, names := range endsLayers {
		layers, words, err := endsWithout(names)
		if err != nil {
			return nil, err
		}
		pace := endpointingPace
		pace.Words = pace.Words && !words
		outcomes, err := outcomesOf(ctx, heard, rules.LeaveOut(layers), pace)
		if err != nil {
			return nil, err
		}
		cut, pauses, waits := cutsAndWaits(outcomes)
		points = append(points, layeredPoint{
			names, endpoint.Score(names, outcomes), measure.Proportion(cut, pauses), measure.RateInterval(sharesOf(waits)),
		})
	}
	return points, nil
}

// cutsAndWaits counts the pauses that were taken for an end, and lists how long ends were waited for, in ms.
func cutsAndWaits(outcomes []endpoint.Outcome) (cut, pauses int, waits []float64) {
	for _, o := range outcomes {
		for _, off := range o.CutOff {
			pauses++
			cut += count(off)
		}
		if !o.Missed {
			waits = append(waits, o.WaitMS)
		}
	}
	return cut, pauses, waits
}
