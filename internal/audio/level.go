package audio

import (
	"math"
	"slices"
)

// Silence is the level, in dBFS, that Level gives for samples that are all zero.
const Silence = -120.0

// RMS is the root of the mean square of the samples; 0 for none.
func RMS(samples []float32) float64 {
	if len(samples) == 0 {
		return 0
	}
	var sum float64
	for _, sample := range samples {
		sum += float64(sample) * float64(sample)
	}
	return math.Sqrt(sum / float64(len(samples)))
}

// Level is the RMS in dBFS: 0 is a square wave at full scale, a sine at full scale is -3.01. It is never below Silence.
func Level(samples []float32) float64 {
	return Decibels(RMS(samples))
}

// Decibels turns an amplitude into dBFS, never below Silence.
func Decibels(amplitude float64) float64 {
	if amplitude <= 1e-6 {
		return Silence
	}
	return 20 * math.Log10(amplitude)
}

// Peak is the largest magnitude among the samples.
func Peak(samples []float32) float32 {
	var peak float32
	for _, sample := range samples {
		peak = max(peak, sample, -sample)
	}
	return peak
}

// The energy rule: see Voiced.
const (
	voicedFrameMilliseconds = 10
	voicedBelowLoud         = 30.0
	voicedAboveFloor        = 10.0
	voicedLeast             = -55.0
)

// Voiced says where in a clip speech begins and ends, as sample offsets [from, to), by the one rule that every latency
// of this project is measured with. The clip is cut into frames of 10 ms. Loud is the level that 5 % of the frames
// exceed, floor the level that 90 % exceed. A frame is voiced when its RMS level is at least
//
//   - loud - 30 dB, and
//   - floor + 10 dB (but never more than loud - 10 dB is asked for), and
//   - -55 dBFS.
//
// from is the first sample of the first voiced frame, to the end of the last one. ok is false when no frame is voiced.
func Voiced(samples []float32, rate int) (from, to int, ok bool) {
	size := rate * voicedFrameMilliseconds / 1000
	levels := frameLevels(samples, size)
	if len(levels) == 0 {
		return 0, 0, false
	}
	threshold := voicedThreshold(levels)
	for i, level := range levels {
		if level < threshold {
			continue
		}
		if !ok {
			from, ok = i*size, true
		}
		to = min((i+1)*size, len(samples))
	}
	return from, to, ok
}

// Floor is the level in dBFS that 90 % of a clip's frames of 10 ms exceed: the noise it was recorded in.
func Floor(samples []float32, rate int) float64 {
	levels := frameLevels(samples, rate*voicedFrameMilliseconds/1000)
	if len(levels) == 0 {
		return Silence
	}
	slices.Sort(levels)
	return levels[len(levels)/10]
}

// voicedThreshold applies the rule to the levels of all frames.
func voicedThreshold(levels []float64) float64 {
	sorted := slices.Clone(levels)
	slices.Sort(sorted)
	loud, floor := sorted[len(sorted)-1-len(sorted)/20], sorted[len(sorted)/10]
	return max(loud-voicedBelowLoud, min(floor+voicedAboveFloor, loud-voicedAboveFloor), voicedLeast)
}

// frameLevels returns the level of each frame of size samples; the last may be shorter.
func frameLevels(samples []float32, size int) []float64 {
	if size <= 0 {
		return nil
	}
	levels := make([]float64, 0, len(samples)/size+1)
	for start := 0; start < len(samples); start += size {
		levels = append(levels, Level(samples[start:min(start+size, len(samples))]))
	}
	return levels
}

// FadeIn ramps the beginning of samples up from silence over at most n samples, in place (a raised cosine).
func FadeIn(samples []float32, n int) {
	n = min(n, len(samples))
	for i := range n {
		samples[i] *= ramp(i, n)
	}
}

// FadeOut ramps the end of samples down to silence over at most n samples, in place (a raised cosine).
func FadeOut(samples []float32, n int) {
	n = min(n, len(samples))
	for i := range n {
		samples[len(samples)-1-i] *= ramp(i, n)
	}
}

// ramp rises from 0 to 1 as i goes from 0 to n.
func ramp(i, n int) float32 {
	return float32(0.5 - 0.5*math.Cos(math.Pi*(float64(i)+0.5)/float64(n)))
}
