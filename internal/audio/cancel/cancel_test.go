package cancel_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"twombly/bench/rooms"
	"twombly/internal/audio"
	"twombly/internal/audio/cancel"
	"twombly/internal/companion"
	"twombly/internal/native"
	"twombly/internal/speech"
	"twombly/internal/speech/speechtest"
)

// library loads libspeexdsp, the system's or the fetched one, or skips; TWOMBLY_REQUIRE_MODELS=1 makes its absence a failure.
func library(t testing.TB) *cancel.Library {
	t.Helper()
	l, err := cancel.Load("")
	if err != nil {
		if folder, missing := native.DefaultDir(); missing == nil {
			l, err = cancel.Load(filepath.Join(folder, "libspeexdsp", "libspeexdsp.so.1"))
		}
	}
	if err != nil {
		if os.Getenv("TWOMBLY_REQUIRE_MODELS") == "1" {
			t.Fatal(err)
		}
		t.Skipf("%v (Debian's package is libspeexdsp1)", err)
	}
	return l
}

// her is some 20 s of her own voice.
func her(t testing.TB) []float32 {
	t.Helper()
	engine, err := speech.OpenLocal(t.Context(), speechtest.Options(t))
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	voice := speech.Voice{Blend: companion.VoiceChoices()[0].Blend, Speed: companion.VoiceChoices()[0].Speed}
	var samples []float32
	for _, text := range []string{
		"The lighthouse was built in eighteen sixty two, when the harbour was still busy.",
		"Every evening somebody had to climb its hundred and forty steps and light the lamp by hand.",
		"They say that in bad weather the keeper stayed up there all night and read novels.",
		"In the end a small electric motor took his place, and nobody climbs the stairs any more.",
	} {
		utterance, err := engine.Synthesize(t.Context(), speech.SynthesisRequest{Text: text, Voice: voice})
		if err != nil {
			t.Fatal(err)
		}
		samples = append(samples, speechtest.Heard(t, utterance)...)
	}
	return samples
}

// place is a room with a loudspeaker and a microphone in it.
type place struct {
	name                    string
	box                     rooms.Box
	loudspeaker, microphone rooms.Point
	least                   float64 // by how much her voice is lowered there once the room is learnt, in dB
}

var places = []place{
	{"car", rooms.Box{Size: rooms.Point{2.2, 1.5, 1.2}, Reverberation: 0.08}, rooms.Point{0.6, 0.2, 0.6}, rooms.Point{1.1, 0.7, 1}, 24},
	{"study", rooms.Box{Size: rooms.Point{3.2, 2.8, 2.5}, Reverberation: 0.25}, rooms.Point{1.2, 0.8, 0.9}, rooms.Point{1.5, 1, 0.8}, 24},
	{"living room", rooms.Box{Size: rooms.Point{5, 4, 2.6}, Reverberation: 0.35}, rooms.Point{2, 1.5, 0.9}, rooms.Point{2.8, 2, 0.8}, 23},
	{"kitchen", rooms.Box{Size: rooms.Point{4, 3, 2.5}, Reverberation: 0.5}, rooms.Point{1, 0.4, 1.1}, rooms.Point{1.6, 1, 1}, 21},
	{"hall", rooms.Box{Size: rooms.Point{9, 7, 3.5}, Reverberation: 0.7}, rooms.Point{3, 3, 1}, rooms.Point{3.8, 3.5, 1}, 16},
}

// hears is what the microphone hears of the loudspeaker: played so much later, through the room, at a level in dBFS.
func (p place) hears(t testing.TB, played []float32, late time.Duration, level float64) []float32 {
	t.Helper()
	response, err := p.box.Response(p.loudspeaker, p.microphone, cancel.Rate, int(p.box.Reverberation*cancel.Rate))
	if err != nil {
		t.Fatal(err)
	}
	const block = 512
	convolver := rooms.NewConvolver(response, block)
	var echo []float32
	for from := 0; from < len(played); from += block {
		distorted := append([]float32(nil), played[from:min(len(played), from+block)]...)
		for i, sample := range distorted { // as a small loudspeaker does
			distorted[i] = float32(math.Tanh(2*float64(sample))) / 2
		}
		echo = convolver.Next(echo, distorted)
	}
	scale(echo, level)
	return delayed(echo[:len(played)], late)
}

