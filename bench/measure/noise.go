package measure

import (
	"math"
	"math/rand/v2"

	"twombly/internal/audio"
)

// Noise is n samples of white noise at a level in dBFS, the same for the same seed. At audio.Silence or below it is
// digital silence.
func Noise(n int, level float64, seed uint64) []float32 {
	samples := make([]float32, n)
	if level <= audio.Silence {
		return samples
	}
	random := rand.New(rand.NewPCG(seed, 1))
	amplitude := math.Pow(10, level/20)
	for i := range samples {
		samples[i] = float32(amplitude * random.NormFloat64())
	}
	return samples
}
