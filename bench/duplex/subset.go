package duplex

import (
	"fmt"
	"strings"
)

// SubsetEvents is how many events Subset has: as many at each of the four levels of noise.
const SubsetEvents = 60

// Subset makes the scenario on which layers are left out in real time: every kind of event at every level of noise, equally often. It is two calls a
// level, of a synthetic and of a recorded person, in this order:
//
//	synthetic: turn, backchannel, interruption, pausing, vocal tic (a filler), non-directed, backchannel, stop
//	recorded:  turn, vocal tic, interruption, pausing, vocal tic while she is silent, a television while she is silent, turn
//
// and all but turns, pauses and what is said while she is silent happen over her voice. What is said in whose voice, and the lengths of the pauses,
// come from the seed.
func Subset(corpus Corpus, options Options) (Scenario, error) {
	b, err := newBuilder(corpus, options)
	if err != nil {
		return Scenario{}, err
	}
	return b.scenario(options, []func() (string, []Event){b.briefSynthetic, b.briefHuman}), nil
}

// briefSynthetic is what a voice from a net does at one level of noise.
func (b *builder) briefSynthetic() (string, []Event) {
	voice, all := b.synthetic()
	return voice, choose(all, Turn, Backchannel, Interruption, Pausing, Tic, Aside, Backchannel, Stop)
}

// briefHuman is what a recorded person does.
func (b *builder) briefHuman() (string, []Event) {
	person, all := b.human()
	chosen := choose(all, Turn, Tic, Interruption, Pausing, Tic)
	television, last := all[7], all[8]
	return person, append(chosen, television, last)
}

// choose takes the first events of these kinds, in this order, each once.
func choose(events []Event, kinds ...Kind) (chosen []Event) {
	taken := make([]bool, len(events))
	for _, kind := range kinds {
		for i, event := range events {
			if event.Kind == kind && !taken[i] {
				taken[i] = true
				chosen = append(chosen, event)
				break
			}
		}
	}
	return chosen
}

// List is the scenario for people: a line for each call, and one for each of its events.
func (s Scenario) List() (lines []string) {
	for _, call := range s.Calls {
		lines = append(lines, fmt.Sprintf("%s: %s, %s %s", call.Name, call.Person, call.Level(), call.Noise))
		for i, event := range call.Events {
			when := ""
			if event.During {
				when = "over her voice, "
			}
			lines = append(lines, fmt.Sprintf("  %s/%d %s%s", call.Name, i+1, when, event))
		}
	}
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}
