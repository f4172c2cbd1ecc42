package measure

import "time"

// The rules of gaps (docs/benchmarks-method.md).
const (
	// MaxGap is the longest silence inside a clause that is not a glitch.
	MaxGap = 40 * time.Millisecond
	// MaxPause is the longest silence at the border of two clauses that is a pause and not a stumble.
	MaxPause = 250 * time.Millisecond
)

// borderSlack is how far from where it should be a clause's border is still looked for: the frames of a transport are
// 20 ms long and a border may fall inside one.
const borderSlack = 60 * time.Millisecond

// ring is how long the codec goes on sounding into a hole.
const ring = 10 * time.Millisecond

// Gaps are the silences of one reply.
type Gaps struct {
	// Glitches are the gaps inside clauses that are longer than MaxGap.
	Glitches []Wait
	// Pauses are the lengths of silence at the borders of clauses, in order; 0 where sound runs on.
	Pauses []time.Duration
}

// LongPauses counts the pauses that are longer than MaxPause.
func (g Gaps) LongPauses() int {
	count := 0
	for _, pause := range g.Pauses {
		if pause > MaxPause {
			count++
		}
	}
	return count
}

// FindGaps looks for silences in what was played of a reply whose clauses have these lengths, one after the other. A
// gap inside a clause is sound that is not there: an inaudible stretch with dead frames in it (DeadLevel), or a wait of the
// loudspeaker; a breath or the closure of a consonant is neither. At a border what counts is how long nothing is audible. Only what lies between the
// first and the last audible sample is looked at, so that a reply that was cut off has no gap at its end.
func FindGaps(p Playback, clauses []time.Duration) Gaps {
	levels := p.levels()
	first, last := audibleRange(levels)
	if first < 0 {
		return Gaps{}
	}
	var found Gaps
	var borders []span
	// What the sender put in before a clause shifts it. How much is not told: the voice's own pauses are silence too. So
	// the shift is known only to lie between two bounds, which each border that is found narrows.
	var shift span
	slack := int(borderSlack / frame)
	var end time.Duration
	for i := 0; i+1 < len(clauses); i++ {
		end += clauses[i]
		nominal := int(end / frame)
		window := span{nominal + shift.from - slack, nominal + shift.to + slack}
		if before := len(borders) - 1; before >= 0 { // between two borders there is sound
			window.from = max(window.from, borders[before].to)
		}
		if window.from > last {
			break
		}
		quiet, dead := pauseNear(levels, window)
		zone := window
		if quiet.length() > 0 {
			zone = span{min(quiet.from, nominal+shift.from-slack), quiet.to + slack}
		}
		if dead.length() > 0 {
			shift.from = max(shift.from, dead.from-nominal-slack)
			shift.to = max(shift.from, dead.to-nominal)
		}
		pause := time.Duration(quiet.length()) * frame
		for _, wait := range p.Late {
			if at := int(p.duration(wait.Offset) / frame); at >= zone.from && at <= zone.to {
				pause += wait.Length
			}
		}
		found.Pauses = append(found.Pauses, pause)
		borders = append(borders, zone)
	}
	atBorder := func(at int) bool {
		for _, zone := range borders {
			if at >= zone.from && at <= zone.to {
				return true
			}
		}
		return false
	}
	for from := first; from <= last; from++ {
		if levels[from] >= AudibleLevel {
			continue
		}
		to := from
		for to <= last && levels[to] < AudibleLevel {
			to++
		}
		hole := span{from, to}
		length := time.Duration(hole.length())*frame + ring
		if length > MaxGap && deadIn(levels, hole).length() > 0 && !atBorder(from) && !atBorder(to-1) {
			found.Glitches = append(found.Glitches, Wait{Offset: int64(from) * p.offset(frame), Length: length})
		}
		from = to
	}
	for _, wait := range p.Late {
		at := int(p.duration(wait.Offset) / frame)
		if wait.Length > MaxGap && at > first && at <= last && !atBorder(at) {
			found.Glitches = append(found.Glitches, wait)
		}
	}
	return found
}

// span is a run of frames, to exclusive.
type span struct{ from, to int }

func (s span) length() int { return s.to - s.from }

// audibleRange is the first and the last audible frame, -1 when there is none.
func audibleRange(levels []float64) (first, last int) {
	first, last = -1, -1
	for i, level := range levels {
		if level >= AudibleLevel {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	return first, last
}

// pauseNear finds the pause that touches a window: the run of inaudible frames with the most dead ones in it, or the
// longest if none has any. dead is from the first dead frame in it to the last; both are empty when there is none.
func pauseNear(levels []float64, window span) (quiet, dead span) {
	for i := max(0, window.from); i < min(window.to, len(levels)); i++ {
		if levels[i] >= AudibleLevel {
			continue
		}
		run := span{i, i}
		for run.from > 0 && levels[run.from-1] < AudibleLevel {
			run.from--
		}
		for run.to < len(levels) && levels[run.to] < AudibleLevel {
			run.to++
		}
		inside := deadIn(levels, run)
		if inside.length() > dead.length() || dead.length() == 0 && run.length() > quiet.length() {
			quiet, dead = run, inside
		}
		i = run.to
	}
	return quiet, dead
}

// deadIn is from the first dead frame of a run to its last.
func deadIn(levels []float64, run span) (dead span) {
	for i := run.from; i < run.to; i++ {
		if levels[i] <= DeadLevel {
			if dead.to == 0 {
				dead.from = i
			}
			dead.to = i + 1
		}
	}
	return dead
}
