package echo

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
)

const (
	// step is how far one analysed piece is from the next, in samples: 16 ms. A piece is twice as long.
	step  = 256
	piece = 2 * step
	bins  = step + 1
	// sways is by how many steps the echo may come sooner or later than it was found to.
	sways = 4
	// kept is how many steps of what was played are kept: as late as an echo can be, and what it sways.
	kept = lags*frameSize/step + 2 + sways
	// dying is the share of a room's power that is left after a step: decay in 16 ms.
	dying = 0.575
	// tells is the power of a bin below which what is played tells nothing of the echo.
	tells = 1e-4
	// hiss is the power of a bin, some -65 dBFS in all of them, that is put where the echo was in a room that is quieter: what a net hears in a voice that is almost
	// taken out is the voice.
	hiss = 1e-5
	// rises and falls are the steps, in dB, in which a bin's gain follows what is heard: eight of nine pieces of an echo stay below it.
	rises, falls = 0.5, 0.06
	// overSubtracted is how much more than what is explained is taken out. The power of a bin of an echo is what it is to be only in the mean.
	overSubtracted = 4
)

// Suppressor takes the echo out of what is heard, so that a net can be asked whether there is a voice in what is left. In each of 257 bins it takes out as much
// of the power as what was played explains, and puts the room's noise there (spectral subtraction: Boll 1979; with the echo as the noise: Faller and Chen 2005). It is no
// canceller: it knows nothing of phases, and needs the delay to 60 ms only. It belongs to one goroutine.
type Suppressor struct {
	window  [piece]float64
	fourier fourier
	random  *rand.Rand

	played, heard [piece]float32 // the newest last
	fill          int            // samples since the last step
	past          [kept][bins]float32
	now           int           // the newest of past, which are powers
	tail          [bins]float32 // power of what was played, as late as the echo is: how loud the room still is of it
	gain          [bins]float32 // from there to the microphone, in dB
	noise         [bins]float32 // power of the room without her
	known         bool          // an echo was
	spectrum      [piece]complex128
	beside        [bins]complex128 // spectrum of what was heard
	after         [step]float32    // what the last piece adds to the next step
	ready         [step]float32
	left          []float32
}

// NewSuppressor makes one that knows nothing of the room.
func NewSuppressor() *Suppressor {
	s := &Suppressor{random: rand.New(rand.NewPCG(1, 2)), fourier: newFourier()}
	for i := range s.window {
		s.window[i] = math.Sin(math.Pi * (float64(i) + 0.5) / piece)
	}
	for k := range s.noise {
		s.noise[k] = hiss
	}
	return s
}

// Suppress takes what left the loudspeaker and what met the microphone in the same time, after c has compared them, and returns
// what is left without the echo, 16 ms late, for each whole step of 256 samples; while c knows of none, that is what was heard. It is valid until the next call.
func (s *Suppressor) Suppress(played, heard []float32, c *Comparer) []float32 {
	s.left = s.left[:0]
	for i := range heard {
		s.played[step+s.fill], s.heard[step+s.fill] = played[i], heard[i]
		if s.fill++; s.fill < step {
			continue
		}
		s.fill = 0
		s.analyse()
		s.suppress(c)
		s.synthesise()
		s.left = append(s.left, s.ready[:]...)
		copy(s.played[:step], s.played[step:])
		copy(s.heard[:step], s.heard[step:])
	}
	return s.left
}

// analyse makes the spectra of a piece. Both are real: one transform serves them.
func (s *Suppressor) analyse() {
	for i, w := range s.window {
		s.spectrum[i] = complex(float64(s.heard[i])*w, float64(s.played[i])*w)
	}
	s.fourier.transform(&s.spectrum)
	s.now = (s.now + 1) % kept
	for k := range bins {
		x, y := s.spectrum[k], cmplx.Conj(s.spectrum[(piece-k)%piece])
		s.beside[k] = (x + y) / 2
		s.past[s.now][k] = power((x - y) / 2)
	}
}

