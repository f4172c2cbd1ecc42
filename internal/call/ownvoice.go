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
)

// Own is whether a frame of the person's sound holds her own voice.
type Own int

// What a frame can be.
const (
	// NotHers: somebody else's, or nobody's.
	NotHers Own = iota
	// MaybeHers: her voice is heard, and it is not known yet whether it comes back and how.
	MaybeHers
	// Hers: the voice in it is hers, and there is none without it.
	Hers
)

// OwnVoice compares the person's sound with what was played of her, so that her own voice from the loudspeaker is never taken
// for the person's: frame by frame by what is left without it, and by the words she was heard saying. Its clock is the audio time of the frames that it was given. It
// belongs to one goroutine, in a call to its loop.
type OwnVoice struct {
	comparer   *echo.Comparer
	suppressor *echo.Suppressor
	resampler  *audio.Resampler

	item   string
	sound  []float32 // of the item, at speech.VoiceRate
	at     int       // its next sample to be played
	seen   int       // where it was said to be last
	played []float32 // a frame of it
	queue  []float32 // the same at speech.HearingRate, as far as it was not compared
	frames []echo.Frame

	clock  time.Duration // audio time of all frames so far
	sounds time.Duration // the audio time up to which she was heard
	alone  time.Duration // how long she was heard and nobody else, lately
	beside time.Duration // and how long a voice beside her of which it is not known whose it is
	words  ownWords
}

// NewOwnVoice makes one that knows nothing yet of the room.
func NewOwnVoice() *OwnVoice {
	resampler, err := audio.NewResampler(speech.VoiceRate, speech.HearingRate)
	if err != nil {
		panic(err) // both rates are constants
	}
	return &OwnVoice{
		comparer: echo.NewComparer(), suppressor: echo.NewSuppressor(), resampler: resampler,
		played: make([]float32, speech.FrameSamples*speech.VoiceRate/speech.HearingRate),
		sounds: -latestEcho,
	}
}

// Plays keeps a clause that goes to the loudspeaker, behind what was played of the item before.
func (v *OwnVoice) Plays(item, clause string, utterance speech.Utterance) {
	if v.item != item {
		v.item, v.sound, v.at, v.seen = item, v.sound[:0], 0, 0
		v.words.begin()
	}
	v.words.plays(len(v.sound), clause, utterance.Words)
	v.sound = append(v.sound, utterance.Samples...)
}

// Hears takes a frame of the person's sound, and which item is heard meanwhile and from where on (empty for none). While her voice comes back it returns
// what is left of the frame without it, 16 ms late: whether a person speaks has to be asked of that. Otherwise it returns nil, and the frame
// itself tells. It is valid until the next call.
func (v *OwnVoice) Hears(frame []float32, item string, position time.Duration) (left []float32) {
	v.advance(item, position)
	v.clock += frameLength
	v.queue = v.resampler.Process(v.queue, v.played)
	if missing := len(frame) - len(v.queue); missing > 0 { // the resampler holds a little back, once
		v.queue = append(make([]float32, missing), v.queue...)
	}
	played := v.queue[:len(frame)]
	v.frames = v.comparer.Compare(v.frames[:0], played, frame)
	left = v.suppressor.Suppress(played, frame, v.comparer)
	v.queue = v.queue[:copy(v.queue, v.queue[len(frame):])]
	if lag, known := v.comparer.Lag(); known && v.clock-v.sounds < time.Duration(lag)*echo.FrameDuration+rings {
		return left
	}
	return nil
}

// Whose says whose voice is in the frame that was heard last: voice tells whether there is one in it, and beside whether in what is left of it, or in
// it where nothing of hers comes back.
func (v *OwnVoice) Whose(voice, beside bool) Own {
	v.count(voice)
	switch {
	case voice && !beside:
		return Hers
	case v.clock-v.sounds < latestEcho && !v.decided(), v.diesAway():
		return MaybeHers
	}
	return NotHers
}

