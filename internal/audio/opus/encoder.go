package opus

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Application tells libopus what the sound is.
type Application int

// Applications (opus_defines.h).
const (
	// Voice favours intelligible speech at low bit rates.
	Voice Application = 2048
	// Audio favours faithfulness to the input.
	Audio Application = 2049
)

// Requests of opus_encoder_ctl (opus_defines.h).
const (
	setBitrate        = 4002
	setComplexity     = 4010
	setInbandFEC      = 4012
	setPacketLossPerc = 4014
	setDTX            = 4016
	setSignal         = 4024
	resetState        = 4028
	signalVoice       = 3001
)

// MaxPacketBytes is the most that one frame of 20 ms may take here: it fits a network packet with its headers.
const MaxPacketBytes = 1275

// EncoderOptions say how to encode.
type EncoderOptions struct {
	// Rate of the samples in Hz: 8000, 12000, 16000, 24000 or 48000. 0 means 48000.
	Rate int
	// Application is Voice unless said.
	Application Application
	// Bitrate in bits a second; 0 means 40,000.
	Bitrate int
	// ExpectedLoss in percent tells how much of the bits to spend on forward error correction; 0 means 10, negative none.
	ExpectedLoss int
	// Complexity from 1 to 10 trades CPU time for quality; 0 means 7 (about 0.5 % of a core).
	Complexity int
}

// Encoder turns mono samples into packets of 20 ms, with inband error correction and without discontinuous
// transmission: each frame gives a packet.
type Encoder struct {
	library *Library
	state   []uint64
	rate    int
}

// NewEncoder makes an encoder.
func (l *Library) NewEncoder(options EncoderOptions) (*Encoder, error) {
	orElse := func(value, other int) int {
		if value == 0 {
			return other
		}
		return value
	}
	rate := orElse(options.Rate, 48000)
	application := Application(orElse(int(options.Application), int(Voice)))
	size, _, _ := purego.SyscallN(l.encoderSize, 1)
	e := &Encoder{library: l, state: stateOf(size), rate: rate}
	result, _, _ := purego.SyscallN(l.encoderInit, uintptr(unsafe.Pointer(unsafe.SliceData(e.state))), uintptr(rate), 1, uintptr(application))
	if err := l.check(fmt.Sprintf("make an Opus encoder for %d Hz", rate), result); err != nil {
		return nil, err
	}
	loss := max(orElse(options.ExpectedLoss, 10), 0)
	requests := [][2]int{
		{setBitrate, orElse(options.Bitrate, 40000)},
		{setComplexity, orElse(options.Complexity, 7)},
		{setInbandFEC, min(loss, 1)},
		{setPacketLossPerc, loss},
		{setDTX, 0},
	}
	if application == Voice {
		requests = append(requests, [2]int{setSignal, signalVoice})
	}
	for _, request := range requests {
		if err := l.control(l.encoderControl, e.state, request[0], request[1]); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// FrameSamples is the length of one frame of 20 ms.
func (e *Encoder) FrameSamples() int { return e.rate / 50 }

// Encode appends the packet of one frame of FrameSamples samples to dst.
func (e *Encoder) Encode(dst []byte, frame []float32) ([]byte, error) {
	if len(frame) != e.FrameSamples() {
		return dst, fmt.Errorf("encode Opus: a frame has %d samples, not %d", e.FrameSamples(), len(frame))
	}
	start := len(dst)
	dst = append(dst, make([]byte, MaxPacketBytes)...)
	result, _, _ := purego.SyscallN(e.library.encodeFloat, uintptr(unsafe.Pointer(unsafe.SliceData(e.state))), uintptr(unsafe.Pointer(unsafe.SliceData(frame))), uintptr(len(frame)),
		uintptr(unsafe.Pointer(unsafe.SliceData(dst[start:]))), MaxPacketBytes)
	runtime.KeepAlive(e)
	if err := e.library.check("encode Opus", result); err != nil {
		return dst[:start], err
	}
	return dst[:start+int(int32(result))], nil
}

// SetExpectedLoss tells the encoder what share of packets, in percent, does not arrive.
func (e *Encoder) SetExpectedLoss(percent int) error {
	return e.library.control(e.library.encoderControl, e.state, setPacketLossPerc, min(max(percent, 0), 100))
}

// Reset forgets the sound so far.
func (e *Encoder) Reset() error {
	return e.library.control(e.library.encoderControl, e.state, resetState, 0)
}
