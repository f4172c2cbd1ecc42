package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// forbidDumps makes sure that no crash leaves this process's memory, in which people's words are, on the disk. The limit of
// one byte is how Linux forbids a dump also where a program of the system's would take it (core(5)).
func forbidDumps() error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	limit.Cur = min(1, limit.Max)
	limit.Max = limit.Cur
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &limit); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	return nil
}
