package mel

import (
	"math"
	"math/cmplx"
	"testing"
)

// TestFourier compares with the sum that defines the transform.
func TestFourier(t *testing.T) {
	for _, length := range []int{1, 2, 7, 12, 30, 400} {
		in, out := make([]complex128, length), make([]complex128, length)
		for i := range in {
			in[i] = complex(math.Sin(float64(i*i)), math.Cos(float64(3*i)))
		}
		newFourier(length).transform(out, in)
		for k := range out {
			var want complex128
			for i, x := range in {
				want += x * cmplx.Exp(complex(0, -2*math.Pi*float64(i*k%length)/float64(length)))
			}
			if cmplx.Abs(out[k]-want) > 1e-9*float64(length) {
				t.Errorf("length %d, term %d: %v, not %v", length, k, out[k], want)
			}
		}
	}
}

// TestTone finds a tone in the band that holds its frequency, at every column, and nothing far from it.
func TestTone(t *testing.T) {
	w := NewWhisper()
	edges := func(band int) (low, high float64) {
		top := hertzToMel(Rate / 2)
		return melToHertz(top * float64(band) / (Bands + 1)), melToHertz(top * float64(band+2) / (Bands + 1))
	}
	for _, hertz := range []float64{150, 440, 1000, 3000, 7000} {
		const columns = 101
		samples := make([]float32, columns*Hop)
		for i := range samples {
			samples[i] = float32(0.5 * math.Sin(2*math.Pi*hertz*float64(i)/Rate))
		}
		features := w.Features(samples)
		if len(features) != Bands*columns {
			t.Fatalf("%d features", len(features))
		}
		for column := 2; column < columns-2; column++ {
			loudest, least := 0, 0
			for band := range Bands {
				if features[band*columns+column] > features[loudest*columns+column] {
					loudest = band
				}
				if features[band*columns+column] < features[least*columns+column] {
					least = band
				}
			}
			if low, high := edges(loudest); hertz < low-40 || hertz > high+40 {
				t.Fatalf("%v Hz, column %d: loudest from %.0f to %.0f Hz", hertz, column, low, high)
			}
			// The floor is 8 decades of power below the loudest, which is 8/4 in the features' scale.
			if spread := features[loudest*columns+column] - features[least*columns+column]; spread < 1 || spread > 2.001 {
				t.Fatalf("%v Hz, column %d: a range of %v", hertz, column, spread)
			}
		}
	}
}

// TestShort takes audio too short to reflect.
func TestShort(t *testing.T) {
	for _, length := range []int{0, 1, 2, Hop, Hop + 1, 3 * Hop} {
		if features := NewWhisper().Features(make([]float32, length)); len(features) != Bands*(length/Hop) {
			t.Errorf("%d samples: %d features", length, len(features))
		}
	}
}

func BenchmarkFeatures(b *testing.B) {
	w := NewWhisper()
	samples := make([]float32, 8*Rate)
	for i := range samples {
		samples[i] = float32(math.Sin(float64(i)))
	}
	for b.Loop() {
		w.Features(samples)
	}
}
