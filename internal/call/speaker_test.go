package call

import (
	"context"
	"errors"
	"testing"
	"time"

	"twombly/internal/companion"
	"twombly/internal/speech"
)

// onePrint is a print in one direction, leaning towards another by a share.
func onePrint(axis int, lean float32) *speech.VoicePrint {
	var print speech.VoicePrint
	print[axis], print[axis+1] = 1, lean
	print.Normalise()
	return &print
}

// TestKnownVoice: it is learnt from turns that are alike, and lost to a voice that is heard more.
func TestKnownVoice(t *testing.T) {
	var known KnownVoice
	for _, lean := range []float32{0.2, -0.3, 0.1, 0.4, -0.2} {
		known.Learn(onePrint(0, lean))
	}
	if likeness := known.Likeness(onePrint(0, 0)); known.Turns != 5 || likeness < 0.98 {
		t.Errorf("after five turns: %d, a likeness of %.2f", known.Turns, likeness)
	}
	known.Learn(onePrint(9, 0))
	if known.Turns != 4 || known.Likeness(onePrint(0, 0)) < 0.98 {
		t.Errorf("one turn of another's changed more than the count: %d", known.Turns)
	}
	for range 9 {
		known.Learn(onePrint(9, 0))
	}
	if known.Turns != 5 || known.Likeness(onePrint(9, 0)) < 0.98 {
		t.Errorf("the voice that is heard most is not known: %d", known.Turns)
	}
	for range 100 {
		known.Learn(onePrint(9, 0))
	}
	if known.Turns != keptVoiceTurns {
		t.Errorf("%d turns count", known.Turns)
	}
}

// TestKeptVoice: what is kept is the same voice, and the same when it is kept again; what is no voice is a stranger's.
func TestKeptVoice(t *testing.T) {
	known := KnownVoice{Turns: 7}
	for i := range known.print {
		known.print[i] = float32(i*i%17) - 8
	}
	known.print.Normalise()
	kept := known.kept()
	again := knownVoice(kept)
	if likeness := again.Likeness(&known.print); again.Turns != 7 || likeness < 0.999 {
		t.Errorf("%d turns, a likeness of %.4f", again.Turns, likeness)
	}
	if twice := again.kept(); string(twice.Print) != string(kept.Print) {
		t.Error("keeping it again changes it")
	}
	for name, kept := range map[string]companion.PersonVoice{
		"nothing": {}, "too short": {Turns: 3, Print: make([]byte, 255)}, "no direction": {Turns: 3, Print: make([]byte, 256)},
		"no turns": {Turns: -1, Print: kept.Print},
	} {
		if known := knownVoice(kept); known.Turns != 0 {
			t.Errorf("%s: %d turns", name, known.Turns)
		}
	}
}

// TestVoicedSound keeps the last frames, and gives those after a time.
func TestVoicedSound(t *testing.T) {
	var heard VoicedSound
	for n := range 2*mostVoicedFrames + 3 {
		frame := make([]float32, speech.FrameSamples)
		frame[0] = float32(n + 1)
		heard.Add(frame, time.Duration(n+1)*frameLength)
	}
	last := 2*mostVoicedFrames + 3
	if got := heard.Since(time.Duration(last-2) * frameLength); len(got) != 2*speech.FrameSamples || got[0] != float32(last-1) {
		t.Errorf("%d samples of the last two frames", len(got))
	}
	if got := heard.Since(0); len(got) != mostVoicedFrames*speech.FrameSamples || got[0] != float32(last-mostVoicedFrames+1) {
		t.Errorf("%d samples of all", len(got))
	}
}

// fakeSpeakers takes all voices for one.
type fakeSpeakers struct{ fails bool }

func (f fakeSpeakers) VoicePrint(_ context.Context, samples []float32) (speech.VoicePrint, error) {
	time.Sleep(100 * time.Millisecond) // virtual: how long the net takes
	if f.fails {
		return speech.VoicePrint{}, errors.New("test: the net failed")
	}
	return *onePrint(0, 0), nil
}

// TestVoiceIsLearnt: a turn of a call that went normally is learnt from and handed on; without the net nothing is.
func TestVoiceIsLearnt(t *testing.T) {
	for name, c := range map[string]struct {
		speakers Speakers
		known    int
		lasts    time.Duration
		turns    int
	}{
		"a turn":         {fakeSpeakers{}, 0, 2 * time.Second, 1},
		"another":        {fakeSpeakers{}, 3, 2 * time.Second, 4},
		"too short":      {fakeSpeakers{}, 3, time.Second, 3},
		"the net failed": {fakeSpeakers{fails: true}, 3, 2 * time.Second, 3},
		"without a net":  {nil, 3, 2 * time.Second, 3},
	} {
		s := perform(t, func(s *stage) {
			s.speakers = c.speakers
			s.talker.personVoice = (&KnownVoice{Turns: c.known, print: *onePrint(0, 0.1)}).kept()
		}, func(s *stage) {
			s.engine.say("We could go to the lake on Sunday.")
			s.hear(true, c.lasts)
			s.hear(false, 8*time.Second)
		})
		if s.talker.personVoice.Turns != c.turns {
			t.Errorf("%s: known from %d turns, not %d", name, s.talker.personVoice.Turns, c.turns)
		}
	}
}

// TestAnotherIsToldOf: with the mode on another's turn is kept and not answered, and the person is told; without the net they are told that.
func TestAnotherIsToldOf(t *testing.T) {
	for name, c := range map[string]struct {
		speakers Speakers
		axis     int
		code     string
		answered bool
	}{
		"another":       {fakeSpeakers{}, 9, "own_voice.other", false},
		"the person":    {fakeSpeakers{}, 0, "", true},
		"without a net": {nil, 9, "own_voice.model", true},
	} {
		s := perform(t, func(s *stage) {
			s.speakers, s.ownVoiceOnly = c.speakers, true
			s.talker.personVoice = (&KnownVoice{Turns: 8, print: *onePrint(c.axis, 0)}).kept()
		}, func(s *stage) {
			if err := s.call.Configure(s.call.Settings()); err != nil {
				t.Error(err)
			}
			s.engine.say("The weather will be fine tomorrow.")
			s.hear(true, 2*time.Second)
			s.hear(false, 8*time.Second)
		})
		if finals := eventsOf[PersonFinal](s.mouth); len(finals) != 1 || finals[0].Text == "" {
			t.Errorf("%s: the words are not kept: %+v", name, finals)
		}
		if answered := len(eventsOf[ResponseStarted](s.mouth)) > 0; answered != c.answered {
			t.Errorf("%s: answered: %t", name, answered)
		}
		code := ""
		for _, hint := range eventsOf[Hint](s.mouth) {
			code = hint.Code
		}
		if code != c.code {
			t.Errorf("%s: told %q, not %q", name, code, c.code)
		}
	}
}
