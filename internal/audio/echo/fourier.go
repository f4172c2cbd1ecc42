package echo

import (
	"math"
	"math/bits"
	"math/cmplx"
)

// fourier transforms pieces.
type fourier struct {
	turns   [piece / 2]complex128 // roots of unity
	swapped [piece]int            // where each value goes first
}

func newFourier() (f fourier) {
	for i := range f.turns {
		f.turns[i] = cmplx.Rect(1, -2*math.Pi*float64(i)/piece)
	}
	for i := range f.swapped {
		f.swapped[i] = int(bits.Reverse64(uint64(i)) >> (64 - bits.TrailingZeros(piece)))
	}
	return f
}

// transform is the discrete Fourier transform, in place (Cooley and Tukey 1965).
func (f *fourier) transform(values *[piece]complex128) {
	for i, j := range f.swapped {
		if i < j {
			values[i], values[j] = values[j], values[i]
		}
	}
	for length := 2; length <= piece; length *= 2 {
		stride := piece / length
		for from := 0; from < piece; from += length {
			for i := range length / 2 {
				a, b := values[from+i], values[from+i+length/2]*f.turns[i*stride]
				values[from+i], values[from+i+length/2] = a+b, a-b
			}
		}
	}
}
