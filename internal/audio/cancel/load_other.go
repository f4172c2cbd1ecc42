//go:build !(linux || darwin || freebsd || netbsd)

package cancel

import (
	"fmt"
	"runtime"
)

func open(string) (uintptr, error) {
	return 0, fmt.Errorf("loading it on %s is not built yet; headphones need no canceller", runtime.GOOS)
}

func symbol(uintptr, string) (uintptr, error) { return 0, ErrNoLibrary }
