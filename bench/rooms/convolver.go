package rooms

import (
	"math"
	"math/bits"
	"math/cmplx"
)

// Convolver applies a response to sound block by block, in the frequency domain. The response is cut into pieces as long as a block, so that
// no transform is longer than two blocks (uniformly partitioned convolution, overlap-save).
type Convolver struct {
	block  int            // a power of two
	turns  []complex128   // the roots of unity
	pieces [][]complex128 // spectra of the response's pieces
	past   [][]complex128 // spectra of the last blocks, each with the block before it; the newest at now
	now    int
	before []float32 // the last block
	rest   int       // blocks that still come back after the last sound
	sum    []complex128
}

// NewConvolver applies a response to blocks of so many samples, a power of two.
func NewConvolver(response []float32, block int) *Convolver {
	c := &Convolver{block: block, before: make([]float32, block), sum: make([]complex128, 2*block), turns: make([]complex128, block)}
	for i := range c.turns {
		c.turns[i] = cmplx.Rect(1, -math.Pi*float64(i)/float64(block))
	}
	for from := 0; from < len(response); from += block {
		piece := make([]complex128, 2*block)
		for i, sample := range response[from:min(len(response), from+block)] {
			piece[i] = complex(float64(sample), 0)
		}
		c.transform(piece)
		c.pieces, c.past = append(c.pieces, piece), append(c.past, make([]complex128, 2*block))
	}
	return c
}

// Next plays a block (what is missing of it is silence) and appends what the microphone hears meanwhile, as many samples.
func (c *Convolver) Next(heard, played []float32) []float32 {
	c.now = (c.now + 1) % len(c.past)
	newest := c.past[c.now]
	for i := range c.block {
		newest[i], newest[c.block+i] = complex(float64(c.before[i]), 0), 0
		c.before[i] = 0
		if i < len(played) {
			newest[c.block+i], c.before[i] = complex(float64(played[i]), 0), played[i]
			if played[i] != 0 {
				c.rest = len(c.pieces) + 2
			}
		}
	}
	if c.rest--; c.rest < 0 {
		c.rest = -1
		return append(heard, make([]float32, c.block)...)
	}
	c.transform(newest)
	clear(c.sum)
	for k, piece := range c.pieces {
		past := c.past[(c.now-k+len(c.past))%len(c.past)]
		for i := range c.sum {
			c.sum[i] += past[i] * piece[i]
		}
	}
	for i := range c.sum {
		c.sum[i] = cmplx.Conj(c.sum[i]) // the inverse transform is the transform of the conjugate
	}
	c.transform(c.sum)
	for _, value := range c.sum[c.block:] {
		heard = append(heard, float32(real(value)/float64(2*c.block)))
	}
	return heard
}

// transform is the discrete Fourier transform of two blocks, in place (Cooley and Tukey 1965).
func (c *Convolver) transform(values []complex128) {
	shift := bits.UintSize - bits.Len(uint(len(values))) + 1
	for i := range values {
		if j := int(bits.Reverse(uint(i)) >> shift); i < j {
			values[i], values[j] = values[j], values[i]
		}
	}
	for length := 2; length <= len(values); length *= 2 {
		step := len(values) / length
		for from := 0; from < len(values); from += length {
			for i := range length / 2 {
				a, b := values[from+i], values[from+i+length/2]*c.turns[i*step]
				values[from+i], values[from+i+length/2] = a+b, a-b
			}
		}
	}
}
