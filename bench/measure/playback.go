package measure

import (
	"time"

	"twombly/internal/audio"
)

// Piece is sound that arrived.
type Piece struct {
	// At is when it could be played at the earliest.
	At time.Time
	// Offset is the place of its first sample on the sender's clock, counted from the item's beginning.
	Offset int64
	// Samples is mono sound.
	Samples []float32
}

// Playback is what a loudspeaker played of one item: it begins with the first piece (after its buffer), goes on at the
// sender's clock, and when sound is late it waits for it and is behind from then on. Silence that is late is left out, as
// far as it is late: a sender that pauses sends none, and a receiver fills it in when sound goes on.
type Playback struct {
	// Rate in Hz.
	Rate int
	// Samples lie at their place on the sender's clock; where nothing was sent they are zero.
	Samples []float32
	// Late are the waits.
	Late []Wait

	starts []start
}

// Wait is a time in which the loudspeaker had nothing to play.
type Wait struct {
	Offset int64
	Length time.Duration
	// Waited is true when sound came late, false when none was sent.
	Waited bool
}

// start says when offset 0 would have been played for the sound from an offset on.
type start struct {
	from int64
	zero time.Time
}

// Play plays pieces in the order of their arrival. buffer is how long the first one is held back: 0 is the loudspeaker
// that answers soonest and forgives least.
func Play(pieces []Piece, rate int, buffer time.Duration) Playback {
	p := Playback{Rate: rate}
	for _, piece := range pieces {
		if len(piece.Samples) == 0 || piece.Offset < 0 {
			continue
		}
		place := p.duration(piece.Offset)
		if len(p.starts) == 0 {
			p.starts = append(p.starts, start{from: piece.Offset, zero: piece.At.Add(buffer).Add(-place)})
		}
		zero := p.starts[len(p.starts)-1].zero
		late := piece.At.Sub(zero.Add(place))
		silent := p.inaudible(piece.Samples)
		if late -= p.duration(silent); late > 0 {
			from := piece.Offset + silent
			p.Late = append(p.Late, Wait{Offset: from, Length: late, Waited: true})
			p.starts = append(p.starts, start{from: from, zero: zero.Add(late)})
		}
		if end := int(piece.Offset) + len(piece.Samples); end > len(p.Samples) {
			p.Samples = append(p.Samples, make([]float32, end-len(p.Samples))...)
		}
		copy(p.Samples[piece.Offset:], piece.Samples)
	}
	return p
}

// At is when the sample at an offset left the loudspeaker.
func (p Playback) At(offset int64) time.Time {
	zero := time.Time{}
	for _, s := range p.starts {
		if zero.IsZero() || s.from <= offset {
			zero = s.zero
		}
	}
	return zero.Add(p.duration(offset))
}

// inaudible is how many samples pass before the first audible frame of 10 ms.
func (p Playback) inaudible(samples []float32) int64 {
	size := int(p.offset(frame))
	for from := 0; from < len(samples); from += size {
		if audio.Level(samples[from:min(from+size, len(samples))]) >= AudibleLevel {
			return int64(from)
		}
	}
	return int64(len(samples))
}

func (p Playback) duration(samples int64) time.Duration {
	return time.Duration(samples) * time.Second / time.Duration(p.Rate)
}

func (p Playback) offset(d time.Duration) int64 { return int64(d) * int64(p.Rate) / int64(time.Second) }

// The levels, in dBFS over 10 ms, from which sound counts as audible, and below which it is no sound at all. A net's voice
// at rest was measured down to -83; zeros that went through Opus are below -100 after the codec's ring has died away.
const (
	AudibleLevel = -50.0
	DeadLevel    = -90.0
)

// frame is the length of the frames in which levels are taken.
const frame = 10 * time.Millisecond

// levels are those of each frame.
func (p Playback) levels() []float64 {
	size := int(p.offset(frame))
	levels := make([]float64, 0, len(p.Samples)/size+1)
	for from := 0; from < len(p.Samples); from += size {
		levels = append(levels, audio.Level(p.Samples[from:min(from+size, len(p.Samples))]))
	}
	return levels
}

// Audible is the offset of the first audible sample from an offset on, to 10 ms; false when none is.
func (p Playback) Audible(from int64) (int64, bool) {
	size := p.offset(frame)
	for i, level := range p.levels() {
		if at := int64(i) * size; at+size > from && level >= AudibleLevel {
			return max(at, from), true
		}
	}
	return 0, false
}

// LastAudible is where the last audible sound before an offset ends, to 10 ms; false when there is none.
func (p Playback) LastAudible(before int64) (int64, bool) {
	size := p.offset(frame)
	levels := p.levels()
	for i := min(len(levels), int((before+size-1)/size)) - 1; i >= 0; i-- {
		if levels[i] >= AudibleLevel {
			return min(int64(i+1)*size, before), true
		}
	}
	return 0, false
}

// AudibleBetween is how much audible sound was played between two times.
func (p Playback) AudibleBetween(from, to time.Time) time.Duration {
	size := p.offset(frame)
	var sum time.Duration
	for i, level := range p.levels() {
		at := p.At(int64(i) * size)
		if level >= AudibleLevel && !at.Before(from) && at.Before(to) {
			sum += frame
		}
	}
	return sum
}
