package cancel

import (
	"math"
	"math/cmplx"

	"twombly/internal/audio"
)

const (
	finderRate   = Rate / 2         // enough to place an echo to an eighth of a millisecond, in Hz
	finderWindow = 1 << 14          // what was played that is looked at: 2 s
	finderHeard  = finderWindow / 2 // what was heard: its last second
	finderStep   = finderRate / 4   // how often
	maxDelay     = Rate             // the latest echo: 1 s

	// Bins of the spectrum in which speech and small loudspeakers have something to say.
	lowestBin  = 300 * finderWindow / finderRate
	highestBin = 3400 * finderWindow / finderRate

	quietest = -55.0 // dBFS; what is softer tells nothing
	keep     = 0.8   // of what was seen, from one look to the next
	// sharp is how far the peak stands out of what lies around it for the delay to be believed: by chance it is 5 times
	// as high as the mean square of the rest (the largest of 8,000 values), an echo makes it 10 times and more.
	sharp  = 9.0
	agreed = 2 // looks on end that find the same
)

// finder finds by how much an echo is late: the generalised cross-correlation with phase transform of Knapp and Carter 1976,
// summed over some seconds. The phase transform makes one sharp peak of the direct sound, where the correlation of a voice
// with itself would smear it over a period of its pitch.
type finder struct {
	heard, played []float32 // rings of finderWindow at finderRate
	place         int
	since         int // samples since the last look

	turns        []complex128 // roots of unity
	x, y, summed []complex128

	before int // what the last look found
	times  int // how many looks on end found it
	found  int // what is believed, in samples at Rate; -1 for nothing
}

func newFinder() *finder {
	f := &finder{
		heard: make([]float32, finderWindow), played: make([]float32, finderWindow), turns: make([]complex128, finderWindow/2),
		x: make([]complex128, finderWindow), y: make([]complex128, finderWindow), summed: make([]complex128, finderWindow), found: -1,
	}
	for i := range f.turns {
		f.turns[i] = cmplx.Rect(1, -2*math.Pi*float64(i)/finderWindow)
	}
	return f
}

// late is the delay in samples at Rate.
func (f *finder) late() (int, bool) { return max(f.found, 0), f.found >= 0 }

// add takes one frame of each, and returns the delay in samples at Rate when it was looked for and found.
func (f *finder) add(heard, played []float32) (late int, sure bool) {
	for i := 0; i+1 < len(heard); i += 2 { // the bins above highestBin, where this folds, are not looked at
		f.heard[f.place] = heard[i] + heard[i+1]
		f.played[f.place] = played[i] + played[i+1]
		f.place = (f.place + 1) % finderWindow
		f.since++
	}
	if f.since < finderStep {
		return 0, false
	}
	f.since = 0
	return f.look()
}

// look correlates the last second that was heard with the last two that were played.
func (f *finder) look() (late int, sure bool) {
	if audio.Level(f.heard) < quietest || audio.Level(f.played) < quietest {
		return 0, false
	}
	for i := range finderWindow {
		at := (f.place + i) % finderWindow
		f.y[i] = complex(float64(f.played[at]), 0)
		f.x[i] = 0
		if i >= finderWindow-finderHeard {
			f.x[i] = complex(float64(f.heard[at]), 0)
		}
	}
	transform(f.x, f.turns)
	transform(f.y, f.turns)
	for bin := lowestBin; bin < highestBin; bin++ {
		cross := f.x[bin] * cmplx.Conj(f.y[bin])
		f.summed[bin] *= keep
		if size := cmplx.Abs(cross); size > 0 {
			f.summed[bin] += cross / complex(size, 0)
		}
	}
	clear(f.x)
	for bin := lowestBin; bin < highestBin; bin++ {
		f.x[bin] = cmplx.Conj(f.summed[bin]) // the inverse transform is the transform of the conjugate
	}
	transform(f.x, f.turns)
	return f.judge()
}

// judge believes in a peak that stands out and is where it was.
func (f *finder) judge() (late int, sure bool) {
	peak, sum := 0, 0.0
	for lag := range finderHeard {
		height := cmplx.Abs(f.x[lag])
		sum += height * height
		if height > cmplx.Abs(f.x[peak]) {
			peak = lag
		}
	}
	f.times++
	if away := peak - f.before; away < -finderRate/500 || away > finderRate/500 {
		f.times = 1
	}
	f.before = peak
	if cmplx.Abs(f.x[peak]) < sharp*math.Sqrt(sum/finderHeard) || f.times < agreed {
		return 0, false
	}
	f.found = peak * Rate / finderRate
	return f.found, true
}

// transform is the discrete Fourier transform in place (Cooley and Tukey 1965); the length is a power of two, and turns are
// half as many roots of unity.
func transform(values, turns []complex128) {
	for i, j := 1, 0; i < len(values); i++ {
		bit := len(values) >> 1
		for ; j&bit != 0; bit >>= 1 {
			j ^= bit
		}
		if j ^= bit; i < j {
			values[i], values[j] = values[j], values[i]
		}
	}
	for length := 2; length <= len(values); length *= 2 {
		step := len(values) / length
		for from := 0; from < len(values); from += length {
			for i := range length / 2 {
				a, b := values[from+i], values[from+i+length/2]*turns[i*step]
				values[from+i], values[from+i+length/2] = a+b, a-b
			}
		}
	}
}
