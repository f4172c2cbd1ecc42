package cancel

import (
	"errors"
	"fmt"
)

// ErrNoLibrary means that libspeexdsp could not be loaded.
var ErrNoLibrary = errors.New("libspeexdsp is not there")

// systemNames are tried in order when no path is given: what the dynamic loader finds on Linux, the BSDs and macOS.
var systemNames = []string{"libspeexdsp.so.1", "libspeexdsp.1.dylib", "/opt/homebrew/lib/libspeexdsp.1.dylib", "/usr/local/lib/libspeexdsp.1.dylib"}

// Library is libspeexdsp, loaded. It is safe for concurrent use.
type Library struct {
	echoInit, echoDestroy, echoReset, echoCancel, echoControl uintptr
	cleanInit, cleanDestroy, cleanRun, cleanControl           uintptr
}

// Load loads libspeexdsp from a file, or by the system's name for it when path is empty. It stays loaded. The error wraps
// ErrNoLibrary.
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

// bind looks up the functions of speex_echo.h and speex_preprocess.h.
func bind(handle uintptr) (*Library, error) {
	l := &Library{}
	for name, address := range map[string]*uintptr{
		"speex_echo_state_init":          &l.echoInit,
		"speex_echo_state_destroy":       &l.echoDestroy,
		"speex_echo_state_reset":         &l.echoReset,
		"speex_echo_cancellation":        &l.echoCancel,
		"speex_echo_ctl":                 &l.echoControl,
		"speex_preprocess_state_init":    &l.cleanInit,
		"speex_preprocess_state_destroy": &l.cleanDestroy,
		"speex_preprocess_run":           &l.cleanRun,
		"speex_preprocess_ctl":           &l.cleanControl,
	} {
		symbol, err := symbol(handle, name)
		if err != nil {
			return nil, err
		}
		*address = symbol
	}
	return l, nil
}
