package audio

import (
	"fmt"
	"math"
)

// The filter's promise: flat up to passEdge of the lower of the two Nyquist frequencies, and at least stopDecibels down
// from that frequency on, so that nothing folds back into what is heard.
const (
	passEdge     = 0.9
	stopDecibels = 84.0
)

// maxPhases bounds the table of odd pairs of rates; every pair of 8, 16, 22.05, 24, 44.1 and 48 kHz needs at most 441.
const maxPhases = 1024

// Resampler turns a stream of one rate into another. It is a windowed-sinc filter (Kaiser window) in polyphase form:
// for a ratio of L/M each output sample is one dot product with one of L short filters, so that nothing is computed
// that is thrown away. Output sample k sounds exactly at time k/to: the filter's delay is not in the stream, only in
// when it can be known, Delay after the input (about 3 ms at 16 kHz).
//
// The zero value is not usable; make one a stream with NewResampler. It is not safe for concurrent use.
type Resampler struct {
	from, to int
	up, down int       // to/from in lowest terms
	taps     int       // length of each phase's filter, even
	filters  []float32 // up filters of taps values each
	history  []float32 // input from sample first on, taps/2 of silence before the stream's beginning
	first    int64     // index of history[0] in the input
	next     int64     // index of the next output sample
	samples  int64     // input samples so far
	identity bool      // equal rates: nothing to do
}

// NewResampler makes a resampler between two rates in Hz. It fails when a rate is not positive or the ratio needs too
// large a table.
func NewResampler(from, to int) (*Resampler, error) {
	if from <= 0 || to <= 0 {
		return nil, fmt.Errorf("resample from %d Hz to %d Hz: rates must be positive", from, to)
	}
	divisor := gcd(from, to)
	r := &Resampler{from: from, to: to, up: to / divisor, down: from / divisor}
	if r.up == r.down {
		r.identity = true
		return r, nil
	}
	if r.up > maxPhases || r.down > maxPhases {
		return nil, fmt.Errorf("resample from %d Hz to %d Hz: the ratio %d/%d is too fine", from, to, r.up, r.down)
	}
	r.design()
	r.Reset()
	return r, nil
}

// design computes the filters. The prototype is a sinc whose cutoff lies in the middle of the transition band, under a
// Kaiser window (Oppenheim and Schafer, Discrete-Time Signal Processing, section 7.5).
func (r *Resampler) design() {
	// All frequencies here are in cycles per input sample.
	lower := 0.5 * math.Min(1, float64(r.to)/float64(r.from))
	cutoff := lower * (1 + passEdge) / 2
	transition := lower * (1 - passEdge)
	length := (stopDecibels - 7.95) / (14.36 * transition)
	r.taps = 2 * int(math.Ceil(length/2))
	beta := 0.1102 * (stopDecibels - 8.7)
	half := float64(r.taps) / 2
	r.filters = make([]float32, r.up*r.taps)
	for phase := range r.up {
		fraction := float64(phase) / float64(r.up)
		filter := r.filters[phase*r.taps : (phase+1)*r.taps]
		var sum float64
		exact := make([]float64, r.taps)
		for tap := range exact {
			// Tap t is multiplied with the input at distance (t - half + 1 - fraction) from the output's place.
			distance := float64(tap) - half + 1 - fraction
			exact[tap] = 2 * cutoff * sinc(2*cutoff*distance) * kaiser(distance/half, beta)
			sum += exact[tap]
		}
		for tap := range filter {
			filter[tap] = float32(exact[tap] / sum) // each phase passes a constant unchanged
		}
	}
}

// Reset forgets the stream, as if the resampler were new.
func (r *Resampler) Reset() {
	r.next, r.samples = 0, 0
	r.history = append(r.history[:0], make([]float32, r.taps/2)...)
	r.first = -int64(r.taps / 2)
}

// Delay is how many input samples after an instant its output can be made.
func (r *Resampler) Delay() int { return r.taps / 2 }

// Process appends to dst what can be made of the stream with these further samples, and returns it.
func (r *Resampler) Process(dst, src []float32) []float32 {
	if r.identity {
		return append(dst, src...)
	}
	r.samples += int64(len(src))
	r.history = append(r.history, src...)
	return r.drain(dst)
}

// Flush appends the end of the stream, which waited for its filter, and resets. In all the stream's output has
// ceil(n*to/from) samples for n of input.
func (r *Resampler) Flush(dst []float32) []float32 {
	if r.identity {
		return dst
	}
	total := (r.samples*int64(r.up) + int64(r.down) - 1) / int64(r.down)
	missing := total - r.next
	start := len(dst)
	r.history = append(r.history, make([]float32, r.taps+1)...)
	dst = r.drain(dst)
	r.Reset()
	return dst[:start+int(missing)]
}

// drain makes every output sample whose filter is covered by the history, then drops the history that is done with.
func (r *Resampler) drain(dst []float32) []float32 {
	half := int64(r.taps / 2)
	for {
		position := r.next * int64(r.down)
		base, phase := position/int64(r.up), int(position%int64(r.up))
		start := base - half + 1 - r.first
		if start+int64(r.taps) > int64(len(r.history)) {
			break
		}
		dst = append(dst, dot(r.history[start:start+int64(r.taps)], r.filters[phase*r.taps:(phase+1)*r.taps]))
		r.next++
	}
	base := r.next * int64(r.down) / int64(r.up)
	if done := base - half + 1 - r.first; done > 0 {
		done = min(done, int64(len(r.history)))
		r.history = r.history[:copy(r.history, r.history[done:])]
		r.first += done
	}
	return dst
}

// dot is the inner product of two slices of equal, even length.
func dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return (s0 + s1) + (s2 + s3)
}

// Resample converts a whole clip.
func Resample(samples []float32, from, to int) ([]float32, error) {
	r, err := NewResampler(from, to)
	if err != nil {
		return nil, err
	}
	out := make([]float32, 0, int64(len(samples))*int64(to)/int64(from)+1)
	return r.Flush(r.Process(out, samples)), nil
}

// To returns the clip at another rate; it is the clip itself when the rate is the same.
func (c Clip) To(rate int) (Clip, error) {
	if c.Rate == rate {
		return c, nil
	}
	samples, err := Resample(c.Samples, c.Rate, rate)
	return Clip{Rate: rate, Samples: samples}, err
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// kaiser is the Kaiser window at x in [-1, 1].
func kaiser(x, beta float64) float64 {
	if x <= -1 || x >= 1 {
		return 0
	}
	return bessel(beta*math.Sqrt(1-x*x)) / bessel(beta)
}

// bessel is the modified Bessel function of the first kind and order zero, by its power series.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*1e-12; k++ {
		term *= (x / 2 / k) * (x / 2 / k)
		sum += term
	}
	return sum
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
