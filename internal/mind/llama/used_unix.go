//go:build unix

package llama

import (
	"syscall"
	"time"
)

// coresUsed is how much time of cores this process has used; false if the system doesn't say.
func coresUsed() (time.Duration, bool) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, false
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), true
}
