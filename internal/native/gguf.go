package native

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
)

// GGUF describes a language model file in the GGUF format. https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
type GGUF struct {
	// Version is the format's, 2 or 3.
	Version uint32
	// Architecture, Name and Chat come from the file's own description: "qwen2", "Qwen2.5 Coder 1.5B Instruct"; Chat says
	// whether it brings a template for conversations, without which it is a base model that doesn't talk.
	Architecture, Name string
	Chat               bool
	// ContextTokens is how many tokens it was trained to read at once, 0 if it doesn't say.
	ContextTokens uint64
	// Parameters is the number of its weights.
	Parameters uint64
	// Bytes is the file's size.
	Bytes int64
}

// ErrGGUF is wrapped by errors about files that are not usable language models in the GGUF format.
var ErrGGUF = errors.New("not a usable GGUF file")

const (
	ggufMostTensors = 1 << 20
	ggufMostPairs   = 1 << 16
	ggufMostString  = 1 << 26 // bytes
	ggufMostArray   = 1 << 28 // elements
	ggufHeaderLimit = 1 << 30 // bytes up to the weights
)

// CheckGGUF reads the header of a language model file and sees whether all the weights that it announces are there. The
// error wraps [ErrGGUF], and [ErrTruncated] too when the file ends early; it is a sentence for a person.
func CheckGGUF(path string) (GGUF, error) {
	file, err := os.Open(path)
	if err != nil {
		return GGUF{}, fmt.Errorf("checking a model: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return GGUF{}, fmt.Errorf("checking a model: %w", err)
	}
	if !info.Mode().IsRegular() {
		return GGUF{}, fmt.Errorf("%s is %w: it is not a file", path, ErrGGUF)
	}
	model, err := parseGGUF(file, info.Size())
	if err != nil {
		return GGUF{}, fmt.Errorf("%s is %w: %w", path, ErrGGUF, err)
	}
	return model, nil
}

// parseGGUF reads a header from a file of size bytes.
func parseGGUF(data io.Reader, size int64) (GGUF, error) {
	r := &ggufReader{data: bufio.NewReaderSize(io.LimitReader(data, ggufHeaderLimit), 1<<16)}
	model := GGUF{Bytes: size}
	magic := make([]byte, 4)
	r.bytes(magic)
	if r.err == nil && string(magic) != "GGUF" {
		return GGUF{}, fmt.Errorf("it begins with %q", magic)
	}
	model.Version = r.u32()
	tensors, pairs := r.u64(), r.u64()
	switch {
	case r.err != nil:
		return GGUF{}, r.err
	case model.Version != 2 && model.Version != 3:
		return GGUF{}, fmt.Errorf("version %d of the format is not known here", model.Version)
	case tensors == 0 || tensors > ggufMostTensors || pairs > ggufMostPairs:
		return GGUF{}, fmt.Errorf("it announces %d tensors and %d properties", tensors, pairs)
	}
	alignment, parts := uint64(32), uint64(0)
	for range pairs {
		key := r.string()
		kind := r.u32()
		text, number := r.value(kind, 0)
		if r.err != nil {
			return GGUF{}, r.err
		}
		switch key {
		case "general.architecture":
			model.Architecture = text
		case "general.name":
			model.Name = text
		case "general.alignment":
			alignment = number
		case "split.count":
			parts = number
		case "tokenizer.chat_template":
			model.Chat = text != ""
		case model.Architecture + ".context_length":
			model.ContextTokens = number
		}
	}
	if parts > 1 {
		return GGUF{}, fmt.Errorf("it is one of %d parts; join them first (llama-gguf-split --merge)", parts)
	}
	if alignment == 0 || alignment > 1<<20 || alignment&(alignment-1) != 0 {
		return GGUF{}, fmt.Errorf("its alignment is %d", alignment)
	}
	end, parameters, err := r.tensors(tensors)
	if err != nil {
		return GGUF{}, err
	}
	model.Parameters = parameters
	weights := (uint64(r.read) + alignment - 1) / alignment * alignment
	if need := weights + end; need > uint64(size) {
		return GGUF{}, fmt.Errorf("%w: %d bytes, and its weights end at %d", ErrTruncated, size, need)
	}
	return model, nil
}

// ggufReader reads little-endian values; after the first error it reads zeros.
type ggufReader struct {
	data io.Reader
	read int64
	err  error
}

func (r *ggufReader) bytes(into []byte) {
	if r.err != nil {
		return
	}
	n, err := io.ReadFull(r.data, into)
	r.read += int64(n)
	if err != nil {
		r.err = fmt.Errorf("%w in its description", cutShort(err))
		clear(into)
	}
}

func (r *ggufReader) u32() uint32 {
	var b [4]byte
	r.bytes(b[:])
	return binary.LittleEndian.Uint32(b[:])
}

func (r *ggufReader) u64() uint64 {
	var b [8]byte
	r.bytes(b[:])
	return binary.LittleEndian.Uint64(b[:])
}

// skip passes over n bytes.
func (r *ggufReader) skip(n uint64) {
	if r.err != nil {
		return
	}
	if n > ggufHeaderLimit {
		r.err = fmt.Errorf("its description has a value of %d bytes", n)
		return
	}
	skipped, err := io.CopyN(io.Discard, r.data, int64(n))
	r.read += skipped
	if err != nil {
		r.err = fmt.Errorf("%w in its description", cutShort(err))
	}
}

// string reads a string; of one longer than 64 kB only the beginning is kept.
func (r *ggufReader) string() string {
	length := r.u64()
	if length > ggufMostString {
		if r.err == nil {
			r.err = fmt.Errorf("its description has a text of %d bytes", length)
		}
		return ""
	}
	kept := make([]byte, min(length, 1<<16))
	r.bytes(kept)
	r.skip(length - uint64(len(kept)))
	return string(kept)
}

// Types of properties: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md#file-structure
const (
	ggufString = 8
	ggufArray  = 9
)

// ggufScalar is the size of a property of a type in bytes, 0 for those that are not scalars.
func ggufScalar(kind uint32) uint64 {
	switch kind {
	case 0, 1, 7: // uint8, int8, bool
		return 1
	case 2, 3: // uint16, int16
		return 2
	case 4, 5, 6: // uint32, int32, float32
		return 4
	case 10, 11, 12: // uint64, int64, float64
		return 8
	default:
		return 0
	}
}

// value reads a property's value: its text, or its bits as a number. Arrays are passed over.
func (r *ggufReader) value(kind uint32, depth int) (text string, number uint64) {
	switch size := ggufScalar(kind); {
	case r.err != nil:
	case size > 0:
		var b [8]byte
		r.bytes(b[:size])
		number = binary.LittleEndian.Uint64(b[:])
	case kind == ggufString:
		text = r.string()
	case kind == ggufArray:
		r.array(depth)
	default:
		r.err = fmt.Errorf("its description has a value of unknown type %d", kind)
	}
	return text, number
}

func (r *ggufReader) array(depth int) {
	kind, length := r.u32(), r.u64()
	if r.err == nil && (length > ggufMostArray || depth > 3) {
		r.err = fmt.Errorf("its description has a list of %d values, %d deep", length, depth+1)
	}
	if size := ggufScalar(kind); size > 0 {
		r.skip(length * size)
		return
	}
	for i := uint64(0); i < length && r.err == nil; i++ {
		r.value(kind, depth+1)
	}
}

// ggufBlock is a type of weights: so many in so many bytes. By the number in the file; types that ggml has withdrawn or
// that are newer than this table are not in it. https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h
var ggufBlock = map[uint32]struct{ weights, bytes uint64 }{
	0: {1, 4}, 1: {1, 2}, 2: {32, 18}, 3: {32, 20}, 6: {32, 22}, 7: {32, 24}, 8: {32, 34}, 9: {32, 36},
	10: {256, 84}, 11: {256, 110}, 12: {256, 144}, 13: {256, 176}, 14: {256, 210}, 15: {256, 292},
	16: {256, 66}, 17: {256, 74}, 18: {256, 98}, 19: {256, 50}, 20: {32, 18}, 21: {256, 110}, 22: {256, 82}, 23: {256, 136},
	24: {1, 1}, 25: {1, 2}, 26: {1, 4}, 27: {1, 8}, 28: {1, 8}, 29: {256, 56}, 30: {1, 2}, 34: {256, 54}, 35: {256, 66}, 39: {32, 17},
}

// tensors reads the table of tensors. It returns where the last byte of their weights lies, from the first, and how many
// weights there are. Of a type that isn't known only the beginning is counted.
func (r *ggufReader) tensors(count uint64) (end, parameters uint64, err error) {
	for range count {
		r.string()
		dimensions := r.u32()
		if r.err == nil && (dimensions == 0 || dimensions > 8) {
			return 0, 0, fmt.Errorf("it has a tensor of %d dimensions", dimensions)
		}
		sizes := make([]uint64, 0, 8)
		for range dimensions {
			if r.err != nil {
				return 0, 0, r.err
			}
			sizes = append(sizes, r.u64())
		}
		kind, offset := r.u32(), r.u64()
		if r.err != nil {
			return 0, 0, r.err
		}
		weights := uint64(1)
		for _, size := range sizes {
			if size == 0 || weights > math.MaxInt64/8/size {
				return 0, 0, fmt.Errorf("it has a tensor of the shape %v", sizes)
			}
			weights *= size
		}
		block, known := ggufBlock[kind]
		if !known {
			block.weights, block.bytes = weights, 0
		}
		if slices.Max(sizes) >= 1<<40 || offset > math.MaxInt64/4 {
			return 0, 0, fmt.Errorf("it has a tensor at %d", offset)
		}
		end = max(end, offset+(weights+block.weights-1)/block.weights*block.bytes)
		if parameters += weights; parameters > math.MaxInt64 {
			return 0, 0, errors.New("it announces more weights than there can be")
		}
	}
	return end, parameters, nil
}
