package llama

import (
	"fmt"
	"path/filepath"
	"sync"

	yzma "github.com/hybridgroup/yzma/pkg/llama"
)

// libraryVersion names the llama.cpp that yzma v1.28.0 binds; it is part of a saved state's key.
const libraryVersion = "llama.cpp v0.5.0"

// The native library is the one global of this package: a process can load one llama.cpp, once, and llama.cpp itself
// keeps its registry of backends in globals.
var library struct {
	sync.Mutex
	folder string
}

// loadLibrary loads llama.cpp from a folder, once in a process.
func loadLibrary(folder string) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return fmt.Errorf("llama: folder of libraries: %w", err)
	}
	library.Lock()
	defer library.Unlock()
	if library.folder == folder {
		return nil
	}
	if library.folder != "" {
		return fmt.Errorf("llama: llama.cpp was already loaded from %s", library.folder)
	}
	if err := yzma.Load(folder); err != nil {
		return fmt.Errorf("llama: loading llama.cpp from %s: %w", folder, err)
	}
	// llama.cpp logs prompts' details at some levels: silence, errors come back as results.
	yzma.LogSet(yzma.LogSilent())
	yzma.Init()
	library.folder = folder
	return nil
}
