package duplex

import (
	"slices"
	"strings"
	"testing"
)

// TestWorstOf: only what counts against the metric, the easiest or the longest first, and no more than wanted.
func TestWorstOf(t *testing.T) {
	outcome := func(id string, kind Kind, level string, good bool, latency float64) Outcome {
		return Outcome{ID: id, Level: level, Event: Event{Kind: kind, Sounds: []Sound{{Voice: "v", Text: id}}}, Good: good, LatencyMS: latency}
	}
	outcomes := []Outcome{
		outcome("a", Tic, "5 dB", false, 0), outcome("b", Tic, "clean", false, 0), outcome("c", Tic, "clean", true, 0),
		outcome("d", Interruption, "5 dB", true, 500), outcome("e", Interruption, "clean", true, 900),
		outcome("f", Interruption, "clean", false, 0), outcome("g", Tic, "20 dB", false, 0),
		{ID: "h", Level: "clean", Event: Event{Kind: Pausing}, Good: true, CutOff: 1, Pauses: 2, Starts: 1},
		{ID: "i", Level: "clean", Event: Event{Kind: Tic}, Void: "she was not speaking"},
	}
	outcomes[0].Notes = []Note{{AtMS: 350, What: "overheard: unclear", Said: "my help"}}
	for metric, want := range map[string][]string{
		"S_VT": {"b", "g", "a"}, "R_Y": {"f"}, "L_Y_ms_p95": {"e", "d"}, "I_A": {"h"}, "cut_off": {"h"}, "S_BC": nil,
	} {
		var got []string
		for _, worst := range WorstOf(metric, outcomes, 5) {
			got = append(got, worst.Event)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", metric, got, want)
		}
	}
	if two := WorstOf("S_VT", outcomes, 2); len(two) != 2 {
		t.Errorf("%d of two", len(two))
	}
	const want = `S_VT: a, 5 dB, vocal_tic (v: "a"): she answered; ms after its beginning: 350 overheard: unclear "my help"`
	if line := WorstOf("S_VT", outcomes, 5)[2].String(); line != want {
		t.Errorf("%s\nwant\n%s", line, want)
	}
	if line := WorstOf("cut_off", outcomes, 5)[0].String(); !strings.Contains(line, "began 1 times in it, in 1 of 2 pauses") {
		t.Error(line)
	}
}

func TestAims(t *testing.T) {
	for _, test := range []struct {
		aim    Aim
		value  float64
		missed bool
	}{
		{Aim{Least: 0.9}, 0.89, true}, {Aim{Least: 0.9}, 0.9, false}, {Aim{AtMost: 400}, 401, true}, {Aim{AtMost: 400}, 400, false},
		{Aim{}, 1, true}, {Aim{}, 0, false}, // none is wanted
	} {
		if got := test.aim.Missed(test.value); got != test.missed {
			t.Errorf("%+v, %v: %v", test.aim, test.value, got)
		}
	}
}

func TestSofter(t *testing.T) {
	her := heard([2]int{0, 1000})
	samples := make([]float32, 24*1500)
	for i := range samples {
		samples[i] = 0.05 // 9 dB below the others' 0.2 / √2
	}
	her.Add(1000*msec, samples, 24000)
	if got := her.softer(1000*msec, 2000*msec); got < 8.5 || got > 9.5 {
		t.Errorf("%.1f dB softer, want 9", got)
	}
	if got := her.softer(1000*msec, 1250*msec); got != 0 {
		t.Errorf("of too little she is %.1f dB softer", got)
	}
}
