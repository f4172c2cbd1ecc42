package call

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"twombly/internal/companion"
	"twombly/internal/speech"
)

// script drives a machine by frames and inputs, and writes down what it wants as "action:reason".
type script struct {
	t       *testing.T
	machine *Machine
	at      time.Duration
	got     []string

	overhearing bool // whether Overhear is of interest
}

func newScript(t *testing.T, change func(*Rules)) *script {
	rules := DefaultRules()
	if change != nil {
		change(&rules)
	}
	return &script{t: t, machine: NewMachine(rules)}
}

func (s *script) step(input Input) {
	for _, intent := range s.machine.Step(s.at, input) {
		if intent.Action == Overhear && !s.overhearing {
			continue // TestOverhearing has it
		}
		s.got = append(s.got, string(intent.Action)+":"+string(intent.Reason))
	}
}

// hear feeds frames of one probability for a while.
func (s *script) hear(probability float32, lasting time.Duration) {
	for heard := time.Duration(0); heard < lasting; heard += frameLength {
		s.at += frameLength
		s.step(Frame{Speech: probability, Level: -60 + 40*probability})
	}
}

// stall lets time pass without sound, waking the machine when it asks for it.
func (s *script) stall(lasting time.Duration) {
	end := s.at + lasting
	for {
		wake, due := s.machine.Wake()
		if !due || wake > end {
			s.at = end
			return
		}
		s.at = max(wake, s.at+time.Millisecond)
		s.step(Tick{})
	}
}

// expect compares what was wanted since the last time.
func (s *script) expect(want ...string) {
	s.t.Helper()
	if !slices.Equal(s.got, want) {
		s.t.Fatalf("wanted\n  %s\nexpected\n  %s", strings.Join(s.got, "\n  "), strings.Join(want, "\n  "))
	}
	s.got = nil
}

const (
	voice = 0.9
	quiet = 0.1
)

// sayTurn speaks a turn up to the pause in which its words are known and the mind begins to answer them.
func (s *script) sayTurn(words string) {
	s.hear(voice, 500*time.Millisecond)
	s.hear(quiet, 128*time.Millisecond)
	s.step(Words{Pause: s.machine.pause, Words: words})
	s.step(DraftBegun{Draft: s.machine.drafts})
}

var heardTurnToDraft = []string{
	"start_hearing:voice_heard", "stop_hearing:voice_ended", "recognise:pause_reached", "draft:words_complete",
	"detect_turn_end:answer_begun",
}

func TestSureTurnEndCommitsAtOnce(t *testing.T) {
	s := newScript(t, func(r *Rules) { r.Sure = 0.95 })
	s.sayTurn("hello there")
	s.expect(heardTurnToDraft...)
	s.step(TurnEnd{Pause: 1, Probability: 0.97})
	s.expect("commit_turn:turn_end_sure", "speak:turn_end_sure")
	s.step(ClauseReady{Draft: 1})
	s.step(Spoken{Draft: 1})
	s.expect("finish:heard_to_end")
}

func TestLikelyTurnEndWaitsForTheDraft(t *testing.T) {
	s := newScript(t, nil)
	s.sayTurn("hello there")
	s.step(TurnEnd{Pause: 1, Probability: 0.7})
	s.expect(heardTurnToDraft...)
	s.hear(quiet, 300*time.Millisecond)
	s.expect()
	s.step(ClauseReady{Draft: 1})
	s.expect("commit_turn:turn_end_likely", "speak:turn_end_likely")
}

// TestATurnGrowsUntilTheAnswerIsReady: however final a pause sounds, who goes on before she could be heard has one turn.
func TestATurnGrowsUntilTheAnswerIsReady(t *testing.T) {
	s := newScript(t, nil)
	s.sayTurn("it was late")
	s.step(TurnEnd{Pause: 1, Probability: 0.99})
	s.got = nil
	s.hear(quiet, 500*time.Millisecond)
	s.hear(voice, 300*time.Millisecond)
	s.expect("drop_draft:person_went_on")
}

func TestHangingWordsAreWaitedFor(t *testing.T) {
	s := newScript(t, nil)
	s.hear(voice, 500*time.Millisecond)
	s.hear(quiet, 128*time.Millisecond)
	s.step(Words{Pause: 1, Words: "and so my friends", Bearing: Hanging})
	s.step(DraftBegun{Draft: 1})
	s.step(TurnEnd{Pause: 1, Probability: 0.99})
	s.step(ClauseReady{Draft: 1})
	s.expect(heardTurnToDraft...)
	s.hear(quiet, time.Second)
	s.expect()
	s.hear(quiet, 200*time.Millisecond)
	s.expect("commit_turn:hold_elapsed", "speak:hold_elapsed")
}

func TestWhoAsksForTimeGetsIt(t *testing.T) {
	s := newScript(t, nil)
	s.hear(voice, 500*time.Millisecond)
	s.hear(quiet, 128*time.Millisecond)
	s.step(Words{Pause: 1, Words: "let me think", Bearing: Pondering})
	s.step(TurnEnd{Pause: 1, Probability: 0.99})
	s.expect("start_hearing:voice_heard", "stop_hearing:voice_ended", "recognise:pause_reached")
	s.hear(quiet, 10*time.Second)
	s.got = nil
	s.hear(voice, 300*time.Millisecond)
	s.hear(quiet, 128*time.Millisecond)
	s.step(Words{Pause: 2, Words: "let me think. it was tuesday"})
	s.step(TurnEnd{Pause: 2, Probability: 0.99})
	s.step(ClauseReady{Draft: 1})
	s.expect("stop_hearing:voice_ended", "recognise:pause_reached", "draft:words_complete", "commit_turn:turn_end_likely",
		"speak:turn_end_likely")
}

