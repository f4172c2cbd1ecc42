package mel

import "math"

// fourier is a discrete Fourier transform of one length, by the mixed-radix algorithm of Cooley and Tukey: the length
// is divided by its prime factors one after the other.
type fourier struct {
	length  int
	factors []int
	twiddle []complex128 // exp(-2πi k/length)
}

func newFourier(length int) *fourier {
	f := &fourier{length: length, twiddle: make([]complex128, length)}
	for k := range f.twiddle {
		sin, cos := math.Sincos(-2 * math.Pi * float64(k) / float64(length))
		f.twiddle[k] = complex(cos, sin)
	}
	for rest, factor := length, 2; rest > 1; {
		if rest%factor != 0 {
			factor++
			continue
		}
		f.factors = append(f.factors, factor)
		rest /= factor
	}
	return f
}

// transform writes the transform of in to out; both have the length, and in is left as it is.
func (f *fourier) transform(out, in []complex128) {
	f.step(out, in, f.length, 1, f.factors)
}

// step transforms length numbers of in, stride apart.
func (f *fourier) step(out, in []complex128, length, stride int, factors []int) {
	if length == 1 {
		out[0] = in[0]
		return
	}
	radix := factors[0]
	part := length / radix
	for r := range radix {
		f.step(out[r*part:], in[r*stride:], part, stride*radix, factors[1:])
	}
	var terms [8]complex128 // the radix is 2, 3, 5 or 7 for the lengths in use
	for k := range part {
		for r := range radix {
			terms[r] = out[r*part+k] * f.twiddle[r*k*stride]
		}
		for q := range radix {
			sum := terms[0]
			for r := 1; r < radix; r++ {
				sum += terms[r] * f.twiddle[r*q*part*stride%f.length]
			}
			out[q*part+k] = sum
		}
	}
}