// delayed is sound of the same length that comes later.
func delayed(sound []float32, late time.Duration) []float32 {
	return append(make([]float32, int(late.Seconds()*cancel.Rate)), sound...)[:len(sound)]
}

func scale(samples []float32, level float64) {
	gain := float32(math.Pow(10, (level-audio.Level(samples))/20))
	for i := range samples {
		samples[i] *= gain
	}
}

// process runs a canceller over a recording, in place.
func process(c *cancel.Canceller, heard, played []float32) {
	for from := 0; from+cancel.FrameSamples <= len(heard); from += cancel.FrameSamples {
		c.Process(heard[from:from+cancel.FrameSamples], played[from:])
	}
}

const (
	herLevel    = -20.0
	echoLevel   = -28.0 // what a laptop's microphone hears of its loudspeaker
	personLevel = -28.0
	roomLevel   = -65.0
	learning    = 6 * cancel.Rate  // the first seconds of her voice
	talksFrom   = 12 * cancel.Rate // where the person speaks over her

	leastFirst = 5.0 // by how much her first seconds are lowered, in which the echo is found, in dB
	leastGain  = 3.0 // what a person over her gains, in dB
)

func noise(n int) []float32 {
	random := rand.New(rand.NewPCG(7, 7))
	samples := make([]float32, n)
	for i := range samples {
		samples[i] = float32(random.NormFloat64())
	}
	scale(samples, roomLevel)
	return samples
}

func mix(sounds ...[]float32) []float32 {
	sum := append([]float32(nil), sounds[0]...)
	for _, sound := range sounds[1:] {
		for i := range min(len(sum), len(sound)) {
			sum[i] += sound[i]
		}
	}
	return sum
}

// likeness is how far a sound stands above what differs from it in another, in dB, whatever its gain (SI-SDR).
func likeness(want, got []float32) float64 {
	best := math.Inf(-1)
	for late := range latest {
		best = max(best, likenessAt(want[:len(want)-latest], got[late:]))
	}
	return best
}

// latest is by how much a canceller may delay what it leaves, in samples.
const latest = 40 * cancel.Rate / 1000

func likenessAt(want, got []float32) float64 {
	var product, square float64
	for i := range want {
		product += float64(want[i]) * float64(got[i])
		square += float64(want[i]) * float64(want[i])
	}
	gain := product / square
	var kept, other float64
	for i := range want {
		part := gain * float64(want[i])
		kept += part * part
		other += (float64(got[i]) - part) * (float64(got[i]) - part)
	}
	return 10 * math.Log10(kept/other)
}

// TestEchoIsTakenOut measures, room by room, by how much her voice alone is lowered, and what is left of a person over her.
func TestEchoIsTakenOut(t *testing.T) {
	speex := library(t)
	played := her(t)
	scale(played, herLevel)
	person := speechtest.Read(t, speechtest.Data(t, "speech")+"/16_sense_and_sensibility_01_austen_64kb-0870.wav")
	scale(person, personLevel)
	person = person[:min(len(person), len(played)-talksFrom)]
	over := append(make([]float32, talksFrom), person...)
	for _, place := range places {
		atOnce := place.hears(t, played, 0, echoLevel)
		for _, late := range []time.Duration{20 * time.Millisecond, 120 * time.Millisecond, 400 * time.Millisecond} {
			t.Run(fmt.Sprintf("%s, %v", place.name, late), func(t *testing.T) {
				echo, quiet := delayed(atOnce, late), noise(len(played))
				alone, double := mix(echo, quiet), mix(echo, quiet, over)
				before := append([]float32(nil), double...)
				canceller := newCanceller(t, speex)
				process(canceller, alone, played)
				process(newCanceller(t, speex), double, played)
				if found, sure := canceller.Delay(); !sure || found < late-2*time.Millisecond || found > late+10*time.Millisecond {
					t.Errorf("the echo is %v late, found are %v (%v)", late, found, sure)
				}
				first := audio.Level(echo[:learning]) - audio.Level(alone[:learning])
				then := audio.Level(echo[learning:]) - audio.Level(alone[learning:])
				to := talksFrom + len(person)
				with, without := likeness(person, double[talksFrom:to]), likeness(person, before[talksFrom:to])
				t.Logf("lowered by %.1f dB, in the first seconds by %.1f; the person over her %.1f dB above the rest, %.1f without",
					then, first, with, without)
				if first < leastFirst || then < place.least {
					t.Errorf("her voice is lowered by %.1f dB, in the first seconds by %.1f; at least %.0f and %.0f are promised", then, first, place.least, leastFirst)
				}
				if with < without+leastGain {
					t.Errorf("the person over her is %.1f dB above the rest, %.1f without a canceller", with, without)
				}
			})
		}
	}
}

