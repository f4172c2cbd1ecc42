package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of onnx.proto that only this file needs.
const (
	nodeDomain = 7 // NodeProto.domain
)

// operator is a node of a graph that is being rewritten.
type operator struct {
	kind            string // its name in ONNX's own set, empty for one of another set
	inputs, outputs []string
	message         []byte // NodeProto
}

// rewriter replaces groups of operators of one graph by others that compute the same.
type rewriter struct {
	operators []operator
	computes  map[string]int   // the operator that computes a tensor
	readers   map[string][]int // those that read it
	constants map[string][]byte
	outputs   map[string]bool // of the graph
	// instead holds what stands in the place of an operator.
	instead map[int][]Node
	// added are new constants, as fields of the graph, in pieces.
	added [][]byte
	rest  [][]byte // the graph's other fields
}

// readGraph takes a graph apart.
func readGraph(graph []byte) (*rewriter, error) {
	r := &rewriter{
		computes: map[string]int{}, readers: map[string][]int{}, constants: map[string][]byte{}, outputs: map[string]bool{},
		instead: map[int][]Node{},
	}
	return r, eachField(graph, func(number protowire.Number, value []byte, start, end int) error {
		if number == graphNode {
			return r.take(value)
		}
		r.rest = append(r.rest, graph[start:end])
		var name string
		var err error
		switch number {
		case graphInitializer:
			name, err = stringIn(value, tensorName)
			r.constants[name] = value
		case graphOutput:
			name, err = stringIn(value, valueInfoName)
			r.outputs[name] = true
		}
		return err
	})
}

// take reads one operator.
func (r *rewriter) take(message []byte) error {
	o := operator{message: message}
	foreign := false
	err := eachField(message, func(number protowire.Number, value []byte, _, _ int) error {
		switch number {
		case nodeInput:
			o.inputs = append(o.inputs, string(value))
		case nodeOutput:
			o.outputs = append(o.outputs, string(value))
		case nodeOperator:
			o.kind = string(value)
		case nodeDomain:
			foreign = len(value) > 0
		}
		return nil
	})
	if foreign {
		o.kind = ""
	}
	index := len(r.operators)
	for _, input := range o.inputs {
		r.readers[input] = append(r.readers[input], index)
	}
	for _, output := range o.outputs {
		r.computes[output] = index
	}
	r.operators = append(r.operators, o)
	return err
}

// of returns the operator of a kind that computes a tensor; nil when something else does.
func (r *rewriter) of(tensor, kind string) *operator {
	index, computed := r.computes[tensor]
	if !computed || r.operators[index].kind != kind || len(r.operators[index].outputs) == 0 || r.operators[index].outputs[0] != tensor {
		return nil
	}
	return &r.operators[index]
}

// either finds, among the two inputs of an operator, the one that an operator of a kind computes, and the other.
func (r *rewriter) either(o *operator, kind string) (found *operator, other string) {
	if o == nil || len(o.inputs) != 2 {
		return nil, ""
	}
	for i, input := range o.inputs {
		if found := r.of(input, kind); found != nil {
			return found, o.inputs[1-i]
		}
	}
	return nil, ""
}

// reader returns the only operator that reads a tensor, if it is of a kind; nil when it isn't, or the tensor is needed elsewhere too.
func (r *rewriter) reader(tensor, kind string) *operator {
	readers := r.readers[tensor]
	if len(readers) == 0 || r.outputs[tensor] || r.operators[readers[0]].kind != kind || len(r.operators[readers[0]].outputs) != 1 {
		return nil
	}
	for _, index := range readers {
		if index != readers[0] {
			return nil
		}
	}
	return &r.operators[readers[0]]
}

// replace has nodes stand in the place of the operator whose output the last of them computes. What only it needed goes.
func (r *rewriter) replace(old *operator, nodes ...Node) {
	nodes[len(nodes)-1].Output = old.outputs[0]
	r.instead[r.computes[old.outputs[0]]] = nodes
}

// floats returns a constant of floats and its shape.
func (r *rewriter) floats(name string) (values []float32, shape []int64, ok bool) {
	raw, shape, ok := r.raw(name, elementFloat32)
	for at := 0; at+4 <= len(raw); at += 4 {
		values = append(values, math.Float32frombits(binary.LittleEndian.Uint32(raw[at:])))
	}
	return values, shape, ok
}

