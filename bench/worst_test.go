package bench

import (
	"slices"
	"strings"
	"testing"

	"twombly/bench/duplex"
	"twombly/internal/call"
)

// TestKeepWorst: cases are kept of the metrics that miss their aims, and of no others.
func TestKeepWorst(t *testing.T) {
	result := newResult("turns", "test")
	result.Metrics["S_VT"], result.Metrics["S_BC"], result.Metrics["L_Y_ms_p95"] = 0.8, 0.95, 900
	result.keepWorst(duplex.PanelAims(), func(metric string) []duplex.Worst { return []duplex.Worst{{Metric: metric}} })
	result.keepWorst(pauseAims, func(metric string) []duplex.Worst { t.Errorf("%s was not measured", metric); return nil })
	var got []string
	for _, worst := range result.Conditions["worst"].([]duplex.Worst) {
		got = append(got, worst.Metric)
	}
	if !slices.Equal(got, []string{"S_VT", "L_Y_ms_p95"}) || len(result.Worst()) != 2 {
		t.Errorf("of %v, in %d lines", got, len(result.Worst()))
	}
}

func TestWorstStops(t *testing.T) {
	stops := []duplex.Outcome{
		{ID: "in time", Good: true, AfterMS: 100}, {ID: "late", Good: true, AfterMS: 500}, {ID: "never"}, {ID: "later", Good: true, AfterMS: 800},
		{ID: "void", Void: "she was not speaking"},
	}
	for metric, want := range map[string][]string{"silent": {"never"}, "within_350_ms": {"never", "later", "late"}} {
		var got []string
		for _, worst := range worstStops(metric, stops) {
			got = append(got, worst.Event)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", metric, got, want)
		}
	}
}

func TestWorstAlarms(t *testing.T) {
	alarm := func(id string, good bool, pauses ...heldPause) falseAlarm {
		return falseAlarm{Outcome: duplex.Outcome{ID: id, Good: good}, Pauses: pauses}
	}
	alarms := []falseAlarm{
		alarm("short", true, heldPause{GapMS: 100}), alarm("long", true, heldPause{GapMS: 700}, heldPause{GapMS: 90, SkippedMS: -40}), alarm("stopped", false),
	}
	for metric, want := range map[string][]string{
		"went_on": {"stopped"}, "gap_ms_p95": {"long", "short"}, "pauses_not_to_the_sample": {"long"}, "words_lost": nil,
	} {
		var got []string
		for _, worst := range worstAlarms(metric, alarms, nil) {
			got = append(got, worst.Event)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", metric, got, want)
		}
	}
	cuts := []cutReply{{RecordedWords: 5, HeardWords: 5}, {Level: "5 dB", Recorded: "so many words more", RecordedWords: 9, HeardWords: 5}}
	if worst := worstAlarms("heard_within_a_word", nil, cuts); len(worst) != 1 || worst[0].Noise != "5 dB" {
		t.Errorf("%+v", worst)
	}
}

func TestWorstTurns(t *testing.T) {
	var turns []voiceTurn
	for i := range 8 {
		turns = append(turns, voiceTurn{Clip: "a.wav", FirstWordMS: float64(1000 + i), Answered: true, Commits: 1})
	}
	turns[2].Commits = 2
	worst := worstTurns("first_word_ms_p95", turns)
	if len(worst) != worstEach || worst[0].Event != "turn 8" || !strings.Contains(worst[0].What, "after 1007 ms") {
		t.Errorf("%+v", worst)
	}
	if worst := worstTurns("wrong_turns", turns); len(worst) != 1 || worst[0].Event != "turn 3" {
		t.Errorf("%+v", worst)
	}
	if worst := worstTurns("unanswered", turns); len(worst) != 0 {
		t.Errorf("%+v", worst)
	}
}

func TestEndsWithout(t *testing.T) {
	for names, want := range map[string]struct {
		layers call.Layers
		words  bool
	}{
		"": {}, "words": {words: true}, "tempo,words": {call.Layers{Tempo: true}, true}, "numbers,noise": {call.Layers{Numbers: true, Noise: true}, false},
	} {
		layers, words, err := endsWithout(names)
		if err != nil || layers != want.layers || words != want.words {
			t.Errorf("%q: %+v, %v, %v", names, layers, words, err)
		}
	}
	for _, names := range []string{"duck", "tempo,prefill", "nothing"} {
		if _, _, err := endsWithout(names); err == nil {
			t.Errorf("%q is taken", names)
		}
	}
}
