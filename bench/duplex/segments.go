package duplex

import (
	"time"

	"twombly/internal/audio"
)

// span is a stretch of a recording, in samples.
type span struct{ from, to int }

// Times by which recordings are cut.
const (
	levelFrame = 10 * time.Millisecond
	// betweenSegments is how long a speaker rests between two segments.
	betweenSegments = 250 * time.Millisecond
	// betweenWords is how long the quiet is in which a sentence may be cut.
	betweenWords = 40 * time.Millisecond
	// aroundVoice is kept of a recording before and after its voice.
	aroundVoice = 40 * time.Millisecond
)

// segments are the stretches of voice in a recording between which its speaker rests.
func segments(samples []float32, rate int) []span {
	levels, size := levelsOf(samples, rate)
	limit := threshold(levels)
	rest := int(betweenSegments / levelFrame)
	var found []span
	quiet := rest
	for i, level := range levels {
		if level < limit {
			quiet++
			continue
		}
		if quiet >= rest {
			found = append(found, span{i * size, 0})
		}
		found[len(found)-1].to = min((i+1)*size, len(samples))
		quiet = 0
	}
	return found
}

// pauseInside is the middle of the quietest place between words within the middle half of a stretch; false when it runs on
// without one.
func pauseInside(samples []float32, rate int, s span) (at int, ok bool) {
	levels, size := levelsOf(samples[s.from:s.to], rate)
	run := int(betweenWords / levelFrame)
	quietest := threshold(levels)
	for i := len(levels) / 4; i+run <= 3*len(levels)/4; i++ {
		loudest := audio.Silence
		for _, level := range levels[i : i+run] {
			loudest = max(loudest, level)
		}
		if loudest < quietest {
			quietest, at, ok = loudest, s.from+i*size+run*size/2, true
		}
	}
	return at, ok
}

// threshold is where voice begins: half way, in dB, from the recording's floor to its loud parts, and at most 25 dB below
// these.
func threshold(levels []float64) float64 {
	floor, loud := quantile(levels, 0.1), quantile(levels, 0.95)
	return max((floor+loud)/2, loud-25)
}

func levelsOf(samples []float32, rate int) (levels []float64, size int) {
	size = int(levelFrame) * rate / int(time.Second)
	for from := 0; from+size <= len(samples); from += size {
		levels = append(levels, audio.Level(samples[from:from+size]))
	}
	return levels, size
}
