package companion

import (
	"bytes"
	"testing"
)

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

// TestPersonVoiceOutlivesTheProgram: the newest counts after a restart, and forgotten is forgotten.
func TestPersonVoiceOutlivesTheProgram(t *testing.T) {
	book := &memoryJournal{}
	c := open(t, book, &scriptedMind{})
	for _, voice := range []PersonVoice{{Turns: 4, Print: []byte{1, 2}}, {Turns: 5, Print: []byte{255, 3}}, {}} {
		keep := func() error { return c.KeepPersonVoice(t.Context(), voice) }
		if voice.Turns == 0 {
			keep = func() error { return c.ForgetPersonVoice(t.Context()) }
		}
		if err := keep(); err != nil {
			t.Fatal(err)
		}
		for name, known := range map[string]PersonVoice{"at once": c.PersonVoice(), "after a restart": open(t, book, &scriptedMind{}).PersonVoice()} {
			if known.Turns != voice.Turns || !bytes.Equal(known.Print, voice.Print) {
				t.Errorf("%s: %+v, not %+v", name, known, voice)
			}
		}
	}
}
