package measure

import (
	"math"
	"testing"
	"time"

	"twombly/internal/audio"
)

const rate = 24000

// voice is a sound like a voice: a tone at -20 dBFS.
func voice(d time.Duration) []float32 {
	samples := make([]float32, int(d*rate/time.Second))
	for i := range samples {
		samples[i] = float32(0.14 * math.Sin(2*math.Pi*220*float64(i)/rate))
	}
	return samples
}

// breath is the quiet inside a real voice: not audible, and far from digital silence.
func breath(d time.Duration) []float32 { return Noise(int(d*rate/time.Second), -62, 3) }

func nothing(d time.Duration) []float32 { return make([]float32, int(d*rate/time.Second)) }

func join(parts ...[]float32) (all []float32) {
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

const ms = time.Millisecond

// pieces cuts sound into frames of 20 ms that arrive 40 ms ahead of their time; late delays those from an offset on.
func pieces(samples []float32, late ...lateness) []Piece {
	began := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	var cut []Piece
	for from := 0; from < len(samples); from += rate / 50 {
		at := time.Duration(from) * time.Second / rate
		arrives := max(0, at-40*ms)
		for _, l := range late {
			if at >= l.from && at < l.to {
				arrives += l.by
			}
		}
		cut = append(cut, Piece{At: began.Add(arrives), Offset: int64(from), Samples: samples[from:min(from+rate/50, len(samples))]})
	}
	return cut
}

type lateness struct{ from, to, by time.Duration }

func TestFindGaps(t *testing.T) {
	for _, test := range []struct {
		name     string
		sound    []float32
		clauses  []time.Duration
		late     []lateness
		glitches []time.Duration
		pauses   []time.Duration
	}{
		{name: "one clause", sound: voice(900 * ms), clauses: []time.Duration{900 * ms}},
		{name: "silence around it is none of its own",
			sound: join(nothing(100*ms), voice(500*ms), nothing(400*ms)), clauses: []time.Duration{600 * ms}},
		{name: "two clauses, one after the other",
			sound: join(voice(500*ms), voice(700*ms)), clauses: []time.Duration{500 * ms, 700 * ms}, pauses: []time.Duration{0}},
		{name: "a breath inside a clause is no glitch",
			sound: join(voice(300*ms), breath(200*ms), voice(300*ms)), clauses: []time.Duration{800 * ms}},
		{name: "30 ms of nothing are no glitch",
			sound: join(voice(300*ms), nothing(30*ms), voice(300*ms)), clauses: []time.Duration{630 * ms}},
		{name: "a net's voice at rest is no glitch",
			sound: join(voice(300*ms), Noise(rate/10, -83, 1), voice(300*ms)), clauses: []time.Duration{700 * ms}},
		{name: "60 ms of nothing inside a clause are one",
			sound: join(voice(300*ms), nothing(60*ms), voice(300*ms)), clauses: []time.Duration{660 * ms},
			glitches: []time.Duration{60 * ms}},
		{name: "120 ms at a border are a pause",
			sound:   join(voice(500*ms), nothing(120*ms), voice(600*ms)),
			clauses: []time.Duration{500 * ms, 600 * ms}, pauses: []time.Duration{120 * ms}},
		{name: "a natural pause at a border adds to what was put in",
			sound:   join(voice(500*ms), breath(100*ms), nothing(200*ms), voice(600*ms)),
			clauses: []time.Duration{600 * ms, 600 * ms}, pauses: []time.Duration{300 * ms}},
		{name: "after a long pause the next border is later",
			sound:   join(voice(500*ms), nothing(400*ms), voice(500*ms), nothing(100*ms), voice(500*ms)),
			clauses: []time.Duration{500 * ms, 500 * ms, 500 * ms}, pauses: []time.Duration{400 * ms, 100 * ms}},
		{name: "a glitch beside a pause",
			sound:   join(voice(500*ms), nothing(100*ms), voice(400*ms), nothing(80*ms), voice(400*ms)),
			clauses: []time.Duration{500 * ms, 800 * ms}, pauses: []time.Duration{100 * ms}, glitches: []time.Duration{80 * ms}},
		{name: "sound that is 100 ms too late inside a clause",
			sound: voice(1000 * ms), clauses: []time.Duration{1000 * ms},
			late: []lateness{{500 * ms, 2000 * ms, 140 * ms}}, glitches: []time.Duration{100 * ms}},
		{name: "sound that uses up what was sent ahead",
			sound: voice(1000 * ms), clauses: []time.Duration{1000 * ms}, late: []lateness{{500 * ms, 2000 * ms, 40 * ms}}},
		{name: "late sound at a border is a pause",
			sound:   join(voice(500*ms), voice(500*ms)),
			clauses: []time.Duration{500 * ms, 500 * ms}, late: []lateness{{500 * ms, 2000 * ms, 240 * ms}}, pauses: []time.Duration{200 * ms}},
		{name: "pauses of the voice's own, of digital silence, shift nothing",
			sound:   join(voice(500*ms), nothing(230*ms), voice(770*ms), nothing(200*ms), voice(500*ms)),
			clauses: []time.Duration{600 * ms, 1000 * ms, 600 * ms}, pauses: []time.Duration{230 * ms, 200 * ms}},
		{name: "a pause of the voice's own and one that was put in",
			sound:   join(voice(500*ms), nothing(230*ms), voice(770*ms), nothing(900*ms), voice(500*ms), nothing(200*ms), voice(500*ms)),
			clauses: []time.Duration{600 * ms, 1000 * ms, 700 * ms, 600 * ms}, pauses: []time.Duration{230 * ms, 900 * ms, 200 * ms}},
		{name: "and a glitch after them",
			sound:   join(voice(500*ms), nothing(230*ms), voice(370*ms), nothing(80*ms), voice(400*ms), nothing(200*ms), voice(500*ms)),
			clauses: []time.Duration{600 * ms, 1000 * ms, 600 * ms}, pauses: []time.Duration{230 * ms, 200 * ms}, glitches: []time.Duration{80 * ms}},
		{name: "a filled hole that breaks up what is dead",
			sound:   join(voice(500*ms), nothing(200*ms), breath(60*ms), nothing(300*ms), voice(500*ms), nothing(90*ms), voice(500*ms)),
			clauses: []time.Duration{500 * ms, 500 * ms, 500 * ms}, pauses: []time.Duration{560 * ms, 90 * ms}},
		{name: "cut off before its second clause",
			sound: join(voice(400*ms), nothing(600*ms)), clauses: []time.Duration{500 * ms, 600 * ms}},
		{name: "silence alone", sound: nothing(500 * ms), clauses: []time.Duration{500 * ms}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := FindGaps(Play(pieces(test.sound, test.late...), rate, 0), test.clauses)
			var glitches []time.Duration
			for _, glitch := range got.Glitches {
				glitches = append(glitches, glitch.Length)
			}
			if !near(glitches, test.glitches) || !near(got.Pauses, test.pauses) {
				t.Errorf("glitches %v, want %v; pauses %v, want %v", glitches, test.glitches, got.Pauses, test.pauses)
			}
		})
	}
}

