package lettersound

import (
	"archive/zip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// maxElements bounds what an array may claim to hold; the net has 750,000 weights in all.
const maxElements = 4 << 20

// array is one array of a NumPy archive: floats, or text for an array of one Unicode string.
type array struct {
	shape  []int
	floats []float32
	text   string
}

// readArchive reads all arrays of an .npz file: a zip of .npy files. The formats are described at
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
func readArchive(reader io.ReaderAt, size int64) (map[string]array, error) {
	archive, err := zip.NewReader(reader, size)
	if err != nil {
		return nil, fmt.Errorf("open archive: %w", err)
	}
	arrays := make(map[string]array, len(archive.File))
	for _, file := range archive.File {
		name, ok := strings.CutSuffix(file.Name, ".npy")
		if !ok {
			continue
		}
		content, err := file.Open()
		if err != nil {
			return nil, fmt.Errorf("open array %q: %w", name, err)
		}
		a, err := readArray(content)
		if closeErr := content.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return nil, fmt.Errorf("read array %q: %w", name, err)
		}
		arrays[name] = a
	}
	return arrays, nil
}

var header = regexp.MustCompile(`'descr':\s*'([^']+)'.*'fortran_order':\s*(True|False).*'shape':\s*\(([\d, ]*)\)`)

// readArray reads one .npy file of little-endian float32 or of one Unicode string.
func readArray(reader io.Reader) (array, error) {
	var preamble [10]byte
	if _, err := io.ReadFull(reader, preamble[:]); err != nil {
		return array{}, fmt.Errorf("header: %w", err)
	}
	if string(preamble[:6]) != "\x93NUMPY" || preamble[6] != 1 {
		return array{}, errors.New("not a NumPy array of format 1")
	}
	description := make([]byte, binary.LittleEndian.Uint16(preamble[8:]))
	if _, err := io.ReadFull(reader, description); err != nil {
		return array{}, fmt.Errorf("header: %w", err)
	}
	match := header.FindStringSubmatch(string(description))
	if match == nil || match[2] != "False" {
		return array{}, fmt.Errorf("unknown header %q", description)
	}
	a := array{}
	count := 1
	for part := range strings.SplitSeq(match[3], ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		n, err := strconv.Atoi(part)
		if err != nil || n < 1 || n > maxElements/count {
			return array{}, fmt.Errorf("shape (%s) is too large", match[3])
		}
		a.shape = append(a.shape, n)
		count *= n
	}
	if match[1] == "<f4" {
		return readFloats(reader, a, count)
	}
	length, err := strconv.Atoi(strings.TrimPrefix(match[1], "<U"))
	if err != nil || len(a.shape) != 0 || length < 0 || length > maxElements {
		return array{}, fmt.Errorf("unknown type %q", match[1])
	}
	return readText(reader, a, length)
}

func readFloats(reader io.Reader, a array, count int) (array, error) {
	raw := make([]byte, 4*count)
	if _, err := io.ReadFull(reader, raw); err != nil {
		return array{}, fmt.Errorf("values: %w", err)
	}
	a.floats = make([]float32, count)
	for i := range a.floats {
		a.floats[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return a, nil
}

func readText(reader io.Reader, a array, length int) (array, error) {
	raw := make([]byte, 4*length)
	if _, err := io.ReadFull(reader, raw); err != nil {
		return array{}, fmt.Errorf("text: %w", err)
	}
	runes := make([]rune, 0, length)
	for i := range length {
		if r := rune(binary.LittleEndian.Uint32(raw[4*i:])); r != 0 {
			runes = append(runes, r)
		}
	}
	a.text = string(runes)
	return a, nil
}
