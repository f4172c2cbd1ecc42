package call

import (
	"math"
	"time"

	"twombly/internal/companion"
)

// tempo is what a call has learnt of a person's turns: how many she took for over, and how many of these were not. The silences of [Rules.Ends] are
// scaled by it, so that she waits longer for somebody who pauses where others end, and less for somebody who does not.
type tempo struct {
	taken, cut float64
	steady     bool          // nothing is made of it
	ended      time.Duration // where the last voice of the turn lies that was taken for over last, 0 when it is settled
}

// What is expected of a person who is not known yet, and how far anything learnt may go.
const (
	expectedCut   = 0.05 // of all turns: what is aimed at
	expectedTurns = 4    // how many turns that expectation is worth
	tempoPower    = 0.4
	leastTempo    = 0.9
	mostTempo     = 1.6
	// soonAgain is the longest between the person's last voice and their next, for which the turn was not over.
	soonAgain = 1700 * time.Millisecond
)

// scale is how much longer than usual she waits for them.
func (t *tempo) scale() float64 {
	if t.steady {
		return 1
	}
	share := (t.cut + expectedCut*expectedTurns) / (t.taken + expectedTurns)
	return min(mostTempo, max(leastTempo, math.Pow(share/expectedCut, tempoPower)))
}

// ends notes that a turn was taken for over whose last voice lies at an audio time.
func (t *tempo) ends(lastVoice time.Duration) {
	t.taken++
	t.ended = lastVoice
}

// begins notes that the person begins to speak, and says whether that goes on with the last turn: who speaks right after one had not finished it.
func (t *tempo) begins(at time.Duration) (goesOn bool) {
	if goesOn = t.ended > 0 && at-t.ended <= soonAgain; goesOn {
		t.cut++
	}
	t.ended = 0
	return goesOn
}

// keptTurns is how many turns of earlier calls count at most, so that what a person has become outweighs what they were.
const keptTurns = 40

// takes takes over what earlier calls have learnt.
func (t *tempo) takes(habits companion.Habits) {
	t.taken, t.cut = habits.Turns, habits.Cut
	if t.taken > keptTurns {
		t.taken, t.cut = keptTurns, t.cut*keptTurns/t.taken
	}
}

// Habits are what the call has learnt of the person by now.
func (m *Machine) Habits() companion.Habits {
	return companion.Habits{Turns: m.tempo.taken, Cut: m.tempo.cut}
}
