package onnx

import (
	"bytes"
	"math"
)

// Accelerated counts what [Accelerate] replaced.
type Accelerated struct {
	// Norms are norms over time, Waves squared sines, Spectra short-time Fourier transforms, and Products matrix products
	// of bytes whose outcome becomes floats.
	Norms, Waves, Spectra, Products int
}

// Accelerate returns a copy of the ONNX model in which groups of operators that ONNX Runtime computes in many passes over
// memory, or in one thread however many there are, are others that give the same but for rounding. It is meant for nets
// that speak, and for one sequence at a time (a batch of 1):
//
//   - A norm over time that is written out (nine operators) is an InstanceNormalization.
//   - The square of a sine, as in the activation x + sin²(αx)/α (Ziyin, Hartwig, Ueda 2020, "Neural networks fail to learn periodic
//     functions"), is a polynomial: Sin runs in one thread. It is exact to 0.0009, a quarter of a step of a byte.
//   - A short-time Fourier transform is a convolution with sines. ONNX Runtime's own takes one thread, and its rounding leaves bins that
//     hold nothing with a phase of chance; here the first and the last bin are real, as in PyTorch.
//   - The product of bytes that becomes floats, scaled, with a bias, is one operator (of ONNX Runtime's own set).
//
// What doesn't look exactly so stays as it is.
func Accelerate(model []byte) ([]byte, Accelerated, error) {
	var counts Accelerated
	graph, before, after, err := findGraph(model)
	if err != nil {
		return nil, counts, err
	}
	r, err := readGraph(graph)
	if err != nil {
		return nil, counts, err
	}
	microsofts := bytes.Contains(model[after:], []byte(microsoft)) || bytes.Contains(model[:before], []byte(microsoft))
	for index := range r.operators {
		o := &r.operators[index]
		switch o.kind {
		case "Add":
			counts.Norms += count(r.norm(o))
		case "Sin":
			counts.Waves += count(r.wave(o))
		case "STFT":
			replaced, err := r.spectrum(o)
			if err != nil {
				return nil, counts, err
			}
			counts.Spectra += count(replaced)
		case "MatMulInteger":
			counts.Products += count(microsofts && r.product(o))
		}
	}
	return withGraph(model, before, after, r.pieces()), counts, nil
}

// microsoft is the name of ONNX Runtime's own set of operators.
const microsoft = "com.microsoft"

func count(done bool) int {
	if done {
		return 1
	}
	return 0
}

// norm replaces (x - mean) / √(variance + ε) × scale + shift, over the last axis of [1, channels, time].
func (r *rewriter) norm(add *operator) bool {
	scaled, shift := r.either(add, "Mul")
	divided, scale := r.either(scaled, "Div")
	if divided == nil || len(divided.inputs) != 2 {
		return false
	}
	centred, root := r.of(divided.inputs[0], "Sub"), r.of(divided.inputs[1], "Sqrt")
	signal, ok := r.centred(centred)
	if !ok || root == nil {
		return false
	}
	widened := r.of(root.inputs[0], "Add")
	variance, epsilon := r.either(widened, "ReduceMean")
	least, known := r.number(epsilon)
	if variance == nil || !known || !r.overTime(variance) {
		return false
	}
	squared := r.of(variance.inputs[0], "Mul")
	if squared == nil || squared.inputs[0] != squared.inputs[1] {
		return false
	}
	if of, ok := r.centred(r.of(squared.inputs[0], "Sub")); !ok || of != signal {
		return false
	}
	name := add.outputs[0]
	flat := r.integerConstant("accelerated_flat", -1)
	r.replace(add,
		Node{Operator: "Reshape", Inputs: []string{scale, flat}, Output: name + "_scale"},
		Node{Operator: "Reshape", Inputs: []string{shift, flat}, Output: name + "_shift"},
		Node{Operator: "InstanceNormalization", Inputs: []string{signal, name + "_scale", name + "_shift"},
			Attributes: []Attribute{{Name: "epsilon", Float: least, Real: true}}})
	return true
}

// centred says whether an operator takes the mean over time from a signal, and from which.
func (r *rewriter) centred(sub *operator) (signal string, ok bool) {
	if sub == nil || len(sub.inputs) != 2 {
		return "", false
	}
	mean := r.of(sub.inputs[1], "ReduceMean")
	return sub.inputs[0], mean != nil && mean.inputs[0] == sub.inputs[0] && r.overTime(mean)
}

