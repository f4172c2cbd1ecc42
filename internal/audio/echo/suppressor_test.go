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

// TestSuppressor: of an echo hardly anything is left, of a person beside it much, and what is heard without an echo is not touched.
func TestSuppressor(t *testing.T) {
	her := herVoice(t)
	var person []float32
	for _, clip := range speechtest.Clips(t)[:2] {
		person = append(person, clip.Samples...)
	}
	const personLevel, talksFrom = -26, 8 // seconds
	scale(person, personLevel)
	for late, below := range map[time.Duration]float64{20 * time.Millisecond: 15, 400 * time.Millisecond: 5} {
		t.Run(fmt.Sprintf("%v late, %.0f dB below the person", late, below), func(t *testing.T) {
			microphone := through(her, room(uint64(below)), late, personLevel-below)
			random := rand.New(rand.NewPCG(3, 4))
			for i := range microphone {
				microphone[i] += float32(random.NormFloat64() * 0.0005) // -66 dBFS
			}
			copyOver(microphone[talksFrom*Rate:], person)
			left := suppressed(her, microphone)
			taken := audio.Level(microphone[4*Rate:talksFrom*Rate]) - audio.Level(left[4*Rate:talksFrom*Rate])
			spoken := left[talksFrom*Rate:][:min(len(person), len(left)-talksFrom*Rate)]
			lost := personLevel - audio.Level(spoken)
			t.Logf("%.1f dB of the echo, %.1f dB of the person are taken out", taken, lost)
			if taken < 25 || math.Abs(lost) > 3 {
				t.Errorf("%.1f dB of the echo (25 at least) and %.1f dB of the person (3 at most) are taken out", taken, lost)
			}
		})
	}
	t.Run("no echo", func(t *testing.T) {
		left := suppressed(make([]float32, len(person)), person)
		for i := step; i < len(person)-3*step; i++ { // there is nothing before the first, and only whole blocks are given
			if difference := math.Abs(float64(left[i+step] - person[i])); difference > 1e-4 {
				t.Fatalf("sample %d differs by %g", i, difference)
			}
		}
	})
}

// suppressed is what is left of what a microphone heard.
func suppressed(played, heard []float32) (left []float32) {
	const block = 512
	comparer, suppressor := NewComparer(), NewSuppressor()
	var frames []Frame
	for from := 0; from+block <= len(heard); from += block {
		p, h := played[from:from+block], heard[from:from+block]
		frames = comparer.Compare(frames[:0], p, h)
		left = append(left, suppressor.Suppress(p, h, comparer)...)
	}
	return append(left, make([]float32, len(heard)-len(left))...)
}

func BenchmarkSuppressor(b *testing.B) {
	random := rand.New(rand.NewPCG(3, 4))
	played, heard := make([]float32, 512), make([]float32, 512)
	for i := range heard {
		played[i], heard[i] = float32(random.NormFloat64()*0.1), float32(random.NormFloat64()*0.1)
	}
	comparer, suppressor := NewComparer(), NewSuppressor()
	b.ReportAllocs()
	for b.Loop() {
		suppressor.Suppress(played, heard, comparer)
	}
}
