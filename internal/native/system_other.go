//go:build !unix

package native

import (
	"context"
	"errors"
)

func freeSpace(string) (uint64, error) { return 1 << 62, nil }

func outOfSpace(error) bool { return false }

func lock(context.Context, string, func()) (func(), error) {
	return nil, errors.ErrUnsupported
}

func findSystemLibrary(string) string { return "" }
