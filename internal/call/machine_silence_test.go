package call

import (
	"testing"
	"time"
)

// TestNoAnswer: who does not answer a question of hers is met once, until they have spoken.
func TestNoAnswer(t *testing.T) {
	meets := []string{"draft:no_answer", "speak:no_answer"}
	for name, test := range map[string]struct {
		rules   func(*Rules)
		happens func(*script)
		wants   []string
	}{
		"nobody speaks":   {nil, func(s *script) { s.hear(quiet, 13*time.Second); s.hear(quiet, 2*time.Second) }, meets},
		"no sound at all": {nil, func(s *script) { s.stall(15 * time.Second) }, meets},
		"once": {nil, func(s *script) {
			s.hear(quiet, 15*time.Second)
			s.step(Spoken{Draft: 2, Asked: true})
			s.hear(quiet, time.Minute)
		}, append(meets[:2:2], "finish:heard_to_end")},
		"a cough begins the silence anew": {nil, func(s *script) {
			s.hear(quiet, 10*time.Second)
			s.hear(voice, 128*time.Millisecond)
			s.hear(quiet, 200*time.Millisecond)
			s.step(Words{Pause: s.machine.pause})
			s.hear(quiet, 13*time.Second)
		}, []string{"start_hearing:voice_heard", "stop_hearing:voice_ended", "recognise:pause_reached", "drop_turn:no_words"}},
		"a client with a fixed silence": {func(r *Rules) { *r = rulesOf(Settings{Detection: ServerVAD, CreateResponse: true}) },
			func(s *script) { s.hear(quiet, time.Minute) }, nil},
		"a hard stop is no question": {nil, func(s *script) {
			s.step(Typed{Words: "Go on."})
			s.step(HardStop{})
			s.hear(quiet, time.Minute)
		}, []string{"draft:typed_message", "speak:typed_message", "yield:hard_stop"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScript(t, test.rules)
			s.step(Opening{})
			s.step(Spoken{Draft: 1, Asked: true})
			s.got = nil
			test.happens(s)
			s.expect(test.wants...)
		})
	}
}

// TestNoQuestion: a silence after anything else than a question is nobody's to break.
func TestNoQuestion(t *testing.T) {
	s := newScript(t, nil)
	s.step(Opening{})
	s.step(Spoken{Draft: 1})
	s.got = nil
	s.hear(quiet, time.Minute)
	s.expect()
}

func TestAsks(t *testing.T) {
	for text, want := range map[string]bool{
		"How was it?": true, "She said \"why?\" ": true, "Really? I see.": false, "": false,
	} {
		if asks(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

// TestSilenceIsMet: in the page's own call she speaks into the silence after her question, and nothing of the person's is on record for it.
func TestSilenceIsMet(t *testing.T) {
	for own, spoken := range map[bool]int{true: 2, false: 1} {
		s := perform(t, func(s *stage) { s.talker.answers = []string{"And how was it?", "No hurry."} }, func(s *stage) {
			if own {
				s.call.HoldMeetings()
			}
			s.engine.say("Well.")
			s.hear(true, time.Second)
			s.hear(false, 40*time.Second)
		})
		if done := eventsOf[ResponseDone](s.mouth); len(done) != spoken {
			t.Fatalf("own %v: she said %+v", own, done)
		}
		if committed := eventsOf[TurnCommitted](s.mouth); len(committed) != 1 {
			t.Errorf("own %v: turns of the person: %+v", own, committed)
		}
		if last := s.talker.turns[len(s.talker.turns)-1]; last.Unprompted != own {
			t.Errorf("own %v: she spoke to %+v", own, last)
		}
	}
}
