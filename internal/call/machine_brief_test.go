package call

import (
	"testing"
	"time"

	"twombly/internal/speech"
)

// TestBriefTurn: what is short is answered when it was surely a voice, or its words are surely words, and mean something.
func TestBriefTurn(t *testing.T) {
	const unsure = 0.7
	for name, test := range map[string]struct {
		speech     float32
		lasts      time.Duration
		words      string
		confidence float32
		asked      bool // she had asked something
		answered   bool
	}{
		"a word":                                {0.95, 256, "Yes.", 0.4, false, true},
		"a cough":                               {unsure, 352, "Action.", 0.6, false, false},
		"a cough after a question":              {unsure, 352, "Action.", 0.6, true, false},
		"a whisper":                             {unsure, 352, "Me too.", 0.8, false, true},
		"a sentence in noise":                   {unsure, 900, "We could go there.", 0.6, false, true},
		"a sound of assent":                     {0.95, 352, "Mm-hm.", 0.9, false, false},
		"a sound of assent after a question":    {0.95, 352, "Mm-hm.", 0.9, true, true},
		"a clear cough":                         {0.95, 352, "You", 0.8, false, false},
		"one word of a sentence to be finished": {0.95, 352, "And", 0.8, false, false},
		"a recogniser that does not say":        {0.95, 352, "Tea.", 0, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScript(t, nil)
			s.machine.questioned = test.asked
			s.hear(test.speech, test.lasts*time.Millisecond)
			s.hear(quiet, 128*time.Millisecond)
			s.step(WordsAs(1, speech.Transcript{Text: test.words, Confidence: test.confidence}))
			s.hear(quiet, 1300*time.Millisecond)
			last := "drop_turn:no_words"
			if test.answered {
				last = "speak:hold_elapsed"
			}
			if got := s.got[len(s.got)-1]; got != last {
				t.Errorf("it came to %s: %v", got, s.got)
			}
		})
	}
}

// TestBriefTurnGoesOn: what was too short to be sure of counts when it goes on.
func TestBriefTurnGoesOn(t *testing.T) {
	s := newScript(t, nil)
	s.hear(0.7, 320*time.Millisecond)
	s.hear(quiet, 128*time.Millisecond)
	s.step(WordsAs(1, speech.Transcript{Text: "Action.", Confidence: 0.5}))
	s.hear(quiet, 320*time.Millisecond)
	s.hear(0.95, 480*time.Millisecond)
	s.hear(quiet, 128*time.Millisecond)
	s.step(WordsAs(2, speech.Transcript{Text: "Action films are fun.", Confidence: 0.5}))
	s.expect("start_hearing:voice_heard", "stop_hearing:voice_ended", "recognise:pause_reached", "stop_hearing:voice_ended", "recognise:pause_reached",
		"draft:words_complete")
}