func TestTimeThatWasAskedForEnds(t *testing.T) {
	s := newScript(t, nil)
	s.hear(voice, 500*time.Millisecond)
	s.hear(quiet, 128*time.Millisecond)
	s.step(Words{Pause: 1, Words: "let me think", Bearing: Pondering})
	s.got = nil
	s.stall(21 * time.Second)
	s.expect("detect_turn_end:still_silent", "commit_turn:audio_stopped", "draft:words_complete", "speak:audio_stopped")
}

// TestSaidToAnother: what is said to somebody else is kept and not answered, and she goes on through it.
func TestSaidToAnother(t *testing.T) {
	t.Run("while she is silent", func(t *testing.T) {
		s := newScript(t, nil)
		s.hear(voice, 500*time.Millisecond)
		s.hear(quiet, 128*time.Millisecond)
		s.step(Words{Pause: 1, Words: "anna, can you pass me that", Bearing: Elsewhere})
		s.step(TurnEnd{Pause: 1, Probability: 0.99})
		s.hear(quiet, 1300*time.Millisecond)
		s.expect("start_hearing:voice_heard", "stop_hearing:voice_ended", "recognise:pause_reached", "commit_turn:said_to_another")
	})
	t.Run("while she speaks", func(t *testing.T) {
		s := newScript(t, nil)
		s.talks()
		s.hear(voice, 480*time.Millisecond)
		s.overhears(Unclear)
		s.hear(voice, 300*time.Millisecond)
		s.overhears(ForAnother)
		s.hear(voice, 900*time.Millisecond)
		s.hear(quiet, 128*time.Millisecond)
		s.overhears(ForAnother)
		s.hear(quiet, 200*time.Millisecond)
		s.expect("duck:voice_heard", "hesitate:undecided", "resume:said_to_another", "go_on:said_to_another")
	})
}

// TestOwnVoice: her own voice that comes back never interrupts her, and is no turn.
func TestOwnVoice(t *testing.T) {
	ms := time.Millisecond
	doubtful := func(s *script, length time.Duration) {
		for range length / frameLength {
			s.step(Frame{Speech: 0.95, Level: -30, Doubtful: true})
		}
	}
	silentDoubt := func(s *script, length time.Duration) {
		for range length / frameLength {
			s.step(Frame{Level: -70, Doubtful: true})
		}
	}
	t.Run("her words come back while nothing is known yet", func(t *testing.T) {
		s := newScript(t, nil)
		s.talks()
		doubtful(s, 480*ms)
		s.overhears(OwnWords)
		doubtful(s, 960*ms)
		s.overhears(OwnWords)
		s.hear(quiet, 300*ms)
		s.expect("duck:voice_heard", "hesitate:undecided", "resume:said_by_her", "go_on:said_by_her")
	})
	t.Run("and go on after it is known", func(t *testing.T) {
		s := newScript(t, nil)
		s.talks()
		s.hear(voice, 480*ms)
		s.overhears(OwnWords)
		s.hear(voice, 960*ms)
		s.overhears(OwnWords)
		s.hear(quiet, 300*ms)
		s.expect("duck:voice_heard", "hesitate:undecided", "resume:said_by_her", "go_on:said_by_her")
	})
	t.Run("and are still heard when she has ended", func(t *testing.T) {
		s := newScript(t, nil)
		s.talks()
		s.hear(voice, 480*ms)
		s.overhears(OwnWords)
		s.step(Spoken{Draft: 1})
		s.hear(quiet, 300*ms)
		s.expect("duck:voice_heard", "hesitate:undecided", "finish:heard_to_end", "resume:said_by_her", "go_on:said_by_her")
	})
	t.Run("a wish for silence while nothing is known yet", func(t *testing.T) {
		s := newScript(t, nil)
		s.talks()
		doubtful(s, 320*ms)
		s.overhears(AsksForSilence)
		silentDoubt(s, 64*ms)
		s.overhears(AsksForSilence)
		s.expect("duck:voice_heard", "hesitate:undecided", "start_hearing:voice_heard", "yield:barge_in")
	})
	t.Run("her first words come back mangled, and fall silent when she does", func(t *testing.T) {
		s := newScript(t, nil)
		s.talks()
		doubtful(s, 640*ms)
		s.overhears(Interruption)
		doubtful(s, 320*ms)
		s.overhears(Interruption)
		silentDoubt(s, 64*ms)
		s.overhears(Interruption)
		s.expect("duck:voice_heard", "hesitate:undecided")
		silentDoubt(s, 800*ms)
		s.expect("go_on:no_words")
	})
	t.Run("a person who interrupts her first words, and goes on when she is silent", func(t *testing.T) {
		s := newScript(t, nil)
		s.talks()
		doubtful(s, 1312*ms)
		s.overhears(Interruption)
		s.overhears(Interruption)
		s.hear(voice, 32*ms)
		s.expect("duck:voice_heard", "hesitate:undecided", "start_hearing:voice_heard", "yield:barge_in")
	})
	t.Run("a person who interrupts a device that can't be held", func(t *testing.T) {
		s := newScript(t, nil)
		s.talks()
		doubtful(s, 640*ms)
		s.step(CantHold{Overlap: 1})
		s.overhears(Interruption)
		s.overhears(Interruption)
		s.expect("duck:voice_heard", "hesitate:undecided", "start_hearing:voice_heard", "yield:barge_in")
	})
	t.Run("a person who answers while her last word may still come back", func(t *testing.T) {
		s := newScript(t, nil)
		doubtful(s, 320*ms)
		s.expect()
		s.hear(voice, 32*ms)
		s.expect("start_hearing:voice_heard")
	})
	t.Run("her last words as a turn", func(t *testing.T) {
		s := newScript(t, nil)
		s.hear(voice, 480*ms)
		s.hear(quiet, 128*ms)
		s.step(Words{Pause: 1, Words: "the whole street knows", Bearing: HerWords})
		s.hear(quiet, 1300*ms)
		s.expect("start_hearing:voice_heard", "stop_hearing:voice_ended", "recognise:pause_reached", "drop_turn:said_by_her")
	})
}

