package onnx

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Patch is a change to the graph of an ONNX model.
type Patch struct {
	// Inputs are added to the model's inputs.
	Inputs []Input
	// Insertions put operators into the graph.
	Insertions []Insertion
	// Outputs are tensors of the graph, old or new, that become outputs of the model. Their types are inferred.
	Outputs []string
}

// Input is a new input of a model, of any shape.
type Input struct {
	Name string
	// Int64 makes its elements int64; else they are float32.
	Int64 bool
}

// Insertion puts operators behind the one that computes a tensor.
type Insertion struct {
	// After is the tensor: the nodes stand behind the operator that computes it.
	After string
	// Nodes are the operators, each after those whose outputs it reads.
	Nodes []Node
	// Replacement, if not empty, is what older operators read in place of the tensor.
	Replacement string
	// Reader, if not empty, is the name of the only operator that reads the replacement; else all do.
	Reader string
}

// Node is an operator of a graph.
type Node struct {
	Operator string
	// Domain is the set of operators it is of; empty for ONNX's own.
	Domain     string
	Inputs     []string
	Output     string
	Attributes []Attribute
}

// Attribute is a parameter of an operator: a list of numbers if one of the lists is not nil, else a float if Real, else an integer.
type Attribute struct {
	Name   string
	Int    int64
	Real   bool
	Float  float32
	Ints   []int64
	Floats []float32
}

// Field numbers of onnx.proto, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
const (
	modelGraph      = 7  // ModelProto.graph
	graphNode       = 1  // GraphProto.node
	graphInput      = 11 // GraphProto.input
	graphOutput     = 12 // GraphProto.output
	nodeInput       = 1  // NodeProto.input
	nodeOutput      = 2  // NodeProto.output
	nodeName        = 3  // NodeProto.name
	nodeOperator    = 4  // NodeProto.op_type
	nodeAttribute   = 5  // NodeProto.attribute
	attributeName   = 1  // AttributeProto.name
	attributeFloat  = 2  // AttributeProto.f
	attributeInt    = 3  // AttributeProto.i
	attributeFloats = 7  // AttributeProto.floats
	attributeInts   = 8  // AttributeProto.ints
	attributeType   = 20 // AttributeProto.type
	valueInfoName   = 1  // ValueInfoProto.name
	valueInfoType   = 2  // ValueInfoProto.type
	typeTensor      = 1  // TypeProto.tensor_type
	tensorElements  = 1  // TypeProto.Tensor.elem_type
)

// AppendOutput returns a copy of the ONNX model in which a tensor that an operator of the graph computes is also an
// output of the model.
func AppendOutput(model []byte, tensor string) ([]byte, error) {
	return Apply(model, Patch{Outputs: []string{tensor}})
}

// Apply returns a copy of the ONNX model with the patch in its graph. The edit is made in the wire format, so that the
// rest of the model stays as it is, byte by byte. It is an error if a tensor that the patch names as computed is not,
// if one that it makes is there already, or if an output is one already.
func Apply(model []byte, patch Patch) ([]byte, error) {
	graph, before, after, err := findGraph(model)
	if err != nil {
		return nil, err
	}
	if err := patch.check(graph); err != nil {
		return nil, err
	}
	edited, err := patch.edit(graph)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, before+len(edited)+16+len(model)-after)
	out = append(out, model[:before]...)
	out = appendMessage(out, modelGraph, edited)
	return append(out, model[after:]...), nil
}

