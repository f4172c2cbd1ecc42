package onnx

import (
	"fmt"
	"math"
	"unsafe"
)

// Element is a type of number that a tensor can hold here.
type Element interface {
	float32 | int64 | int32 | bool
}

// Element types as ONNXTensorElementDataType numbers them.
const (
	elementFloat32 = 1
	elementInt32   = 6
	elementInt64   = 7
	elementBool    = 9
)

func elementType[T Element]() (kind int, size int) {
	var zero T
	switch any(zero).(type) {
	case float32:
		return elementFloat32, 4
	case int32:
		return elementInt32, 4
	case int64:
		return elementInt64, 8
	default:
		return elementBool, 1
	}
}

// Tensor is an array of numbers in ONNX Runtime's memory. It must be closed; it is not safe for concurrent use with
// Close, but may be an input of several runs at once.
type Tensor struct {
	lib    *Library
	handle unsafe.Pointer
}

// NewTensor makes a tensor of the shape and copies the data, in row-major order, into it.
func NewTensor[T Element](lib *Library, shape []int64, data []T) (*Tensor, error) {
	count, err := elements(shape)
	if err != nil {
		return nil, err
	}
	if count != len(data) {
		return nil, fmt.Errorf("onnx: shape %v holds %d elements, not %d", shape, count, len(data))
	}
	kind, _ := elementType[T]()
	tensor := &Tensor{lib: lib}
	if err := lib.call("CreateTensorAsOrtValue", fnCreateTensorAsOrtValue, uintptr(lib.allocator),
		uintptr(unsafe.Pointer(unsafe.SliceData(shape))), uintptr(len(shape)), uintptr(kind),
		uintptr(unsafe.Pointer(&tensor.handle))); err != nil {
		return nil, err
	}
	if count > 0 {
		pointer, err := tensor.data()
		if err != nil {
			tensor.Close()
			return nil, err
		}
		copy(unsafe.Slice((*T)(pointer), count), data)
	}
	return tensor, nil
}

// elements is the product of the dimensions.
func elements(shape []int64) (int, error) {
	count := int64(1)
	for _, n := range shape {
		if n < 0 || (n > 0 && count > math.MaxInt32/n) {
			return 0, fmt.Errorf("onnx: shape %v is not one of a tensor here", shape)
		}
		count *= n
	}
	return int(count), nil
}

// Close releases the tensor's memory. Closing twice, or a nil tensor, does nothing.
func (t *Tensor) Close() {
	if t != nil && t.handle != nil {
		t.lib.release(fnReleaseValue, t.handle)
		t.handle = nil
	}
}

// CloseAll closes tensors; nil ones are allowed.
func CloseAll(tensors ...*Tensor) {
	for _, t := range tensors {
		t.Close()
	}
}

func (t *Tensor) data() (unsafe.Pointer, error) {
	var pointer unsafe.Pointer
	err := t.lib.call("GetTensorMutableData", fnGetTensorMutableData, uintptr(t.handle), uintptr(unsafe.Pointer(&pointer)))
	return pointer, err
}

// info returns the type and the dimensions of the tensor.
func (t *Tensor) info() (kind int, shape []int64, err error) {
	if t == nil || t.handle == nil {
		return 0, nil, fmt.Errorf("onnx: the tensor is closed")
	}
	var info unsafe.Pointer
	if err := t.lib.call("GetTensorTypeAndShape", fnGetTensorTypeAndShape, uintptr(t.handle), uintptr(unsafe.Pointer(&info))); err != nil {
		return 0, nil, err
	}
	defer t.lib.release(fnReleaseTensorTypeShape, info)
	var element int32
	if err := t.lib.call("GetTensorElementType", fnGetTensorElementType, uintptr(info), uintptr(unsafe.Pointer(&element))); err != nil {
		return 0, nil, err
	}
	var dimensions uintptr
	if err := t.lib.call("GetDimensionsCount", fnGetDimensionsCount, uintptr(info), uintptr(unsafe.Pointer(&dimensions))); err != nil {
		return 0, nil, err
	}
	shape = make([]int64, dimensions)
	if dimensions > 0 {
		if err := t.lib.call("GetDimensions", fnGetDimensions, uintptr(info), uintptr(unsafe.Pointer(unsafe.SliceData(shape))), dimensions); err != nil {
			return 0, nil, err
		}
	}
	return int(element), shape, nil
}

// Shape returns the tensor's dimensions; none for a single number.
func (t *Tensor) Shape() ([]int64, error) {
	_, shape, err := t.info()
	return shape, err
}

// Data copies the tensor's numbers out, in row-major order. It is an error if the tensor holds another type.
func Data[T Element](t *Tensor) ([]T, error) {
	kind, shape, err := t.info()
	if err != nil {
		return nil, err
	}
	if want, _ := elementType[T](); kind != want {
		return nil, fmt.Errorf("onnx: the tensor holds elements of type %d, not %d", kind, want)
	}
	count, err := elements(shape)
	if err != nil {
		return nil, err
	}
	out := make([]T, count)
	if count == 0 {
		return out, nil
	}
	pointer, err := t.data()
	if err != nil {
		return nil, err
	}
	copy(out, unsafe.Slice((*T)(pointer), count))
	return out, nil
}
