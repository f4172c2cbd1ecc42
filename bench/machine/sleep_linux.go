package machine

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Slept is how long this machine has been asleep since it was started: the difference of the clock that goes on in sleep
// and the one that stands still.
func Slept() (time.Duration, error) {
	var through, awake unix.Timespec
	if err := errors.Join(unix.ClockGettime(unix.CLOCK_BOOTTIME, &through), unix.ClockGettime(unix.CLOCK_MONOTONIC, &awake)); err != nil {
		return 0, fmt.Errorf("read the clocks: %w", err)
	}
	return time.Duration(through.Nano() - awake.Nano()), nil
}
