//go:build !linux

package machine

import "time"

// Slept is not told here.
func Slept() (time.Duration, error) { return 0, ErrUnknown }
