package duplex

import (
	"cmp"
	"maps"
	"slices"
)

// answers are short things that people say to a question, each all of a turn. Written for this benchmark, before anything was measured with it.
var answers = []string{
	"Yes.", "No.", "Okay.", "Tea.", "Hello?", "Sure.", "Why?", "Two.", "Red.", "Monday.", "Maybe.", "Coffee.", "Thanks.", "Good.", "Nope.", "Me too.",
	"Please.", "Hi.", "Never.", "Not yet.",
}

// answering are voices of synthetic people who answer: all that speak English.
var answering = []string{
	"af_alloy", "af_aoede", "af_bella", "af_heart", "af_jessica", "af_kore", "af_nicole", "af_nova", "af_river", "af_sarah", "af_sky",
	"am_adam", "am_echo", "am_eric", "am_fenrir", "am_liam", "am_michael", "am_onyx", "am_puck", "am_santa",
	"bf_alice", "bf_emma", "bf_isabella", "bf_lily", "bm_daniel", "bm_fable", "bm_george", "bm_lewis",
}

// ShortAnswers makes a scenario of turns of a word or two while she is silent, each call in one voice, through all levels of noise.
func ShortAnswers(corpus Corpus, options Options) (Scenario, error) {
	b, err := newBuilder(corpus, options)
	if err != nil {
		return Scenario{}, err
	}
	const each = 4 // answers of a call
	b.voices = answering
	return b.scenario(options, []func() (string, []Event){func() (string, []Event) {
		voice := pick(b, "answering", answering)
		var events []Event
		for range each {
			events = append(events, Event{Kind: Turn, Sounds: []Sound{{Voice: voice, Text: pick(b, "answers", answers)}}})
		}
		return voice, events
	}}), nil
}

// SaidDigits makes a scenario of recorded people who say one digit while she is silent, each call of one person, through all levels of noise.
func SaidDigits(corpus Corpus, options Options) (Scenario, error) {
	b, err := newBuilder(corpus, options)
	if err != nil {
		return Scenario{}, err
	}
	const each = 4 // digits of a call
	people := slices.Sorted(maps.Keys(corpus.Digits))
	if len(people) == 0 {
		return Scenario{}, ErrNoCorpus
	}
	return b.scenario(options, []func() (string, []Event){func() (string, []Event) {
		person := pick(b, "dictating", people)
		var events []Event
		for range each {
			events = append(events, Event{Kind: Turn, Sounds: []Sound{{File: pick(b, "digits "+person, corpus.Digits[person])}}})
		}
		return "digits", events
	}}), nil
}

// Noises makes a scenario of the sounds of people that are no speech, while she is silent: each recording in each level of noise, or those of one half
// of the recordings, which is every second (odd says which).
func Noises(corpus Corpus, options Options, odd bool) (Scenario, error) {
	b, err := newBuilder(corpus, options)
	if err != nil {
		return Scenario{}, err
	}
	var half []string
	for i, file := range corpus.Nonverbal {
		if (i%2 == 1) == odd {
			half = append(half, file)
		}
	}
	options.Events = cmp.Or(options.Events, len(half)*len(noiseLevels))
	scenario := b.scenario(options, []func() (string, []Event){func() (string, []Event) {
		var events []Event
		for _, file := range half {
			events = append(events, Event{Kind: Tic, Sounds: []Sound{{File: file}}})
		}
		return "sounds", events
	}})
	slices.SortStableFunc(scenario.Calls, func(a, b Call) int { return cmp.Compare(a.Name, b.Name) })
	return scenario, nil
}
