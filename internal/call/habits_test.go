package call

import (
	"testing"
	"time"

	"twombly/internal/companion"
)

// TestHabits: a call begins with what earlier ones have learnt, and hands on what it has.
func TestHabits(t *testing.T) {
	for name, habits := range map[string]companion.Habits{
		"a stranger": {}, "somebody who was cut off often": {Turns: 20, Cut: 10}, "somebody who never was": {Turns: 100},
	} {
		s := perform(t, func(s *stage) { s.talker.habits = habits }, func(s *stage) {
			s.engine.say("We could go to the lake on Sunday.")
			s.hear(true, time.Second)
			s.hear(false, 6*time.Second)
		})
		want := companion.Habits{Turns: min(habits.Turns, keptTurns) + 1, Cut: habits.Cut}
		if s.talker.habits != want {
			t.Errorf("%s: handed on %+v, not %+v", name, s.talker.habits, want)
		}
	}
}

// TestHabitsScaleHerSilences: in the machine, for the silences behind words.
func TestHabitsScaleHerSilences(t *testing.T) {
	scale := func(habits companion.Habits) float64 {
		m := NewMachine(DefaultRules())
		m.Step(0, Acquainted{Habits: habits})
		return m.tempo.scale()
	}
	stranger, hasty, slow := scale(companion.Habits{}), scale(companion.Habits{Turns: 100}), scale(companion.Habits{Turns: 20, Cut: 10})
	if stranger != 1 || hasty >= 1 || slow <= 1.2 {
		t.Errorf("a stranger %.2f, somebody who never pauses %.2f, somebody who often does %.2f", stranger, hasty, slow)
	}
}