// TestDelayMoves has a sound system change its buffers in the middle of a call.
func TestDelayMoves(t *testing.T) {
	played := reader(t)
	near, far := places[1].hears(t, played, 60*time.Millisecond, echoLevel), places[1].hears(t, played, 310*time.Millisecond, echoLevel)
	half, quarter := len(played)/2, len(played)/4
	heard := append(append([]float32(nil), near[:half]...), far[half:]...)
	canceller := newCanceller(t, library(t))
	process(canceller, heard, played)
	if found, sure := canceller.Delay(); !sure || found < 308*time.Millisecond || found > 320*time.Millisecond {
		t.Errorf("found are %v (%v)", found, sure)
	}
	if lowered := audio.Level(far[half+quarter:]) - audio.Level(heard[half+quarter:]); lowered < leastFirst {
		t.Errorf("it is lowered by %.1f dB after the delay moved", lowered)
	}
}

// TestHeadset: where nothing comes back no delay is found, and the person is heard as if there were no canceller.
func TestHeadset(t *testing.T) {
	played := reader(t)
	person := speechtest.Read(t, speechtest.Data(t, "speech")+"/11_jfk.wav")
	scale(person, personLevel)
	heard := mix(person, noise(len(person)))
	canceller := newCanceller(t, library(t))
	process(canceller, heard, played)
	if found, sure := canceller.Delay(); sure {
		t.Errorf("an echo was found, %v late", found)
	}
	if alike := likeness(person, heard); alike < 8 {
		t.Errorf("the person is %.1f dB above what differs", alike)
	}
}

func TestProcessAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates in calls of native code")
	}
	played := reader(t)
	heard := append([]float32(nil), played...)
	canceller := newCanceller(t, library(t))
	frame := 0
	if allocations := testing.AllocsPerRun(200, func() {
		at := frame * cancel.FrameSamples
		canceller.Process(heard[at:at+cancel.FrameSamples], played[at:at+cancel.FrameSamples])
		frame++
	}); allocations > 0 {
		t.Errorf("a frame allocates %.1f times", allocations)
	}
}

func BenchmarkProcess(b *testing.B) {
	played := reader(b)
	heard := places[1].hears(b, played, 100*time.Millisecond, echoLevel)
	canceller := newCanceller(b, library(b))
	b.ReportAllocs()
	frame := 0
	for b.Loop() {
		at := frame % (len(played) / cancel.FrameSamples) * cancel.FrameSamples
		canceller.Process(heard[at:at+cancel.FrameSamples], played[at:at+cancel.FrameSamples])
		frame++
	}
}

func newCanceller(t testing.TB, library *cancel.Library) *cancel.Canceller {
	t.Helper()
	canceller, err := library.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := canceller.Close(); err != nil {
			t.Error(err)
		}
	})
	return canceller
}

// reader is 12 s of somebody who reads aloud, where it need not be her.
func reader(t testing.TB) []float32 {
	t.Helper()
	samples := speechtest.Read(t, speechtest.Data(t, "speech")+"/two_cities.wav")[:12*cancel.Rate]
	scale(samples, herLevel)
	return samples
}
