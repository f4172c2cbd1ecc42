package call

import (
	"slices"
	"strings"
	"testing"
	"time"

	"twombly/internal/speech"
)

const lakeStory = "We could go to the lake on Sunday."

// tellThree speaks three turns to a mind that is slow: the first tells her how slow.
func tellThree(s *stage) {
	s.hear(false, 2*time.Second) // the openers are prepared
	for range 3 {
		s.engine.say(lakeStory)
		s.hear(true, time.Second)
		s.hear(false, 8*time.Second)
	}
}

// TestOpenerIsHeardAndNotWritten: a sound comes before the answer that is far. It is no word: neither the journal nor what is shown has
// it, and the words behind it are heard where they sound.
func TestOpenerIsHeardAndNotWritten(t *testing.T) {
	s := perform(t, func(s *stage) {
		s.phrases, s.talker.pondering = NewPhrases(), 1500*time.Millisecond
	}, tellThree)
	once := "person: " + lakeStory + "\nplanned: Well, hello\nplanned: there.\nplanned: How was it?\nheard heard_to_end: Well, hello there. How was it?"
	if got, want := s.talker.recorded(), strings.Repeat(once+"\n", 3); got+"\n" != want {
		t.Errorf("recorded\n%s\nwant\n%s", got, want)
	}
	timings := eventsOf[TurnTimings](s.mouth)
	if len(timings) != 3 || timings[0].Opener != 0 || timings[2].Opener != 0 {
		t.Fatalf("timings %+v", timings)
	}
	if opened, total := timings[1].Opener, timings[1].Total; opened > 450*time.Millisecond || opened < 300*time.Millisecond || total-opened < 500*time.Millisecond {
		t.Errorf("the opener comes after %v, the first word after %v", opened, total)
	}
	starts, texts := eventsOf[ResponseStarted](s.mouth), eventsOf[ReplyText](s.mouth)
	var sounds time.Duration
	for _, text := range texts {
		if text.ItemID == starts[1].ItemID {
			if (text.Delta == "") != (sounds == 0) {
				t.Errorf("%q comes after %v of sound", text.Delta, sounds)
			}
			sounds += text.Duration
		}
	}
	if played := s.mouth.queued[starts[1].ItemID]; played != sounds {
		t.Errorf("%v were played and %v told", played, sounds)
	}
}

// TestOpenerIsCut: who goes on over an opener ends it, and nothing of the answer is on record.
func TestOpenerIsCut(t *testing.T) {
	s := perform(t, func(s *stage) {
		s.phrases, s.talker.pondering = NewPhrases(), 2500*time.Millisecond
	}, func(s *stage) {
		s.hear(false, 2*time.Second)
		s.engine.say(lakeStory)
		s.hear(true, time.Second)
		s.hear(false, 8*time.Second)
		s.hear(true, time.Second)
		s.hear(false, 700*time.Millisecond)
		s.hear(true, 1500*time.Millisecond)
		s.hear(false, 8*time.Second)
	})
	if got := s.talker.recorded(); strings.Count(got, "person: ") != 3 || strings.Count(got, "heard heard_to_end") != 2 || strings.Contains(got, "barge_in") {
		t.Errorf("recorded\n%s", got)
	}
	if cut := eventsOf[ItemTruncated](s.mouth); len(cut) != 1 || cut[0].Words != "" || cut[0].AudioEnd == 0 {
		t.Errorf("truncated %+v", cut)
	}
}

// TestNoOpenerInQuiet: the switch turns them off.
func TestNoOpenerInQuiet(t *testing.T) {
	s := perform(t, func(s *stage) {
		s.phrases, s.talker.pondering = NewPhrases(), 1500*time.Millisecond
	}, func(s *stage) {
		settings := s.call.Settings()
		settings.Quiet = true
		if err := s.call.Configure(settings); err != nil {
			t.Error(err)
		}
		tellThree(s)
	})
	for _, timings := range eventsOf[TurnTimings](s.mouth) {
		if timings.Opener != 0 {
			t.Errorf("an opener after %v", timings.Opener)
		}
	}
}

func TestWhichOpener(t *testing.T) {
	phrases := NewPhrases()
	for _, phrase := range slices.Concat(openersTold, openersAsked) {
		phrases.keep(speech.Voice{}, phrase.text, speech.Utterance{Samples: make([]float32, len(phrase.text))})
	}
	var p pace
	for words, suits := range map[string]bool{
		"Hello.": false, "I'm back.": false, "Good morning to you.": true, "My grandmother died last night.": true, "What would you cook with two eggs?": true,
	} {
		if got := p.opener(phrases, speech.Voice{}, words); (got != nil) != suits {
			t.Errorf("an opener before the answer to %q: %t", words, got != nil)
		}
	}
	if p.opener(nil, speech.Voice{}, lakeStory) != nil || p.opener(NewPhrases(), speech.Voice{}, lakeStory) != nil {
		t.Error("an opener that was not prepared")
	}
}

// TestDraftedTokensAreTold: what was written for nothing, and what was not.
func TestDraftedTokensAreTold(t *testing.T) {
	s := perform(t, nil, func(s *stage) {
		s.engine.turnEnd = 0.1
		s.engine.say("And then we went to the")
		s.hear(true, time.Second)
		s.hear(false, 600*time.Millisecond) // all is written, and the person goes on
		s.engine.say(lakeStory)
		s.hear(true, time.Second)
		s.hear(false, 6*time.Second)
	})
	got := eventsOf[DraftEnded](s.mouth)
	if len(got) != 2 || got[0].Spoken || !got[1].Spoken || got[0].Tokens < 1 || got[1].Tokens != 6 {
		t.Errorf("told %+v", got)
	}
}
