package call

import (
	"errors"
	"slices"
	"testing"
	"time"

	"twombly/internal/companion"
)

func TestParseLayers(t *testing.T) {
	for names, want := range map[string]Layers{
		"":                       {},
		"duck":                   {Duck: true},
		"drafting, prefill":      {Drafting: true, Prefill: true},
		"tempo,numbers,noise":    {Tempo: true, Numbers: true, Noise: true},
		"duck,duck,prefill,duck": {Duck: true, Prefill: true},
	} {
		if got, err := ParseLayers(names); err != nil || got != want {
			t.Errorf("%q: %+v, %v", names, got, err)
		}
	}
	for _, names := range []string{"ducks", "duck,", "Duck"} {
		if _, err := ParseLayers(names); !errors.Is(err, ErrNoLayer) {
			t.Errorf("%q: %v", names, err)
		}
	}
}

// TestWithoutDrafting: her answer is begun when the turn has ended, which does not take longer for want of it.
func TestWithoutDrafting(t *testing.T) {
	s := newScript(t, func(r *Rules) { *r = r.LeaveOut(Layers{Drafting: true}) })
	s.hear(voice, 500*time.Millisecond)
	s.hear(quiet, 128*time.Millisecond)
	s.step(Words{Pause: 1, Words: "we could go to the lake"})
	s.expect("start_hearing:voice_heard", "stop_hearing:voice_ended", "recognise:pause_reached", "detect_turn_end:words_complete")
	s.step(Finished{Pause: 1, Probability: 0.9})
	s.hear(quiet, 160*time.Millisecond)
	s.expect()
	s.hear(quiet, 128*time.Millisecond)
	s.expect("commit_turn:turn_end_likely", "draft:words_complete", "speak:turn_end_likely")
}

// TestWithoutAdapting: a turn ends after the same silence whoever speaks, whatever was learnt, and however loud it is.
func TestWithoutAdapting(t *testing.T) {
	waited := func(layers Layers, noise float32, before func(*script)) time.Duration {
		s := newScript(t, func(r *Rules) { *r = r.LeaveOut(layers) })
		before(s)
		hear := func(probability, level float32, lasting time.Duration) {
			for heard := time.Duration(0); heard < lasting; heard += frameLength {
				s.at += frameLength
				s.step(Frame{Speech: probability, Level: level})
			}
		}
		hear(quiet, noise, time.Second)
		hear(voice, -20, 500*time.Millisecond)
		hear(quiet, noise, 128*time.Millisecond)
		s.step(Words{Pause: s.machine.pause, Words: "we could go to the lake"})
		s.step(Finished{Pause: s.machine.pause, Probability: 0.9})
		s.step(ClauseReady{Draft: s.machine.drafts})
		for s.machine.person == pausing {
			hear(quiet, noise, frameLength)
		}
		return s.machine.silence(s.at)
	}
	stranger := func(*script) {}
	oftenCut := func(s *script) { s.step(Acquainted{Habits: companion.Habits{Turns: 40, Cut: 30}}) }
	usual := waited(Layers{}, -70, stranger)
	if with, without := waited(Layers{}, -70, oftenCut), waited(Layers{Tempo: true}, -70, oftenCut); with <= usual || without != usual {
		t.Errorf("for somebody who was often cut off %v, without that %v, usually %v", with, without, usual)
	}
	if with, without := waited(Layers{}, -28, stranger), waited(Layers{Noise: true}, -28, stranger); with <= usual || without != usual {
		t.Errorf("in noise %v, without that %v, usually %v", with, without, usual)
	}
}

// TestWithoutNumbers: nothing is made of how a person reads numbers out.
func TestWithoutNumbers(t *testing.T) {
	learn := func(layers Layers) *Machine {
		m := NewMachine(DefaultRules().LeaveOut(layers))
		for range 2 {
			for range 3 {
				m.dictation.wentOn(700 * time.Millisecond)
			}
			m.dictation.ends(9)
		}
		return m
	}
	with, without := learn(Layers{}), learn(Layers{Numbers: true})
	if !with.dictation.knows(9) || !with.dictation.expects() || with.dictation.hold(time.Second) == time.Second {
		t.Error("nothing is learnt of numbers")
	}
	if without.dictation.knows(9) || without.dictation.expects() || without.dictation.hold(time.Second) != time.Second || without.rules.NumberKnown != 0 {
		t.Error("numbers are learnt that are not to be")
	}
}

// TestWithoutDuck: she goes on at her full level, and all else is as it was.
func TestWithoutDuck(t *testing.T) {
	scene := func(layers Layers) *stage {
		return perform(t, func(s *stage) {
			s.without = layers
			s.talker.answers = []string{"Well, that is a long story, and I would like to tell it to you from the beginning to the end."}
		}, func(s *stage) {
			s.engine.say("Tell me about it.")
			s.hear(true, time.Second)
			s.hear(false, 3*time.Second)
			s.engine.say("Mm-hm.")
			s.hear(true, 400*time.Millisecond)
			s.hear(false, 3*time.Second)
		})
	}
	with, without := scene(Layers{}), scene(Layers{Duck: true})
	if !slices.Contains(with.mouth.ducks, true) || len(without.mouth.ducks) > 0 {
		t.Errorf("ducked %v with, %v without", with.mouth.ducks, without.mouth.ducks)
	}
	if with.talker.recorded() != without.talker.recorded() {
		t.Errorf("recorded\n%s\nwithout ducking\n%s", with.talker.recorded(), without.talker.recorded())
	}
}

// TestWithoutPrefill: the mind reads nothing of a turn before it has ended, also when the client changes something.
func TestWithoutPrefill(t *testing.T) {
	scene := func(layers Layers) int {
		return perform(t, func(s *stage) { s.without = layers }, func(s *stage) {
			s.engine.say("Tell me about it.")
			if err := s.call.Configure(s.call.Settings()); err != nil {
				t.Error(err)
			}
			s.hear(true, 2*time.Second)
			s.hear(false, 4*time.Second)
		}).talker.prepared
	}
	if with, without := scene(Layers{}), scene(Layers{Prefill: true}); with == 0 || without != 0 {
		t.Errorf("read ahead %d times with, %d without", with, without)
	}
}