// TestSpokenStop: in every state, a turn that only asks for silence is kept and not answered.
func TestSpokenStop(t *testing.T) {
	say := func(s *script, pause int) {
		s.hear(voice, 480*time.Millisecond)
		if s.machine.person == overlapping {
			s.overhears(AsksForSilence)
			s.overhears(AsksForSilence)
		}
		s.hear(quiet, 128*time.Millisecond)
		s.step(Words{Pause: pause, Words: "stop", Bearing: Stopping})
	}
	t.Run("while she speaks", func(t *testing.T) {
		s := newScript(t, nil)
		s.talks()
		say(s, 2)
		s.expect("duck:voice_heard", "hesitate:undecided", "start_hearing:voice_heard", "yield:barge_in", "stop_hearing:voice_ended",
			"recognise:pause_reached", "commit_turn:spoken_stop")
	})
	t.Run("while she thinks", func(t *testing.T) {
		s := newScript(t, nil)
		s.sayTurn("tell me a story")
		s.hear(quiet, 1300*time.Millisecond)
		s.got = nil
		say(s, 2)
		s.expect("start_hearing:voice_heard", "yield:person_went_on", "stop_hearing:voice_ended", "recognise:pause_reached",
			"commit_turn:spoken_stop")
	})
	t.Run("while nobody speaks", func(t *testing.T) {
		s := newScript(t, nil)
		say(s, 1)
		s.expect("start_hearing:voice_heard", "stop_hearing:voice_ended", "recognise:pause_reached", "commit_turn:spoken_stop")
	})
	t.Run("when she can't be interrupted", func(t *testing.T) {
		s := newScript(t, func(r *Rules) { r.Interruptible = false })
		s.talks()
		say(s, 2)
		s.expect("start_hearing:voice_heard", "stop_hearing:voice_ended", "recognise:pause_reached",
			"detect_turn_end:pause_reached", "commit_turn:spoken_stop", "yield:spoken_stop")
	})
	for words, want := range map[string]string{"The stump.": "commit_turn:spoken_stop", "The pump.": "draft:words_complete"} {
		t.Run("in noise, "+words, func(t *testing.T) {
			s := newScript(t, nil)
			s.talks()
			s.hear(voice, 384*time.Millisecond)
			s.overhears(AsksForSilence)
			s.hear(quiet, 128*time.Millisecond)
			s.step(WordsAs(2, speech.Transcript{Text: words}))
			if last := s.got[len(s.got)-1]; last != want {
				t.Errorf("it came to %s", last)
			}
		})
	}
	t.Run("nothing like it while she is silent", func(t *testing.T) {
		s := newScript(t, nil)
		s.hear(voice, 384*time.Millisecond)
		s.hear(quiet, 128*time.Millisecond)
		s.step(WordsAs(1, speech.Transcript{Text: "The stump."}))
		s.expect("start_hearing:voice_heard", "stop_hearing:voice_ended", "recognise:pause_reached", "draft:words_complete")
	})
}

func TestUncertainHoldEnds(t *testing.T) {
	s := newScript(t, nil)
	s.sayTurn("and then")
	s.step(TurnEnd{Pause: 1, Probability: 0.1})
	s.step(ClauseReady{Draft: 1})
	s.expect(heardTurnToDraft...)
	s.hear(quiet, 700*time.Millisecond)
	s.expect()
	s.hear(quiet, 300*time.Millisecond)
	s.expect("detect_turn_end:still_silent")
	s.hear(quiet, 300*time.Millisecond)
	s.expect("commit_turn:hold_elapsed", "speak:hold_elapsed")
}

// TestTurnDetectionWaitsForASlowMind: it would take the cores on which the mind reads.
func TestTurnDetectionWaitsForASlowMind(t *testing.T) {
	s := newScript(t, nil)
	s.hear(voice, 500*time.Millisecond)
	s.hear(quiet, 128*time.Millisecond)
	s.step(Words{Pause: 1, Words: "and then"})
	s.got = nil
	s.hear(quiet, 832*time.Millisecond)
	s.expect()
	s.step(DraftBegun{Draft: 1})
	s.expect("detect_turn_end:answer_begun")
	s.step(TurnEnd{Pause: 1, Probability: 0.1})
	s.hear(quiet, 96*time.Millisecond)
	s.expect() // and its first words on which it is spoken
	s.step(ClauseReady{Draft: 1})
	s.hear(quiet, 32*time.Millisecond)
	s.expect("detect_turn_end:still_silent")
	s.step(TurnEnd{Pause: 1, Probability: 0.6})
	s.expect("commit_turn:turn_end_likely", "speak:turn_end_likely")
}

func TestGoingOnThrowsTheDraftAway(t *testing.T) {
	s := newScript(t, nil)
	s.sayTurn("and then")
	s.expect(heardTurnToDraft...)
	s.hear(voice, 300*time.Millisecond)
	s.expect("drop_draft:person_went_on")
	s.hear(quiet, 128*time.Millisecond)
	s.expect("stop_hearing:voice_ended", "recognise:pause_reached")
	// What belongs to the pause before is too late.
	s.step(TurnEnd{Pause: 1, Probability: 0.99})
	s.step(Words{Pause: 1, Words: "and then"})
	s.step(DraftBegun{Draft: 1})
	s.step(ClauseReady{Draft: 1})
	s.expect()
	s.step(Words{Pause: 2, Words: "and then he left"})
	s.step(TurnEnd{Pause: 2, Probability: 0.99})
	s.step(ClauseReady{Draft: 2})
	s.expect("draft:words_complete", "commit_turn:turn_end_likely", "speak:turn_end_likely")
}

