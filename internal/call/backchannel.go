package call

import (
	"strings"
	"time"

	"twombly/internal/speech"
)

// backchannels are sounds with which she shows that she listens.
var backchannels = []phrase{{"Mhm.", "mhˈm"}, {"Mm.", "ˈmm"}, {"Yeah.", ""}}

const (
	// leastTold is how many words something long has.
	leastTold = 26
	// backchannelGain makes them softer than her words: -6 dB.
	backchannelGain = 0.5
)

// tells says whether words are long and tell something: who asks waits for an answer, and who reads out a number or a name wants to be
// able to hear whether it arrived, not that somebody is there.
func tells(words string) bool {
	return len(strings.Fields(words)) >= leastTold && !strings.HasSuffix(strings.TrimSpace(words), "?") && !readsOut(words)
}

// murmurs are the sounds of hers that belong to no reply. They belong to the call's loop.
type murmurs struct {
	count int
	id    string // of the one that sounds or was last
}

// giveBackchannel has the next one heard, where it was prepared and the device knows what it hears.
func (c *Call) giveBackchannel() {
	utterance, prepared := c.phrases.find(c.voice(), backchannels[c.murmurs.count%len(backchannels)].text)
	if !prepared || !c.Settings().Audio {
		return
	}
	samples := audibleOf(utterance.Samples)
	for i := range samples {
		samples[i] *= backchannelGain
	}
	id := newID("murmur_")
	if !c.mouth.Murmur(id, samples) {
		return
	}
	c.murmurs = murmurs{count: c.murmurs.count + 1, id: id}
	c.own.Plays(id, "", speech.Utterance{Samples: samples})
}

// stopBackchannel ends it at once: the person goes on.
func (c *Call) stopBackchannel() {
	if c.murmurs.id != "" {
		c.mouth.Hush(c.murmurs.id)
	}
}

// murmurPosition is how much of the last one has sounded.
func (c *Call) murmurPosition() time.Duration {
	if c.murmurs.id == "" {
		return 0
	}
	return c.mouth.Position(c.murmurs.id)
}
