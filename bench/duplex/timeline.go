package duplex

import (
	"math"
	"time"

	"twombly/internal/audio"
)

// audible is the level in dBFS, over 10 ms, below which she is silent.
const audible = -50.0

// Timeline is how loud she was at the client, in frames of 10 ms.
type Timeline struct {
	levels []float32
}

// Add lays sound of hers, at a rate, over the timeline, beginning at a time after the call's.
func (t *Timeline) Add(at time.Duration, samples []float32, rate int) {
	size := rate / 100
	for from := 0; from < len(samples); from += size {
		frame := int((at + time.Duration(from)*time.Second/time.Duration(rate)) / levelFrame)
		if frame < 0 {
			continue
		}
		for len(t.levels) <= frame {
			t.levels = append(t.levels, float32(audio.Silence))
		}
		level := float32(audio.Level(samples[from:min(from+size, len(samples))]))
		t.levels[frame] = max(t.levels[frame], level)
	}
}

// Length is when the last sound ends.
func (t *Timeline) Length() time.Duration { return time.Duration(len(t.levels)) * levelFrame }

// Level at a time, in dBFS.
func (t *Timeline) Level(at time.Duration) float64 {
	if i := int(at / levelFrame); at >= 0 && i < len(t.levels) {
		return float64(t.levels[i])
	}
	return audio.Silence
}

// Audible says whether she was heard at some time in [from, to).
func (t *Timeline) Audible(from, to time.Duration) bool {
	_, heard := t.NextAudible(from, to)
	return heard
}

// NextAudible is when she was first heard in [from, to).
func (t *Timeline) NextAudible(from, to time.Duration) (time.Duration, bool) {
	for at := max(0, from.Truncate(levelFrame)); at < to; at += levelFrame {
		if at >= from && t.Level(at) >= audible {
			return at, true
		}
	}
	return 0, false
}

// Times between which she is compared with how loud she was before: she is ducked after 96 ms of voice, and the client hears of it 50 ms later.
const (
	softAfter  = 200 * time.Millisecond
	softBefore = 2 * time.Second
	// softFrames is the least that must be heard of her on both sides.
	softFrames = 10
)

// softer is by how many dB she was softer in [from+softAfter, to) than in the time before, as the mean power of the frames in which she was heard; 0
// where there are too few of them.
func (t *Timeline) softer(from, to time.Duration) float64 {
	before, n := t.power(from-softBefore, from)
	after, m := t.power(from+softAfter, to)
	if n < softFrames || m < softFrames {
		return 0
	}
	return 10 * math.Log10(before/after)
}

// power is the mean power of the frames in [from, to) in which she was heard, and how many they are.
func (t *Timeline) power(from, to time.Duration) (mean float64, n int) {
	for at := max(0, from.Truncate(levelFrame)); at < to; at += levelFrame {
		if level := t.Level(at); level >= audible {
			mean += math.Pow(10, level/10)
			n++
		}
	}
	return mean / float64(max(1, n)), n
}

// Onset is when she first began in [from, to): was heard after a silence of at least a rest.
func (t *Timeline) Onset(from, to, rest time.Duration) (time.Duration, bool) {
	for at := from; ; {
		next, heard := t.NextAudible(at, to)
		if !heard {
			return 0, false
		}
		if !t.Audible(next-rest, next) {
			return next, true
		}
		at = next + levelFrame
	}
}

// Silence is when the first silence of at least a length begins, at or after a time; it may begin before it, and then it is
// that time. false when there is none before the limit.
func (t *Timeline) Silence(from, limit, atLeast time.Duration) (time.Duration, bool) {
	since := time.Duration(math.MinInt64)
	for at := from.Truncate(levelFrame); at < limit+atLeast; at += levelFrame {
		switch {
		case t.Level(at) >= audible:
			since = math.MinInt64
		case since == math.MinInt64:
			since = at
		}
		if since != math.MinInt64 && since <= limit && at+levelFrame-since >= atLeast {
			return max(since, from), true
		}
		if since > limit {
			break
		}
	}
	return 0, false
}

// Stretches are when she is audible; silences under 100 ms are left out.
func (t *Timeline) Stretches() (found []Stretch) {
	for at := time.Duration(0); at < t.Length(); at += levelFrame {
		if t.Level(at) < audible {
			continue
		}
		if last := len(found) - 1; last >= 0 && at-found[last].To < 100*time.Millisecond {
			found[last].To = at + levelFrame
		} else {
			found = append(found, Stretch{at, at + levelFrame})
		}
	}
	return found
}