// edit copies the graph field by field and adds the patch.
func (p Patch) edit(graph []byte) ([]byte, error) {
	edited := make([]byte, 0, len(graph)+4096)
	err := eachField(graph, func(number protowire.Number, value []byte, start, end int) error {
		if number != graphNode {
			edited = append(edited, graph[start:end]...)
			return nil
		}
		node, computed, err := p.rewire(value)
		if err != nil {
			return err
		}
		edited = appendMessage(edited, graphNode, node)
		for _, insertion := range p.Insertions {
			if computed[insertion.After] {
				for _, node := range insertion.Nodes {
					edited = appendMessage(edited, graphNode, node.encode())
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, input := range p.Inputs {
		edited = appendMessage(edited, graphInput, input.encode())
	}
	for _, output := range p.Outputs {
		edited = appendMessage(edited, graphOutput, stringField(valueInfoName, output))
	}
	return edited, nil
}

// rewire copies a node of the model with replaced inputs, and says which tensors it computes.
func (p Patch) rewire(node []byte) (copied []byte, computed map[string]bool, err error) {
	computed = map[string]bool{}
	name := ""
	err = eachField(node, func(number protowire.Number, value []byte, _, _ int) error {
		switch number {
		case nodeOutput:
			computed[string(value)] = true
		case nodeName:
			name = string(value)
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	err = eachField(node, func(number protowire.Number, value []byte, start, end int) error {
		if replacement := p.replacement(string(value), name); number == nodeInput && replacement != "" {
			copied = append(copied, stringField(nodeInput, replacement)...)
			return nil
		}
		copied = append(copied, node[start:end]...)
		return nil
	})
	return copied, computed, err
}

// replacement returns what the operator reads in place of the tensor, or nothing.
func (p Patch) replacement(tensor, reader string) string {
	for _, insertion := range p.Insertions {
		if insertion.After == tensor && (insertion.Reader == "" || insertion.Reader == reader) {
			return insertion.Replacement
		}
	}
	return ""
}

// check compares the patch with the tensors of the graph.
func (p Patch) check(graph []byte) error {
	computed, outputs := map[string]bool{}, map[string]bool{}
	collect := func(message []byte, field protowire.Number, names map[string]bool) error {
		return eachField(message, func(number protowire.Number, value []byte, _, _ int) error {
			if number == field {
				names[string(value)] = true
			}
			return nil
		})
	}
	err := eachField(graph, func(number protowire.Number, value []byte, _, _ int) error {
		switch number {
		case graphNode:
			return collect(value, nodeOutput, computed)
		case graphOutput:
			return collect(value, valueInfoName, outputs)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, insertion := range p.Insertions {
		if !computed[insertion.After] {
			return fmt.Errorf("onnx: no operator of the graph computes %q", insertion.After)
		}
	}
	for _, insertion := range p.Insertions {
		for _, node := range insertion.Nodes {
			if computed[node.Output] {
				return fmt.Errorf("onnx: %q is in the graph already", node.Output)
			}
			computed[node.Output] = true
		}
	}
	for _, output := range p.Outputs {
		if !computed[output] || output == "" {
			return fmt.Errorf("onnx: no operator of the graph computes %q", output)
		}
		if outputs[output] {
			return fmt.Errorf("onnx: %q is an output already", output)
		}
		outputs[output] = true
	}
	return nil
}

func (n Node) encode() []byte {
	var message []byte
	for _, input := range n.Inputs {
		message = append(message, stringField(nodeInput, input)...)
	}
	message = append(message, stringField(nodeOutput, n.Output)...)
	message = append(message, stringField(nodeName, n.Output)...)
	message = append(message, stringField(nodeOperator, n.Operator)...)
	if n.Domain != "" {
		message = append(message, stringField(nodeDomain, n.Domain)...)
	}
	for _, attribute := range n.Attributes {
		message = appendMessage(message, nodeAttribute, attribute.encode())
	}
	return message
}

func (a Attribute) encode() []byte {
	const (
		typeFloat  = 1 // AttributeProto.FLOAT
		typeInt    = 2 // AttributeProto.INT
		typeFloats = 6 // AttributeProto.FLOATS
		typeInts   = 7 // AttributeProto.INTS
	)
	message := stringField(attributeName, a.Name)
	kind := uint64(typeInt)
	switch {
	case a.Ints != nil:
		kind = typeInts
		for _, x := range a.Ints {
			message = appendInteger(message, attributeInts, uint64(x))
		}
	case a.Floats != nil:
		kind = typeFloats
		for _, x := range a.Floats {
			message = protowire.AppendTag(message, attributeFloats, protowire.Fixed32Type)
			message = protowire.AppendFixed32(message, math.Float32bits(x))
		}
	case a.Real:
		kind = typeFloat
		message = protowire.AppendTag(message, attributeFloat, protowire.Fixed32Type)
		message = protowire.AppendFixed32(message, math.Float32bits(a.Float))
	default:
		message = appendInteger(message, attributeInt, uint64(a.Int))
	}
	return appendInteger(message, attributeType, kind)
}

func (i Input) encode() []byte {
	kind := uint64(elementFloat32)
	if i.Int64 {
		kind = elementInt64
	}
	tensor := appendMessage(nil, typeTensor, appendInteger(nil, tensorElements, kind))
	return appendMessage(stringField(valueInfoName, i.Name), valueInfoType, tensor)
}

func stringField(number protowire.Number, text string) []byte {
	return protowire.AppendString(protowire.AppendTag(nil, number, protowire.BytesType), text)
}

func appendMessage(to []byte, number protowire.Number, message []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(to, number, protowire.BytesType), message)
}

func appendInteger(to []byte, number protowire.Number, x uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(to, number, protowire.VarintType), x)
}

// findGraph returns the bytes of the model's graph, and where its field begins and ends.
func findGraph(model []byte) (graph []byte, before, after int, err error) {
	found := false
	err = eachField(model, func(number protowire.Number, value []byte, start, end int) error {
		if number == modelGraph && value != nil {
			if found {
				return errors.New("onnx: the model has two graphs")
			}
			graph, before, after, found = value, start, end, true
		}
		return nil
	})
	if err == nil && !found {
		err = errors.New("onnx: the model has no graph")
	}
	return graph, before, after, err
}

// eachField calls visit for each field of a message: its number, its contents if it is length-delimited (else nil),
// and where the field with its tag begins and ends in the message.
func eachField(message []byte, visit func(number protowire.Number, value []byte, start, end int) error) error {
	for at := 0; at < len(message); {
		number, kind, length := protowire.ConsumeField(message[at:])
		if length < 0 {
			return fmt.Errorf("onnx: not a model: %w", protowire.ParseError(length))
		}
		var value []byte
		if kind == protowire.BytesType {
			_, _, tag := protowire.ConsumeTag(message[at:])
			value, _ = protowire.ConsumeBytes(message[at+tag:])
		}
		if err := visit(number, value, at, at+length); err != nil {
			return err
		}
		at += length
	}
	return nil
}