// TestCoughBehindTheLastWord: the draft waits, and serves if the words mean the same; if they do not, it is thrown away.
func TestCoughBehindTheLastWord(t *testing.T) {
	begin := func() *script {
		s := newScript(t, nil)
		s.hear(voice, 500*time.Millisecond)
		s.hear(quiet, 128*time.Millisecond)
		s.step(WordsAs(1, speech.Transcript{Text: "What is a tide?"}))
		s.step(DraftBegun{Draft: 1})
		s.step(ClauseReady{Draft: 1})
		s.hear(voice, 128*time.Millisecond)
		s.hear(quiet, 128*time.Millisecond)
		s.got = nil
		return s
	}
	s := begin()
	s.step(WordsAs(2, speech.Transcript{Text: "What is a tide, um?"}))
	s.expect("detect_turn_end:answer_begun")
	s.step(Finished{Pause: 2, Probability: 0.9})
	s.step(TurnEnd{Pause: 2, Probability: 0.9})
	s.hear(quiet, 500*time.Millisecond)
	s.expect("commit_turn:turn_end_likely", "speak:turn_end_likely")
	s = begin()
	s.step(WordsAs(2, speech.Transcript{Text: "What is a tide? No."}))
	s.expect("drop_draft:words_changed", "draft:words_complete")
	s = begin()
	s.step(WordsAs(2, speech.Transcript{Text: "What is a tide."}))
	s.expect("drop_draft:words_changed", "draft:words_complete")
}

func TestCoughHoldsNoWords(t *testing.T) {
	s := newScript(t, nil)
	s.hear(voice, 150*time.Millisecond)
	s.hear(quiet, 128*time.Millisecond)
	s.step(Words{Pause: 1, Words: ""})
	s.expect("start_hearing:voice_heard", "stop_hearing:voice_ended", "recognise:pause_reached",
		"drop_turn:no_words")
}

func TestBargeInUnjudged(t *testing.T) {
	s := newScript(t, func(r *Rules) { r.Judge = 0 })
	s.talks()
	s.hear(voice, 200*time.Millisecond)
	s.expect() // too short to yield
	s.hear(quiet, 200*time.Millisecond)
	s.hear(voice, 256*time.Millisecond)
	s.expect("start_hearing:voice_heard", "yield:barge_in")
	s.hear(quiet, 128*time.Millisecond)
	s.step(Words{Pause: 2, Words: "no, wait"})
	s.expect("stop_hearing:voice_ended", "recognise:pause_reached", "draft:words_complete")
}

// talks has a turn answered, and her in the middle of it.
func (s *script) talks() {
	s.t.Helper()
	s.sayTurn("tell me a story")
	s.step(TurnEnd{Pause: 1, Probability: 0.99})
	s.step(ClauseReady{Draft: 1})
	s.got = nil
}

// overhears tells what the words over her voice seem to be by now.
func (s *script) overhears(remark Remark) {
	s.step(Overheard{Overlap: s.machine.over.number, Until: s.machine.position, Remark: remark})
}

