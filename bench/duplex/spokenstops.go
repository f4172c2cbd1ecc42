package duplex

// hardLevels are the levels of noise at which she must hear that she is to stop.
var hardLevels = []float64{20, 10}

// SpokenStops makes a scenario of people who ask for silence while she speaks, each call in the voice of one synthetic person, with noise
// 20 and 10 dB below it in turn.
func SpokenStops(corpus Corpus, options Options) (Scenario, error) {
	b, err := newBuilder(corpus, options)
	if err != nil {
		return Scenario{}, err
	}
	b.levels = hardLevels
	return b.scenario(options, []func() (string, []Event){b.stopping}), nil
}

// stopping is a call of somebody who wants silence.
func (b *builder) stopping() (string, []Event) {
	voice := pick(b, "voices", b.voices)
	var events []Event
	for range 6 {
		events = append(events, b.during(Event{Kind: Stop, Sounds: []Sound{{Voice: voice, Text: pick(b, "stops", stops)}}}))
	}
	return voice, events
}

// Sentences makes a scenario of people who say these things while she is silent, in other voices than hers, with noise 20 and 10 dB below them
// in turn.
func Sentences(corpus Corpus, options Options, sentences []string) (Scenario, error) {
	b, err := newBuilder(corpus, options)
	if err != nil {
		return Scenario{}, err
	}
	b.levels = hardLevels
	const each = 10 // sentences of a call
	return b.scenario(options, []func() (string, []Event){func() (string, []Event) {
		voice := pick(b, "voices", b.voices)
		var events []Event
		for range each {
			text := sentences[b.turn["sentences"]%len(sentences)]
			b.turn["sentences"]++
			events = append(events, Event{Kind: Turn, Sounds: []Sound{{Voice: voice, Text: text}}})
		}
		return voice, events
	}}), nil
}
