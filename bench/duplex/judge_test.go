package duplex

import (
	"math"
	"testing"
	"time"
)

const msec = time.Millisecond

// heard is a timeline on which she sounds in the given stretches, given in ms.
func heard(stretches ...[2]int) *Timeline {
	var t Timeline
	for _, s := range stretches {
		samples := make([]float32, (s[1]-s[0])*24)
		for i := range samples {
			samples[i] = float32(0.2 * math.Sin(float64(i)/12))
		}
		t.Add(time.Duration(s[0])*msec, samples, 24000)
	}
	return &t
}

// done is an event whose sounds are voiced in the given stretches.
func done(kind Kind, during bool, voiced ...[2]int) Performed {
	p := Performed{Event: Event{Kind: kind, During: during, Sounds: make([]Sound, len(voiced))}}
	for _, v := range voiced {
		p.Voiced = append(p.Voiced, Stretch{From: time.Duration(v[0]) * msec, To: time.Duration(v[1]) * msec})
	}
	return p
}

func reply(from, to int, cut bool) Reply {
	return Reply{From: time.Duration(from) * msec, To: time.Duration(to) * msec, Over: true, Cut: cut}
}

func TestJudge(t *testing.T) {
	for _, test := range []struct {
		name    string
		p       Performed
		her     *Timeline
		replies []Reply
		want    Outcome
	}{
		{name: "a turn is answered", p: done(Turn, false, [2]int{1000, 2000}), her: heard([2]int{2700, 4000}),
			want: Outcome{Good: true, LatencyMS: 700}},
		{name: "a turn is not answered in time", p: done(Turn, false, [2]int{1000, 2000}), her: heard([2]int{7100, 8000})},
		{name: "she begins in a turn", p: done(Turn, false, [2]int{1000, 4000}), her: heard([2]int{2000, 2500}, [2]int{4800, 6000}),
			want: Outcome{Good: true, LatencyMS: 800, Starts: 1}},
		{name: "words with a short gap are one beginning", p: done(Turn, false, [2]int{1000, 4000}),
			her: heard([2]int{2000, 2500}, [2]int{2600, 3000}), want: Outcome{Starts: 1}},
		{name: "a turn while she speaks tells nothing", p: done(Turn, false, [2]int{1000, 2000}), her: heard([2]int{500, 950}),
			want: Outcome{Void: "she was speaking"}},
		{name: "a pause is waited for", p: done(Pausing, false, [2]int{1000, 2000}, [2]int{2600, 3000}), her: heard([2]int{3600, 4000}),
			want: Outcome{Good: true, LatencyMS: 600, Pauses: 1}},
		{name: "a pause is cut off", p: done(Pausing, false, [2]int{1000, 2000}, [2]int{2900, 3500}),
			her: heard([2]int{2500, 3100}, [2]int{4000, 5000}), want: Outcome{Good: true, LatencyMS: 500, Pauses: 1, CutOff: 1, Starts: 1}},
		{name: "a gap between words is no pause", p: done(Pausing, false, [2]int{1000, 2000}, [2]int{2100, 3000}),
			her: heard([2]int{3400, 4000}), want: Outcome{Good: true, LatencyMS: 400}},
		{name: "she yields", p: done(Interruption, true, [2]int{1000, 2200}), her: heard([2]int{0, 1450}),
			replies: []Reply{reply(0, 1500, true)}, want: Outcome{Good: true, LatencyMS: 450, AfterMS: -750}},
		{name: "a breath is no yielding", p: done(Interruption, true, [2]int{1000, 2200}), her: heard([2]int{0, 1400}, [2]int{1900, 5000}),
			replies: []Reply{reply(0, 5000, false)}},
		{name: "she yields too late", p: done(Interruption, true, [2]int{1000, 4200}), her: heard([2]int{0, 3100}),
			replies: []Reply{reply(0, 3100, true)}},
		{name: "her reply ends by itself", p: done(Interruption, true, [2]int{1000, 2200}), her: heard([2]int{0, 1450}),
			replies: []Reply{reply(0, 1600, false)}, want: Outcome{Void: "her reply was over", Good: true, LatencyMS: 450, AfterMS: -750}},
		{name: "her next words are late", p: done(Backchannel, true, [2]int{1000, 1300}), her: heard([2]int{0, 1450}, [2]int{3000, 6000}),
			replies: []Reply{reply(0, 6000, false)}, want: Outcome{Void: "she waited for her next words", LatencyMS: 450, AfterMS: 150}},
		{name: "she goes on", p: done(Backchannel, true, [2]int{1000, 1300}), her: heard([2]int{0, 6000}),
			replies: []Reply{reply(0, 6000, false)}, want: Outcome{Good: true}},
		{name: "she is stopped by mm-hm", p: done(Backchannel, true, [2]int{1000, 1300}), her: heard([2]int{0, 1600}),
			replies: []Reply{reply(0, 1600, true)}, want: Outcome{LatencyMS: 600, AfterMS: 300}},
		{name: "she was not speaking", p: done(Tic, true, [2]int{1000, 1300}), her: heard([2]int{0, 600}),
			want: Outcome{Void: "she was not speaking"}},
		{name: "a cough is not answered", p: done(Tic, false, [2]int{1000, 1300}), her: heard([2]int{3400, 5000}), want: Outcome{Good: true}},
		{name: "a cough is answered", p: done(Tic, false, [2]int{1000, 1300}), her: heard([2]int{2400, 5000})},
		{name: "stop", p: done(Stop, true, [2]int{1000, 1400}), her: heard([2]int{0, 1700}), replies: []Reply{reply(0, 1700, true)},
			want: Outcome{Good: true, LatencyMS: 700, AfterMS: 300}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := Judge(test.p, test.her, test.replies)
			if got.Good != test.want.Good || got.Void != test.want.Void || got.LatencyMS != test.want.LatencyMS ||
				got.AfterMS != test.want.AfterMS || got.Starts != test.want.Starts || got.Pauses != test.want.Pauses ||
				got.CutOff != test.want.CutOff {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

func TestWait(t *testing.T) {
	p := done(Turn, false, [2]int{1000, 2000})
	p.Commits = []time.Duration{1500 * msec, 2400 * msec}
	if got := Judge(p, heard([2]int{2700, 4000}), nil); got.WaitMS != 400 {
		t.Errorf("%v ms from the last voice to the commit, want 400", got.WaitMS)
	}
}

func TestSummarise(t *testing.T) {
	person := Event{Kind: Backchannel, During: true, Sounds: []Sound{{File: "a.wav"}}}
	synthetic := Event{Kind: Backchannel, During: true, Sounds: []Sound{{Voice: "v", Text: "Yeah."}}}
	outcomes := []Outcome{
		{Event: person, Human: true, Level: "clean", Good: true},
		{Event: synthetic, Level: "clean"},
		{Event: synthetic, Level: "5 dB", Good: true},
		{Event: synthetic, Level: "5 dB", Good: true, Void: "her reply was over"},
		{Event: Event{Kind: Pausing}, Level: "5 dB", Good: true, Pauses: 3, CutOff: 1, Starts: 1, LatencyMS: 900, WaitMS: 300},
	}
	panel := Summarise(outcomes)
	for name, want := range map[string]Count{
		"S_BC": {2, 3}, "S_BC/human": {1, 1}, "S_BC/synthetic": {1, 2}, "S_BC/clean": {1, 2}, "S_BC/5 dB": {1, 1},
		"R_R": {1, 1}, "I_A": {1, 1}, "cut_off": {1, 3},
	} {
		if panel.Rates[name] != want {
			t.Errorf("%s: %+v, want %+v", name, panel.Rates[name], want)
		}
	}
	if panel.Void["her reply was over"] != 1 || panel.Times["L_R"][0] != 900 || panel.Times["wait"][0] != 300 {
		t.Errorf("%+v", panel)
	}
}