func TestOverHerVoice(t *testing.T) {
	ms := time.Millisecond
	for name, test := range map[string]struct {
		happens func(s *script)
		wants   []string
	}{
		"a word of assent": {func(s *script) {
			s.hear(voice, 400*ms)
			s.overhears(Backchannel)
			s.hear(quiet, 64*ms)
			s.overhears(Backchannel)
			s.hear(quiet, 200*ms)
		}, []string{"duck:voice_heard", "hesitate:undecided", "resume:backchannel", "go_on:backchannel"}},
		"a cough": {func(s *script) {
			s.hear(voice, 224*ms)
			s.hear(quiet, 64*ms)
			s.overhears(Unclear)
			s.hear(quiet, 200*ms)
		}, []string{"duck:voice_heard", "hesitate:undecided", "resume:no_words", "go_on:no_words"}},
		"a click": {func(s *script) { s.hear(voice, 64*ms); s.hear(quiet, 300*ms) }, nil},
		"words": {func(s *script) {
			s.hear(voice, 1248*ms)
			s.overhears(Interruption)
			s.hear(voice, 96*ms)
			s.overhears(Interruption)
		}, []string{"duck:voice_heard", "hesitate:undecided", "start_hearing:voice_heard", "yield:barge_in"}},
		"words with which one interrupts": {func(s *script) {
			s.hear(voice, 352*ms)
			s.overhears(CutsIn)
			s.hear(voice, 96*ms)
			s.overhears(CutsIn)
		}, []string{"duck:voice_heard", "hesitate:undecided", "start_hearing:voice_heard", "yield:barge_in"}},
		"a name that is misheard at first": {func(s *script) {
			s.hear(voice, 448*ms)
			s.overhears(Interruption)
			s.overhears(Interruption)
			s.hear(voice, 192*ms)
			s.overhears(ForAnother)
			s.hear(voice, 96*ms)
			s.overhears(ForAnother)
		}, []string{"duck:voice_heard", "hesitate:undecided", "resume:said_to_another"}},
		"words where she can't be held": {func(s *script) {
			s.hear(voice, 352*ms)
			s.step(CantHold{Overlap: 1})
			s.overhears(Interruption)
			s.hear(voice, 96*ms)
			s.overhears(Interruption)
		}, []string{"duck:voice_heard", "hesitate:undecided", "start_hearing:voice_heard", "yield:barge_in"}},
		"a cough that is misheard": {func(s *script) {
			s.hear(voice, 288*ms)
			s.hear(quiet, 64*ms)
			s.overhears(CutsIn)
			s.hear(quiet, 200*ms)
		}, []string{"duck:voice_heard", "hesitate:undecided", "resume:no_words", "go_on:no_words"}},
		"a short word with which one interrupts": {func(s *script) {
			s.hear(voice, 384*ms)
			s.overhears(Unclear)
			s.hear(quiet, 32*ms)
			s.overhears(CutsIn)
		}, []string{"duck:voice_heard", "hesitate:undecided", "start_hearing:voice_heard", "yield:barge_in"}},
		"assent that is misheard": {func(s *script) {
			s.hear(voice, 576*ms)
			s.overhears(Interruption)
			s.hear(quiet, 64*ms)
			s.overhears(Interruption)
			s.hear(quiet, 200*ms)
		}, []string{"duck:voice_heard", "hesitate:undecided", "resume:no_words", "go_on:no_words"}},
		"a short sentence, twice the same in a quiet room": {func(s *script) {
			s.machine.noise = 1e-6
			s.hear(voice, 576*ms)
			s.step(Overheard{Overlap: 1, Until: s.machine.position, Remark: Interruption, Words: "i disagree"})
			s.hear(quiet, 32*ms)
			s.step(Overheard{Overlap: 1, Until: s.machine.position, Remark: Interruption, Words: "i disagree"})
		}, []string{"duck:voice_heard", "hesitate:undecided", "start_hearing:voice_heard", "yield:barge_in"}},
		"a wish for silence that is another word at its end": {func(s *script) {
			s.hear(voice, 384*ms)
			s.overhears(AsksForSilence)
			s.hear(quiet, 64*ms)
			s.overhears(Interruption)
		}, []string{"duck:voice_heard", "hesitate:undecided", "start_hearing:voice_heard", "yield:barge_in"}},
		"a long sentence with a wish for silence in it": {func(s *script) {
			s.hear(voice, 448*ms)
			s.overhears(AsksForSilence)
			s.hear(voice, 448*ms)
			s.overhears(ForAnother)
			s.hear(quiet, 64*ms)
			s.overhears(ForAnother)
			s.hear(quiet, 200*ms)
		}, []string{"duck:voice_heard", "hesitate:undecided", "resume:said_to_another", "go_on:said_to_another"}},
		"a wish for silence that is recognised late": {func(s *script) {
			s.hear(voice, 384*ms)
			s.hear(quiet, 700*ms)
			s.step(Overheard{Overlap: 1, Until: s.machine.over.asked, Remark: AsksForSilence})
		}, []string{"duck:voice_heard", "hesitate:undecided", "resume:no_words", "go_on:no_words", "start_hearing:voice_heard", "yield:barge_in"}},
		"a wish for silence that later words overtook": {func(s *script) {
			s.hear(voice, 384*ms)
			earlier := s.machine.position
			s.hear(quiet, 32*ms)
			s.overhears(Interruption)
			s.step(Overheard{Overlap: 1, Until: earlier, Remark: AsksForSilence})
		}, []string{"duck:voice_heard", "hesitate:undecided", "start_hearing:voice_heard", "yield:barge_in"}},
		"a wish for silence that is recognised when something else is heard": {func(s *script) {
			s.hear(voice, 384*ms)
			s.hear(quiet, 700*ms)
			s.hear(voice, 128*ms)
			s.step(Overheard{Overlap: 1, Until: s.machine.before.to, Remark: AsksForSilence})
		}, []string{"duck:voice_heard", "hesitate:undecided", "resume:no_words", "go_on:no_words", "duck:voice_heard", "start_hearing:voice_heard",
			"yield:barge_in"}},
		"a cough that was taken for a wish for silence when something else is heard": {func(s *script) {
			s.hear(voice, 192*ms)
			s.hear(quiet, 700*ms)
			s.hear(voice, 128*ms)
			s.step(Overheard{Overlap: 1, Until: s.machine.before.to, Remark: AsksForSilence})
		}, []string{"duck:voice_heard", "hesitate:undecided", "resume:no_words", "go_on:no_words", "duck:voice_heard"}},
		"something that goes on after it seemed to be over": {func(s *script) {
			s.hear(voice, 320*ms)
			s.hear(quiet, 96*ms)
			s.hear(voice, 64*ms)
			s.overhears(Backchannel)
			s.hear(quiet, 300*ms)
		}, []string{"duck:voice_heard", "hesitate:undecided", "resume:no_words", "hesitate:undecided", "resume:backchannel", "go_on:backchannel"}},
		"assent that goes on": {func(s *script) {
			s.hear(voice, 704*ms)
			s.overhears(Backchannel)
			s.overhears(Backchannel)
		}, []string{"duck:voice_heard", "hesitate:undecided"}},
		"speech to another, told once": {func(s *script) {
			s.hear(voice, 480*ms)
			s.overhears(ForAnother)
		}, []string{"duck:voice_heard", "hesitate:undecided"}},
		"speech to another, told twice": {func(s *script) {
			s.hear(voice, 480*ms)
			s.overhears(ForAnother)
			s.overhears(ForAnother)
		}, []string{"duck:voice_heard", "hesitate:undecided", "resume:said_to_another"}},
		"assent behind which the voice goes on": {func(s *script) {
			s.hear(voice, 320*ms)
			s.hear(quiet, 64*ms)
			s.overhears(Backchannel)
			s.hear(voice, 64*ms)
		}, []string{"duck:voice_heard", "hesitate:undecided", "resume:no_words", "hesitate:undecided"}},
		"assent that is recognised late": {func(s *script) {
			s.hear(voice, 384*ms)
			s.hear(quiet, 700*ms)
			s.step(Overheard{Overlap: 1, Until: s.machine.over.asked, Remark: Backchannel})
		}, []string{"duck:voice_heard", "hesitate:undecided", "resume:no_words", "go_on:no_words"}},
		"assent whose beginning is misheard": {func(s *script) {
			s.hear(voice, 288*ms)
			s.overhears(Interruption)
			s.hear(voice, 96*ms)
			s.overhears(Interruption)
			s.hear(voice, 96*ms)
			s.overhears(Backchannel)
			s.hear(quiet, 64*ms)
			s.overhears(Backchannel)
			s.hear(quiet, 200*ms)
		}, []string{"duck:voice_heard", "hesitate:undecided", "resume:backchannel", "go_on:backchannel"}},
		"words misheard in a short sound": {func(s *script) {
			s.hear(voice, 224*ms)
			s.hear(quiet, 64*ms)
			s.overhears(Interruption)
			s.hear(quiet, 200*ms)
		}, []string{"duck:voice_heard", "hesitate:undecided", "resume:no_words", "go_on:no_words"}},
		"sound that lasts where she can't be held": {func(s *script) {
			s.hear(voice, 352*ms)
			s.step(CantHold{Overlap: 1})
			s.hear(voice, 500*ms)
			s.overhears(Unclear)
			s.hear(voice, 96*ms)
		}, []string{"duck:voice_heard", "hesitate:undecided", "start_hearing:voice_heard", "yield:barge_in"}},
		"sound that lasts": {func(s *script) {
			s.hear(voice, 1248*ms)
			s.overhears(Unclear)
			s.hear(voice, 100*ms)
		}, []string{"duck:voice_heard", "hesitate:undecided", "start_hearing:voice_heard", "yield:barge_in"}},
		"much assent": {func(s *script) {
			s.hear(voice, 800*ms)
			s.overhears(Backchannel)
			s.hear(voice, 700*ms)
			s.hear(quiet, 64*ms)
			s.overhears(Backchannel)
			s.hear(quiet, 200*ms)
		}, []string{"duck:voice_heard", "hesitate:undecided", "resume:backchannel", "go_on:backchannel"}},
		"assent that becomes a sentence": {func(s *script) {
			s.hear(voice, 400*ms)
			s.overhears(Backchannel)
			s.hear(voice, 400*ms)
			s.overhears(CutsIn)
			s.overhears(CutsIn)
		}, []string{"duck:voice_heard", "hesitate:undecided", "start_hearing:voice_heard", "yield:barge_in"}},
		"a recognition that never comes": {func(s *script) { s.hear(voice, 300*ms); s.hear(quiet, 700*ms) },
			[]string{"duck:voice_heard", "hesitate:undecided", "resume:no_words", "go_on:no_words"}},
		"a line that falls silent": {func(s *script) { s.hear(voice, 300*ms); s.stall(time.Second) },
			[]string{"duck:voice_heard", "hesitate:undecided", "go_on:no_words"}},
		"a yes as she ends": {func(s *script) {
			s.hear(voice, 300*ms)
			s.step(Spoken{Draft: 1})
		}, []string{"duck:voice_heard", "hesitate:undecided", "finish:heard_to_end", "start_hearing:voice_heard"}},
		"a hard stop meanwhile": {func(s *script) {
			s.hear(voice, 300*ms)
			s.step(HardStop{})
		}, []string{"duck:voice_heard", "hesitate:undecided", "yield:hard_stop", "start_hearing:voice_heard"}},
		"audio that the client clears": {func(s *script) {
			s.hear(voice, 300*ms)
			s.step(ClearAudio{})
		}, []string{"duck:voice_heard", "hesitate:undecided", "go_on:client_cleared"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScript(t, nil)
			s.talks()
			test.happens(s)
			s.expect(test.wants...)
		})
	}
}

