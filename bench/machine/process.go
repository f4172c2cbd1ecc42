package machine

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ticksASecond is the unit of /proc's processor times; Linux has fixed it at 100 for programs (man 5 proc).
const ticksASecond = 100

// Process is one process as the kernel accounts for it.
type Process struct {
	ID, Parent int
	// CPU is the time it has used; Reaped is that of children that have ended and were waited for.
	CPU, Reaped time.Duration
	// Resident is its memory in bytes.
	Resident int64
}

// Usage is what some processes have used together.
type Usage struct {
	CPU time.Duration
	// Resident is their memory, in bytes; pages that they share count in each.
	Resident int64
	// Written is how many bytes they caused to be written to storage.
	Written int64
}

// Tree are the living processes that descend from a process, itself first.
func Tree(root int) ([]Process, error) {
	names, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(names) == 0 {
		return nil, ErrUnknown
	}
	children := map[int][]Process{}
	var found []Process
	for _, name := range names {
		process, err := readProcess(name)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errEnded) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if process.ID == root {
			found = append(found, process)
		}
		children[process.Parent] = append(children[process.Parent], process)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("process %d: %w", root, fs.ErrNotExist)
	}
	for i := 0; i < len(found); i++ {
		found = append(found, children[found[i].ID]...)
	}
	return found, nil
}

// errEnded means that a process ended while it was looked at.
var errEnded = errors.New("the process ended")

func readProcess(name string) (Process, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		if strings.Contains(err.Error(), "no such process") {
			return Process{}, errEnded
		}
		return Process{}, err
	}
	return parseStat(text)
}

// parseStat reads /proc/PID/stat (man 5 proc_pid_stat). The name in parentheses may hold anything.
func parseStat(text []byte) (Process, error) {
	opening, closing := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if opening < 0 || closing < opening {
		return Process{}, fmt.Errorf("read a process: %q", text)
	}
	fields := strings.Fields(string(text[closing+1:]))
	if len(fields) < 22 {
		return Process{}, fmt.Errorf("read a process: only %d fields", len(fields))
	}
	var numbers [22]int64
	for _, i := range []int{1, 11, 12, 13, 14, 21} { // fields[0] is the manual's field 3
		value, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			return Process{}, fmt.Errorf("read a process: %w", err)
		}
		numbers[i] = value
	}
	id, err := strconv.Atoi(strings.TrimSpace(string(text[:opening])))
	if err != nil {
		return Process{}, fmt.Errorf("read a process: %w", err)
	}
	return Process{
		ID: id, Parent: int(numbers[1]), CPU: ticks(numbers[11] + numbers[12]), Reaped: ticks(numbers[13] + numbers[14]),
		Resident: numbers[21] * int64(os.Getpagesize()),
	}, nil
}

func ticks(n int64) time.Duration { return time.Duration(n) * time.Second / ticksASecond }

// Arguments are a process's command line.
func (p Process) Arguments() []string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", p.ID))
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimRight(string(text), "\x00"), "\x00")
}

// Usage is what the process has used so far; Written is 0 where the kernel does not say.
func (p Process) Usage() Usage {
	usage := Usage{CPU: p.CPU, Resident: p.Resident}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", p.ID))
	if err != nil {
		return usage
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "write_bytes:"); ok {
			// A line the kernel wrote; a number that isn't one would be 0.
			usage.Written, _ = strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		}
	}
	return usage
}