// overTime says whether a mean is over the last of three axes, and keeps it.
func (r *rewriter) overTime(mean *operator) bool {
	if len(mean.inputs) != 2 {
		return false
	}
	axis, ok := r.integer(mean.inputs[1])
	kept, given, err := attributeOf(mean, "keepdims")
	return ok && axis == 2 && err == nil && (!given || len(kept) == 1 && kept[0] == 1)
}

// The polynomial u(u² + au + b) × c is the square of the sine of πr for u = r², |r| ≤ ½, with the least greatest error.
const (
	waveA = -30.7680077 / waveC
	waveB = 9.80183352 / waveC
	waveC = 30.29559441
	// roundTo is the number behind whose sum with a small number there is no room for a fraction: 1.5 × 2²³.
	roundTo = 12582912
)

// wave replaces sin(rate × x)² × depth.
func (r *rewriter) wave(sine *operator) bool {
	argument := r.of(sine.inputs[0], "Mul")
	square := r.reader(sine.outputs[0], "Pow")
	if argument == nil || square == nil || len(argument.inputs) != 2 {
		return false
	}
	if power, known := r.number(square.inputs[1]); !known || power != 2 || square.inputs[0] != sine.outputs[0] {
		return false
	}
	last := r.reader(square.outputs[0], "Mul")
	if last == nil || len(last.inputs) != 2 {
		return false
	}
	depth := last.inputs[0]
	if depth == square.outputs[0] {
		depth = last.inputs[1]
	}
	rate, signal := argument.inputs[0], argument.inputs[1]
	if _, _, constant := r.floats(rate); !constant {
		rate, signal = signal, rate
	}
	name := func(part string) string { return sine.outputs[0] + "_" + part }
	two := func(kind, a, b, to string) Node {
		return Node{Operator: kind, Inputs: []string{a, b}, Output: name(to)}
	}
	half := r.floatConstant("accelerated_half_turn", nil, 1/math.Pi)
	whole := r.floatConstant("accelerated_whole", nil, roundTo)
	a, b, c := r.floatConstant("accelerated_wave_a", nil, waveA), r.floatConstant("accelerated_wave_b", nil, waveB), r.floatConstant("accelerated_wave_c", nil, waveC)
	r.replace(last,
		two("Mul", rate, half, "rate"), two("Mul", depth, c, "depth"), // of constants: computed once, when the model is loaded
		two("Mul", signal, name("rate"), "turns"),
		two("Add", name("turns"), whole, "up"), two("Sub", name("up"), whole, "nearest"), two("Sub", name("turns"), name("nearest"), "part"),
		two("Mul", name("part"), name("part"), "u"),
		two("Add", name("u"), a, "first"), two("Mul", name("first"), name("u"), "second"),
		two("Add", name("second"), b, "third"), two("Mul", name("third"), name("u"), "fourth"),
		two("Mul", name("fourth"), name("depth"), ""))
	return true
}

// spectrum replaces a short-time Fourier transform, and the Transpose to [1, bins, windows, 2] behind it.
func (r *rewriter) spectrum(transform *operator) (bool, error) {
	if len(transform.inputs) != 4 {
		return false, nil
	}
	oneSided, _, err := attributeOf(transform, "onesided")
	if err != nil || len(oneSided) != 1 || oneSided[0] != 1 {
		return false, err
	}
	transposed := r.reader(transform.outputs[0], "Transpose")
	if transposed == nil {
		return false, nil
	}
	if order, _, err := attributeOf(transposed, "perm"); err != nil || len(order) != 4 || order[0] != 0 || order[1] != 2 || order[2] != 1 || order[3] != 3 {
		return false, err
	}
	hop, known := r.integer(transform.inputs[1])
	window, _, windowKnown := r.floats(transform.inputs[2])
	length, lengthKnown := r.integer(transform.inputs[3])
	if !known || !windowKnown || !lengthKnown || length != int64(len(window)) || length%2 != 0 {
		return false, nil
	}
	kernel, bias := fourier(window)
	bins := int64(len(bias) / 2)
	name := func(part string) string { return transform.outputs[0] + "_" + part }
	sines := r.floatConstant(name("sines"), []int64{2 * bins, 1, length}, kernel...)
	r.replace(transposed,
		Node{Operator: "Reshape", Inputs: []string{transform.inputs[0], r.integerConstant(name("shape"), 1, 1, -1)}, Output: name("signal")},
		Node{Operator: "Conv", Inputs: []string{name("signal"), sines, r.floatConstant(name("least"), []int64{2 * bins}, bias...)}, Output: name("parts"),
			Attributes: []Attribute{{Name: "strides", Ints: []int64{hop}}}},
		Node{Operator: "Reshape", Inputs: []string{name("parts"), r.integerConstant(name("two"), 1, 2, bins, -1)}, Output: name("pairs")},
		Node{Operator: "Transpose", Inputs: []string{name("pairs")}, Attributes: []Attribute{{Name: "perm", Ints: []int64{0, 2, 3, 1}}}})
	return true, nil
}

