// Package opus encodes and decodes speech with libopus (RFC 6716), loaded at run time without cgo.
//
// There are three things that an implementation in Go alone does not have today and that a call needs: an encoder, the
// use of inband forward error correction (a packet carries a coarse copy of the one before it), and concealment (the
// decoder goes on from what it heard when a packet is lost, so that a loss is not a hole).
//
// Encoders and decoders live in memory that Go's collector owns: libopus keeps no pointer to its own state (its
// documentation allows copying it with memcpy), so nothing needs to be closed or can be leaked. Any of the rates 8, 12,
// 16, 24 and 48 kHz can be encoded from and decoded to, whatever the other side uses; libopus resamples inside.
//
// A [Library] is safe for concurrent use; an [Encoder] or a [Decoder] belongs to one goroutine at a time.
package opus

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/ebitengine/purego"
)

// ErrNoLibrary means that libopus could not be loaded.
var ErrNoLibrary = errors.New("libopus is not there")

// systemNames are tried in order when no path is given: what the dynamic loader finds on Linux, the BSDs and macOS.
var systemNames = []string{"libopus.so.0", "libopus.0.dylib", "/opt/homebrew/lib/libopus.0.dylib", "/usr/local/lib/libopus.0.dylib"}

// Library is libopus, loaded.
type Library struct {
	version string

	encoderSize, encoderInit, encodeFloat, encoderControl uintptr
	decoderSize, decoderInit, decodeFloat, decoderControl uintptr
	errorString, packetSamples                            uintptr
}

// Load loads libopus from a file, or by the system's name for it when path is empty. It stays loaded.
func Load(path string) (*Library, error) {
	names := systemNames
	if path != "" {
		names = []string{path}
	}
	var failures []error
	for _, name := range names {
		handle, err := open(name)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		library, err := bind(handle)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrNoLibrary, name, err)
		}
		return library, nil
	}
	return nil, fmt.Errorf("%w: %w", ErrNoLibrary, failures[0])
}

// bind looks up the functions.
func bind(handle uintptr) (*Library, error) {
	l := &Library{}
	var version uintptr
	for name, address := range map[string]*uintptr{
		"opus_encoder_get_size":      &l.encoderSize,
		"opus_encoder_init":          &l.encoderInit,
		"opus_encode_float":          &l.encodeFloat,
		"opus_encoder_ctl":           &l.encoderControl,
		"opus_decoder_get_size":      &l.decoderSize,
		"opus_decoder_init":          &l.decoderInit,
		"opus_decode_float":          &l.decodeFloat,
		"opus_decoder_ctl":           &l.decoderControl,
		"opus_strerror":              &l.errorString,
		"opus_packet_get_nb_samples": &l.packetSamples,
		"opus_get_version_string":    &version,
	} {
		symbol, err := symbol(handle, name)
		if err != nil {
			return nil, err
		}
		*address = symbol
	}
	text, _, _ := purego.SyscallN(version)
	l.version = cString(text)
	return l, nil
}

// Version is what the library calls itself, as in "libopus 1.3.1".
func (l *Library) Version() string { return l.version }

// check turns a negative result of libopus into an error.
func (l *Library) check(action string, result uintptr) error {
	code := int32(result)
	if code >= 0 {
		return nil
	}
	text, _, _ := purego.SyscallN(l.errorString, uintptr(code))
	return fmt.Errorf("%s: %s (libopus error %d)", action, cString(text), code)
}

// Pointers are turned to numbers inside the argument lists of purego.SyscallN, where its //go:uintptrescapes keeps what
// they point to alive and in place for the length of the call.

// control calls one of the two _ctl functions with an integer argument. They are variadic in C: on amd64 and on arm64
// outside Apple's systems such an argument travels as any other.
func (l *Library) control(function uintptr, state []uint64, request, value int) error {
	result, _, _ := purego.SyscallN(function, uintptr(unsafe.Pointer(unsafe.SliceData(state))), uintptr(request), uintptr(int32(value)))
	return l.check(fmt.Sprintf("libopus request %d", request), result)
}

// stateOf allocates size bytes with the alignment that libopus wants.
func stateOf(size uintptr) []uint64 { return make([]uint64, (int32(size)+7)/8) }

// cString copies a string of C's static memory.
func cString(pointer uintptr) string {
	if pointer == 0 {
		return ""
	}
	text := *(**byte)(unsafe.Pointer(&pointer))
	length := 0
	for length < 256 && *(*byte)(unsafe.Add(unsafe.Pointer(text), length)) != 0 {
		length++
	}
	return string(unsafe.Slice(text, length))
}
