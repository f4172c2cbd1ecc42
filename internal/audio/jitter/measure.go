package jitter

import (
	"time"

	"twombly/internal/audio"
)

// transitWindow is how long the fastest packet counts at least; at most twice that.
const transitWindow = 5 * time.Second

// transit finds the least time that packets take, over the last seconds: the two clocks' offset plus the fastest way.
type transit struct {
	began         time.Duration
	now, before   time.Duration
	haveNow, have bool
}

// add takes one packet's arrival and its arrival less its timestamp.
func (t *transit) add(arrival, taken time.Duration) {
	if !t.haveNow {
		t.began, t.now, t.haveNow = arrival, taken, true
		return
	}
	if arrival-t.began >= transitWindow {
		t.before, t.have = t.now, true
		t.began, t.now = arrival, taken
		return
	}
	t.now = min(t.now, taken)
}

// least is the shortest transit.
func (t *transit) least() time.Duration {
	if t.have {
		return min(t.now, t.before)
	}
	return t.now
}

// The rule by which a frame may be left out: it lies quietBelow dB under the loudest of the last seconds, which is
// forgotten by quietForget dB a frame, or it is under quietAnyway dBFS.
const (
	quietBelow  = 30.0
	quietForget = 0.05
	quietAnyway = -60.0
)

// quietness follows the level of speech.
type quietness struct {
	loud float64
	have bool
}

// hear takes a frame and says whether nobody speaks in it.
func (q *quietness) hear(frame []float32) bool {
	level := audio.Level(frame)
	if !q.have {
		q.loud, q.have = level, true
	}
	q.loud = max(q.loud-quietForget, level)
	return level < q.loud-quietBelow || level < quietAnyway
}