// near compares to a frame at each end.
func near(got, want []time.Duration) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		if (got[i] - want[i]).Abs() > 2*frame {
			return false
		}
	}
	return true
}

// TestFilledHole has a sender that pauses for a second and a receiver that fills the silence in with the sound after it:
// the loudspeaker does not wait for silence.
func TestFilledHole(t *testing.T) {
	frames := pieces(voice(500 * ms))
	began := frames[0].At
	filled := join(nothing(1000*ms), voice(20*ms))
	frames = append(frames, Piece{At: began.Add(1460 * ms), Offset: rate / 2, Samples: filled})
	for _, later := range pieces(voice(480 * ms)) {
		at := began.Add(1480*ms + later.At.Sub(began))
		frames = append(frames, Piece{At: at, Offset: later.Offset + rate*152/100, Samples: later.Samples})
	}
	p := Play(frames, rate, 0)
	if len(p.Late) != 0 {
		t.Errorf("waited %v", p.Late)
	}
	if at := p.At(rate * 16 / 10).Sub(began); at != 1600*ms {
		t.Errorf("the sample at 1.6 s sounded after %v", at)
	}
	got := FindGaps(p, []time.Duration{500 * ms, 500 * ms})
	if len(got.Glitches) != 0 || !near(got.Pauses, []time.Duration{1000 * ms}) {
		t.Errorf("glitches %v, pauses %v", got.Glitches, got.Pauses)
	}
}

