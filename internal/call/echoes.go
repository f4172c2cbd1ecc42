package call

import (
	"time"

	"twombly/internal/audio"
	"twombly/internal/audio/echo"
	"twombly/internal/speech"
)

const (
	// playedSlack is how far her position may be from where it is reckoned before it is believed to have jumped: this loop does not
	// look at it at even times.
	playedSlack = 80 * time.Millisecond
	// personSpeaks is in how many frames on end a person must be heard over her echo to be believed, and personLingers for how many
	// more then.
	personSpeaks  = 2
	personLingers = 5
)

// echoes compares the person's sound with what was played of her, so that her own voice from the loudspeaker is never taken
// for the person's. It belongs to the call's loop.
type echoes struct {
	comparer  *echo.Comparer
	resampler *audio.Resampler

	item    string
	sound   []float32 // of the item, at speech.VoiceRate
	at      int       // its next sample to be played
	seen    int       // where it was said to be last
	played  []float32 // a frame of it
	queue   []float32 // the same at speech.HearingRate, as far as it was not compared
	frames  []echo.Frame
	echoed  bool // the frame before was her echo
	speaks  int  // frames on end in which the person was heard
	lingers int
}

func newEchoes() *echoes {
	resampler, err := audio.NewResampler(speech.VoiceRate, speech.HearingRate)
	if err != nil {
		panic(err) // both rates are constants
	}
	return &echoes{
		comparer: echo.NewComparer(), resampler: resampler, played: make([]float32, speech.FrameSamples*speech.VoiceRate/speech.HearingRate),
	}
}

// plays keeps what goes to the loudspeaker.
func (e *echoes) plays(item string, samples []float32) {
	if e.item != item {
		e.item, e.sound, e.at, e.seen = item, e.sound[:0], 0, 0
	}
	e.sound = append(e.sound, samples...)
}

// explains takes a frame of the person's sound, and which item is heard meanwhile and from where on (empty for none), and says
// whether there is nothing in it but her own voice.
func (e *echoes) explains(frame []float32, item string, position time.Duration) bool {
	e.advance(item, position)
	e.queue = e.resampler.Process(e.queue, e.played)
	if missing := len(frame) - len(e.queue); missing > 0 { // the resampler holds a little back, once
		e.queue = append(make([]float32, missing), e.queue...)
	}
	e.frames = e.comparer.Compare(e.frames[:0], e.queue[:len(frame)], frame)
	e.queue = e.queue[:copy(e.queue, e.queue[len(frame):])]
	echoed, spoken := 0, 0
	for _, f := range e.frames {
		switch {
		case f.Echo:
			echoed++
		case f.Person >= echo.Enough:
			spoken++
		}
	}
	if 2*spoken >= len(e.frames) {
		e.speaks++
	} else {
		e.speaks = 0
	}
	switch {
	case e.speaks >= personSpeaks:
		e.lingers = personLingers
	case e.lingers > 0:
		e.lingers--
	}
	e.echoed = e.lingers == 0 && (2*echoed > len(e.frames) || e.speaks > 0 && e.echoed)
	return e.echoed
}

// advance takes what is played during a frame. Her position is looked at at uneven times, which would be heard as another echo:
// so it goes on evenly, until it is far off.
func (e *echoes) advance(item string, position time.Duration) {
	clear(e.played)
	if item == "" || item != e.item {
		return
	}
	target, slack := int(position*speech.VoiceRate/time.Second), int(playedSlack*speech.VoiceRate/time.Second)
	stands := target == e.seen
	e.seen = target
	if target-e.at > slack {
		e.at = target
	}
	if stands && target <= e.at || e.at-target > slack || e.at >= len(e.sound) {
		return // she waits, or all of it has sounded
	}
	e.at += copy(e.played, e.sound[e.at:])
}

// heardNow is which item of hers is heard at the moment, and from where on; empty for none.
func (c *Call) heardNow() (item string, position time.Duration) {
	if r := c.response; r != nil && r.audible && r.startAt != 0 {
		return r.itemID, c.mouth.Position(r.itemID)
	}
	return c.murmurs.id, c.murmurPosition()
}
