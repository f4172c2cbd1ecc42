package call

import (
	"errors"
	"fmt"
	"strings"
)

// Layers are parts of turn-taking that are left out, to measure what each gives (docs/benchmarks.md). In a call that somebody holds for its own sake
// none is.
type Layers struct {
	// Duck: she goes on at her full level while somebody is heard over her voice.
	Duck bool `json:"duck,omitempty"`
	// Drafting: her answer is begun when the turn has ended, and not while that is still in doubt.
	Drafting bool `json:"drafting,omitempty"`
	// Prefill: the mind reads nothing of a turn before it has ended.
	Prefill bool `json:"prefill,omitempty"`
	// Tempo: nothing is learnt of how long a person pauses. Numbers: nothing is learnt of how they read numbers out, and none is known to be whole.
	// Noise: the silence that ends a turn is no longer where the person is hardly louder than the noise.
	Tempo   bool `json:"tempo,omitempty"`
	Numbers bool `json:"numbers,omitempty"`
	Noise   bool `json:"noise,omitempty"`
}

// ErrNoLayer means that there is no layer of that name.
var ErrNoLayer = errors.New("no such layer of turn-taking")

// ParseLayers reads names parted by commas: "duck", "drafting", "prefill", "tempo", "numbers", "noise". Nothing is none.
func ParseLayers(names string) (layers Layers, err error) {
	if names == "" {
		return layers, nil
	}
	for name := range strings.SplitSeq(names, ",") {
		switch strings.TrimSpace(name) {
		case "duck":
			layers.Duck = true
		case "drafting":
			layers.Drafting = true
		case "prefill":
			layers.Prefill = true
		case "tempo":
			layers.Tempo = true
		case "numbers":
			layers.Numbers = true
		case "noise":
			layers.Noise = true
		default:
			return layers, fmt.Errorf("%w: %q (there are duck, drafting, prefill, tempo, numbers and noise)", ErrNoLayer, name)
		}
	}
	return layers, nil
}

// LeaveOut are the rules without some layers.
func (r Rules) LeaveOut(layers Layers) Rules {
	r.Without = layers
	if layers.Numbers {
		r.NumberKnown = 0
	}
	if layers.Noise {
		r.NoiseWait, r.ClearEnds = 0, nil
	}
	return r
}
