package speech

import (
	"math"
	"sync"
)

const (
	// targetLevel is the root mean square of voiced sound that every voice is brought to: -20 dBFS.
	targetLevel = 0.1
	// ceiling is the highest sample that leaves: -1 dBFS.
	ceiling = 0.89
	// loudnessFrame is the length of a piece that is counted as voiced or not: 25 ms.
	loudnessFrame = frameSamples
	// voicedShare of a clause's loudest frame is the softest that counts as voiced: -26 dB.
	voicedShare = 0.05
	// mostGain keeps a very soft voice from being raised with its noise: 12 dB.
	mostGain = 4
)

// leveler brings voices to one loudness. It measures each voice over all that it has said, so that the gain belongs to
// the voice and a soft clause stays softer than a loud one, as it was spoken.
type leveler struct {
	mutex  sync.Mutex
	voices map[string]*loudness
}

// loudness is what a voice has said so far: the energy of its voiced samples, and their number.
type loudness struct {
	energy  float64
	samples float64
}

func newLeveler() *leveler { return &leveler{voices: map[string]*loudness{}} }

// mostLoudness is how many samples a voice's past counts for: 60 s. It bounds how stiff the gain gets.
const mostLoudness = 60 * VoiceRate

// gain adds the clause to what is known of the voice and returns the factor for it.
func (l *leveler) gain(voice string, samples []float32) float32 {
	energy, count := voiced(samples)
	l.mutex.Lock()
	defer l.mutex.Unlock()
	known := l.voices[voice]
	if known == nil {
		if len(l.voices) >= 4*mostBlends {
			clear(l.voices)
		}
		known = &loudness{}
		l.voices[voice] = known
	}
	known.energy += energy
	known.samples += count
	if known.samples > mostLoudness {
		known.energy *= mostLoudness / known.samples
		known.samples = mostLoudness
	}
	if known.energy <= 0 {
		return 1
	}
	return float32(min(mostGain, targetLevel/math.Sqrt(known.energy/known.samples)))
}

// voiced returns the energy and the number of the samples in voiced frames.
func voiced(samples []float32) (energy, count float64) {
	var frames []float64
	var loudest float64
	for at := 0; at < len(samples); at += loudnessFrame {
		frame := samples[at:min(len(samples), at+loudnessFrame)]
		var sum float64
		for _, x := range frame {
			sum += float64(x) * float64(x)
		}
		mean := sum / float64(len(frame))
		frames = append(frames, mean)
		loudest = max(loudest, mean)
	}
	for _, mean := range frames {
		if mean > 0 && mean >= loudest*voicedShare*voicedShare {
			energy += mean * loudnessFrame
			count += loudnessFrame
		}
	}
	return energy, count
}

// limitReach is how far before and after a peak the limiter turns down: 5 ms.
const limitReach = VoiceRate / 200

// amplify multiplies the samples in place and keeps them under the ceiling. Around a peak the gain falls and rises
// over limitReach, so that nothing is clipped and no edge is heard.
func amplify(samples []float32, gain float32) {
	peak := float32(0)
	for i := range samples {
		samples[i] *= gain
		peak = max(peak, max(samples[i], -samples[i]))
	}
	if peak <= ceiling {
		return
	}
	// The gain each sample needs, then the least within reach on both sides, then the mean over the same reach: the
	// mean of values that are all low enough for the peak in their middle is low enough too.
	need := make([]float32, len(samples))
	for i, x := range samples {
		need[i] = min(1, ceiling/max(ceiling, max(x, -x)))
	}
	least := slidingMinimum(need, limitReach)
	var sum float64
	at := func(i int) float64 { return float64(least[min(max(i, 0), len(least)-1)]) }
	for i := -limitReach; i <= limitReach; i++ {
		sum += at(i)
	}
	for i := range samples {
		samples[i] *= float32(sum / (2*limitReach + 1))
		sum += at(i+limitReach+1) - at(i-limitReach)
	}
}

// slidingMinimum returns for each place the least value within reach on both sides.
func slidingMinimum(values []float32, reach int) []float32 {
	out := make([]float32, len(values))
	var queue []int // places with rising values: the first is the least in the window
	for i := range len(values) + reach {
		if i < len(values) {
			for len(queue) > 0 && values[queue[len(queue)-1]] >= values[i] {
				queue = queue[:len(queue)-1]
			}
			queue = append(queue, i)
		}
		centre := i - reach
		if centre < 0 {
			continue
		}
		for queue[0] < centre-reach {
			queue = queue[1:]
		}
		out[centre] = values[queue[0]]
	}
	return out
}
