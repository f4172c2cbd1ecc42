package call

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// knowing begins a call in which the person's voice is known from some turns.
func knowing(t *testing.T, turns int, only bool) *script {
	s := newScript(t, func(r *Rules) { *r = r.WithVoices(only) })
	s.step(Acquainted{VoiceTurns: turns})
	return s
}

// says has a turn of some length said, compared as alike as that when asked, and waits until it must be over.
func (s *script) says(lasting time.Duration, words Words, likenesses ...float32) {
	s.hear(voice, lasting)
	s.answersComparisons(&likenesses)
	s.hear(quiet, 128*time.Millisecond)
	words.Pause = s.machine.pause
	s.step(words)
	s.answersComparisons(&likenesses)
	s.step(ClauseReady{Draft: s.machine.draft})
	s.hear(quiet, 1400*time.Millisecond)
}

func (s *script) answersComparisons(likenesses *[]float32) {
	for s.machine.speaker.runs && len(*likenesses) > 0 {
		s.step(Compared{Speaker: s.machine.speaker.number, Likeness: (*likenesses)[0]})
		*likenesses = (*likenesses)[1:]
	}
}

// last is the last of some wishes.
func (s *script) last(action Action) string {
	for _, got := range slices.Backward(s.got) {
		if strings.HasPrefix(got, string(action)+":") {
			return got
		}
	}
	return ""
}

// TestOnlyTheirVoice: what she answers when she is to answer one voice, and when she is not.
func TestOnlyTheirVoice(t *testing.T) {
	for name, c := range map[string]struct {
		turns      int
		everybody  bool
		lasts      time.Duration
		likenesses []float32
		words      Words
		asks       bool
		commit     Reason
		answered   bool
	}{
		"another's":              {turns: 5, lasts: 2 * time.Second, likenesses: []float32{0.05}, asks: true, commit: OtherVoice},
		"theirs":                 {turns: 5, lasts: 2 * time.Second, likenesses: []float32{0.5}, asks: true, commit: HoldElapsed, answered: true},
		"too short":              {turns: 5, lasts: 1400 * time.Millisecond, commit: HoldElapsed, answered: true},
		"not known yet":          {turns: 4, lasts: 2 * time.Second, commit: HoldElapsed, answered: true},
		"she answers everybody":  {turns: 5, everybody: true, lasts: 2 * time.Second, commit: HoldElapsed, answered: true},
		"no answer of the net":   {turns: 5, lasts: 2 * time.Second, asks: true, commit: HoldElapsed, answered: true},
		"another asks for peace": {turns: 5, lasts: 2 * time.Second, likenesses: []float32{0.05}, words: Words{Words: "stop", Bearing: Stopping}, asks: true, commit: SpokenStop},
	} {
		t.Run(name, func(t *testing.T) {
			s := knowing(t, c.turns, !c.everybody)
			if c.words.Words == "" {
				c.words.Words = "the weather will be fine"
			}
			s.says(c.lasts, c.words, c.likenesses...)
			if asked := s.last(CompareVoice) != ""; asked != c.asks {
				t.Errorf("compared: %t", asked)
			}
			if got := s.last(CommitTurn); !strings.HasSuffix(got, ":"+string(c.commit)) && (!c.answered || got == "") {
				t.Errorf("it was over with %q, not %s", got, c.commit)
			}
			if answered := s.last(Speak) != ""; answered != c.answered {
				t.Errorf("answered: %t", answered)
			}
			if learnt := s.last(LearnVoice) != ""; learnt != (c.answered && c.lasts >= leastVoice) {
				t.Errorf("learnt from: %t", learnt)
			}
		})
	}
}

// TestTheyJoinAnother: what began in another voice is theirs once they speak in it.
func TestTheyJoinAnother(t *testing.T) {
	s := knowing(t, 5, true)
	s.hear(voice, 2*time.Second)
	s.answersComparisons(&[]float32{0.05})
	s.hear(quiet, 192*time.Millisecond)
	s.step(Words{Pause: s.machine.pause, Words: "and now the news"})
	if s.last(Draft) != "" {
		t.Fatal("an answer to another is drafted")
	}
	s.says(1200*time.Millisecond, Words{Words: "and now the news what time is it"}, 0.6)
	if got := s.last(Speak); got == "" {
		t.Errorf("not answered: %q", s.got)
	}
}

// overHer begins a call in which somebody speaks over her for a while, and these words were recognised of it again and again.
func overHer(t *testing.T, only bool, remark Remark, lasting time.Duration, likenesses ...float32) *script {
	s := knowing(t, 5, only)
	s.step(Typed{Words: "tell me a story"})
	s.step(ClauseReady{Draft: 1})
	s.hear(quiet, time.Second)
	s.got = nil
	for heard := time.Duration(0); heard < lasting; heard += frameLength {
		s.hear(voice, frameLength)
		s.answersComparisons(&likenesses)
		if heard >= 320*time.Millisecond && s.machine.person == overlapping {
			s.step(Overheard{Overlap: s.machine.over.number, Until: s.machine.position, Remark: remark, Words: "but when"})
		}
	}
	return s
}

// TestAnotherOverHer: whom she yields to, and when. Without the mode a voice tips only what the words leave open.
func TestAnotherOverHer(t *testing.T) {
	for name, c := range map[string]struct {
		everybody  bool
		remark     Remark
		lasts      time.Duration
		likenesses []float32
		yields     bool // while it lasts
		ends       string
	}{
		"another's":                       {remark: CutsIn, lasts: 3 * time.Second, likenesses: []float32{0.05, 0.1}, ends: "go_on:other_voice"},
		"theirs":                          {remark: CutsIn, lasts: 1700 * time.Millisecond, likenesses: []float32{0.5}, yields: true},
		"the net says nothing":            {remark: CutsIn, lasts: 2200 * time.Millisecond, yields: true},
		"another's, then theirs":          {remark: CutsIn, lasts: 3 * time.Second, likenesses: []float32{0.05, 0.5}, yields: true},
		"too short to tell":               {remark: CutsIn, lasts: time.Second, ends: "yield:barge_in"},
		"another's wish for silence":      {remark: AsksForSilence, lasts: 600 * time.Millisecond, yields: true},
		"she yields to everybody":         {everybody: true, remark: CutsIn, lasts: 600 * time.Millisecond, yields: true},
		"unclear, and another's":          {everybody: true, remark: Unclear, lasts: 3 * time.Second, likenesses: []float32{0.05, 0.1}, ends: "go_on:other_voice"},
		"unclear for long, and another's": {everybody: true, remark: Unclear, lasts: 4 * time.Second, likenesses: []float32{0.05, 0.1, 0.1}, yields: true},
		"unclear, and theirs":             {everybody: true, remark: Unclear, lasts: 1700 * time.Millisecond, likenesses: []float32{0.5}, yields: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := overHer(t, !c.everybody, c.remark, c.lasts, c.likenesses...)
			if yields := s.last(Yield) != ""; yields != c.yields {
				t.Fatalf("yields: %t\n  %s", yields, strings.Join(s.got, "\n  "))
			}
			s.hear(quiet, 700*time.Millisecond)
			if c.ends != "" && !slices.Contains(s.got, c.ends) {
				t.Errorf("it ends without %s\n  %s", c.ends, strings.Join(s.got, "\n  "))
			}
		})
	}
}
