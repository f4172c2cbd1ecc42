package call

import (
	"slices"
	"testing"
	"time"
)

// farTurn speaks a turn whose words are known, and whose answer will be heard after a while.
func (s *script) farTurn(away time.Duration) {
	s.hear(voice, 500*time.Millisecond)
	s.hear(quiet, 160*time.Millisecond)
	s.step(Words{Pause: s.machine.pause, Words: "we could go to the lake"})
	s.step(Foreseen{Draft: s.machine.drafts, At: s.at + away/2, After: away / 2})
	s.got = nil
}

// TestOpener: an answer that is far is announced by a sound, as soon as the turn is over and no sooner.
func TestOpener(t *testing.T) {
	ms := time.Millisecond
	for name, test := range map[string]struct {
		away     time.Duration
		finished float32
		change   func(*Rules)
		opens    time.Duration // the silence after which she opens, 0 for never
	}{
		"far, and surely all":        {3000 * ms, 0.9, nil, 350 * ms},
		"far":                        {3000 * ms, 0.7, nil, 500 * ms},
		"far, and perhaps not whole": {3000 * ms, 0.4, nil, 900 * ms},
		"far, and not whole":         {3000 * ms, 0.01, nil, 1300 * ms},
		"near":                       {600 * ms, 0.7, nil, 0},
		"far, in quiet":              {3000 * ms, 0.7, func(r *Rules) { r.Opener = 0 }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScript(t, test.change)
			s.farTurn(test.away)
			verdict := false
			for silence := s.machine.silence(s.at); silence < 1400*ms; silence = s.machine.silence(s.at) {
				if !verdict && slices.Contains(s.got, "detect_turn_end:answer_far") {
					if silence < 150*ms {
						t.Errorf("turn detection takes the mind's cores after %v", silence)
					}
					verdict = true
					s.step(Finished{Pause: 1, Probability: test.finished})
					s.step(TurnEnd{Pause: 1, Probability: 0.9})
				}
				if opened := slices.Contains(s.got, "open:answer_far"); opened && (test.opens == 0 || silence < test.opens) {
					t.Fatalf("after %v: %q", silence, s.got)
				} else if !opened && test.opens > 0 && silence > test.opens+frameLength {
					t.Fatalf("not after %v: %q", silence, s.got)
				}
				s.hear(quiet, frameLength)
			}
			if test.opens == 0 && verdict {
				t.Error("turn detection took the mind's cores for nothing")
			}
		})
	}
}

// TestOpenerNeverTwiceRunning: the second answer that is far is waited for.
func TestOpenerNeverTwiceRunning(t *testing.T) {
	s := newScript(t, nil)
	for number, want := range []bool{true, false, true, false} {
		s.farTurn(5 * time.Second)
		s.hear(quiet, 1300*time.Millisecond)
		if opened := slices.Contains(s.got, "open:answer_far"); opened != want {
			t.Fatalf("reply %d begins with an opener: %t; %q", number, opened, s.got)
		}
		s.step(ClauseReady{Draft: s.machine.response})
		s.step(Spoken{Draft: s.machine.response})
	}
}

// TestGoingOnOverAnOpener: an opener is hers, and who speaks over it is judged as over any of her words.
func TestGoingOnOverAnOpener(t *testing.T) {
	s := newScript(t, nil)
	s.farTurn(5 * time.Second)
	s.hear(quiet, 1200*time.Millisecond)
	s.got = nil
	s.hear(voice, 96*time.Millisecond)
	s.expect("duck:voice_heard")
	s.hear(voice, 1300*time.Millisecond)
	if s.got[len(s.got)-1] != "yield:barge_in" {
		t.Errorf("she does not yield: %q", s.got)
	}
}

// TestOpenerNotByTheSoundAlone: where a draft outlasts a cough, nothing is asked for the sake of an opener before the words of the new pause are known:
// only the sound could be judged.
func TestOpenerNotByTheSoundAlone(t *testing.T) {
	s := newScript(t, nil)
	s.farTurn(5 * time.Second)
	s.hear(voice, 160*time.Millisecond)
	s.got = nil
	s.hear(quiet, 400*time.Millisecond)
	if slices.Contains(s.got, "detect_turn_end:answer_far") {
		t.Errorf("asked before the words are known: %q", s.got)
	}
	s.step(Words{Pause: s.machine.pause, Words: "we could go to the lake today"})
	s.step(Foreseen{Draft: s.machine.drafts, At: s.at + time.Second, After: 4 * time.Second})
	s.hear(quiet, frameLength)
	if !slices.Contains(s.got, "detect_turn_end:answer_far") {
		t.Errorf("not asked when they are: %q", s.got)
	}
}