// fourier is the kernel [2 × bins, length] of a Fourier transform of real numbers under a window, first the real parts of all bins, then
// the imaginary ones; and what is added to each. The first and the last bin have no imaginary part: theirs is the least above 0, so that the
// phase of a negative number is π, never -π.
func fourier(window []float32) (kernel, bias []float32) {
	length := len(window)
	bins := length/2 + 1
	kernel, bias = make([]float32, 2*bins*length), make([]float32, 2*bins)
	for bin := range bins {
		for t, share := range window {
			sine, cosine := math.Sincos(2 * math.Pi * float64(bin*t%length) / float64(length))
			kernel[bin*length+t] = float32(cosine * float64(share))
			if bin > 0 && bin < bins-1 {
				kernel[(bins+bin)*length+t] = float32(-sine * float64(share))
			}
		}
	}
	bias[bins], bias[2*bins-1] = leastImaginary, leastImaginary
	return kernel, bias
}

const leastImaginary = 1e-30

// product replaces a product of bytes with what follows where a convolution was (see [MultiplyConvolutions]): turned to [1, channels,
// time], with a bias that was rounded to the scale of the product, as floats, and scaled.
func (r *rewriter) product(multiplied *operator) bool {
	turned := r.reader(multiplied.outputs[0], "Transpose")
	if turned == nil || len(multiplied.inputs) != 4 {
		return false
	}
	biased := r.reader(turned.outputs[0], "Add")
	if biased == nil {
		return false
	}
	_, rounded := r.either(biased, "Transpose")
	cast := r.reader(biased.outputs[0], "Cast")
	if cast == nil {
		return false
	}
	scaled := r.reader(cast.outputs[0], "Mul")
	_, scale := r.either(scaled, "Cast")
	bias, ok := r.bias(rounded, scale)
	if !ok {
		return false
	}
	of := r.of(scale, "Mul") // the scales of both sides
	if of == nil {
		return false
	}
	left, right := of.inputs[0], of.inputs[1]
	if _, constant := r.number(left); constant {
		left, right = right, left
	}
	if _, constant := r.number(right); !constant {
		return false // a scale for each channel
	}
	name := multiplied.outputs[0] + "_floats"
	r.replace(scaled,
		Node{Operator: "MatMulIntegerToFloat", Domain: microsoft, Output: name,
			Inputs: []string{multiplied.inputs[0], multiplied.inputs[1], left, right, multiplied.inputs[2], multiplied.inputs[3], bias}},
		Node{Operator: "Transpose", Inputs: []string{name}, Attributes: []Attribute{{Name: "perm", Ints: []int64{0, 2, 1}}}})
	return true
}

// bias finds the floats that a bias was before it was rounded: Reshape(Cast(Floor(bias / scale))).
func (r *rewriter) bias(rounded, scale string) (string, bool) {
	for _, kind := range []string{"Reshape", "Cast", "Floor"} {
		o := r.of(rounded, kind)
		if o == nil {
			return "", false
		}
		rounded = o.inputs[0]
	}
	divided := r.of(rounded, "Div")
	if divided == nil || len(divided.inputs) != 2 || divided.inputs[1] != scale {
		return "", false
	}
	_, shape, known := r.floats(divided.inputs[0])
	return divided.inputs[0], known && len(shape) == 1
}
