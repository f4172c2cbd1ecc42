package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"twombly/bench/duplex"
	"twombly/bench/offline"
	"twombly/internal/call"
	"twombly/internal/speech"
)

// speakerLengths are how much voice is compared at once.
var speakerLengths = []time.Duration{1500 * time.Millisecond, 2 * time.Second, 3 * time.Second}

// speakerNoise is how many dB below a voice noise is; 0 is a quiet room.
var speakerNoise = []float64{0, 20, 10, 5}

// runSpeakers measures how well the person's voice is told from others: each piece of everybody's speech against everybody's voice, which is known from
// up to five other things that they said in a quiet room.
func runSpeakers(ctx context.Context, r *runner) error {
	folder := turnsFolder(r)
	corpus, err := duplex.ReadCorpus(folder)
	if err != nil {
		return err
	}
	people, err := duplex.People(corpus, duplex.Options{Seed: max(1, r.Seed), NotHers: hers()})
	if err != nil {
		return err
	}
	bank := &duplex.Bank{Folder: folder, Cache: filepath.Join(r.Models.Dir(), "bench", "voices")}
	var all []duplex.Call
	for _, person := range people {
		all = append(all, duplex.Call{Name: person.Name, Events: person.Said})
	}
	if err := prepareSounds(ctx, r, bank, all); err != nil {
		return err
	}
	if err := r.models("onnxruntime", "silero-vad", voiceprintEntry); err != nil {
		return err
	}
	options, err := withVoices(r, speech.OptionsIn(r.Models.Dir()))
	if err != nil {
		return err
	}
	engine, err := speech.OpenLocal(ctx, options)
	if err != nil {
		return err
	}
	defer engine.Close()
	known, tests, err := acquaintSpeakers(ctx, bank, engine, people)
	if err != nil {
		return err
	}
	for _, level := range speakerNoise {
		if err := compareSpeakers(ctx, r, bank, engine, corpus.Noise, level, known, tests); err != nil {
			return err
		}
	}
	r.result.Conditions["people"] = len(known)
	return nil
}

// voiceprintEntry is the optional model that tells voices apart.
const voiceprintEntry = "speaker-embedding"

// withVoices are options with that model.
func withVoices(r *runner, options speech.Options) (speech.Options, error) {
	model, err := r.Models.Path(voiceprintEntry, "wespeaker-resnet34.onnx")
	if err != nil {
		return options, fmt.Errorf("what tells voices apart: %w (\"twombly models fetch %s\" fetches it)", err, voiceprintEntry)
	}
	options.Speakers = model
	return options, nil
}

// acquaintSpeakers makes voices known from the first half of what people say, at most five of it; what is left is to be told. Who says too little
// is left out.
func acquaintSpeakers(ctx context.Context, bank *duplex.Bank, engine *speech.Local, people []duplex.Person) (known []offline.Voices, tests [][]duplex.Rendered, err error) {
	rules := call.DefaultRules().WithVoices(true)
	for _, person := range people {
		var said []duplex.Rendered
		for _, event := range person.Said {
			rendered, err := bank.Render(ctx, event)
			if err != nil {
				return nil, nil, err
			}
			said = append(said, rendered)
		}
		first := min(call.KnownAfter, len(said)/2)
		voices := offline.Voices{Net: engine}
		if err := voices.Learn(ctx, engine, said[:first], nil, rules); err != nil {
			return nil, nil, err
		}
		if voices.Known.Turns > 0 {
			known, tests = append(known, voices), append(tests, said[first:])
		}
	}
	return known, tests, nil
}

// compareSpeakers compares everybody's speech with everybody's voice, in noise of a level.
func compareSpeakers(
	ctx context.Context, r *runner, bank *duplex.Bank, engine *speech.Local, noises []string, level float64, known []offline.Voices, tests [][]duplex.Rendered,
) error {
	same, others := map[time.Duration][]float64{}, map[time.Duration][]float64{}
	var took []float64
	number := 0
	for who, said := range tests {
		var voice []float32
		for _, rendered := range said {
			var noise []float32
			if level > 0 && len(noises) > 0 {
				var err error
				if noise, err = bank.Noise(noises[number%len(noises)], level); err != nil {
					return err
				}
			}
			number++
			heard, err := offline.Voiced(ctx, engine, rendered, noise, call.DefaultRules())
			if err != nil {
				return err
			}
			voice = append(voice, heard...)
		}
		for _, length := range speakerLengths {
			began, pieces := time.Now(), 0
			err := eachPrint(ctx, engine, voice, length, func(print *speech.VoicePrint) {
				pieces++
				for other := range known {
					likeness := float64(known[other].Known.Likeness(print))
					if other == who {
						same[length] = append(same[length], likeness)
					} else {
						others[length] = append(others[length], likeness)
					}
				}
			})
			if err != nil {
				return err
			}
			if pieces > 0 && length == speakerLengths[len(speakerLengths)-1] {
				took = append(took, float64(time.Since(began).Microseconds())/1000/float64(pieces))
			}
		}
		r.say("%s: voice %d of %d", levelName(level), who+1, len(tests))
	}
	for _, length := range speakerLengths {
		name := fmt.Sprintf("/%s/%.1fs", levelName(level), length.Seconds())
		scoreSpeakers(r.result, name, same[length], others[length])
	}
	r.result.percentile("compare_ms_p50/"+levelName(level), took, 0.5)
	return nil
}

// eachPrint makes prints of all whole pieces of a voice.
func eachPrint(ctx context.Context, engine *speech.Local, voice []float32, length time.Duration, take func(*speech.VoicePrint)) error {
	samples := int(length * speech.HearingRate / time.Second)
	for at := 0; at+samples <= len(voice); at += samples {
		print, err := engine.VoicePrint(ctx, voice[at:at+samples])
		if errors.Is(err, speech.ErrAudio) {
			continue
		}
		if err != nil {
			return err
		}
		take(&print)
	}
	return nil
}

// levelName names noise as a call does.
func levelName(level float64) string {
	if level == 0 {
		return duplex.Call{}.Level()
	}
	return duplex.Call{Noise: "some", SNR: level}.Level()
}

// scoreSpeakers makes the metrics: where as many of the person's pieces are taken for another's as the other way round, and what the threshold of calls makes of
// them.
func scoreSpeakers(result *Result, name string, same, others []float64) {
	slices.Sort(same)
	slices.Sort(others)
	equal := 1.0
	for _, threshold := range slices.Concat(same, others) {
		below, _ := slices.BinarySearch(same, threshold)
		at, _ := slices.BinarySearch(others, threshold)
		refused, passed := float64(below)/float64(len(same)), 1-float64(at)/float64(len(others))
		equal = min(equal, max(refused, passed))
	}
	result.set("equal_error"+name, equal)
	limit := float64(call.DefaultRules().WithVoices(true).Stranger)
	refused, _ := slices.BinarySearch(same, limit)
	told, _ := slices.BinarySearch(others, limit)
	result.proportion("own_refused"+name, refused, len(same))
	result.proportion("others_told"+name, told, len(others))
	result.percentile("own_likeness_p5"+name, same, 0.05)
	result.percentile("others_likeness_p95"+name, others, 0.95)
}
