package companion

import "testing"

// TestHabitsOutliveTheProgram: what a call has learnt of how a person takes turns is known after a restart, and the newest counts.
func TestHabitsOutliveTheProgram(t *testing.T) {
	book := &memoryJournal{}
	c := open(t, book, &scriptedMind{})
	if habits := c.Habits(); habits != (Habits{}) {
		t.Errorf("of a stranger %+v is known", habits)
	}
	for _, habits := range []Habits{{Turns: 4, Cut: 1}, {Turns: 12, Cut: 2}} {
		if err := c.KeepHabits(t.Context(), habits); err != nil {
			t.Fatal(err)
		}
		if got := c.Habits(); got != habits {
			t.Errorf("kept %+v, got %+v", habits, got)
		}
	}
	if got, want := open(t, book, &scriptedMind{}).Habits(), (Habits{Turns: 12, Cut: 2}); got != want {
		t.Errorf("after a restart %+v, not %+v", got, want)
	}
}
