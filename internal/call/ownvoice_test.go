package call

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"twombly/internal/audio"
	"twombly/internal/speech"
)

// saysSlowly has her say a text, a word every 400 ms, each 300 ms long, from the present clock on, and lets so much audio time pass, with a voice to be
// heard beside her or not.
func saysSlowly(v *OwnVoice, item, text string, voice bool, lasts time.Duration) {
	const every, long = 2 * speech.VoiceRate / 5, 3 * speech.VoiceRate / 10
	words := strings.Fields(text)
	utterance := speech.Utterance{Samples: make([]float32, len(words)*every)}
	at := 0
	for i, word := range words {
		start := at + strings.Index(text[at:], word)
		at = start + len(word)
		utterance.Words = append(utterance.Words, speech.WordTime{Start: start, End: at, From: i * every, To: i*every + long})
	}
	v.Plays(item, text, utterance)
	began := v.clock
	for v.clock < began+lasts {
		v.Hears(make([]float32, speech.FrameSamples), item, v.clock-began)
		v.Whose(voice, voice)
	}
}

// hears gives it a frame with a voice in it or not, of which it knows nothing else.
func hears(v *OwnVoice, frame []float32, voice bool, item string, position time.Duration) Own {
	v.Hears(frame, item, position)
	return v.Whose(voice, voice)
}

// TestSaid: she says a word every 400 ms from 0 on, and nothing is known yet of how late she comes back.
func TestSaid(t *testing.T) {
	v := NewOwnVoice()
	saysSlowly(v, "item_1", "The keeper lit", true, 1280*time.Millisecond)
	ms := time.Millisecond
	for name, test := range map[string]struct {
		words       string
		from, until time.Duration
		want        bool
	}{
		"her words, soon":              {"The keeper lit.", 100 * ms, 1300 * ms, true},
		"her words, late":              {"the keeper", 650 * ms, 1500 * ms, true},
		"mangled":                      {"The keepers let", 100 * ms, 1300 * ms, true},
		"from the middle":              {"keeper lit", 500 * ms, 1300 * ms, true},
		"other words":                  {"No, I meant the other one.", 100 * ms, 1300 * ms, false},
		"her words, and others behind": {"The keeper lit what did he eat", 100 * ms, 1900 * ms, false},
		"her words, said again":        {"The keeper lit?", 2200 * ms, 3200 * ms, false},
		"one of them, said again":      {"Lit?", 1900 * ms, 2200 * ms, false},
		"no words":                     {"", 100 * ms, 1300 * ms, false},
	} {
		if got := v.Said(test.words, test.from, test.until); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestNothingComesBack: who wears a headset may say any of her words at any time.
func TestNothingComesBack(t *testing.T) {
	v := NewOwnVoice()
	saysSlowly(v, "item_1", "The keeper had lived at the lighthouse", false, 2560*time.Millisecond)
	if v.Said("lighthouse", 2500*time.Millisecond, 2800*time.Millisecond) {
		t.Error("a word is taken for her own although nothing of her comes back")
	}
}

// TestMaybeHers: what is heard soon after her first words may be her own voice; later it is known that it is not.
func TestMaybeHers(t *testing.T) {
	v := NewOwnVoice()
	loud := slices.Repeat([]float32{0.3}, speech.FrameSamples)
	if own := hears(v, loud, true, "", 0); own != NotHers {
		t.Errorf("before she has said anything, a voice is %v", own)
	}
	saysSlowly(v, "item_1", strings.Repeat("The keeper had lived at the lighthouse. ", 4), true, 640*time.Millisecond)
	if own := hears(v, loud, true, "item_1", 640*time.Millisecond); own != MaybeHers {
		t.Errorf("within her first words, a voice is %v", own)
	}
	for range 100 { // nothing else
		hears(v, loud, false, "item_1", v.clock)
	}
	if own := hears(v, loud, true, "item_1", v.clock); own != NotHers {
		t.Errorf("when she is heard for long and nothing came back, a voice is %v", own)
	}
	for range 100 {
		hears(v, loud, true, "item_1", v.clock)
	}
	if own := hears(v, loud, true, "item_1", v.clock); own != MaybeHers {
		t.Errorf("when a voice is heard whenever she is, it is %v", own)
	}
}

// TestComesBack: once it is known that her voice comes back, what is left without it is to be judged, until it has died away; and without an echo never.
func TestComesBack(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const seconds = 5
	sound := make([]float32, seconds*speech.VoiceRate)
	for i, gain := 0, 0.0; i < len(sound); i++ {
		if i%(speech.VoiceRate/12) == 0 { // some twelve syllables a second
			gain = 0.2 * random.Float64() * random.Float64()
		}
		sound[i] = float32(gain * random.NormFloat64())
	}
	for name, softer := range map[string]float32{"with an echo": 0.3, "on a headset": 0} {
		v := NewOwnVoice()
		v.Plays("item_1", "", speech.Utterance{Samples: sound})
		echoed, err := audio.Resample(sound, speech.VoiceRate, speech.HearingRate)
		if err != nil {
			t.Fatal(err)
		}
		const late = speech.HearingRate / 10
		echoed = append(make([]float32, late), echoed...)
		heard, left, after := 0.0, 0.0, 0
		for at := 0; at < (seconds+2)*speech.HearingRate; at += speech.FrameSamples {
			frame := make([]float32, speech.FrameSamples)
			for i := range frame {
				frame[i] = float32(random.NormFloat64() * 0.0005)
				if at+i < len(echoed) {
					frame[i] += softer * echoed[at+i]
				}
			}
			item := "item_1"
			if at >= seconds*speech.HearingRate {
				item = ""
			}
			beside := v.Hears(frame, item, time.Duration(at)*time.Second/speech.HearingRate)
			switch {
			case beside != nil && at > (seconds+1)*speech.HearingRate:
				after++
			case beside != nil && at > 2*speech.HearingRate && item != "":
				heard, left = heard+energy(frame), left+energy(beside)
			}
		}
		if after > 0 {
			t.Errorf("%s: %d frames more than a second after her last word are judged without her voice", name, after)
		}
		if echo := heard > 0; echo != (softer > 0) || left > heard/100 {
			t.Errorf("%s: of an energy of %.3g, %.3g is left", name, heard, left)
		}
	}
}

func energy(samples []float32) (sum float64) {
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	return sum
}

// TestWhose: a voice that is not there without hers is hers.
func TestWhose(t *testing.T) {
	for _, test := range []struct {
		voice, beside bool
		want          Own
	}{{true, false, Hers}, {true, true, NotHers}, {false, true, NotHers}, {false, false, NotHers}} {
		if got := NewOwnVoice().Whose(test.voice, test.beside); got != test.want {
			t.Errorf("voice %v, beside her %v: %v, want %v", test.voice, test.beside, got, test.want)
		}
	}
}