// advance takes what is played during a frame. Her position is looked at at uneven times, which would be heard as another echo:
// so it goes on evenly, until it is far off.
func (v *OwnVoice) advance(item string, position time.Duration) {
	clear(v.played)
	if item == "" || item != v.item {
		return
	}
	target, slack := int(position*speech.VoiceRate/time.Second), int(playedSlack*speech.VoiceRate/time.Second)
	stands := target == v.seen
	v.seen = target
	if target-v.at > slack {
		v.at = target
	}
	if stands && target <= v.at || v.at-target > slack || v.at >= len(v.sound) {
		return // she waits, or all of it has sounded
	}
	v.words.reach(v.at, v.clock)
	v.at += copy(v.played, v.sound[v.at:])
	v.sounds = v.clock + frameLength
}

// decided says whether it is known if her voice comes back: it was found to, or she was heard for long and hardly a voice beside her.
func (v *OwnVoice) decided() bool {
	_, known := v.comparer.Lag()
	return known || v.alone >= decidedAfter && v.beside < besideAtMost+v.alone/10
}

// diesAway says whether all of the item has sounded, and its end may still come back: in noise not all of it is explained.
func (v *OwnVoice) diesAway() bool {
	lag, known := v.comparer.Lag()
	return known && v.at >= len(v.sound) && v.clock-v.sounds < time.Duration(lag)*echo.FrameDuration+tail
}

// count notes whether a voice is heard while she is.
func (v *OwnVoice) count(voice bool) {
	if v.clock-v.sounds > latestEcho {
		return
	}
	if voice {
		v.beside += frameLength
	} else {
		v.alone += frameLength
	}
	if v.alone+v.beside > countedMost {
		v.alone, v.beside = v.alone/2, v.beside/2
	}
}

// Said tells whether words that were recognised in a stretch of the person's sound, by its clock, are those that she was heard saying then,
// and may be her own voice that came back. People do say her words again: but later than a room does.
func (v *OwnVoice) Said(words string, from, until time.Duration) bool {
	earliest, latest := time.Duration(0), latestEcho
	if lag, known := v.comparer.Lag(); known {
		late := time.Duration(lag) * echo.FrameDuration
		earliest, latest = max(0, late-lagSlack), late+lagSlack
	} else if v.decided() {
		return false // nothing comes back
	}
	return v.words.said(words, from-latest, from-earliest, until-earliest)
}

const (
	// decidedAfter is how long she must be heard alone before it is believed that nothing comes back. What comes back is found after half a
	// second, but in noise.
	decidedAfter = 1200 * time.Millisecond
	// tail is how long a room goes on sounding, and rings how long there is anything of hers in it to be taken out.
	tail  = 200 * time.Millisecond
	rings = 600 * time.Millisecond
	// besideAtMost is how long a voice may be heard beside her until then, and a tenth of the time after it.
	besideAtMost = 400 * time.Millisecond
	// countedMost is how much of that is remembered.
	countedMost = 40 * time.Second
	// latestEcho is how late her voice may come back.
	latestEcho = 700 * time.Millisecond
	// lagSlack is how far it may be from how late it was found to be.
	lagSlack = 150 * time.Millisecond
)

// Overheard corrects what the machine is told of a text that an Overhear asked for, when it is her own voice.
func (v *OwnVoice) Overheard(asked Intent, told Overheard, text string) Overheard {
	if v.Said(text, told.Until-min(asked.Back, OverhearMost), told.Until) {
		told.Remark = OwnWords
	}
	return told
}

// heardAt is which item of hers was heard at some time just past, and from where on; empty for none. What is heard may have waited to be
// judged, on a busy machine for a second, and she was elsewhere when it came.
func (c *Call) heardAt(at time.Duration) (item string, position time.Duration) {
	item, position = c.heardNow()
	if position -= max(0, c.now()-at); position < 0 {
		return "", 0
	}
	return item, position
}

// heardNow is which item of hers is heard at the moment, and from where on; empty for none.
func (c *Call) heardNow() (item string, position time.Duration) {
	if r := c.response; r != nil && r.audible && r.startAt != 0 {
		return r.itemID, c.mouth.Position(r.itemID)
	}
	return c.murmurs.id, c.murmurPosition()
}
