package audio

import (
	"encoding/binary"
	"errors"
	"math"
)

// ErrOddLength means that 16-bit audio came with half a sample at its end.
var ErrOddLength = errors.New("16-bit audio has an odd number of bytes")

// pcm16Scale makes the largest negative 16-bit value exactly -1.
const pcm16Scale = 1 << 15

// AppendPCM16 appends samples to dst as 16-bit little-endian PCM. Samples outside [-1, 1] are clipped, never wrapped;
// values that are not numbers become silence.
func AppendPCM16(dst []byte, samples []float32) []byte {
	for _, sample := range samples {
		dst = binary.LittleEndian.AppendUint16(dst, uint16(ToInt16(sample)))
	}
	return dst
}

// ToInt16 rounds one sample to 16 bits with clipping.
func ToInt16(sample float32) int16 {
	scaled := float64(sample) * pcm16Scale
	switch {
	case scaled >= math.MaxInt16:
		return math.MaxInt16
	case scaled <= math.MinInt16:
		return math.MinInt16
	case scaled != scaled: // not a number
		return 0
	}
	return int16(math.RoundToEven(scaled))
}

// DecodePCM16 appends the samples of 16-bit little-endian PCM to dst. It returns ErrOddLength, and dst as it was, when
// the last sample is cut in half.
func DecodePCM16(dst []float32, pcm []byte) ([]float32, error) {
	if len(pcm)%2 != 0 {
		return dst, ErrOddLength
	}
	for i := 0; i < len(pcm); i += 2 {
		dst = append(dst, float32(int16(binary.LittleEndian.Uint16(pcm[i:])))/pcm16Scale)
	}
	return dst, nil
}