// integers returns a constant of int64.
func (r *rewriter) integers(name string) (values []int64, ok bool) {
	raw, _, ok := r.raw(name, elementInt64)
	for at := 0; at+8 <= len(raw); at += 8 {
		values = append(values, int64(binary.LittleEndian.Uint64(raw[at:])))
	}
	return values, ok
}

// raw returns the bytes of a constant of some type that keeps its numbers as such.
func (r *rewriter) raw(name string, kind int64) (raw []byte, shape []int64, ok bool) {
	tensor, found := r.constants[name]
	if !found {
		return nil, nil, false
	}
	kinds, err := integersIn(tensor, tensorType)
	if err != nil || len(kinds) != 1 || kinds[0] != kind {
		return nil, nil, false
	}
	if shape, err = integersIn(tensor, tensorDims); err != nil {
		return nil, nil, false
	}
	err = eachField(tensor, func(number protowire.Number, value []byte, _, _ int) error {
		if number == tensorRawData {
			raw = value
		}
		return nil
	})
	return raw, shape, err == nil && len(raw) > 0
}

// number returns a constant of one float.
func (r *rewriter) number(name string) (float32, bool) {
	values, _, ok := r.floats(name)
	if !ok || len(values) != 1 {
		return 0, false
	}
	return values[0], true
}

// integer returns a constant of one int64.
func (r *rewriter) integer(name string) (int64, bool) {
	values, ok := r.integers(name)
	if !ok || len(values) != 1 {
		return 0, false
	}
	return values[0], true
}

// constant makes a constant, or finds it where one of that name is there already.
func (r *rewriter) constant(name string, kind uint64, shape []int64, raw []byte) string {
	if _, made := r.constants[name]; !made {
		pieces := initializer(name, kind, shape, raw)
		r.constants[name] = nil
		r.added = append(r.added, pieces...)
	}
	return name
}

func (r *rewriter) floatConstant(name string, shape []int64, values ...float32) string {
	var raw []byte
	for _, value := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(value))
	}
	return r.constant(name, elementFloat32, shape, raw)
}

func (r *rewriter) integerConstant(name string, values ...int64) string {
	return r.constant(name, elementInt64, []int64{int64(len(values))}, integerBytes(values...))
}

// initializer is a constant as a field of a graph, in two pieces: the second is the numbers themselves.
func initializer(name string, kind uint64, shape []int64, raw []byte) [][]byte {
	var tensor []byte
	for _, n := range shape {
		tensor = appendInteger(tensor, tensorDims, uint64(n))
	}
	tensor = appendInteger(tensor, tensorType, kind)
	tensor = append(tensor, stringField(tensorName, name)...)
	tensor = appendMessageHead(tensor, tensorRawData, len(raw))
	head := appendMessageHead(nil, graphInitializer, len(tensor)+len(raw))
	return [][]byte{append(head, tensor...), raw}
}

// step is an operator of the graph as it will be.
type step struct {
	message []byte
	inputs  []string
	outputs []string
}

// pieces is the graph with all that was replaced, without operators that nobody needs any more.
func (r *rewriter) pieces() [][]byte {
	var steps []step
	for index, o := range r.operators {
		nodes, replaced := r.instead[index]
		if !replaced {
			steps = append(steps, step{o.message, o.inputs, o.outputs})
		}
		for _, node := range nodes {
			steps = append(steps, step{node.encode(), node.Inputs, []string{node.Output}})
		}
	}
	needed := map[string]bool{}
	for output := range r.outputs {
		needed[output] = true
	}
	var kept []step
	for _, s := range slices.Backward(steps) {
		if slices.ContainsFunc(s.outputs, func(name string) bool { return needed[name] }) {
			kept = append(kept, s)
			for _, input := range s.inputs {
				needed[input] = true
			}
		}
	}
	var nodes []byte
	for _, s := range slices.Backward(kept) {
		nodes = appendMessage(nodes, graphNode, s.message)
	}
	return slices.Concat([][]byte{nodes}, r.rest, r.added)
}

// attributeOf returns an integer attribute of an operator.
func attributeOf(o *operator, name string) (value []int64, found bool, err error) {
	err = eachField(o.message, func(number protowire.Number, message []byte, _, _ int) error {
		if number != nodeAttribute {
			return nil
		}
		called, err := stringIn(message, attributeName)
		if err != nil || called != name {
			return err
		}
		found = true
		if value, err = integersIn(message, attributeInts); err == nil && len(value) == 0 {
			value, err = integersIn(message, attributeInt)
		}
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("onnx: attribute %s: %w", name, err)
	}
	return value, found, nil
}
