package call

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// storyPause speaks for a while and pauses, up to its words.
func (s *script) storyPause(lasting time.Duration, words Words) {
	s.hear(voice, lasting)
	s.hear(quiet, 160*time.Millisecond)
	words.Pause, words.Words = s.machine.pause, "and then we drove to the"
	s.step(words)
}

// TestSheListensAudibly: she is heard in the pauses of a long story, and nowhere else.
func TestSheListensAudibly(t *testing.T) {
	const gives = "give_backchannel:long_turn"
	for name, test := range map[string]struct {
		before   time.Duration
		words    Words
		finished float32
		change   func(*Rules)
		want     bool
	}{
		"a story that hangs":           {12 * time.Second, Words{Told: true, Bearing: Hanging}, -1, nil, true},
		"a story, judged not whole":    {12 * time.Second, Words{Told: true}, 0.05, nil, true},
		"a story that may be over":     {12 * time.Second, Words{Told: true}, 0.5, nil, false},
		"a story, not judged":          {12 * time.Second, Words{Told: true}, -1, nil, false},
		"a short story":                {8 * time.Second, Words{Told: true, Bearing: Hanging}, -1, nil, false},
		"a number, or a question":      {12 * time.Second, Words{Bearing: Hanging}, -1, nil, false},
		"somebody who asked for time":  {12 * time.Second, Words{Told: true, Bearing: Pondering}, -1, nil, false},
		"speech to somebody else":      {12 * time.Second, Words{Told: true, Bearing: Elsewhere}, -1, nil, false},
		"in quiet":                     {12 * time.Second, Words{Told: true, Bearing: Hanging}, -1, func(r *Rules) { r.Backchannel = 0 }, false},
		"turns of a fixed silence":     {12 * time.Second, Words{Told: true, Bearing: Hanging}, -1, func(r *Rules) { r.Detection = ServerVAD }, false},
		"turns that the client ends":   {12 * time.Second, Words{Told: true, Bearing: Hanging}, -1, func(r *Rules) { r.Detection = Manual }, false},
		"a story to an eager listener": {12 * time.Second, Words{Told: true, Bearing: Hanging}, -1, func(r *Rules) { *r = rulesOf(Settings{Detection: SemanticVAD, Eagerness: High}) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScript(t, test.change)
			s.storyPause(test.before, test.words)
			if test.finished >= 0 {
				s.step(Finished{Pause: 1, Probability: test.finished})
			}
			s.hear(quiet, 64*time.Millisecond)
			if slices.Contains(s.got, gives) {
				t.Fatalf("after %v already: %q", s.machine.silence(s.at), s.got)
			}
			s.hear(quiet, 400*time.Millisecond)
			if got := slices.Contains(s.got, gives); got != test.want {
				t.Errorf("she is heard: %t; %q", got, s.got)
			}
		})
	}
}

// TestBackchannelsAreRare: one in eight seconds at most, and none over the person.
func TestBackchannelsAreRare(t *testing.T) {
	s := newScript(t, nil)
	s.storyPause(12*time.Second, Words{Told: true, Bearing: Hanging})
	s.hear(quiet, 160*time.Millisecond)
	s.got = nil
	s.hear(voice, 64*time.Millisecond)
	s.expect("stop_backchannel:person_went_on") // at once, before it is a turn that goes on
	s.storyPause(5*time.Second, Words{Told: true, Bearing: Hanging})
	s.hear(quiet, 600*time.Millisecond)
	if slices.Contains(s.got, "give_backchannel:long_turn") {
		t.Error("another one after five seconds")
	}
	s.storyPause(3*time.Second, Words{Told: true, Bearing: Hanging})
	s.hear(quiet, 160*time.Millisecond)
	if !slices.Contains(s.got, "give_backchannel:long_turn") {
		t.Error("none after eight seconds")
	}
	s.hear(quiet, 1200*time.Millisecond)
	if !slices.Contains(s.got, "commit_turn:hold_elapsed") {
		t.Error("the turn does not end")
	}
	s.got = nil
	s.hear(voice, 300*time.Millisecond)
	if slices.Contains(s.got, "stop_backchannel:person_went_on") {
		t.Error("one is stopped that had ended")
	}
}

// TestBackchannelIsNoResponse: it is heard, softly, and leaves no trace.
func TestBackchannelIsNoResponse(t *testing.T) {
	story := strings.Repeat("we went to the lake and it was cold ", 4)
	s := perform(t, func(s *stage) { s.phrases = NewPhrases() }, func(s *stage) {
		s.hear(false, 2*time.Second)
		s.engine.say(story + "and then we drove to the")
		s.hear(true, 12*time.Second)
		s.hear(false, 600*time.Millisecond)
		if got := s.mouth.murmured(); len(got) != 1 || len(eventsOf[ResponseStarted](s.mouth)) != 0 {
			t.Errorf("murmurs %q", got)
		}
		s.engine.say(story + "and then we drove to the old town.")
		s.hear(true, 2*time.Second)
		s.hear(false, 8*time.Second)
	})
	if got := s.mouth.murmured(); len(got) != 1 || !s.mouth.hushed[got[0]] {
		t.Errorf("it goes on over the person, or comes again: %q", got)
	}
	want := "we drove to the old town.\nplanned: Well, hello\nplanned: there.\nplanned: How was it?\nheard heard_to_end: Well, hello there. How was it?"
	if got := s.talker.recorded(); !strings.HasSuffix(got, want) || strings.Count(got, "\n") != 4 {
		t.Errorf("recorded\n%s\nwant\n…%s", got, want)
	}
	if got := eventsOf[ResponseStarted](s.mouth); len(got) != 1 {
		t.Errorf("%d responses", len(got))
	}
}

func TestTells(t *testing.T) {
	long := strings.Repeat("we went to the lake and ", 5)
	for words, want := range map[string]bool{
		long: true, long + "it was cold.": true, "We went to the lake.": false, long + "do you know it?": false,
		long + "my number is four, seven, one": false, long + "it is spelled B, R": false,
	} {
		if got := tells(words); got != want {
			t.Errorf("%q tells: %t", words, got)
		}
	}
}
