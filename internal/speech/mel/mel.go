// Package mel computes the log-mel spectrogram that Whisper, and nets grown from it, were trained on.
package mel

import "math"

const (
	// Rate is the sample rate, in Hz.
	Rate = 16000
	// Bands is the number of mel bands, from 0 to Rate/2.
	Bands = 80
	// Hop is the distance of two columns, in samples: 10 ms.
	Hop = 160
	// window is the length of the analysed piece, in samples: 25 ms. The piece is centred on its column.
	window = 400
	bins   = window/2 + 1
)

// Whisper makes features. It is immutable after NewWhisper and safe for concurrent use.
type Whisper struct {
	hann    [window]float64
	filters [Bands]filter
	fourier *fourier
}

// filter is one triangular band: weights of the spectrum's bins from first on.
type filter struct {
	first   int
	weights []float64
}

// NewWhisper prepares the window and the filters.
func NewWhisper() *Whisper {
	w := &Whisper{fourier: newFourier(window)}
	for i := range w.hann {
		w.hann[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/window)
	}
	w.filters = slaneyFilters()
	return w
}

// Features returns the log-mel spectrogram of the samples, a row of len(samples)/Hop columns for each band, lowest
// first. Values are log10 of the power, cut at 8 (80 dB) below the loudest, then brought to about -1 to 1 as
// (x + 4) / 4. The samples are reflected at both ends.
//
// After WhisperFeatureExtractor of Hugging Face's transformers.
func (w *Whisper) Features(samples []float32) []float32 {
	columns := len(samples) / Hop
	out := make([]float32, Bands*columns)
	loudest := math.Inf(-1)
	piece := make([]complex128, window)
	spectrum := make([]complex128, window)
	var powers [2][bins]float64
	// The transform is complex and the sound real: two columns share one transform, as real and imaginary part.
	for column := 0; column < columns; column += 2 {
		for i := range piece {
			piece[i] = complex(w.hann[i]*reflected(samples, column*Hop+i-window/2), w.hann[i]*reflected(samples, (column+1)*Hop+i-window/2))
		}
		w.fourier.transform(spectrum, piece)
		splitPowers(spectrum, &powers)
		for side := 0; side < 2 && column+side < columns; side++ {
			for band := range w.filters {
				value := math.Log10(max(w.filters[band].apply(&powers[side]), 1e-10))
				loudest = max(loudest, value)
				out[band*columns+column+side] = float32(value)
			}
		}
	}
	for i, x := range out {
		out[i] = float32((max(float64(x), loudest-8) + 4) / 4)
	}
	return out
}

// reflected returns the sample at i, mirrored at the ends without repeating the end itself.
func reflected(samples []float32, i int) float64 {
	last := len(samples) - 1
	if last < 1 {
		if last == 0 {
			return float64(samples[0])
		}
		return 0
	}
	for i < 0 || i > last {
		if i < 0 {
			i = -i
		}
		if i > last {
			i = 2*last - i
		}
	}
	return float64(samples[i])
}

// splitPowers separates the transform of a + ib, with a and b real, into the power spectra of both.
func splitPowers(spectrum []complex128, powers *[2][bins]float64) {
	for k := range bins {
		x, y := spectrum[k], spectrum[(window-k)%window]
		y = complex(real(y), -imag(y))
		a, b := (x+y)/2, (x-y)/2
		powers[0][k] = real(a)*real(a) + imag(a)*imag(a)
		powers[1][k] = real(b)*real(b) + imag(b)*imag(b)
	}
}

func (f *filter) apply(power *[bins]float64) float64 {
	var sum float64
	for i, weight := range f.weights {
		sum += weight * power[f.first+i]
	}
	return sum
}

// slaneyFilters are triangles on Slaney's mel scale (linear below 1 kHz, logarithmic above), each of unit area.
func slaneyFilters() (filters [Bands]filter) {
	var edges [Bands + 2]float64
	top := hertzToMel(Rate / 2)
	for i := range edges {
		edges[i] = melToHertz(top * float64(i) / (Bands + 1))
	}
	for band := range filters {
		low, centre, high := edges[band], edges[band+1], edges[band+2]
		f := &filters[band]
		for k := range bins {
			hertz := float64(k) * Rate / window
			weight := min((hertz-low)/(centre-low), (high-hertz)/(high-centre))
			if weight <= 0 {
				continue
			}
			if f.weights == nil {
				f.first = k
			}
			f.weights = append(f.weights, weight*2/(high-low))
		}
	}
	return filters
}

const (
	melBreak  = 15.0 // mel at 1 kHz, where the scale turns logarithmic
	hertzStep = 200.0 / 3
)

var logStep = math.Log(6.4) / 27

func hertzToMel(hertz float64) float64 {
	if hertz < 1000 {
		return hertz / hertzStep
	}
	return melBreak + math.Log(hertz/1000)/logStep
}

func melToHertz(mel float64) float64 {
	if mel < melBreak {
		return mel * hertzStep
	}
	return 1000 * math.Exp((mel-melBreak)*logStep)
}
