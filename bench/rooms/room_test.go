package rooms

import (
	"math"
	"math/rand/v2"
	"testing"
)

const rate = 16000

var (
	living = Box{Size: Point{5, 4, 2.6}, Reverberation: 0.3}
	table  = Point{2, 1.5, 0.9}
	person = Point{3, 2.4, 1.2}
)

func respond(t *testing.T, box Box, from, to Point) []float32 {
	t.Helper()
	response, err := box.Response(from, to, rate, rate/2)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// peak is where a response is largest between two samples.
func peak(response []float32, from, to int) (at int, height float64) {
	for i := from; i < to; i++ {
		if value := math.Abs(float64(response[i])); value > height {
			at, height = i, value
		}
	}
	return at, height
}

func TestDirectSound(t *testing.T) {
	for _, distance := range []float64{0.3, 1, 2.5} {
		to := Point{table[0] + distance, table[1], table[2]}
		at, height := peak(respond(t, living, table, to), 0, 400)
		want := distance / soundSpeed * rate
		if math.Abs(float64(at)-want) > 1 || height < 0.6/distance || height > 1.3/distance {
			t.Errorf("at %.1f m it is heard at sample %d (%.1f is right), %.2f high (%.2f)", distance, at, want, height, 1/distance)
		}
	}
}

// TestFirstReflections looks for the floor's and the ceiling's, whose ways are known.
func TestFirstReflections(t *testing.T) {
	hall := Box{Size: Point{40, 40, 6}, Reverberation: 3}
	from, to := Point{20, 20, 1}, Point{22, 20, 2}
	response := respond(t, hall, from, to)
	wall := hall.reflection()
	for name, height := range map[string]float64{"floor": -1, "ceiling": 2*hall.Size[2] - 1} {
		way := math.Hypot(2, height-2)
		near := int(way / soundSpeed * rate)
		at, got := peak(response, near-12, near+14)
		if want := wall / way; math.Abs(float64(at)-way/soundSpeed*rate) > 1.5 || got < 0.6*want || got > 1.4*want {
			t.Errorf("the %s is heard at sample %d, %.3f high; %.1f and %.3f are right", name, at, got, way/soundSpeed*rate, want)
		}
	}
}

// TestReverberation measures how sound dies away, by Schroeder's backward integration, from 5 to 25 dB below.
func TestReverberation(t *testing.T) {
	for _, want := range []float64{0.2, 0.3, 0.5} {
		box := living
		box.Reverberation = want
		response := respond(t, box, table, person)
		left := make([]float64, len(response)+1)
		for i := len(response) - 1; i >= 0; i-- {
			left[i] = left[i+1] + float64(response[i])*float64(response[i])
		}
		below := func(decibels float64) int {
			for i, energy := range left {
				if energy < left[0]*math.Pow(10, -decibels/10) {
					return i
				}
			}
			return len(left)
		}
		got := 3 * float64(below(25)-below(5)) / rate
		if got < 0.7*want || got > 1.5*want {
			t.Errorf("sound dies away by 60 dB in %.2f s, %.2f is wanted", got, want)
		}
	}
}

func TestReciprocity(t *testing.T) {
	there, back := respond(t, living, table, person), respond(t, living, person, table)
	for i := range there {
		if math.Abs(float64(there[i]-back[i])) > 1e-5 {
			t.Fatalf("sample %d is %g one way and %g the other", i, there[i], back[i])
		}
	}
}

func TestOutside(t *testing.T) {
	if _, err := living.Response(Point{6, 1, 1}, person, rate, 100); err == nil {
		t.Error("a loudspeaker outside the room is heard")
	}
}

// TestConvolver compares it with the sum that defines a convolution.
func TestConvolver(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	noise := func(n int) []float32 {
		samples := make([]float32, n)
		for i := range samples {
			samples[i] = float32(random.NormFloat64())
		}
		return samples
	}
	const block = 64
	response, sound := noise(300), append(noise(10*block), make([]float32, 10*block)...)
	convolver := NewConvolver(response, block)
	var got []float32
	for from := 0; from < len(sound); from += block {
		got = convolver.Next(got, sound[from:from+block])
	}
	for i := range sound {
		var want float64
		for j := range min(i+1, len(response)) {
			want += float64(response[j]) * float64(sound[i-j])
		}
		if math.Abs(want-float64(got[i])) > 1e-3 {
			t.Fatalf("sample %d is %g, not %g", i, got[i], want)
		}
	}
}

func BenchmarkConvolver(b *testing.B) {
	convolver := NewConvolver(make([]float32, 4800), 512)
	block := make([]float32, 512)
	block[3] = 1
	var heard []float32
	for b.Loop() {
		heard = convolver.Next(heard[:0], block)
	}
}