func TestAfterAnInterruptionTheTurnIsHeard(t *testing.T) {
	s := newScript(t, nil)
	s.talks()
	s.hear(voice, 768*time.Millisecond)
	s.overhears(CutsIn)
	s.overhears(CutsIn)
	s.got = nil
	s.hear(quiet, 128*time.Millisecond)
	s.step(Words{Pause: 2, Words: "no, wait"})
	s.expect("stop_hearing:voice_ended", "recognise:pause_reached", "draft:words_complete")
}

func TestGoingOnBeforeHerFirstSound(t *testing.T) {
	s := newScript(t, func(r *Rules) { r.Sure = 0.95 })
	s.sayTurn("so")
	s.step(TurnEnd{Pause: 1, Probability: 0.99})
	s.got = nil
	s.hear(voice, 96*time.Millisecond)
	s.expect("start_hearing:voice_heard", "yield:person_went_on")
}

func TestUninterruptible(t *testing.T) {
	s := newScript(t, func(r *Rules) { r.Interruptible = false })
	s.sayTurn("hello")
	s.step(TurnEnd{Pause: 1, Probability: 0.99})
	s.step(ClauseReady{Draft: 1})
	s.got = nil
	s.hear(voice, 500*time.Millisecond)
	s.hear(quiet, 128*time.Millisecond)
	s.step(Words{Pause: 2, Words: "wait"})
	s.step(TurnEnd{Pause: 2, Probability: 0.99})
	s.expect("start_hearing:voice_heard", "stop_hearing:voice_ended", "recognise:pause_reached",
		"detect_turn_end:pause_reached", "commit_turn:turn_end_likely")
}

func TestServerVADWaitsForItsSilence(t *testing.T) {
	s := newScript(t, func(r *Rules) { r.Detection = ServerVAD; r.Silence = 500 * time.Millisecond })
	s.sayTurn("hello")
	s.step(ClauseReady{Draft: 1})
	s.expect("start_hearing:voice_heard", "stop_hearing:voice_ended", "recognise:pause_reached", "draft:words_complete")
	s.hear(quiet, 352*time.Millisecond)
	s.expect()
	s.hear(quiet, 64*time.Millisecond)
	s.expect("commit_turn:silence_elapsed", "speak:silence_elapsed")
}

func TestManualTurns(t *testing.T) {
	s := newScript(t, func(r *Rules) { r.Detection = Manual })
	s.hear(voice, time.Second)
	s.hear(quiet, 2*time.Second)
	s.expect()
	s.step(CommitAudio{})
	s.step(RespondNow{})
	s.expect("recognise:client_committed")
	s.step(Words{Pause: 1, Words: "hello"})
	s.expect("commit_turn:client_committed", "draft:client_asked", "speak:client_asked")
	s.step(RespondNow{})
	s.expect() // one is running
	s.step(CancelResponse{})
	s.expect("yield:client_cancelled")
}

func TestMicrophoneVanishesInMidSentence(t *testing.T) {
	s := newScript(t, nil)
	s.hear(voice, 500*time.Millisecond)
	s.expect("start_hearing:voice_heard")
	s.stall(600 * time.Millisecond)
	s.expect("stop_hearing:voice_ended", "recognise:pause_reached")
	s.step(Words{Pause: 1, Words: "are you"})
	s.got = nil
	s.stall(2 * time.Second)
	s.expect("commit_turn:audio_stopped", "speak:audio_stopped")
}

