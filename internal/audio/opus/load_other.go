//go:build !(linux || darwin || freebsd || netbsd)

package opus

import (
	"fmt"
	"runtime"
)

func open(string) (uintptr, error) {
	return 0, fmt.Errorf("loading it on %s is not built yet; talk over WebSocket works", runtime.GOOS)
}

func symbol(uintptr, string) (uintptr, error) { return 0, ErrNoLibrary }
