package echo

import "math"

const (
	// lags is how late the echo can be, in frames: 700 ms.
	lags = 70
	// sure is the correlation of envelopes above which there is an echo. Measured: 0.7 to 0.9 with one, 0.45 at most when two
	// people only happen to talk at the same time.
	sure = 0.55
	// learnFrames is how much of her voice must have been heard before anything is believed.
	learnFrames = 40
	// sureLong is the same over more than longFrames of her voice. Measured: 0.3 to 0.8 with an echo that is heard as a voice at all, 0.2 at most
	// with a person who talks all the time.
	sureLong   = 0.28
	longFrames = 600
	// keepSoon and keepLong are how much of the sums is left after a frame.
	keepSoon, keepLong = 0.993, 0.9986
	// active is how much louder than the microphone's silence what is played must be, in a band, to tell anything.
	active = -60
	// wander is by how many frames the echo may come sooner or later than it did.
	wander = 8
	// decay is by how much the sound of a room dies away in a frame, in dB: 60 dB in 400 ms.
	decay = 1.5
	// excess is by how much, in dB, a band must be louder than predicted to be the person's.
	excess = 6
	// faintest is how loud a band of a person's voice is at least: the tail of an echo in a room without any noise is fainter.
	faintest = -70
	// aboveNoise is by how much it must be louder than the room.
	aboveNoise = 8
)

// Enough is the share of bands from which a frame is the person's.
const Enough = 0.2

// Frame is what became of 10 ms of the microphone.
type Frame struct {
	// Echo is true when what was played explains what was heard; then Person is 0.
	Echo bool
	// Known is true once an echo was found, so that Echo and Person mean something.
	Known bool
	// Person is the share of bands, 0 to 1, in which more was heard than the echo and the room explain.
	Person float32
}

// Comparer compares what was played with what was heard. It belongs to one goroutine.
type Comparer struct {
	played, heard *analyser

	// past are the envelopes of what was played, the newest last; lags frames and one.
	past []envelope
	// Slow means of both, by band, over the frames in which something was played.
	playedMean, heardMean envelope
	// Running sums of the correlation, over the last second and over more: a faint echo in a noisy room shows only in the long run.
	soon, long correlation
	learned    int

	lag   int
	known bool
	tail  envelope // of what was played at the lag: how loud the room still is of it
	gain  envelope // from there to the microphone, in dB
	noise envelope // the room without her
	share float32  // of the person, smoothed
}

// NewComparer makes one that knows nothing yet.
func NewComparer() *Comparer {
	c := &Comparer{played: newAnalyser(), heard: newAnalyser()}
	for i := range bands {
		c.playedMean[i], c.heardMean[i] = active, active
		c.tail[i], c.noise[i] = quietest, quietest/2
	}
	return c
}

// Lag is how late the echo is, in frames; false while none is known.
func (c *Comparer) Lag() (frames int, known bool) { return c.lag, c.known }

// Compare takes what left the loudspeaker and what met the microphone in the same time (as many samples of each; silence where
// nothing was played) and appends the frames that were completed.
func (c *Comparer) Compare(frames []Frame, played, heard []float32) []Frame {
	for i := range heard {
		p, whole := c.played.feed(played[i])
		h, _ := c.heard.feed(heard[i])
		if whole {
			frames = append(frames, c.frame(p, h))
		}
	}
	return frames
}

// frame judges a frame and learns from it.
func (c *Comparer) frame(played, heard envelope) Frame {
	if len(c.past) == lags+1 {
		copy(c.past, c.past[1:])
		c.past = c.past[:lags]
	}
	c.past = append(c.past, played)
	if !c.known || c.share < Enough { // the person's voice says nothing about the echo
		c.correlate(heard)
		c.findLag()
	}
	late := c.around(c.lag)
	sounds := false
	for i := range bands {
		c.tail[i] = max(late[i], c.tail[i]-decay)
		sounds = sounds || c.tail[i] > active
	}
	if !sounds {
		c.learnNoise(heard)
	}
	if !c.known {
		return Frame{}
	}
	share := c.shareOfPerson(heard)
	if sounds {
		c.learnGain(heard)
	}
	// Two frames of three, so that a click of the prediction's is no person.
	c.share += (share - c.share) / 3
	f := Frame{Known: true, Person: c.share}
	f.Echo = sounds && c.share < Enough
	if f.Echo {
		f.Person = 0
	}
	return f
}

// at is what was played some frames ago.
func (c *Comparer) at(lag int) envelope {
	if lag >= len(c.past) {
		var silent envelope
		for i := range silent {
			silent[i] = quietest
		}
		return silent
	}
	return c.past[len(c.past)-1-lag]
}

// around is the loudest that was played in each band within a few frames of a lag: a device's buffers make the echo come a
// little sooner or later from one clause to the next.
func (c *Comparer) around(lag int) envelope {
	loudest := c.at(lag)
	for at := max(0, lag-wander); at <= lag+wander; at++ {
		near := c.at(at)
		for i := range bands {
			loudest[i] = max(loudest[i], near[i])
		}
	}
	return loudest
}