func TestTypedMessageEndsWhatSheSays(t *testing.T) {
	s := newScript(t, nil)
	s.step(Typed{Words: "hi"})
	s.step(ClauseReady{Draft: 1})
	s.step(Typed{Words: "and you?"})
	s.expect("draft:typed_message", "speak:typed_message", "yield:typed_message", "draft:typed_message", "speak:typed_message")
}

func TestLostMind(t *testing.T) {
	s := newScript(t, nil)
	s.step(Typed{Words: "hi"})
	s.got = nil
	s.step(DraftFailed{Draft: 1, Lost: true})
	s.expect("apologise:mind_lost", "draft:mind_lost", "speak:mind_lost")
	s.at += time.Second
	s.step(ClauseReady{Draft: 2, Interjected: true}) // the apology is no answer
	s.step(DraftFailed{Draft: 2, Lost: true})
	s.expect("draft:mind_lost", "speak:mind_lost")
	s.at += 20 * time.Second
	s.step(DraftFailed{Draft: 3, Lost: true})
	s.expect("give_up:mind_lost")
	s.step(Spoken{Draft: 3})
	s.expect("finish:heard_to_end")
}

func TestFailedDraftGivesUp(t *testing.T) {
	s := newScript(t, nil)
	s.step(Typed{Words: "hi"})
	s.got = nil
	s.step(DraftFailed{Draft: 1})
	s.expect("give_up:draft_error")
}

// TestNoWordIsSoShort: a recogniser has a word for a cough, and a sound of thinking is no turn.
func TestNoWordIsSoShort(t *testing.T) {
	ms := time.Millisecond
	s := newScript(t, nil)
	s.hear(voice, 160*ms)
	s.hear(quiet, 160*ms)
	s.step(Words{Pause: 1, Words: "You"})
	s.expect("start_hearing:voice_heard", "stop_hearing:voice_ended", "recognise:pause_reached", "drop_turn:no_words")
	s = newScript(t, nil)
	s.hear(voice, 400*ms)
	s.hear(quiet, 160*ms)
	s.step(Words{Pause: 1, Words: "um", Bearing: Hesitating})
	s.hear(quiet, 1000*ms)
	s.expect("start_hearing:voice_heard", "stop_hearing:voice_ended", "recognise:pause_reached", "detect_turn_end:still_silent",
		"detect_turn_end:still_silent")
	s.hear(quiet, 300*ms)
	s.expect("drop_turn:no_words")
}

// TestWordsEndTurns: how long a silence ends a turn hangs on how likely its words are all of it.
func TestWordsEndTurns(t *testing.T) {
	ms := time.Millisecond
	for name, test := range map[string]struct {
		finished, heard float32
		bearing         Bearing
		after           time.Duration // the silence that ends it
		reason          Reason
	}{
		"whole, and it sounds so":   {0.7, 0.9, Plain, 500 * ms, TurnEndLikely},
		"whole, and it does not":    {0.7, 0.1, Plain, 500 * ms, TurnEndLikely},
		"perhaps, and it sounds so": {0.4, 0.9, Plain, 900 * ms, TurnEndLikely},
		"hardly, but it sounds so":  {0.2, 0.9, Plain, 1300 * ms, HoldElapsed},
		"broken off, but it sounds": {0.01, 0.9, Plain, 1300 * ms, HoldElapsed},
		"whole, but its words hang": {0.7, 0.9, Hanging, 1300 * ms, HoldElapsed},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScript(t, nil)
			s.hear(voice, 500*ms)
			s.hear(quiet, 160*ms)
			s.step(Words{Pause: 1, Words: "we could go to the lake", Bearing: test.bearing})
			s.step(DraftBegun{Draft: 1})
			s.step(Finished{Pause: 1, Probability: test.finished})
			s.step(TurnEnd{Pause: 1, Probability: test.heard})
			s.step(ClauseReady{Draft: 1})
			commit := "commit_turn:" + string(test.reason)
			for s.machine.silence(s.at) < test.after-frameLength {
				s.hear(quiet, frameLength)
			}
			if slices.Contains(s.got, commit) {
				t.Fatalf("after %v already: %q", s.machine.silence(s.at), s.got)
			}
			s.hear(quiet, 2*frameLength)
			if !slices.Contains(s.got, commit) {
				t.Errorf("after %v: %q, not %s", s.machine.silence(s.at), s.got, commit)
			}
		})
	}
}

