package duplex

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"twombly/internal/audio"
)

// write writes a recording in which a tone sounds in the given stretches, in ms.
func write(t *testing.T, folder, name string, long int, stretches ...[2]int) {
	t.Helper()
	samples := make([]float32, long*16)
	for _, s := range stretches {
		for i := s[0] * 16; i < s[1]*16; i++ {
			samples[i] = float32(0.1 * math.Sin(float64(i)/7))
		}
	}
	path := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := audio.WriteWAVFile(path, audio.Clip{Rate: 16000, Samples: samples}); err != nil {
		t.Fatal(err)
	}
}

// corpus is a small one.
func corpus(t *testing.T) Corpus {
	t.Helper()
	folder := t.TempDir()
	write(t, folder, "speech/00_ann_1.wav", 3000, [2]int{200, 1400}, [2]int{1500, 2700})
	write(t, folder, "speech/01_ann_2.wav", 9000, [2]int{200, 2200}, [2]int{2700, 5000}, [2]int{5100, 8000})
	write(t, folder, "speech/bob-07.wav", 4000, [2]int{300, 1800}, [2]int{1900, 3600})
	write(t, folder, "nonverbal/cough.wav", 1000, [2]int{100, 500})
	write(t, folder, "noise/engine.wav", 2000, [2]int{0, 2000})
	write(t, folder, "noise/people_talking.wav", 8000, [2]int{0, 8000})
	for _, digit := range []string{"1", "2", "3"} {
		write(t, folder, "digits/"+digit+"_carl_0.wav", 500, [2]int{50, 400})
	}
	read, err := ReadCorpus(folder)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func TestReadCorpus(t *testing.T) {
	c := corpus(t)
	if len(c.Speech["ann"]) != 2 || len(c.Speech["bob"]) != 1 || len(c.Digits["carl"]) != 3 {
		t.Errorf("who speaks: %v, %v", c.Speech, c.Digits)
	}
	if !slices.Equal(c.Noise, []string{"noise/engine.wav"}) || !slices.Equal(c.Talk, []string{"noise/people_talking.wav"}) {
		t.Errorf("noise %v, talk %v", c.Noise, c.Talk)
	}
	for _, folder := range []string{t.TempDir(), "/nowhere"} {
		if _, err := ReadCorpus(folder); !errors.Is(err, ErrNoCorpus) {
			t.Errorf("%s: %v", folder, err)
		}
	}
}

func TestBuild(t *testing.T) {
	c := corpus(t)
	options := Options{Seed: 1, Events: 320, NotHers: []string{"af_bella"}}
	s, err := Build(c, options)
	if err != nil {
		t.Fatal(err)
	}
	if s.Events() != 320 {
		t.Errorf("%d events, want 320", s.Events())
	}
	kinds, levels, pauses := map[Kind]int{}, map[string]int{}, 0
	levelsOf := map[Kind]map[string]bool{}
	for _, call := range s.Calls {
		for _, event := range call.Events {
			kinds[event.Kind]++
			levels[call.Level()]++
			if levelsOf[event.Kind] == nil {
				levelsOf[event.Kind] = map[string]bool{}
			}
			levelsOf[event.Kind][call.Level()] = true
			for _, sound := range event.Sounds {
				if sound.Voice == "af_bella" {
					t.Errorf("%s: she talks to herself: %s", call.Name, event)
				}
				if sound.Pause >= 0.3 {
					pauses++
				}
				if sound.Pause > 1.2 {
					t.Errorf("%s: a pause of %v s", event, sound.Pause)
				}
			}
			if event.During != (event.Prompt != "") {
				t.Errorf("%s: during %v, prompt %q", event, event.During, event.Prompt)
			}
		}
	}
	for _, kind := range []Kind{Turn, Pausing, Interruption, Stop, Backchannel, Tic, Aside} {
		if kinds[kind] < 10 || len(levelsOf[kind]) != 4 {
			t.Errorf("%d of %s, over %d levels of noise", kinds[kind], kind, len(levelsOf[kind]))
		}
	}
	for _, level := range []string{"clean", "20 dB", "10 dB", "5 dB"} {
		if levels[level] < 50 {
			t.Errorf("%d events at %s, of %d", levels[level], level, s.Events())
		}
	}
	if pauses < 100 {
		t.Errorf("%d pauses inside turns, want 100", pauses)
	}
	again, err := Build(c, options)
	if err != nil || !reflect.DeepEqual(s, again) {
		t.Errorf("the same seed makes another scenario: %v", err)
	}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var read Scenario
	if err := json.Unmarshal(text, &read); err != nil || !reflect.DeepEqual(s, read) {
		t.Errorf("a scenario does not come back from its file: %v", err)
	}
}

func TestRender(t *testing.T) {
	c := corpus(t)
	spoken := 0
	bank := Bank{Folder: c.Folder, Cache: t.TempDir(), Speak: func(context.Context, Sound) ([]float32, error) {
		spoken++
		samples := make([]float32, Rate)
		for i := range samples[4000:8000] {
			samples[4000+i] = float32(0.02 * math.Sin(float64(i)/7))
		}
		return samples, nil
	}}
	event := Event{Kind: Pausing, Sounds: []Sound{
		{File: "speech/00_ann_1.wav", From: 0.1, To: 1.45, Pause: 0.8}, {Voice: "v", Text: "mm", Gain: -6},
	}}
	for range 2 {
		r, err := bank.Render(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		pause := r.Voiced[1].From - r.Voiced[0].To
		if pause < 780*time.Millisecond || pause > 900*time.Millisecond {
			t.Errorf("a pause of %v, want 800 ms and the edges of the voices", pause)
		}
		level := func(s Stretch) float64 {
			return ActiveLevel(r.Samples[int(s.From.Seconds()*Rate):int(s.To.Seconds()*Rate)])
		}
		if a, b := level(r.Voiced[0]), level(r.Voiced[1]); math.Abs(a-PersonLevel) > 1 || math.Abs(a-b-6) > 1 {
			t.Errorf("voices at %.1f and %.1f dBFS, want %.1f and 6 dB less", a, b, PersonLevel)
		}
	}
	if spoken != 1 {
		t.Errorf("the same words were said %d times", spoken)
	}
	noise, err := bank.Noise("noise/engine.wav", 10)
	if err != nil || math.Abs(audio.Level(noise)-(PersonLevel-10)) > 0.5 {
		t.Errorf("noise at %.1f dBFS: %v", audio.Level(noise), err)
	}
	for _, file := range []string{"../a.wav", "speech/none.wav"} {
		if _, err := bank.Render(t.Context(), Event{Sounds: []Sound{{File: file}}}); err == nil {
			t.Errorf("%s was rendered", file)
		}
	}
}

func TestFalseAlarms(t *testing.T) {
	s, err := FalseAlarms(corpus(t), Options{Seed: 1, Events: 72, NotHers: []string{"af_bella"}})
	if err != nil {
		t.Fatal(err)
	}
	counts, levels := map[Kind]int{}, map[string]bool{}
	for _, call := range s.Calls {
		levels[call.Level()] = true
		for _, event := range call.Events {
			counts[event.Kind]++
			if !event.During || event.Delay < 0.6 || event.Prompt == "" {
				t.Errorf("%s happens while she is silent", event)
			}
			if voice := event.Sounds[0].Voice; voice != "" && voice != call.Person {
				t.Errorf("%s is said by %s in %s's call", event, voice, call.Person)
			}
		}
	}
	if s.Events() != 72 || counts[Interruption] != 18 || counts[Backchannel] < 20 || counts[Tic] < 20 {
		t.Errorf("%d events, %v", s.Events(), counts)
	}
	if len(levels) != 4 {
		t.Errorf("levels %v", levels)
	}
}

func TestStops(t *testing.T) {
	options := Options{Seed: 1, Events: 24, NotHers: []string{"af_bella"}}
	s, err := SpokenStops(corpus(t), options)
	if err != nil {
		t.Fatal(err)
	}
	said, err := Sentences(corpus(t), options, []string{"We had to stop.", "It won't stop."})
	if err != nil {
		t.Fatal(err)
	}
	for _, scenario := range []Scenario{s, said} {
		levels := map[string]bool{}
		for _, call := range scenario.Calls {
			levels[call.Level()] = true
			for _, event := range call.Events {
				if event.During != (event.Kind == Stop) || event.Sounds[0].Voice != call.Person {
					t.Errorf("%s in %s's call", event, call.Person)
				}
			}
		}
		if scenario.Events() != 24 || len(levels) != 2 || !levels["20 dB"] || !levels["10 dB"] {
			t.Errorf("%d events at %v", scenario.Events(), levels)
		}
	}
	if first, second := said.Calls[0].Events[0], said.Calls[0].Events[1]; first.Sounds[0].Text == second.Sounds[0].Text {
		t.Errorf("%s and %s", first, second)
	}
}
