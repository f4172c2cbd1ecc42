package echo

import (
	"math"
	"time"
)

// Rate of all sound here, in Hz.
const Rate = 16000

// FrameDuration is the length of a frame.
const FrameDuration = 10 * time.Millisecond

const (
	bands      = 16
	frameSize  = Rate / 100
	lowestBand = 150.0  // Hz, the middle of the first band
	topBand    = 6000.0 // Hz, the middle of the last
)

// envelope is the loudness of a frame's bands, in dB.
type envelope [bands]float32

// quietest is the loudness of digital silence.
const quietest = -120

// filter lets one band pass: a constant 0 dB peak gain band-pass (R. Bristow-Johnson, Cookbook formulae for audio EQ biquad
// filter coefficients).
type filter struct {
	b0, b2, a1, a2 float32
	x1, x2, y1, y2 float32
}

// analyser makes envelopes of sound, sample by sample.
type analyser struct {
	filters [bands]filter
	power   [bands]float32
	n       int // samples of the frame so far
}

func newAnalyser() *analyser {
	a := &analyser{}
	for i := range a.filters {
		a.filters[i] = bandPass(center(i), (center(i+1)-center(i-1))/2)
	}
	return a
}

// center is the middle of a band in Hz: they lie evenly on the mel scale.
func center(i int) float64 {
	low, high := mel(lowestBand), mel(topBand)
	return hertz(low + (high-low)*float64(i)/(bands-1))
}

func mel(hertz float64) float64 { return 2595 * math.Log10(1+hertz/700) }
func hertz(mel float64) float64 { return 700 * (math.Pow(10, mel/2595) - 1) }

func bandPass(center, width float64) filter {
	w := 2 * math.Pi * center / Rate
	alpha := math.Sin(w) * width / (2 * center)
	a0 := 1 + alpha
	return filter{
		b0: float32(alpha / a0), b2: float32(-alpha / a0), a1: float32(-2 * math.Cos(w) / a0), a2: float32((1 - alpha) / a0),
	}
}

// feed takes a sample and returns an envelope at the end of each frame.
func (a *analyser) feed(sample float32) (envelope, bool) {
	for i := range a.filters {
		f := &a.filters[i]
		y := f.b0*sample + f.b2*f.x2 - f.a1*f.y1 - f.a2*f.y2
		f.x2, f.x1, f.y2, f.y1 = f.x1, sample, f.y1, y
		a.power[i] += y * y
	}
	if a.n++; a.n < frameSize {
		return envelope{}, false
	}
	var e envelope
	for i, power := range a.power {
		e[i] = max(quietest, float32(10*math.Log10(float64(power)/frameSize+1e-12)))
		// Filters that are fed silence for long must not end in numbers too small to compute with.
		if math.Abs(float64(a.filters[i].y1)) < 1e-20 {
			a.filters[i].y1, a.filters[i].y2 = 0, 0
		}
	}
	a.power, a.n = [bands]float32{}, 0
	return e, true
}
