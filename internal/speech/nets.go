package speech

import (
	"context"
	"fmt"

	"twombly/internal/native/onnx"
)

// tensorSet is the inputs of one run, closed together.
type tensorSet struct {
	lib    *onnx.Library
	inputs map[string]*onnx.Tensor
	err    error
}

func newTensorSet(lib *onnx.Library) *tensorSet {
	return &tensorSet{lib: lib, inputs: map[string]*onnx.Tensor{}}
}

// add makes one input; the first failure is kept and reported by run.
func add[T onnx.Element](set *tensorSet, name string, shape []int64, data []T) {
	if set.err != nil {
		return
	}
	set.inputs[name], set.err = onnx.NewTensor(set.lib, shape, data)
}

// run runs the session and closes the inputs; the caller closes the outputs.
func (set *tensorSet) run(ctx context.Context, session *onnx.Session, outputs ...string) ([]*onnx.Tensor, error) {
	defer set.close()
	if set.err != nil {
		return nil, set.err
	}
	return session.Run(ctx, set.inputs, outputs...)
}

func (set *tensorSet) close() {
	for _, tensor := range set.inputs {
		tensor.Close()
	}
}

// oneFloat returns the only number of an output.
func oneFloat(tensor *onnx.Tensor) (float32, error) {
	values, err := onnx.Data[float32](tensor)
	if err != nil {
		return 0, err
	}
	if len(values) != 1 {
		return 0, fmt.Errorf("the net returned %d numbers, not one", len(values))
	}
	return values[0], nil
}
