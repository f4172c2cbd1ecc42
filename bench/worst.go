package bench

import (
	"cmp"
	"fmt"
	"slices"

	"twombly/bench/duplex"
	"twombly/bench/offline"
)

// worstEach is how many cases are shown of each metric that misses its aim.
const worstEach = 5

// keepWorst keeps, of each metric that misses its aim, the worst cases, in the order of the aims.
func (r *Result) keepWorst(aims []duplex.Aim, cases func(metric string) []duplex.Worst) {
	worst, _ := r.Conditions["worst"].([]duplex.Worst)
	for _, aim := range aims {
		if value, measured := r.Metrics[aim.Metric]; measured && aim.Missed(value) {
			worst = append(worst, cases(aim.Metric)...)
		}
	}
	if worst == nil {
		worst = []duplex.Worst{}
	}
	r.Conditions["worst"] = worst
}

// Worst are the worst cases of the metrics that miss their aims, for people, each a line.
func (r Result) Worst() (lines []string) {
	worst, _ := r.Conditions["worst"].([]duplex.Worst)
	for _, w := range worst {
		lines = append(lines, w.String())
	}
	return lines
}

// most are the n worst of cases, by a number that is the greater the worse; those of no number are left out.
func most[T any](cases []T, n int, bad func(T) float64) []T {
	var found []T
	for _, one := range cases {
		if bad(one) > 0 {
			found = append(found, one)
		}
	}
	slices.SortStableFunc(found, func(a, b T) int { return cmp.Compare(bad(b), bad(a)) })
	return found[:min(n, len(found))]
}

// pauseAims are those of pauses that she makes for what was not to stop her.
var pauseAims = []duplex.Aim{{Metric: "pause_ms_p95", AtMost: 250}}

// worstPauses are the longest pauses that she made for what was not to stop her.
func worstPauses(metric string, outcomes []offline.Outcome) (worst []duplex.Worst) {
	longest := func(o offline.Outcome) float64 {
		if !o.Good || !o.Event.During || o.Event.Kind == duplex.Interruption || o.Event.Kind == duplex.Stop || len(o.PausesMS) == 0 {
			return 0
		}
		return slices.Max(o.PausesMS)
	}
	for _, o := range most(outcomes, worstEach, longest) {
		worst = append(worst, duplex.Worst{
			Metric: metric, Event: o.ID, Noise: o.Level, Said: o.Event.String(), What: fmt.Sprintf("paused for %v ms", o.PausesMS), Notes: o.Notes,
		})
	}
	return worst
}

// resumeAims, stopAims and voiceAims are those of their benchmarks (docs/benchmarks-method.md).
var (
	resumeAims = []duplex.Aim{
		{Metric: "went_on", Least: 0.9}, {Metric: "gap_ms_p95", AtMost: 250}, {Metric: "words_repeated"}, {Metric: "words_lost"},
		{Metric: "pauses_not_to_the_sample"}, {Metric: "heard_within_a_word", Least: 1},
	}
	stopAims  = []duplex.Aim{{Metric: "silent", Least: 0.95}, {Metric: "within_350_ms", Least: 0.95}}
	voiceAims = []duplex.Aim{
		{Metric: "first_word_ms_p50", AtMost: 1400}, {Metric: "first_word_ms_p95", AtMost: 2400}, {Metric: "overhead_ms_p50", AtMost: 40},
		{Metric: "glitches"}, {Metric: "self_turns"}, {Metric: "unanswered"}, {Metric: "wrong_turns"},
	}
	instantVoiceAims = []duplex.Aim{
		{Metric: "first_word_ms_p50", AtMost: 700}, {Metric: "first_word_ms_p95", AtMost: 1000}, {Metric: "first_sound_ms_p50", AtMost: 450},
		{Metric: "overhead_ms_p50", AtMost: 40}, {Metric: "glitches"}, {Metric: "self_turns"}, {Metric: "unanswered"}, {Metric: "wrong_turns"},
	}
)

