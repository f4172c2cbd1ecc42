package worker

import (
	"encoding/binary"
	"math"
)

// FloatBlob encodes samples as a Message's Blob: little-endian IEEE 754, 4 bytes each.
func FloatBlob(samples []float32) []byte {
	blob := make([]byte, 4*len(samples))
	for i, sample := range samples {
		binary.LittleEndian.PutUint32(blob[4*i:], math.Float32bits(sample))
	}
	return blob
}

// Floats decodes what [FloatBlob] encoded. Up to three bytes after the last whole sample are ignored.
func Floats(blob []byte) []float32 {
	samples := make([]float32, len(blob)/4)
	for i := range samples {
		samples[i] = math.Float32frombits(binary.LittleEndian.Uint32(blob[4*i:]))
	}
	return samples
}