func TestLongPauses(t *testing.T) {
	gaps := Gaps{Pauses: []time.Duration{0, 250 * ms, 251 * ms, 900 * ms}}
	if got := gaps.LongPauses(); got != 2 {
		t.Errorf("%d, want 2", got)
	}
}

func TestPlaybackTimes(t *testing.T) {
	sound := join(nothing(100*ms), voice(400*ms))
	frames := pieces(sound, lateness{300 * ms, 2000 * ms, 100 * ms})
	for _, test := range []struct {
		name                string
		buffer              time.Duration
		first, late, behind time.Duration
	}{
		// Without a buffer the sound that comes 60 ms after its time is late; with 60 ms it is not.
		{"no buffer", 0, 100 * ms, 60 * ms, 60 * ms},
		{"60 ms of buffer", 60 * ms, 160 * ms, 0, 60 * ms},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := Play(frames, rate, test.buffer)
			first, ok := p.Audible(0)
			if at := p.At(first).Sub(frames[0].At); !ok || (at-test.first).Abs() > frame {
				t.Errorf("first audible after %v, want %v", at, test.first)
			}
			var late time.Duration
			for _, wait := range p.Late {
				late += wait.Length
			}
			if late != test.late {
				t.Errorf("waited %v, want %v", late, test.late)
			}
			if at := p.At(rate * 4 / 10).Sub(frames[0].At); at != 400*ms+test.behind {
				t.Errorf("the sample at 400 ms sounded after %v, want %v", at, 400*ms+test.behind)
			}
			from, to := frames[0].At.Add(200*ms+test.buffer), frames[0].At.Add(260*ms+test.buffer)
			if heard := p.AudibleBetween(from, to); (heard - 60*ms).Abs() > frame {
				t.Errorf("%v audible in 60 ms of voice", heard)
			}
		})
	}
	if _, ok := Play(pieces(nothing(300*ms)), rate, 0).Audible(0); ok {
		t.Error("silence is audible")
	}
	if _, ok := Play(nil, rate, 0).Audible(0); ok {
		t.Error("nothing is audible")
	}
}

func TestNoise(t *testing.T) {
	for _, level := range []float64{-30, -55, -75} {
		noise := Noise(rate, level, 1)
		if got := audio.Level(noise); math.Abs(got-level) > 0.3 {
			t.Errorf("asked for %v dBFS, got %v", level, got)
		}
	}
	if audio.Peak(Noise(100, audio.Silence, 1)) != 0 {
		t.Error("silence is not silent")
	}
}

func TestLastAudible(t *testing.T) {
	played := Play(pieces(join(voice(100*ms), breath(100*ms), voice(100*ms))), rate, 0)
	for before, want := range map[time.Duration]time.Duration{
		50 * ms: 50 * ms, 100 * ms: 100 * ms, 180 * ms: 100 * ms, 300 * ms: 300 * ms, 400 * ms: 300 * ms,
	} {
		got, sounds := played.LastAudible(int64(before * rate / time.Second))
		if !sounds || got != int64(want*rate/time.Second) {
			t.Errorf("before %v: %v (%v), want %v", before, time.Duration(got)*time.Second/rate, sounds, want)
		}
	}
	if at, sounds := played.LastAudible(0); sounds {
		t.Errorf("something sounds at %d before the beginning", at)
	}
}
