package bench

import (
	"fmt"
	"slices"

	"twombly/bench/echoes"
)

// summariseEcho makes the metrics, as a whole and by the level of the echo, how late it is, the noise and the codec.
func summariseEcho(result *Result, calls []echoes.Played) {
	groups := map[string][]echoes.Played{"": calls}
	for _, call := range calls {
		c := call.Conditions
		way := "/without opus"
		if c.Opus {
			way = "/opus"
		}
		for _, name := range []string{
			fmt.Sprintf("/%.0f dB below", c.Below), fmt.Sprintf("/%d ms late", c.DelayMS), "/" + c.Noise, way,
		} {
			groups[name] = append(groups[name], call)
		}
		result.Detail = append(result.Detail, call)
	}
	for name, group := range groups {
		summariseEchoGroup(result, name, group)
	}
	result.Conditions["worst"] = worstEchoes(calls, 5)
}

// summariseEchoGroup makes the metrics of some of the calls.
func summariseEchoGroup(result *Result, name string, calls []echoes.Played) {
	turns, yields, first, drops, ducks, hesitations, void, minutes := 0, 0, 0, 0, 0, 0, 0, 0.0
	yielded, interrupted, accepted, repetitions := map[string]int{}, map[string]int{}, 0, 0
	var latencies []float64
	for _, call := range calls {
		turns, yields, drops = turns+len(call.SelfTurns), yields+len(call.SelfYields), drops+len(call.SelfDrops)
		ducks, hesitations, minutes = ducks+len(call.SelfDucks), hesitations+len(call.SelfHesitations), minutes+call.Voice.Minutes()
		for _, self := range append(slices.Clone(call.SelfTurns), call.SelfYields...) {
			if self.First {
				first++
			}
		}
		for _, o := range call.Outcomes {
			who := "/synthetic"
			if o.Human {
				who = "/human"
			}
			switch {
			case o.Void != "":
				void++
			case o.Kind == echoes.Repetition:
				repetitions++
				if o.Good {
					accepted++
				}
			default:
				for _, group := range []string{"", who} {
					interrupted[group]++
					if o.Good {
						yielded[group]++
					}
				}
				if o.Good {
					latencies = append(latencies, o.LatencyMS)
				}
			}
		}
	}
	result.set("her_minutes"+name, minutes)
	result.set("self_turns"+name, float64(turns))
	result.set("self_interruptions"+name, float64(yields))
	result.set("self_dropped"+name, float64(drops))
	result.set("self_ducks"+name, float64(ducks))
	result.set("self_hesitations"+name, float64(hesitations))
	for who, n := range interrupted {
		if name == "" || who == "" {
			result.proportion("R_Y"+name+who, yielded[who], n)
		}
	}
	result.proportion("repetitions"+name, accepted, repetitions)
	result.percentile("L_Y_ms_p50"+name, latencies, 0.5)
	if name == "" {
		result.percentile("L_Y_ms_p95", latencies, 0.95)
		result.set("void", float64(void))
		result.set("self_first_two_seconds", float64(first))
	}
}

// echoFault is something that went wrong, with what happened around it.
type echoFault struct {
	Call       string             `json:"call"`
	What       string             `json:"what"`
	AtMS       float64            `json:"at_ms"`
	Happenings []echoes.Happening `json:"happenings"`
}

// worstEchoes are the first things that went wrong: turns of her own, then interruptions of her own, then what of the person was not heard.
func worstEchoes(calls []echoes.Played, n int) []echoFault {
	faults := []echoFault{}
	add := func(call echoes.Played, what string, at float64) {
		fault := echoFault{Call: call.Conditions.String(), What: what, AtMS: at}
		for _, h := range call.Trace {
			if h.AtMS > at-2500 && h.AtMS < at+4000 {
				fault.Happenings = append(fault.Happenings, h)
			}
		}
		faults = append(faults, fault)
	}
	for _, call := range calls {
		for _, self := range call.SelfTurns {
			add(call, "a turn of her own", self.AtMS)
		}
	}
	for _, call := range calls {
		for _, self := range call.SelfYields {
			add(call, "interrupted herself", self.AtMS)
		}
	}
	for _, call := range calls {
		for _, o := range call.Outcomes {
			if !o.Good && o.Void == "" {
				add(call, "did not hear: "+o.Said, o.AtMS)
			}
		}
	}
	return faults[:min(n, len(faults))]
}
