package duplex

// FalseAlarms makes a scenario of what happens over her voice and is not to stop her: backchannels, fillers, and people's
// coughs and laughs. Every fourth event is an interruption, which is to stop her, so that she can't do well by never listening. Calls of synthetic people go
// through all levels of noise.
func FalseAlarms(corpus Corpus, options Options) (Scenario, error) {
	b, err := newBuilder(corpus, options)
	if err != nil {
		return Scenario{}, err
	}
	return b.scenario(options, []func() (string, []Event){b.falseAlarms}), nil
}

// falseAlarms is a call of a person who is a voice from a net, and in whose room people cough.
func (b *builder) falseAlarms() (string, []Event) {
	voice := pick(b, "voices", b.voices)
	own := func(kind Kind, name string, list []Sound) Event {
		sound := pick(b, name, list)
		sound.Voice = voice
		return b.during(Event{Kind: kind, Sounds: []Sound{sound}})
	}
	backchannel := func() Event { return own(Backchannel, "backchannels", backchannels) }
	interruption := func() Event {
		return b.during(Event{Kind: Interruption, Sounds: []Sound{{Voice: voice, Text: pick(b, "interruptions", interruptions)}}})
	}
	return voice, []Event{
		backchannel(), b.during(b.tic()), backchannel(), interruption(),
		own(Tic, "fillers", fillers), backchannel(), b.during(b.tic()), interruption(),
	}
}
