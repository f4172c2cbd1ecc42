package onnx

import (
	"encoding/binary"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of onnx.proto that only this file needs.
const (
	graphInitializer = 5 // GraphProto.initializer
	tensorDims       = 1 // TensorProto.dims
	tensorType       = 2 // TensorProto.data_type
	tensorInt32Data  = 5 // TensorProto.int32_data
	tensorName       = 8 // TensorProto.name
	tensorRawData    = 9 // TensorProto.raw_data
)

const (
	elementUint8 = 2
	elementInt8  = 3
)

// MultiplyConvolutions returns a copy of the ONNX model in which the quantised convolutions over time (ConvInteger with
// one dimension, one group and a stride of 1) are matrix products, and how many they were. Both compute the same
// integers.
//
// ONNX Runtime multiplies unsigned by signed bytes with the processor's own dot product (VNNI) when the signed matrix is
// a constant on the right, packed once when the model is loaded. In ConvInteger the weights stand on the left, unsigned,
// and take a kernel that is slower by nearly half. So the weights w become w - 128, signed, with their zero point moved
// along; and the windows of the signal are laid beside each other, as one row of a matrix for each point in time.
//
// On x86 processors without VNNI the kernel for signed bytes adds pairs in 16 bits and may saturate: don't use it there.
func MultiplyConvolutions(model []byte) ([]byte, int, error) {
	graph, before, after, err := findGraph(model)
	if err != nil {
		return nil, 0, err
	}
	m := multiplier{initializers: map[string][]byte{}, replaced: map[string]bool{}, named: map[string]bool{}}
	edited, err := m.edit(graph)
	if err != nil {
		return nil, 0, err
	}
	return withGraph(model, before, after, edited), len(m.replaced), nil
}

// withGraph returns a copy of the model with other pieces for its graph, which lies between before and after.
func withGraph(model []byte, before, after int, pieces [][]byte) []byte {
	size := 0
	for _, piece := range pieces {
		size += len(piece)
	}
	out := make([]byte, 0, before+size+16+len(model)-after)
	out = append(out, model[:before]...)
	out = appendMessageHead(out, modelGraph, size)
	for _, piece := range pieces {
		out = append(out, piece...)
	}
	return append(out, model[after:]...)
}

// appendMessageHead appends what stands before the size bytes of a field that is a message.
func appendMessageHead(out []byte, field protowire.Number, size int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(out, field, protowire.BytesType), uint64(size))
}

type multiplier struct {
	initializers map[string][]byte // TensorProto by name
	users        map[string]int    // how many operators read each tensor
	replaced     map[string]bool   // weights of convolutions that are products now
	named        map[string]bool   // constants made so far
	added        [][]byte          // new initializers, as fields of the graph, in pieces
}