// FuzzMachine feeds any sequence of inputs and holds what it wants against the promises of a call: she never starts
// while the person is speaking, one response at a time, her voice comes back after every overlap, and every intent has a
// reason.
func FuzzMachine(f *testing.F) {
	f.Add([]byte("vvvvvvvvvqqqqqwtvvvvqqqqwtcrs"), false)
	f.Add([]byte("hvvvvvqqqqqqqqqwwtttlllfff"), true)
	f.Add([]byte("hcvvvvvvvvvivvviqqqqSvvvvqqqqPqqq"), false)
	f.Add([]byte("hcvvvvvaqqqqqqqqvvvvusvvqqqqqG"), false)
	f.Add([]byte("hcvvvvvNvvvNqqqqqqqvvvvqqqqEqqqqqqqqqqqqqq"), false)
	f.Add([]byte("vvvvvvvqqqqqwOqqqqqldqqqqqqqqqqqqqqqqqqcsvvvvvqqqqqwOqqqqqqqqqqqqldqqqqqqqqqqqqqqqqqqqqqqqqO"), false)
	f.Add([]byte("32"+strings.Repeat("v", 60)+"0qqqqqwvvv"+strings.Repeat("v", 40)+"1qqqqqwcqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"), false)
	f.Add([]byte("32hcvvvvvkvvvkvvvk"+strings.Repeat("v", 50)+"0vvvvqqqqqqqqqvvvvvK"), false)
	f.Fuzz(func(t *testing.T, data []byte, manual bool) {
		rules := DefaultRules()
		if manual {
			rules.Detection = Manual
		}
		machine := NewMachine(rules)
		var trace bytes.Buffer
		recorded := NewTrace(&trace, false)
		recorded.begin(rules)
		at, open, ducked, held := time.Duration(0), 0, false, false
		replies, opened, listened := 0, -1, time.Duration(-1)
		for _, b := range data {
			at += 10 * time.Millisecond
			input := fuzzInput(machine, b)
			intents := machine.Step(at, input)
			recorded.step(at, input, intents)
			for _, intent := range intents {
				if intent.Reason == "" {
					t.Fatalf("%s has no reason", intent.Action)
				}
				switch intent.Action {
				case Duck:
					if ducked || open == 0 {
						t.Fatalf("ducked again or for nothing: %t, %d", ducked, open)
					}
					ducked = true
				case Hesitate:
					if !ducked || held {
						t.Fatalf("she hesitates for nothing, or again: %t", ducked)
					}
					held = true
				case Resume:
					if !held {
						t.Fatal("she goes on that had not stopped")
					}
					held = false
				case GoOn, StartHearing:
					ducked, held = false, false
				case Speak:
					if open != 0 && intent.Reason != MindLost {
						t.Fatalf("a second response while %d runs", open)
					}
					if machine.person == speaking && strings.HasPrefix(string(intent.Reason), "turn_end") {
						t.Fatal("she starts while the person is speaking")
					}
					open = intent.Draft
					if intent.Reason != MindLost {
						replies++
					}
				case GiveBackchannel:
					if open != 0 || machine.person != pausing || machine.voiced || listened >= 0 && machine.position-listened < rules.Backchannel {
						t.Fatalf("a backchannel over the person, herself or the last one: %v at %v", listened, machine.position)
					}
					listened = machine.position
				case Open:
					if open == 0 || machine.person == speaking || replies <= opened+1 {
						t.Fatalf("an opener for nothing, over the person, or again: %d, reply %d after %d", open, replies, opened)
					}
					opened = replies
				case Yield, Finish:
					if open == 0 {
						t.Fatalf("%s without a response", intent.Action)
					}
					open = 0
				}
			}
		}
		replayed, err := Replay(&trace, nil)
		if err != nil || len(replayed.Differences) > 0 || replayed.Steps != len(data) {
			t.Fatalf("the trace replays differently: %v %v", replayed, err)
		}
	})
}

func fuzzInput(m *Machine, b byte) Input {
	switch b {
	case 'v':
		return Frame{Speech: voice}
	case 'q':
		return Frame{Speech: quiet}
	case 'm':
		return Frame{Speech: 0.4}
	case 'w':
		return Words{Pause: m.pause, Words: fmt.Sprint("words ", m.pause)}
	case 'L':
		return Words{Pause: m.pause, Words: fmt.Sprint("words ", m.pause), Bearing: Hanging, Told: true}
	case 'y':
		return Words{Pause: m.pause, Words: fmt.Sprint("Words, ", m.pause), Meaning: "words"}
	case 'W':
		return Words{Pause: m.pause}
	case 'S':
		return Words{Pause: m.pause, Words: "stop", Bearing: Stopping}
	case 'P':
		return Words{Pause: m.pause, Words: "let me think", Bearing: Pondering}
	case 'G':
		return Words{Pause: m.pause, Words: "and so", Bearing: Hanging}
	case 'i':
		return Overheard{Overlap: m.over.number, Until: m.position, Remark: Interruption}
	case 'k':
		return Overheard{Overlap: m.over.number, Until: m.position, Remark: CutsIn}
	case 'K':
		return Overheard{Overlap: m.over.number, Until: m.position, Remark: AsksForSilence}
	case 'a':
		return Overheard{Overlap: m.over.number, Until: m.position, Remark: Backchannel}
	case 'u':
		return Overheard{Overlap: m.over.number, Until: m.position, Remark: Unclear}
	case 'N':
		return Overheard{Overlap: m.over.number, Until: m.position, Remark: ForAnother}
	case 'U':
		return Words{Pause: m.pause, Words: "um", Bearing: Hesitating}
	case 'n':
		return CantHold{Overlap: m.over.number}
	case 'E':
		return Words{Pause: m.pause, Words: "anna, can you pass me that", Bearing: Elsewhere}
	case 't':
		return TurnEnd{Pause: m.pause, Probability: 0.99}
	case 'l':
		return TurnEnd{Pause: m.pause, Probability: 0.6}
	case 'd':
		return Finished{Pause: m.pause, Probability: 0.9}
	case 'D':
		return Finished{Pause: m.pause, Probability: 0.01}
	case 'b':
		return DraftBegun{Draft: m.drafts}
	case 'O':
		return Foreseen{Draft: m.drafts, After: time.Second}
	case 'c':
		return ClauseReady{Draft: m.drafts}
	case 's':
		return Spoken{Draft: m.response}
	case 'f':
		return DraftFailed{Draft: m.drafts, Lost: true}
	case 'F':
		return DraftFailed{Draft: m.drafts}
	case 'h':
		return Typed{Words: "typed"}
	case 'C':
		return CommitAudio{}
	case 'X':
		return ClearAudio{}
	case 'r':
		return RespondNow{}
	case 'x':
		return CancelResponse{}
	case 'H':
		return HardStop{}
	case 'T':
		return Truncated{}
	case 'g':
		return Acquainted{Habits: companion.Habits{Turns: 3, Cut: 1}}
	case '0':
		return Compared{Speaker: m.speaker.number, Likeness: 0.02}
	case '1':
		return Compared{Speaker: m.speaker.number, Likeness: 0.8}
	case '2':
		return VoiceLearnt{Turns: KnownAfter}
	case '3':
		return Configured{Rules: m.rules.WithVoices(true)}
	case 'o':
		return Opening{}
	default:
		return Tick{}
	}
}