// worstAlarms are the false alarms that count against a metric of resume.
func worstAlarms(metric string, alarms []falseAlarm, cuts []cutReply) (worst []duplex.Worst) {
	if metric == "heard_within_a_word" {
		for i, cut := range cuts {
			if !cut.within() && len(worst) < worstEach {
				worst = append(worst, duplex.Worst{
					Metric: metric, Event: fmt.Sprintf("interruption %d", i+1), Noise: cut.Level, Said: fmt.Sprintf("on record %q", cut.Recorded),
					What: fmt.Sprintf("heard %q: %d words for %d", cut.Heard, cut.HeardWords, cut.RecordedWords),
				})
			}
		}
		return worst
	}
	bad := func(alarm falseAlarm) (badness float64) {
		if metric == "went_on" && !alarm.Good && alarm.Void == "" {
			return 1
		}
		for _, pause := range alarm.Pauses {
			badness = max(badness, map[string]float64{
				"gap_ms_p95": pause.GapMS, "words_repeated": float64(pause.Repeated), "words_lost": float64(pause.Lost),
				"pauses_not_to_the_sample": max(pause.SkippedMS, -pause.SkippedMS),
			}[metric])
		}
		return badness
	}
	for _, alarm := range most(alarms, worstEach, bad) {
		what := alarm.Describe()
		for _, pause := range alarm.Pauses {
			what += fmt.Sprintf("; paused for %.0f ms: %d words repeated, %d lost, %.0f ms of sound left out", pause.GapMS, pause.Repeated, pause.Lost, pause.SkippedMS)
		}
		worst = append(worst, duplex.Worst{
			Metric: metric, Event: alarm.ID, Noise: alarm.Level, Said: alarm.Event.String(), What: what, Notes: alarm.Notes,
		})
	}
	return worst
}

// worstStops are the wishes for silence that count against a metric of stops.
func worstStops(metric string, outcomes []duplex.Outcome) (worst []duplex.Worst) {
	limit := milliseconds(soonAfterStop)
	bad := func(o duplex.Outcome) float64 {
		switch {
		case o.Void != "":
			return 0
		case !o.Good:
			return 1e9 // never silent is later than any
		case metric == "within_350_ms" && o.AfterMS > limit:
			return o.AfterMS
		}
		return 0
	}
	for _, o := range most(outcomes, worstEach, bad) {
		what := o.Describe()
		if o.Good {
			what += fmt.Sprintf(", %.0f ms after the word", o.AfterMS)
		}
		worst = append(worst, duplex.Worst{Metric: metric, Event: o.ID, Noise: o.Level, Said: o.Event.String(), What: what, Notes: o.Notes})
	}
	return worst
}

// worstTurns are the turns that count against a metric of voice.
func worstTurns(metric string, turns []voiceTurn) (worst []duplex.Worst) {
	bad := func(turn voiceTurn) float64 {
		switch metric {
		case "first_word_ms_p50", "first_word_ms_p95":
			return turn.FirstWordMS
		case "first_sound_ms_p50":
			return turn.FirstSoundMS
		case "overhead_ms_p50":
			return turn.Stages.Overhead
		case "glitches":
			return float64(len(turn.Glitches))
		case "self_turns":
			return float64(turn.SelfTurns)
		case "unanswered":
			return float64(count(!turn.Answered))
		case "wrong_turns":
			return float64(count(turn.CutOffMS > 0) + count(turn.Commits-turn.SelfTurns > 1))
		}
		return 0
	}
	numbered := make([]numberedTurn, len(turns))
	for i, turn := range turns {
		numbered[i] = numberedTurn{turn, i + 1}
	}
	for _, turn := range most(numbered, worstEach, func(n numberedTurn) float64 { return bad(n.voiceTurn) }) {
		worst = append(worst, turn.worst(metric))
	}
	return worst
}

// numberedTurn is a turn with its place in the run.
type numberedTurn struct {
	voiceTurn
	number int
}

// worst describes a turn: what was understood, and where the time went.
func (t numberedTurn) worst(metric string) duplex.Worst {
	s := t.Stages
	return duplex.Worst{
		Metric: metric, Event: fmt.Sprintf("turn %d", t.number), Noise: t.Network, Said: t.Clip,
		What: fmt.Sprintf("understood %q, answered %q after %.0f ms (voice tail %.0f, pause %.0f, recognition %.0f, first token %.0f, first clause %.0f, its sound %.0f, hold %.0f: %s, overhead %.0f, lead %.0f, transport %.0f), %d turns of it, %.0f ms of her in it, glitches %v",
			t.Understood, t.FirstClause, t.FirstWordMS, s.VoiceTail, s.Pause, s.Recognition, s.FirstToken, s.FirstClause, s.Synthesis, s.Hold,
			s.Reason, s.Overhead, s.Lead, s.Transport, t.Commits, t.CutOffMS, t.Glitches),
	}
}
