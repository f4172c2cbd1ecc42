package call

import (
	"testing"
	"time"
)

// TestTempo: she waits longer for somebody whom she cut off, less for somebody whom she never does, and never far from what is usual.
func TestTempo(t *testing.T) {
	talk := func(turns int, cut func(turn int) bool) float64 {
		var person tempo
		at := time.Duration(0)
		for turn := range turns {
			at += 10 * time.Second
			person.begins(at)
			person.ends(at + 2*time.Second)
			if cut(turn) && !person.begins(at+3*time.Second) {
				t.Fatal("who goes on after a second had ended")
			}
		}
		return person.scale()
	}
	never, always := func(int) bool { return false }, func(int) bool { return true }
	stranger, once := talk(0, never), talk(1, always)
	if stranger != 1 || once < 1.4 || once > 1.9 {
		t.Errorf("a stranger %.2f, somebody cut off once %.2f", stranger, once)
	}
	if got := talk(40, never); got != leastTempo {
		t.Errorf("somebody who never pauses: %.2f", got)
	}
	if got := talk(40, always); got != mostTempo {
		t.Errorf("somebody who always goes on: %.2f", got)
	}
	if seldom := talk(40, func(turn int) bool { return turn%20 == 0 }); seldom < 0.95 || seldom > 1.05 {
		t.Errorf("somebody who is cut off as often as is aimed at: %.2f", seldom)
	}
}

// TestTempoInCalls: the machine counts who goes on right after a turn, and waits longer for them.
func TestTempoInCalls(t *testing.T) {
	wait := func(s *script) time.Duration {
		s.got = nil
		s.sayTurn("we could go to the lake")
		s.step(Finished{Pause: s.machine.pause, Probability: 0.9})
		s.step(ClauseReady{Draft: s.machine.drafts})
		for s.machine.person == pausing {
			s.hear(quiet, frameLength)
		}
		waited := s.machine.silence(s.at)
		s.step(CancelResponse{})
		return waited
	}
	s := newScript(t, nil)
	first := wait(s)
	s.hear(quiet, 500*time.Millisecond)
	if second := wait(s); second < first+100*time.Millisecond {
		t.Errorf("first she waited %v, and after she was wrong %v", first, second)
	}
}

// TestNoiseWait: where the person is hardly louder than the noise, their words are not to be relied on.
func TestNoiseWait(t *testing.T) {
	for level, longer := range map[float32]bool{-60: false, -28: true} {
		s := newScript(t, nil)
		hear := func(probability, level float32, lasting time.Duration) {
			for heard := time.Duration(0); heard < lasting; heard += frameLength {
				s.at += frameLength
				s.step(Frame{Speech: probability, Level: level})
			}
		}
		hear(quiet, level, time.Second)
		hear(voice, -20, 500*time.Millisecond)
		hear(quiet, level, 128*time.Millisecond)
		s.step(Words{Pause: 1, Words: "we could go to the lake"})
		s.step(Finished{Pause: 1, Probability: 0.7})
		s.step(ClauseReady{Draft: 1})
		hear(quiet, level, 450*time.Millisecond)
		if open := s.machine.person == pausing; open != longer {
			t.Errorf("noise of %.0f dB: after %v the turn is open: %v", level, s.machine.silence(s.at), open)
		}
	}
}

// TestClearEnds: where the person is far louder than the noise, words that are less likely all of it end the turn as soon.
func TestClearEnds(t *testing.T) {
	for level, sooner := range map[float32]bool{-60: true, -40: false} {
		s := newScript(t, nil)
		for heard := time.Duration(0); heard < time.Second; heard += frameLength {
			s.at += frameLength
			s.step(Frame{Speech: quiet, Level: level})
		}
		hear := func(probability float32, lasting time.Duration) {
			for heard := time.Duration(0); heard < lasting; heard += frameLength {
				s.at += frameLength
				s.step(Frame{Speech: probability, Level: map[bool]float32{true: -20, false: level}[probability == voice]})
			}
		}
		hear(voice, 500*time.Millisecond)
		hear(quiet, 128*time.Millisecond)
		s.step(Words{Pause: 1, Words: "we could go to the lake"})
		s.step(Finished{Pause: 1, Probability: 0.5})
		s.step(ClauseReady{Draft: 1})
		hear(quiet, 450*time.Millisecond)
		if over := s.machine.person != pausing; over != sooner {
			t.Errorf("noise of %.0f dB: after %v the turn is over: %v", level, s.machine.silence(s.at), over)
		}
	}
}

// TestDictation: what is learnt of somebody who reads numbers out.
func TestDictation(t *testing.T) {
	ms := time.Millisecond
	usual := 1300 * ms
	var d dictation
	if d.knows(9) || d.expects() || d.hold(usual) != usual {
		t.Errorf("of a stranger she knows %+v", d)
	}
	d.ends(9)
	if !d.knows(9) || d.knows(6) || !d.expects() {
		t.Errorf("after a number of nine digits she knows %+v", d)
	}
	d.ends(6) // a part of one
	if d.knows(6) || !d.knows(9) {
		t.Errorf("a shorter one counts as whole: %+v", d)
	}
	d.forget()
	d.part = true
	d.ends(12)
	if d.knows(12) || d.lengths != [2]int{9, 0} {
		t.Errorf("what only goes on is no number: %+v", d)
	}
	for range numbersExpected {
		d.ends(0)
	}
	if d.expects() {
		t.Error("numbers are expected for ever")
	}
	for _, pause := range []time.Duration{500 * ms, 600 * ms, 620 * ms, 700 * ms} {
		d.wentOn(pause)
	}
	if got := d.hold(usual); got != 910*ms {
		t.Errorf("in a rhythm of at most 700 ms a number ends after %v", got)
	}
	d.wentOn(1200 * ms)
	if got := d.hold(usual); got != 1560*ms {
		t.Errorf("with a pause of 1200 ms a number ends after %v", got)
	}
}

// TestNumberKnown: a number as long as the one before ends sooner.
func TestNumberKnown(t *testing.T) {
	s := newScript(t, nil)
	read := func(digits int) time.Duration {
		s.hear(voice, time.Second)
		s.hear(quiet, 128*time.Millisecond)
		s.step(Words{Pause: s.machine.pause, Words: "digits", Bearing: Hanging, Digits: digits})
		s.step(ClauseReady{Draft: s.machine.drafts})
		for s.machine.person == pausing {
			s.hear(quiet, frameLength)
		}
		waited := s.machine.silence(s.at)
		s.step(CancelResponse{})
		s.hear(quiet, 3*time.Second)
		return waited
	}
	first, second, shorter := read(9), read(9), read(6)
	if first < s.machine.rules.Hold || second > 700*time.Millisecond || shorter < s.machine.rules.Hold {
		t.Errorf("waited %v, then %v, and for a part %v", first, second, shorter)
	}
}
