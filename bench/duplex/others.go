package duplex

import "strings"

// BuildOthers makes a scenario in which others are heard: people in the room, a television. Recorded people and synthetic ones hold calls in turn, each through all levels of
// noise; what others say is as long as what the person says, and for nobody.
func BuildOthers(corpus Corpus, options Options) (Scenario, error) {
	b, err := newBuilder(corpus, options)
	if err != nil {
		return Scenario{}, err
	}
	return b.scenario(options, []func() (string, []Event){b.syntheticAmongOthers, b.recordedAmongOthers}), nil
}

// syntheticAmongOthers is a call of a voice from a net.
func (b *builder) syntheticAmongOthers() (string, []Event) {
	voice := pick(b, "voices", b.voices)
	say := func(kind Kind, list []string) Event {
		return Event{Kind: kind, Sounds: []Sound{{Voice: voice, Text: pick(b, string(kind), list)}}}
	}
	return voice, b.amongOthers(voice,
		func() Event { return say(Turn, turns) },
		func() Event { return b.during(say(Interruption, interruptions)) })
}

// recordedAmongOthers is a call of a recorded person.
func (b *builder) recordedAmongOthers() (string, []Event) {
	speaker := pick(b, "speakers", b.speakers)
	return "recorded: " + strings.Trim(speaker, "_-"), b.amongOthers(speaker,
		func() Event { return Event{Kind: Turn, Sounds: pick(b, "ends "+speaker, b.ends[speaker])} },
		func() Event {
			return b.during(Event{Kind: Interruption, Sounds: pick(b, "whole "+speaker, b.whole[speaker])})
		})
}

// amongOthers is a call in which others are heard between what a person says, while she speaks and while she is silent; one of them asks for silence, which she
// is to give to anybody.
func (b *builder) amongOthers(person string, turn, interruption func() Event) []Event {
	stop := Event{Kind: Stop, Sounds: []Sound{{Voice: b.otherVoice(person), Text: pick(b, "stop", stops)}}}
	return []Event{
		turn(), b.said(person), b.during(b.said(person)), interruption(), b.spoken(person), b.during(b.spoken(person)), turn(),
		b.during(b.said(person)), interruption(), b.said(person), b.during(stop),
	}
}

// said is what another recorded person says, further away.
func (b *builder) said(person string) Event {
	speaker := pick(b, "other speakers", b.speakers)
	for speaker == person && len(b.speakers) > 1 {
		speaker = pick(b, "other speakers", b.speakers)
	}
	sounds := append([]Sound(nil), pick(b, "others' "+speaker, b.whole[speaker])...)
	for i := range sounds {
		sounds[i].Gain = -6
	}
	return Event{Kind: Aside, Sounds: sounds}
}

// spoken is a sentence in another synthetic voice, further away.
func (b *builder) spoken(person string) Event {
	return Event{Kind: Aside, Sounds: []Sound{{Voice: b.otherVoice(person), Text: pick(b, "others' sentences", turns), Gain: -6}}}
}

func (b *builder) otherVoice(person string) string {
	voice := pick(b, "voices of others", b.voices)
	for voice == person {
		voice = pick(b, "voices of others", b.voices)
	}
	return voice
}
