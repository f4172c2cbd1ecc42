package opus

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// ErrEmptyPacket means that a packet has no bytes: it carries no sound and takes no time, and is to be skipped.
var ErrEmptyPacket = errors.New("the Opus packet is empty")

// maxPacketMilliseconds is the longest sound one packet may carry (RFC 6716, section 3.2.5).
const maxPacketMilliseconds = 120

// Decoder turns packets into mono samples.
type Decoder struct {
	library *Library
	state   []uint64
	rate    int
}

// NewDecoder makes a decoder to the rate in Hz: 8000, 12000, 16000, 24000 or 48000.
func (l *Library) NewDecoder(rate int) (*Decoder, error) {
	size, _, _ := purego.SyscallN(l.decoderSize, 1)
	d := &Decoder{library: l, state: stateOf(size), rate: rate}
	result, _, _ := purego.SyscallN(l.decoderInit, uintptr(unsafe.Pointer(unsafe.SliceData(d.state))), uintptr(rate), 1)
	if err := l.check(fmt.Sprintf("make an Opus decoder for %d Hz", rate), result); err != nil {
		return nil, err
	}
	return d, nil
}

// Rate is the rate of the samples in Hz.
func (d *Decoder) Rate() int { return d.rate }

// Samples is how many samples a packet will decode to; an error when it is none of Opus.
func (d *Decoder) Samples(packet []byte) (int, error) {
	if len(packet) == 0 {
		return 0, ErrEmptyPacket
	}
	result, _, _ := purego.SyscallN(d.library.packetSamples, uintptr(unsafe.Pointer(unsafe.SliceData(packet))), uintptr(len(packet)), uintptr(d.rate))
	if err := d.library.check("read an Opus packet", result); err != nil {
		return 0, err
	}
	return int(int32(result)), nil
}

// Decode appends the samples of a packet to dst. After an error the decoder can go on.
func (d *Decoder) Decode(dst []float32, packet []byte) ([]float32, error) {
	if len(packet) == 0 {
		return dst, ErrEmptyPacket
	}
	return d.decode(dst, packet, d.rate*maxPacketMilliseconds/1000, 0)
}

// Conceal appends n samples that go on from what was last decoded, fading slowly: what is heard in place of a lost
// packet. n is a multiple of 2.5 ms, at most 120 ms.
func (d *Decoder) Conceal(dst []float32, n int) ([]float32, error) {
	return d.decode(dst, nil, n, 0)
}

// Recover appends the n samples before the packet from the copy it carries, and conceals what it has none of. The
// packet itself is to be decoded afterwards.
func (d *Decoder) Recover(dst []float32, packet []byte, n int) ([]float32, error) {
	if len(packet) == 0 {
		return d.Conceal(dst, n)
	}
	return d.decode(dst, packet, n, 1)
}

// Reset forgets the sound so far.
func (d *Decoder) Reset() error {
	return d.library.control(d.library.decoderControl, d.state, resetState, 0)
}

// decode calls opus_decode_float for at most n samples.
func (d *Decoder) decode(dst []float32, packet []byte, n int, errorCorrection uintptr) ([]float32, error) {
	start := len(dst)
	dst = append(dst, make([]float32, n)...)
	result, _, _ := purego.SyscallN(d.library.decodeFloat, uintptr(unsafe.Pointer(unsafe.SliceData(d.state))), uintptr(unsafe.Pointer(unsafe.SliceData(packet))), uintptr(len(packet)),
		uintptr(unsafe.Pointer(unsafe.SliceData(dst[start:]))), uintptr(n), errorCorrection)
	runtime.KeepAlive(d)
	if err := d.library.check("decode Opus", result); err != nil {
		return dst[:start], err
	}
	return dst[:start+int(int32(result))], nil
}
