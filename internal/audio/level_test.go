package audio

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestLevel(t *testing.T) {
	for _, test := range []struct {
		samples []float32
		want    float64
	}{
		{nil, Silence},
		{make([]float32, 10), Silence},
		{[]float32{1, -1, 1}, 0},
		{[]float32{0.1, -0.1}, -20},
		{sine(1000, 16000, 16000), -9.03},
	} {
		if got := Level(test.samples); math.Abs(got-test.want) > 0.01 {
			t.Errorf("Level = %.2f, want %.2f", got, test.want)
		}
	}
	if peak := Peak([]float32{0.1, -0.7, 0.3}); peak != 0.7 {
		t.Errorf("Peak = %v", peak)
	}
}

// TestVoiced puts a tone in noise: the rule must find its borders to one frame at any level that speech has.
func TestVoiced(t *testing.T) {
	const rate = 16000
	random := rand.New(rand.NewPCG(5, 6))
	for _, test := range []struct{ tone, noise float64 }{{0.3, 0}, {0.3, 0.003}, {0.05, 0.002}, {0.5, 0.02}} {
		samples := make([]float32, 3*rate)
		for i := range samples {
			samples[i] = float32(random.NormFloat64() * test.noise)
			if i >= 8000 && i < 33120 {
				samples[i] += float32(test.tone * math.Sin(float64(i)*0.2))
			}
		}
		from, to, ok := Voiced(samples, rate)
		if !ok || from != 8000 || to != 33120 {
			t.Errorf("tone %v in noise %v: voiced from %d to %d (%v)", test.tone, test.noise, from, to, ok)
		}
	}
	if _, _, ok := Voiced(make([]float32, rate), rate); ok {
		t.Error("silence is voiced")
	}
	if _, _, ok := Voiced(nil, rate); ok {
		t.Error("nothing is voiced")
	}
}

func TestFades(t *testing.T) {
	samples := []float32{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
	FadeIn(samples, 4)
	FadeOut(samples, 4)
	for i := 1; i < 4; i++ {
		if !(samples[i] > samples[i-1] && samples[9-i] > samples[10-i]) {
			t.Errorf("no ramp: %v", samples)
		}
	}
	if samples[4] != 1 || samples[5] != 1 || samples[0] > 0.1 || samples[9] > 0.1 {
		t.Errorf("fades: %v", samples)
	}
	short := []float32{1, 1}
	FadeOut(short, 100)
	if short[1] >= short[0] || short[0] >= 1 {
		t.Errorf("short fade: %v", short)
	}
}
