package echoes

import (
	"fmt"
	"time"

	"twombly/bench/duplex"
	"twombly/bench/rooms"
	"twombly/internal/audio"
	"twombly/internal/call"
	"twombly/internal/speech"
)

// playedSamples is the length of a frame at the loudspeaker.
const playedSamples = speech.FrameSamples * speech.VoiceRate / speech.HearingRate

// ducked is how much softer she is when she is ducked, 12 dB, and fading how long she takes for that.
const (
	ducked = 0.25
	fading = 20 * time.Millisecond
)

// line is a loudspeaker, as a call's transport drives it, the room, and what of it meets the microphone.
type line struct {
	item   string
	sound  []float32
	places []int // at which it may be held, in samples
	at     int
	held   int // where it stops, -1 for nowhere
	on     bool
	gain   float32
	soft   bool

	resampler *audio.Resampler
	there     Codec // nil for none
	room      *rooms.Convolver
	played    []float32
	heard     []float32
	queue     []float32
}

func newLine(take Take) (*line, error) {
	l := &line{held: -1, gain: 1, played: make([]float32, playedSamples)}
	l.queue = make([]float32, take.Conditions.DelayMS*duplex.Rate/1000)
	l.room = rooms.NewConvolver(take.Response, speech.FrameSamples)
	var err error
	if l.resampler, err = audio.NewResampler(speech.VoiceRate, duplex.Rate); err != nil {
		return nil, fmt.Errorf("resample her voice: %w", err)
	}
	if take.Codec != nil {
		if l.there, err = take.Codec(speech.VoiceRate); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// begin plays a reply.
func (l *line) begin(item string, reply Reply) {
	l.item, l.sound, l.places, l.at, l.held, l.on = item, nil, nil, 0, -1, true
	for _, clause := range reply {
		for _, place := range call.Places(clause.Utterance) {
			l.places = append(l.places, len(l.sound)+place)
		}
		l.sound = append(l.sound, clause.Utterance.Samples...)
	}
}

// hush ends it.
func (l *line) hush() { l.on, l.held = false, -1 }

// hold stops at the next place where she can.
func (l *line) hold() {
	for _, place := range l.places {
		if place >= l.at {
			l.held = place
			return
		}
	}
}

// release goes on.
func (l *line) release() { l.held = -1 }

// over says whether all of it has sounded.
func (l *line) over() bool { return l.on && l.at >= len(l.sound) }

// position is how much of the item has sounded.
func (l *line) position() time.Duration {
	return time.Duration(l.at) * time.Second / speech.VoiceRate
}

// next plays a frame, says how loud it was in dBFS, and returns what the microphone hears of her meanwhile.
func (l *line) next() (echo []float32, level float64, err error) {
	clear(l.played)
	if l.on {
		until := min(len(l.sound), l.at+len(l.played))
		if l.held >= 0 {
			until = min(until, max(l.held, l.at))
		}
		l.at += copy(l.played, l.sound[l.at:until])
	}
	target, step := float32(1), float32(1/(fading.Seconds()*speech.VoiceRate))
	if l.soft {
		target = ducked
	}
	for i := range l.played {
		l.gain += max(-step, min(step, target-l.gain))
		l.played[i] *= l.gain
	}
	level = audio.Level(l.played)
	sound := l.played
	if l.there != nil {
		if sound, err = l.there.Through(sound); err != nil {
			return nil, 0, err
		}
	}
	l.queue = l.resampler.Process(l.queue, sound)
	if missing := speech.FrameSamples - len(l.queue); missing > 0 { // the resampler holds a little back, once
		l.queue = append(make([]float32, missing), l.queue...)
	}
	l.heard = l.room.Next(l.heard[:0], l.queue[:speech.FrameSamples])
	l.queue = l.queue[:copy(l.queue, l.queue[speech.FrameSamples:])]
	return l.heard, level, nil
}
