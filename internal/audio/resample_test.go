package audio

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

var rates = []int{8000, 16000, 22050, 24000, 44100, 48000}

func sine(frequency float64, rate, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(0.5 * math.Sin(2*math.Pi*frequency*float64(i)/float64(rate)))
	}
	return out
}

// middle leaves out what the beginning and the end do to a filter.
func middle(samples []float32) []float32 {
	return samples[len(samples)/4 : len(samples)*3/4]
}

// TestResamplePassBand holds each pair of rates to the promise: a sine in the pass band comes out as the same sine, in
// its place, within 0.02 dB; one above the lower Nyquist frequency comes out at least 80 dB down.
func TestResamplePassBand(t *testing.T) {
	for _, from := range rates {
		for _, to := range rates {
			nyquist := float64(min(from, to)) / 2
			for _, share := range []float64{0.01, 0.25, 0.5, 0.8, 0.895} {
				frequency := share * nyquist
				out, err := Resample(sine(frequency, from, from/4), from, to)
				if err != nil {
					t.Fatal(err)
				}
				want := sine(frequency, to, len(out))
				noise := make([]float32, len(out))
				for i := range noise {
					noise[i] = out[i] - want[i]
				}
				if level := Level(middle(noise)) - Level(middle(want)); level > -58 {
					t.Errorf("%d to %d Hz: a sine of %.0f Hz is off by %.1f dB", from, to, frequency, level)
				}
			}
			for _, share := range []float64{1.002, 1.05, 1.3, 1.9} {
				frequency := share * nyquist
				if from <= to || frequency >= float64(from)/2 {
					continue
				}
				in := sine(frequency, from, from/4)
				out, err := Resample(in, from, to)
				if err != nil {
					t.Fatal(err)
				}
				if level := Level(middle(out)) - Level(in); level > -80 {
					t.Errorf("%d to %d Hz: a sine of %.0f Hz folds back at %.1f dB", from, to, frequency, level)
				}
			}
		}
	}
}

// TestResampleImages looks for what upsampling leaves above the old Nyquist frequency: the level of the image of a sine.
func TestResampleImages(t *testing.T) {
	for _, to := range []int{24000, 44100, 48000} {
		const from, frequency = 16000, 6000.0
		out, err := Resample(sine(frequency, from, from), from, to)
		if err != nil {
			t.Fatal(err)
		}
		for _, image := range []float64{from - frequency} {
			if image > float64(to)/2 {
				continue
			}
			if level := goertzel(middle(out), image, to) - goertzel(middle(out), frequency, to); level > -80 {
				t.Errorf("16000 to %d Hz: image at %.0f Hz is at %.1f dB", to, image, level)
			}
		}
	}
}

// goertzel is the level of one frequency in dB, under a Hann window.
func goertzel(samples []float32, frequency float64, rate int) float64 {
	var re, im float64
	for i, sample := range samples {
		window := 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(len(samples)))
		sin, cos := math.Sincos(2 * math.Pi * frequency * float64(i) / float64(rate))
		re += float64(sample) * window * cos
		im += float64(sample) * window * sin
	}
	return 20 * math.Log10(math.Hypot(re, im)/float64(len(samples))+1e-12)
}

// TestResampleSweep runs a sine from 0 Hz to the input's Nyquist frequency: below the pass edge of the output it must keep
// its level, above the output's Nyquist it must be gone, at every instant.
func TestResampleSweep(t *testing.T) {
	const from, to, seconds = 48000, 16000, 4
	in := make([]float32, from*seconds)
	for i := range in {
		at := float64(i) / from
		in[i] = float32(0.5 * math.Sin(2*math.Pi*(0.5*(24000.0/seconds)*at*at)))
	}
	out, err := Resample(in, from, to)
	if err != nil {
		t.Fatal(err)
	}
	loud := Decibels(0.5 / math.Sqrt2)
	for start := to / 10; start+160 <= len(out); start += 160 {
		frequency := 24000.0 / seconds * float64(start+80) / to
		level := Level(out[start:start+160]) - loud
		switch {
		case frequency < 0.88*to/2 && math.Abs(level) > 0.2:
			t.Fatalf("at %.0f Hz the level is %.2f dB", frequency, level)
		case frequency > 1.03*to/2 && level > -75:
			t.Fatalf("at %.0f Hz the level is %.1f dB", frequency, level)
		}
	}
}

// TestResampleStreams feeds a stream in pieces of odd sizes: the result is the same to the last bit, of the promised
// length, and never waits longer than the promised delay.
func TestResampleStreams(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, from := range rates {
		for _, to := range rates {
			in := make([]float32, 5000+random.IntN(1000))
			for i := range in {
				in[i] = float32(random.NormFloat64() * 0.1)
			}
			want, err := Resample(in, from, to)
			if err != nil {
				t.Fatal(err)
			}
			if length := (len(in)*to + from - 1) / from; len(want) != length {
				t.Errorf("%d to %d Hz: %d samples of %d, want %d", from, to, len(want), len(in), length)
			}
			r, err := NewResampler(from, to)
			if err != nil {
				t.Fatal(err)
			}
			for round := range 2 { // a second stream through the same resampler knows nothing of the first
				var got []float32
				for done := 0; done < len(in); {
					n := min(random.IntN(700), len(in)-done)
					got = r.Process(got, in[done:done+n])
					done += n
					if known := (done - r.Delay() - 1) * to / from; len(got) < known {
						t.Fatalf("%d to %d Hz: %d samples after %d, want %d", from, to, len(got), done, known)
					}
				}
				got = r.Flush(got)
				if len(got) != len(want) {
					t.Fatalf("%d to %d Hz, round %d: %d samples, want %d", from, to, round, len(got), len(want))
				}
				for i := range want {
					if got[i] != want[i] {
						t.Fatalf("%d to %d Hz, round %d: sample %d differs", from, to, round, i)
					}
				}
			}
		}
	}
}

func TestNewResamplerRefuses(t *testing.T) {
	for _, pair := range [][2]int{{0, 16000}, {16000, -1}, {44101, 16000}} {
		if _, err := NewResampler(pair[0], pair[1]); err == nil {
			t.Errorf("%d to %d Hz was accepted", pair[0], pair[1])
		}
	}
}

// BenchmarkResample gives the cost of one second of sound; with b.N steps of 20 ms, as a call does it.
func BenchmarkResample(b *testing.B) {
	for _, pair := range [][2]int{{24000, 16000}, {48000, 16000}, {16000, 48000}, {24000, 48000}, {44100, 16000}} {
		b.Run(fmt.Sprintf("%d-%d", pair[0], pair[1]), func(b *testing.B) {
			r, err := NewResampler(pair[0], pair[1])
			if err != nil {
				b.Fatal(err)
			}
			in := sine(440, pair[0], pair[0]/50)
			out := make([]float32, 0, pair[1])
			b.ReportAllocs()
			for b.Loop() {
				for range 50 {
					out = r.Process(out[:0], in)
				}
			}
		})
	}
}