// edit returns the graph with its convolutions replaced, in pieces: the weights are a hundred megabytes, and a worker that
// was lost is waited for, so they are copied once.
func (m *multiplier) edit(graph []byte) ([][]byte, error) {
	if err := m.collect(graph); err != nil {
		return nil, err
	}
	nodes := make([]byte, 0, len(graph)/8)
	var rest [][2]int // the other fields, copied once it is known which weights are needed no more
	err := eachField(graph, func(number protowire.Number, value []byte, start, end int) error {
		if number != graphNode {
			rest = append(rest, [2]int{start, end})
			return nil
		}
		conv, err := parseConvolution(value)
		if err != nil {
			return err
		}
		products, ok, err := m.products(conv)
		if err != nil {
			return err
		}
		if !ok {
			nodes = append(nodes, graph[start:end]...)
			return nil
		}
		for _, node := range products {
			nodes = appendMessage(nodes, graphNode, node.encode())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	edited := [][]byte{nodes}
	for _, field := range rest {
		bytes := graph[field[0]:field[1]]
		err := eachField(bytes, func(number protowire.Number, value []byte, _, _ int) error {
			if number == graphInitializer {
				name, err := stringIn(value, tensorName)
				if err != nil || m.replaced[name] {
					return err
				}
			}
			edited = append(edited, bytes)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return append(edited, m.added...), nil
}

// collect finds the graph's constants and counts who reads what.
func (m *multiplier) collect(graph []byte) error {
	m.users = map[string]int{}
	return eachField(graph, func(number protowire.Number, value []byte, _, _ int) error {
		switch number {
		case graphInitializer:
			name, err := stringIn(value, tensorName)
			m.initializers[name] = value
			return err
		case graphNode:
			return eachField(value, func(number protowire.Number, name []byte, _, _ int) error {
				if number == nodeInput {
					m.users[string(name)]++
				}
				return nil
			})
		}
		return nil
	})
}

// convolution is a ConvInteger of the graph.
type convolution struct {
	name, operator           string
	inputs, outputs          []string
	group                    int64
	kernel, dilations        []int64
	strides, pads            []int64
	automatic                bool // the padding is not given by numbers
	foreign, otherAttributes bool
}

func parseConvolution(node []byte) (convolution, error) {
	c := convolution{group: 1}
	err := eachField(node, func(number protowire.Number, value []byte, _, _ int) error {
		switch number {
		case nodeInput:
			c.inputs = append(c.inputs, string(value))
		case nodeOutput:
			c.outputs = append(c.outputs, string(value))
		case nodeName:
			c.name = string(value)
		case nodeOperator:
			c.operator = string(value)
		case nodeDomain:
			c.foreign = len(value) > 0
		}
		return nil
	})
	if err != nil || c.operator != "ConvInteger" {
		return c, err
	}
	return c, eachField(node, func(number protowire.Number, value []byte, _, _ int) error {
		if number == nodeAttribute {
			return c.attribute(value)
		}
		return nil
	})
}

func (c *convolution) attribute(message []byte) error {
	name, err := stringIn(message, attributeName)
	if err != nil {
		return err
	}
	switch name {
	case "group":
		var group []int64
		if group, err = integersIn(message, attributeInt); len(group) == 1 {
			c.group = group[0]
		}
	case "kernel_shape":
		c.kernel, err = integersIn(message, attributeInts)
	case "dilations":
		c.dilations, err = integersIn(message, attributeInts)
	case "strides":
		c.strides, err = integersIn(message, attributeInts)
	case "pads":
		c.pads, err = integersIn(message, attributeInts)
	case "auto_pad":
		var mode string
		mode, err = stringIn(message, 4) // AttributeProto.s
		c.automatic = mode != "NOTSET"
	default:
		c.otherAttributes = true
	}
	return err
}

// simple says whether the convolution is one that can be replaced.
func (c *convolution) simple() bool {
	is := func(list []int64, value int64) bool { return len(list) == 1 && list[0] == value }
	return c.operator == "ConvInteger" && !c.foreign && !c.automatic && !c.otherAttributes && len(c.inputs) == 4 && len(c.outputs) == 1 &&
		c.group == 1 && len(c.kernel) == 1 && len(c.dilations) == 1 && is(c.strides, 1) && len(c.pads) == 2
}

// products returns the operators that replace the convolution, if they can.
func (m *multiplier) products(c convolution) ([]Node, bool, error) {
	if !c.simple() || m.users[c.inputs[1]] != 1 {
		return nil, false, nil
	}
	signal, weights, zero, weightZero := c.inputs[0], c.inputs[1], c.inputs[2], c.inputs[3]
	columns, shape, ok, err := m.columns(weights)
	if err != nil || !ok || shape[2] != c.kernel[0] {
		return nil, false, err
	}
	origin, ok, err := m.byteOf(weightZero)
	if err != nil || !ok {
		return nil, false, err
	}
	m.replaced[weights] = true
	outputs, inputs, kernel := shape[0], shape[1], shape[2]
	right, rightZero := weights+"_columns", weights+"_columns_zero"
	m.add(right, elementInt8, []int64{kernel * inputs, outputs}, columns)
	m.add(rightZero, elementInt8, nil, []byte{origin - 128})

	name := func(part string) string { return c.outputs[0] + "_" + part }
	transpose := func(from, to string) Node {
		return Node{Operator: "Transpose", Inputs: []string{from}, Output: to, Attributes: []Attribute{{Name: "perm", Ints: []int64{0, 2, 1}}}}
	}
	nodes := []Node{transpose(signal, name("rows"))} // [1, time, channels]
	rows := name("rows")
	if kernel > 1 {
		pads := m.add(name("pads"), elementInt64, []int64{6}, integerBytes(0, c.pads[0], 0, 0, c.pads[1], 0))
		nodes = append(nodes, Node{Operator: "Pad", Inputs: []string{rows, pads, zero}, Output: name("padded")})
		nodes = append(nodes, m.windows(c, rows, inputs, name)...)
		rows = name("windows")
	}
	nodes = append(nodes,
		Node{Operator: "MatMulInteger", Inputs: []string{rows, right, zero, rightZero}, Output: name("product")},
		transpose(name("product"), c.outputs[0]))
	return nodes, true, nil
}

// windows lays the points of a padded signal that the kernel sees beside each other: from [1, padded, channels] to [1, time, kernel ×
// channels]. One Gather of whole points copies them once, in all threads, where a Slice for each point of the kernel and a Concat
// copy them twice, in one.
func (m *multiplier) windows(c convolution, rows string, channels int64, name func(string) string) []Node {
	kernel, dilation := c.kernel[0], c.dilations[0]
	offsets := make([]int64, kernel)
	for k := range offsets {
		offsets[k] = int64(k) * dilation
	}
	two := func(operator, a, b, to string) Node {
		return Node{Operator: operator, Inputs: []string{a, b}, Output: name(to)}
	}
	return []Node{
		{Operator: "Shape", Inputs: []string{rows}, Output: name("shape")},
		two("Gather", name("shape"), m.scalar(1), "length"),
		two("Add", name("length"), m.scalar(c.pads[0]+c.pads[1]-(kernel-1)*dilation), "times"),
		{Operator: "Range", Inputs: []string{m.scalar(0), name("times"), m.scalar(1)}, Output: name("firsts")},
		two("Unsqueeze", name("firsts"), m.integers(1), "column"),
		two("Add", name("column"), m.integers(offsets...), "points"),
		{Operator: "Gather", Inputs: []string{name("padded"), name("points")}, Output: name("gathered"), Attributes: []Attribute{{Name: "axis", Int: 1}}},
		two("Reshape", name("gathered"), m.integers(1, -1, kernel*channels), "windows"),
	}
}

// columns returns a convolution's weights, given as [outputs, inputs, kernel] of unsigned bytes, as the matrix [kernel ×
// inputs, outputs] of signed ones, 128 less.
func (m *multiplier) columns(weights string) (columns []byte, shape []int64, ok bool, err error) {
	shape, raw, _, ok, err := m.bytes(weights)
	if err != nil || !ok || len(shape) != 3 {
		return nil, nil, false, err
	}
	outputs, inputs, kernel := int(shape[0]), int(shape[1]), int(shape[2])
	if outputs <= 0 || inputs <= 0 || kernel <= 0 || len(raw) != outputs*inputs*kernel {
		return nil, nil, false, nil
	}
	columns = make([]byte, len(raw))
	for first := 0; first < outputs; first += block {
		last := min(first+block, outputs)
		for i := range inputs {
			for k := range kernel {
				row := columns[(k*inputs+i)*outputs:]
				for o := first; o < last; o++ {
					row[o] = raw[(o*inputs+i)*kernel+k] - 128
				}
			}
		}
	}
	return columns, shape, true, nil
}

// block is how many rows of a matrix are turned into columns together: so many lines of the processor's first cache.
const block = 64

// byteOf returns a constant that is one unsigned byte.
func (m *multiplier) byteOf(name string) (value byte, ok bool, err error) {
	shape, raw, integers, ok, err := m.bytes(name)
	switch {
	case err != nil || !ok || len(shape) > 1 || (len(shape) == 1 && shape[0] != 1):
		return 0, false, err
	case len(raw) == 1:
		return raw[0], true, nil
	case len(integers) == 1 && integers[0] >= 0 && integers[0] < 256:
		return byte(integers[0]), true, nil
	}
	return 0, false, nil
}

// bytes returns a constant of unsigned bytes: its shape, and its numbers as bytes or as integers.
func (m *multiplier) bytes(name string) (shape []int64, raw []byte, integers []int64, ok bool, err error) {
	tensor, found := m.initializers[name]
	if !found {
		return nil, nil, nil, false, nil
	}
	kind, err := integersIn(tensor, tensorType)
	if err != nil || len(kind) != 1 || kind[0] != elementUint8 {
		return nil, nil, nil, false, err
	}
	if shape, err = integersIn(tensor, tensorDims); err != nil {
		return nil, nil, nil, false, err
	}
	if integers, err = integersIn(tensor, tensorInt32Data); err != nil {
		return nil, nil, nil, false, err
	}
	err = eachField(tensor, func(number protowire.Number, value []byte, _, _ int) error {
		if number == tensorRawData {
			raw = value
		}
		return nil
	})
	return shape, raw, integers, err == nil, err
}

// add makes a constant.
func (m *multiplier) add(name string, kind uint64, shape []int64, raw []byte) string {
	m.added = append(m.added, initializer(name, kind, shape, raw)...)
	return name
}

// integers returns the name of a constant list of int64, the same for the same values.
func (m *multiplier) integers(values ...int64) string {
	return m.made(fmt.Sprint("windows_integers_", values), []int64{int64(len(values))}, values)
}

// scalar returns the name of a constant int64 without axes, the same for the same value.
func (m *multiplier) scalar(value int64) string {
	return m.made(fmt.Sprint("windows_integer_", value), nil, []int64{value})
}

func (m *multiplier) made(name string, shape, values []int64) string {
	if !m.named[name] {
		m.named[name] = true
		m.add(name, elementInt64, shape, integerBytes(values...))
	}
	return name
}

func integerBytes(values ...int64) []byte {
	var out []byte
	for _, value := range values {
		out = binary.LittleEndian.AppendUint64(out, uint64(value))
	}
	return out
}

// stringIn returns a message's field of text, the last if there are several, or nothing.
func stringIn(message []byte, field protowire.Number) (text string, err error) {
	err = eachField(message, func(number protowire.Number, value []byte, _, _ int) error {
		if number == field && value != nil {
			text = string(value)
		}
		return nil
	})
	return text, err
}

// integersIn returns all integers of a message's field, packed or not.
func integersIn(message []byte, field protowire.Number) (integers []int64, err error) {
	err = eachField(message, func(number protowire.Number, value []byte, start, end int) error {
		if number != field {
			return nil
		}
		packed := value
		if value == nil {
			_, kind, tag := protowire.ConsumeTag(message[start:end])
			if kind != protowire.VarintType {
				return fmt.Errorf("onnx: field %d is no integer", field)
			}
			packed = message[start+tag : end]
		}
		for len(packed) > 0 {
			x, length := protowire.ConsumeVarint(packed)
			if length < 0 {
				return fmt.Errorf("onnx: not a model: %w", protowire.ParseError(length))
			}
			integers = append(integers, int64(x))
			packed = packed[length:]
		}
		return nil
	})
	return integers, err
}