// correlate compares the frame with what was played at each lag. Old frames count less and less: half after one second, and after five.
func (c *Comparer) correlate(heard envelope) {
	const slow = 0.01
	any := false
	for i := range bands {
		if c.past[len(c.past)-1][i] > active {
			c.playedMean[i] += slow * (c.past[len(c.past)-1][i] - c.playedMean[i])
			any = true
		}
	}
	recent := any
	for lag := 5; lag < len(c.past) && !recent; lag += 5 {
		for i := range bands {
			recent = recent || c.at(lag)[i] > active
		}
	}
	if !recent {
		return
	}
	if any {
		c.learned++
	}
	var h [bands]float64
	heardEnergy := 0.0
	for i := range bands {
		c.heardMean[i] += slow * (heard[i] - c.heardMean[i])
		h[i] = bounded(heard[i] - c.heardMean[i])
		heardEnergy += h[i] * h[i]
	}
	c.soon.heard, c.long.heard = keepSoon*c.soon.heard+heardEnergy, keepLong*c.long.heard+heardEnergy
	for lag := range len(c.past) {
		past := &c.past[len(c.past)-1-lag]
		var product, energy float64
		for i := range bands {
			p := bounded(max(past[i], active-10) - c.playedMean[i])
			product += p * h[i]
			energy += p * p
		}
		c.soon.add(keepSoon, lag, product, energy)
		c.long.add(keepLong, lag, product, energy)
	}
}

// correlation holds running sums of what was heard with what was played at each lag, and of the energies.
type correlation struct {
	product, played [lags + 1]float64
	heard           float64
}

// add takes a frame at a lag; what was before counts less.
func (c *correlation) add(keep float64, lag int, product, energy float64) {
	c.product[lag] = keep*c.product[lag] + product
	c.played[lag] = keep*c.played[lag] + energy
}

// best is the lag at which both are most alike, and how much, from 0 to 1.
func (c *correlation) best() (alike float64, lag int) {
	if c.heard == 0 {
		return 0, 0
	}
	for at := range lags + 1 {
		if c.played[at] == 0 {
			continue
		}
		if here := c.product[at] / math.Sqrt(c.heard*c.played[at]); here > alike {
			alike, lag = here, at
		}
	}
	return alike, lag
}

// bounded keeps a difference in dB from outweighing all others.
func bounded(difference float32) float64 { return float64(max(-20, min(20, difference))) }

// findLag takes the lag at which both are most alike.
func (c *Comparer) findLag() {
	if c.learned < learnFrames {
		return
	}
	best, at := c.soon.best()
	enough := sure
	if alike, lag := c.long.best(); c.learned >= longFrames && best < sure && alike >= sureLong {
		best, at, enough = alike, lag, sureLong
	}
	switch {
	case best >= enough && (!c.known || at != c.lag):
		if !c.known {
			for i := range bands { // a first guess, from the means
				c.gain[i] = c.heardMean[i] - c.playedMean[i]
			}
		}
		c.known, c.lag = true, at
	case c.known && best < sure/4:
		c.known = false // the loudspeaker was changed for a headset
	}
}

// shareOfPerson is the share of the bands that are louder than the echo and the room explain, among those that can tell.
func (c *Comparer) shareOfPerson(heard envelope) float32 {
	n := 0
	for i := range bands {
		if heard[i] > max(c.tail[i]+c.gain[i]+excess, c.noise[i]+aboveNoise, faintest) {
			n++
		}
	}
	return float32(n) / bands
}

// learnGain moves each band's gain towards what was heard, so that nine of ten frames of echo stay below it. What is the person's
// tells nothing; only if she is taken for the person for long (the loudspeaker was turned up) does it follow, by 2 dB a second.
func (c *Comparer) learnGain(heard envelope) {
	const up, down, slowly = 0.3, 0.03, 0.02
	for i := range bands {
		if c.tail[i] < active || heard[i] < c.noise[i]+3 && c.tail[i]+c.gain[i] < c.noise[i]+3 {
			continue // the room is louder than the echo
		}
		above := heard[i] > c.tail[i]+c.gain[i]
		switch {
		case c.share >= Enough && above:
			c.gain[i] += slowly
		case c.share >= Enough:
		case above:
			c.gain[i] += up
		default:
			c.gain[i] -= down
		}
	}
}

// learnNoise follows the room while nothing is played: up slowly, so that speech does not count, down at once.
func (c *Comparer) learnNoise(heard envelope) {
	for i := range bands {
		if heard[i] < c.noise[i] {
			c.noise[i] += (heard[i] - c.noise[i]) / 4
		} else {
			c.noise[i] += min(0.03, heard[i]-c.noise[i])
		}
	}
}

// gainAt is the gain at a frequency in Hz, in dB.
func (c *Comparer) gainAt(hertz float64) float32 {
	low, high := mel(lowestBand), mel(topBand)
	at := (mel(hertz) - low) / (high - low) * (bands - 1)
	i := max(0, min(bands-2, int(at)))
	part := float32(max(0, min(1, at-float64(i))))
	return c.gain[i]*(1-part) + c.gain[i+1]*part
}
