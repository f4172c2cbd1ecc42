package echo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"twombly/internal/audio"
	"twombly/internal/speech/speechtest"
)

// room is an impulse response: a direct sound, some reflections, and a tail that dies away (60 dB in 300 ms), by a seed.
func room(seed uint64) []float32 {
	random := rand.New(rand.NewPCG(seed, 1))
	response := make([]float32, Rate*3/10)
	response[0] = 1
	for range 12 {
		response[80+random.IntN(800)] += float32(random.NormFloat64()) * 0.3
	}
	for i := range response {
		response[i] += float32(random.NormFloat64() * 0.05 * math.Pow(10, -3*float64(i)/float64(len(response))))
	}
	return response
}

// through is sound as it comes back, late, at a level in dBFS.
func through(sound, response []float32, late time.Duration, level float64) []float32 {
	out := make([]float32, len(sound))
	shift := int(late.Seconds() * Rate)
	for i, r := range response {
		if r == 0 {
			continue
		}
		for j := shift + i; j < len(out); j++ {
			out[j] += r * sound[j-shift-i]
		}
	}
	scale(out, level)
	return out
}

// scale brings sound to a level.
func scale(samples []float32, level float64) {
	gain := float32(math.Pow(10, (level-audio.Level(samples))/20))
	for i := range samples {
		samples[i] *= gain
	}
}

func TestComparer(t *testing.T) {
	her := herVoice(t)
	var person []float32
	for _, clip := range speechtest.Clips(t)[:3] {
		person = append(person, clip.Samples...)
	}
	const personLevel = -26
	scale(person, personLevel)
	const talksFrom = 8 // seconds
	for _, late := range []time.Duration{20 * time.Millisecond, 400 * time.Millisecond} {
		for _, below := range []float64{5, 15, 25} {
			t.Run(fmt.Sprintf("%v late, %.0f dB below the person", late, below), func(t *testing.T) {
				back := through(her, room(uint64(below)), late, personLevel-below)
				random := rand.New(rand.NewPCG(3, 4))
				microphone := make([]float32, len(her))
				for i := range microphone {
					microphone[i] = back[i] + float32(random.NormFloat64()*0.0005) // -66 dBFS
				}
				copyOver(microphone[talksFrom*Rate:], person)
				frames := NewComparer().Compare(nil, her, microphone)
				alone, said := 0, 0
				voiced := 0
				for i, f := range frames {
					second := i / 100
					switch {
					case second >= 4 && second < talksFrom:
						if f.Person >= Enough {
							alone++
						}
					case second >= talksFrom && second < talksFrom+len(person)/Rate:
						from := (i - talksFrom*100) * frameSize
						if audio.Level(person[from:from+frameSize]) > personLevel-6 {
							voiced++
							if f.Person >= Enough {
								said++
							}
						}
					}
				}
				falsely := float64(alone) / float64((talksFrom-4)*100)
				found := float64(said) / float64(voiced)
				t.Logf("taken for the person: %.1f %% of her echo, %.0f %% of the person", 100*falsely, 100*found)
				// Frames of 10 ms: who is heard in a third of them is heard all the time, for a person lingers.
				if falsely > 0.02 || found < 0.35 {
					t.Errorf("taken for the person: %.1f %% of her echo (2 %% at most), %.0f %% of the person (35 %% at least)", 100*falsely, 100*found)
				}
			})
		}
	}
}

// TestHeadset has no echo: the person is all there is, and nothing is ever explained away.
func TestHeadset(t *testing.T) {
	her := herVoice(t)
	microphone := make([]float32, len(her))
	var person []float32
	for _, clip := range speechtest.Clips(t)[:3] {
		person = append(person, clip.Samples...)
	}
	copyOver(microphone, person)
	echoes := 0
	for _, f := range NewComparer().Compare(nil, her, microphone) {
		if f.Echo {
			echoes++
		}
	}
	if echoes > 0 {
		t.Errorf("%d frames of a headset's microphone are her echo", echoes)
	}
}

// copyOver mixes sound into other sound.
func copyOver(to, sound []float32) {
	for i := range min(len(to), len(sound)) {
		to[i] += sound[i]
	}
}

// herVoice is a second of silence and 14 s of one reader, who stands for her.
func herVoice(t *testing.T) []float32 {
	t.Helper()
	clip, err := audio.ReadWAVFile(speechtest.Data(t, "speech") + "/two_cities.wav")
	if err != nil {
		t.Skip(err)
	}
	if clip, err = clip.To(Rate); err != nil {
		t.Fatal(err)
	}
	samples := clip.Samples[:14*Rate]
	scale(samples, -20)
	return append(make([]float32, Rate), samples...)
}
