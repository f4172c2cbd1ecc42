package lettersound

import "math"

// dot is the inner product of two vectors of one length; eight sums at a time let the processor overlap them.
func dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3, s4, s5, s6, s7 float32
	for len(a) >= 8 {
		x, y := (*[8]float32)(a), (*[8]float32)(b)
		s0 += x[0] * y[0]
		s1 += x[1] * y[1]
		s2 += x[2] * y[2]
		s3 += x[3] * y[3]
		s4 += x[4] * y[4]
		s5 += x[5] * y[5]
		s6 += x[6] * y[6]
		s7 += x[7] * y[7]
		a, b = a[8:], b[8:]
	}
	for i, x := range a {
		s0 += x * b[i]
	}
	return (s0 + s1) + (s2 + s3) + ((s4 + s5) + (s6 + s7))
}

// apply returns weights × in + bias.
func (l linear) apply(in []float32) []float32 {
	out := make([]float32, l.rows)
	for i := range out {
		out[i] = dot(l.row(i), in) + l.bias[i]
	}
	return out
}

// apply normalises a vector in place to mean 0 and variance 1, then scales and shifts it.
func (n norm) apply(v []float32, epsilon float32) {
	var mean float32
	for _, x := range v {
		mean += x
	}
	mean /= float32(len(v))
	var variance float32
	for _, x := range v {
		variance += (x - mean) * (x - mean)
	}
	variance /= float32(len(v))
	scale := 1 / float32(math.Sqrt(float64(variance+epsilon)))
	for i := range v {
		v[i] = (v[i]-mean)*scale*n.weight[i] + n.bias[i]
	}
}

// memory holds the keys and values that attention looks at.
type memory struct{ keys, values [][]float32 }

func (m *memory) add(a attention, hidden []float32) {
	m.keys = append(m.keys, a.key.apply(hidden))
	m.values = append(m.values, a.value.apply(hidden))
}

// attend adds to hidden what attention finds in the memory. There is one head.
func (a attention) attend(hidden []float32, m *memory) {
	query := a.query.apply(hidden)
	scale := 1 / float32(math.Sqrt(float64(len(query))))
	weights := make([]float32, len(m.keys))
	top := float32(math.Inf(-1))
	for i, key := range m.keys {
		weights[i] = dot(query, key) * scale
		top = max(top, weights[i])
	}
	var sum float32
	for i, w := range weights {
		weights[i] = float32(math.Exp(float64(w - top)))
		sum += weights[i]
	}
	mixed := make([]float32, len(query))
	for i, value := range m.values {
		share := weights[i] / sum
		for j, x := range value {
			mixed[j] += share * x
		}
	}
	for i, x := range a.out.apply(mixed) {
		hidden[i] += x
	}
}

// feedForward adds the layer's two linear parts, with the exact (erf) GELU between, and normalises.
func (l layer) feedForward(hidden []float32, epsilon float32) {
	wide := l.wide.apply(hidden)
	for i, x := range wide {
		wide[i] = 0.5 * x * (1 + float32(math.Erf(float64(x)/math.Sqrt2)))
	}
	for i, x := range l.back.apply(wide) {
		hidden[i] += x
	}
	l.finalNorm.apply(hidden, epsilon)
}