// suppress takes the echo out of a piece, and learns from it.
func (s *Suppressor) suppress(c *Comparer) {
	lag, known := c.Lag()
	if known && !s.known {
		for k := range bins { // a first guess
			s.gain[k] = c.gainAt(float64(k) * Rate / piece)
		}
	}
	s.known = known
	sounds := s.follow((lag*frameSize + step/2) / step)
	for k := range bins {
		heard := power(s.beside[k])
		if !sounds {
			s.learnNoise(k, heard)
		}
		if !sounds || !known {
			continue
		}
		explained := s.tail[k] * fromDecibels(s.gain[k])
		s.learnGain(k, heard, explained, c.share >= Enough)
		s.subtract(k, heard, overSubtracted*explained)
	}
}

// follow takes how loud the room is of what was played so many steps ago, and says whether it is at all.
func (s *Suppressor) follow(late int) (sounds bool) {
	for k := range bins {
		s.tail[k] *= dying
	}
	for ago := max(0, late-sways); ago <= min(kept-1, late+sways); ago++ {
		past := &s.past[(s.now-ago+kept)%kept]
		for k := range bins {
			s.tail[k] = max(s.tail[k], past[k])
		}
	}
	for k := range bins {
		sounds = sounds || s.tail[k] > tells
	}
	return sounds
}

// subtract takes power out of a bin, and puts noise in its place where the room would be louder than what is left.
func (s *Suppressor) subtract(k int, heard, explained float32) {
	rest := max(0, heard-explained)
	if heard > 0 {
		s.beside[k] *= complex(math.Sqrt(float64(rest/heard)), 0)
	}
	if missing := min(max(s.noise[k], hiss), explained+hiss) - rest; missing > 0 {
		s.beside[k] += cmplx.Rect(math.Sqrt(float64(missing)), 2*math.Pi*s.random.Float64())
	}
}

// learnGain moves a bin's gain towards what is heard. What is the person's tells nothing; only if she is taken for the person for long does it
// follow, slowly.
func (s *Suppressor) learnGain(k int, heard, explained float32, person bool) {
	if s.tail[k] < tells || max(heard, explained) < 2*s.noise[k] {
		return // the room is louder than the echo
	}
	switch above := heard > explained; {
	case person && above:
		s.gain[k] += falls / 2
	case person:
	case above:
		s.gain[k] += rises
	default:
		s.gain[k] -= falls
	}
}

// learnNoise follows the room while nothing is played: up slowly, so that speech does not count, down at once.
func (s *Suppressor) learnNoise(k int, heard float32) {
	const slowly, least = 1.012, 1e-12
	if heard < s.noise[k] {
		s.noise[k] += (heard - s.noise[k]) / 4
	} else {
		s.noise[k] = min(slowly*s.noise[k], heard)
	}
	s.noise[k] = max(s.noise[k], least)
}

// synthesise makes sound of what is left of the piece, overlapping with the one before.
func (s *Suppressor) synthesise() {
	for k := 1; k < step; k++ {
		// The inverse transform is the transform of the conjugate.
		s.spectrum[k], s.spectrum[piece-k] = cmplx.Conj(s.beside[k]), s.beside[k]
	}
	s.spectrum[0], s.spectrum[step] = complex(real(s.beside[0]), 0), complex(real(s.beside[step]), 0)
	s.fourier.transform(&s.spectrum)
	for i := range step {
		s.ready[i] = s.after[i] + float32(real(s.spectrum[i])*s.window[i]/piece)
		s.after[i] = float32(real(s.spectrum[step+i]) * s.window[step+i] / piece)
	}
}

func power(x complex128) float32 { return float32(real(x)*real(x) + imag(x)*imag(x)) }

func fromDecibels(level float32) float32 { return float32(math.Pow(10, float64(level)/10)) }
