package mel

import "math"

// Sizes of Kaldi's analysis: a piece of 25 ms every Hop, with zeros behind it up to a power of two.
const (
	padded    = 512
	halfBins  = padded / 2
	lowest    = 20.0 // Hz, where the first band begins
	emphasis  = 0.97
	fullScale = 32768 // Kaldi reads 16-bit samples
)

// Kaldi makes the log-mel features of the Kaldi toolkit, which nets that tell voices apart are trained on: no dither, Hamming window. It is
// immutable after NewKaldi and safe for concurrent use.
type Kaldi struct {
	hamming [window]float64
	filters [Bands]filter
	fourier *fourier
}

// NewKaldi prepares the window and the filters.
func NewKaldi() *Kaldi {
	k := &Kaldi{fourier: newFourier(padded)}
	for i := range k.hamming {
		k.hamming[i] = 0.54 - 0.46*math.Cos(2*math.Pi*float64(i)/(window-1))
	}
	low, high := kaldiMel(lowest), kaldiMel(Rate/2)
	step := (high - low) / (Bands + 1)
	for band := range k.filters {
		f := &k.filters[band]
		left := low + float64(band)*step
		for bin := range halfBins { // the bin at Rate/2 is in no band
			at := (kaldiMel(float64(bin)*Rate/padded) - left) / step
			weight := min(at, 2-at)
			if weight <= 0 {
				continue
			}
			if f.weights == nil {
				f.first = bin
			}
			f.weights = append(f.weights, weight)
		}
	}
	return k
}

func kaldiMel(hertz float64) float64 { return 1127 * math.Log(1+hertz/700) }

// Columns is how many columns Features makes of so many samples: only whole pieces count.
func (k *Kaldi) Columns(samples int) int {
	if samples < window {
		return 0
	}
	return 1 + (samples-window)/Hop
}

// Features returns the log-mel features of samples in [-1, 1], column after column of Bands values, lowest first: natural logarithms of the
// power of 16-bit samples.
//
// After compute-fbank-feats of https://github.com/kaldi-asr/kaldi, with --dither=0 --window-type=hamming --num-mel-bins=80.
func (k *Kaldi) Features(samples []float32) []float32 {
	columns := k.Columns(len(samples))
	out := make([]float32, columns*Bands)
	piece, spectrum := make([]complex128, padded), make([]complex128, padded)
	var power [halfBins]float64
	for column := range columns {
		k.prepare(piece, samples[column*Hop:column*Hop+window])
		k.fourier.transform(spectrum, piece)
		for i := range power {
			power[i] = real(spectrum[i])*real(spectrum[i]) + imag(spectrum[i])*imag(spectrum[i])
		}
		for band := range k.filters {
			f, sum := &k.filters[band], 0.0
			for i, weight := range f.weights {
				sum += weight * power[f.first+i]
			}
			out[column*Bands+band] = float32(math.Log(max(sum, smallest)))
		}
	}
	return out
}

// smallest is the least power that there is, as in Kaldi: the distance of 1 to the next float32.
const smallest = 1.1920929e-07

// prepare puts a piece into the transform's input: without its mean, with high tones made stronger, windowed.
func (k *Kaldi) prepare(piece []complex128, samples []float32) {
	var mean float64
	for _, x := range samples {
		mean += float64(x)
	}
	mean /= window
	before := float64(samples[0]) - mean
	for i, x := range samples {
		centred := float64(x) - mean
		piece[i] = complex((centred-emphasis*before)*k.hamming[i]*fullScale, 0)
		before = centred
	}
}
