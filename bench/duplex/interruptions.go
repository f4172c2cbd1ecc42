package duplex

// Interruptions makes a scenario in which people say things to her while she speaks, two a call: synthetic and recorded people take turns,
// each kind through all levels of noise.
func Interruptions(corpus Corpus, options Options) (Scenario, error) {
	b, err := newBuilder(corpus, options)
	if err != nil {
		return Scenario{}, err
	}
	synthetic := func() (string, []Event) {
		voice := pick(b, "voices", b.voices)
		event := func() Event {
			return b.during(Event{Kind: Interruption, Sounds: []Sound{{Voice: voice, Text: pick(b, "interruptions", interruptions)}}})
		}
		return voice, []Event{event(), event()}
	}
	human := func() (string, []Event) {
		speaker := pick(b, "speakers", b.speakers)
		event := func() Event {
			return b.during(Event{Kind: Interruption, Sounds: pick(b, "whole "+speaker, b.whole[speaker])})
		}
		return "recorded: " + speaker, []Event{event(), event()}
	}
	return b.scenario(options, []func() (string, []Event){synthetic, human}), nil
}
