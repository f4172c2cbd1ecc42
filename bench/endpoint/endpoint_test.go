package endpoint

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"twombly/bench/duplex"
	"twombly/internal/call"
	"twombly/internal/speech"
)

// fakeNets hear what is loud, and know how likely each of a take's beginnings is all of it.
type fakeNets struct {
	sound    float32
	finished map[string]float32
	asked    int
}

func (f *fakeNets) VoiceActivity(_ context.Context, _ *speech.VoiceActivityState, frame []float32) (float32, error) {
	if frame[0] > 0.1 {
		return 1, nil
	}
	return 0, nil
}

func (f *fakeNets) TurnEnd(context.Context, []float32) (float32, error) { return f.sound, nil }

// Transcribe counts the stretches of voice in what it is given.
func (f *fakeNets) Transcribe(_ context.Context, samples []float32) (speech.Transcript, error) {
	f.asked++
	words, loud := []string{"well", "then", "so"}, false
	n := 0
	for _, s := range samples {
		if (s > 0.1) != loud {
			loud = !loud
			if loud {
				n++
			}
		}
	}
	return speech.Transcript{Text: strings.Join(words[:n], " ")}, nil
}

func (f *fakeNets) EndOfTurn(_ context.Context, words string) (float32, error) {
	return f.finished[words], nil
}

// take is a turn of two stretches of 1 s with a pause between.
func take(pause time.Duration) Take {
	loud := slices.Repeat([]float32{0.5}, duplex.Rate)
	samples := append(slices.Clone(loud), make([]float32, samplesOf(pause))...)
	samples = append(samples, loud...)
	return NewTake(duplex.Event{Kind: duplex.Pausing, Sounds: []duplex.Sound{{File: "a.wav"}}}, "clean", duplex.Rendered{
		Samples: samples, Voiced: []duplex.Stretch{{From: 0, To: time.Second}, {From: time.Second + pause, To: 2*time.Second + pause}},
	}, nil)
}

func TestPlay(t *testing.T) {
	ms := time.Millisecond
	pace := Pace{Recognition: 10 * ms, Detection: 60 * ms, Thinking: 20 * ms, Voice: 100 * ms, Words: true}
	for name, test := range map[string]struct {
		pause    time.Duration
		sound    float32
		finished map[string]float32
		cut      bool
		from, to time.Duration // the wait
	}{
		"the words say over":               {800 * ms, 0.1, map[string]float32{"well then": 0.9}, false, 350 * ms, 450 * ms},
		"the words say over, less surely":  {800 * ms, 0.1, map[string]float32{"well then": 0.7}, false, 500 * ms, 600 * ms},
		"the words say over in the pause":  {1100 * ms, 0.1, map[string]float32{"well": 0.4}, true, 1300 * ms, 1400 * ms},
		"the sound says over in the pause": {800 * ms, 0.9, map[string]float32{"well": 0.01, "well then": 0.9}, false, 350 * ms, 450 * ms},
		"nothing is sure":                  {800 * ms, 0.1, nil, false, 1300 * ms, 1400 * ms},
		"a pause longer than she waits":    {1500 * ms, 0.1, nil, true, 1300 * ms, 1400 * ms},
	} {
		t.Run(name, func(t *testing.T) {
			nets := &fakeNets{sound: test.sound, finished: test.finished}
			heard, err := Hear(t.Context(), take(test.pause), nets)
			if err != nil {
				t.Fatal(err)
			}
			played, err := Play(t.Context(), heard, call.DefaultRules(), pace)
			if err != nil {
				t.Fatal(err)
			}
			o := Judge(heard.Take, played)
			wait := time.Duration(o.WaitMS * float64(ms))
			if !slices.Equal(o.CutOff, []bool{test.cut}) || o.Missed || wait < test.from || wait > test.to {
				t.Errorf("%+v of %+v", o, played)
			}
			asked := nets.asked
			if _, err := Play(t.Context(), heard, call.DefaultRules(), pace); err != nil || nets.asked != asked {
				t.Errorf("what the nets said was not kept: asked %d times more, %v", nets.asked-asked, err)
			}
		})
	}
}

func TestSilence(t *testing.T) {
	heard, err := Hear(t.Context(), take(700*time.Millisecond), &fakeNets{})
	if err != nil {
		t.Fatal(err)
	}
	for length, cut := range map[time.Duration]bool{500 * time.Millisecond: true, 900 * time.Millisecond: false} {
		o := Judge(heard.Take, Silence(heard, length, call.DefaultRules()))
		if want := float64(length.Milliseconds()); o.CutOff[0] != cut || o.WaitMS < want-40 || o.WaitMS > want+40 {
			t.Errorf("%v: %+v", length, o)
		}
	}
}

func TestScoreAndPlot(t *testing.T) {
	outcomes := []Outcome{
		{CutOff: []bool{true, false}, WaitMS: 400}, {CutOff: []bool{false}, WaitMS: 600}, {Missed: true}, {CutOff: []bool{false}, WaitMS: 800},
	}
	p := Score("mine", outcomes)
	if p.CutOff != 0.25 || p.WaitMS != 600 || p.Pauses != 4 || p.Ends != 3 || p.Missed != 1 {
		t.Errorf("%+v", p)
	}
	front := Front([]Point{{Name: "slow", WaitMS: 900, CutOff: 0.3}, {Name: "b", WaitMS: 800, CutOff: 0.1}, {Name: "a", WaitMS: 300, CutOff: 0.5}})
	if len(front) != 2 || front[0].Name != "a" || front[1].Name != "b" {
		t.Errorf("%+v", front)
	}
	var page bytes.Buffer
	if err := Plot(&page, []Curve{{Name: "a <plain> silence", Points: front}}, p); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a &lt;plain&gt; silence", "<polyline", "10.0 % cut off, 800 ms"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("no %q in\n%s", want, page.String())
		}
	}
}
