package worker

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// confine gives up what the child doesn't need, in two stages.
//
// Landlock and (without its TSYNC flag) seccomp bind the calling thread and what it starts, but a Go program has several
// threads before main, and the runtime's way to run a system call on all of them doesn't work in a program that loads C
// libraries without cgo. So the first stage confines one thread and executes the program again on that thread: the new
// image has no thread that isn't confined. The second stage then refuses further execution, now through TSYNC.
func confine() (Report, error) {
	switch stage := os.Getenv(stageVariable); stage {
	case stageConfine:
		return Report{}, firstStage() // returns only on failure
	case stageServe:
		return secondStage()
	default:
		return Report{}, fmt.Errorf("%s is %q: only a parent starts a worker", stageVariable, stage)
	}
}

func firstStage() error {
	var limits Confinement
	if err := json.Unmarshal([]byte(os.Getenv(confinementVariable)), &limits); err != nil {
		return fmt.Errorf("reading %s: %w", confinementVariable, err)
	}
	runtime.LockOSThread() // never unlocked: this thread becomes the new program

	if err := dieWithParent(); err != nil {
		return err
	}
	var report Report
	if limits.Off {
		report.Missing = "it is not confined, as its configuration asks"
	} else {
		limits = limits.withDefaults()
		if err := setLimits(limits); err != nil {
			return err
		}
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return fmt.Errorf("no_new_privs: %w", err)
		}
		var missing []string
		abi, err := restrictFiles(limits)
		if err != nil {
			missing = append(missing, "its files are not restricted: "+err.Error())
		}
		report.Landlock = abi
		if err := denySystemCalls(deniedAlways(), 0); err != nil {
			missing = append(missing, "the network is not refused to it: "+err.Error())
		} else {
			report.Seccomp = true
		}
		report.Missing = strings.Join(missing, "; ")
	}
	encoded, err := json.Marshal(report)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	env := append(withoutVariable(os.Environ(), stageVariable, reportVariable),
		stageVariable+"="+stageServe, reportVariable+"="+string(encoded))
	err = syscall.Exec("/proc/self/exe", os.Args, env)
	return fmt.Errorf("starting over: %w", err)
}

func secondStage() (Report, error) {
	var report Report
	if err := json.Unmarshal([]byte(os.Getenv(reportVariable)), &report); err != nil {
		return Report{}, fmt.Errorf("reading %s: %w", reportVariable, err)
	}
	if report.Seccomp {
		if err := denySystemCalls(deniedOnceRunning(), unix.SECCOMP_FILTER_FLAG_TSYNC); err != nil {
			return Report{}, fmt.Errorf("refusing new programs: %w", err)
		}
	}
	return report, nil
}

// dieWithParent asks the kernel to kill this process when the parent's thread that started it ends. The parent set this
// too, but for the thread that ran first; the one that executes the second stage may be another, and has it not.
func dieWithParent() error {
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return fmt.Errorf("parent-death signal: %w", err)
	}
	if parent, err := strconv.Atoi(os.Getenv(parentVariable)); err != nil || parent != os.Getppid() {
		return errors.New("the parent is gone already")
	}
	return nil
}

func setLimits(c Confinement) error {
	for _, limit := range []struct {
		name     string
		resource int
		value    uint64
		skip     bool
	}{
		// One byte, not none: with a limit of zero the kernel still pipes a dump to a collector, with one it does not.
		{"core dumps", unix.RLIMIT_CORE, 1, false},
		{"file size", unix.RLIMIT_FSIZE, c.MaxFile, false},
		{"address space", unix.RLIMIT_AS, c.MaxAddressSpace, raceDetector},
		{"open files", unix.RLIMIT_NOFILE, c.MaxOpenFiles, false},
	} {
		if limit.skip {
			continue
		}
		var now syscall.Rlimit
		if err := syscall.Getrlimit(limit.resource, &now); err != nil {
			return fmt.Errorf("limit of %s: %w", limit.name, err)
		}
		value := min(limit.value, now.Max)
		// The syscall package's Setrlimit, because its Exec restores the soft limit on open files otherwise.
		if err := syscall.Setrlimit(limit.resource, &syscall.Rlimit{Cur: value, Max: value}); err != nil {
			return fmt.Errorf("limit of %s: %w", limit.name, err)
		}
	}
	return nil
}

// inheritedSocket is the child's end of the socketpair.
func inheritedSocket() (*os.File, error) {
	kind, err := unix.GetsockoptInt(socketDescriptor, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil || kind != unix.SOCK_STREAM {
		return nil, fmt.Errorf("descriptor %d is not a socket: %w", socketDescriptor, err)
	}
	unix.CloseOnExec(socketDescriptor)
	if err := unix.SetNonblock(socketDescriptor, true); err != nil {
		return nil, fmt.Errorf("descriptor %d: %w", socketDescriptor, err)
	}
	return os.NewFile(socketDescriptor, "parent"), nil
}

func withoutVariable(env []string, names ...string) []string {
	kept := make([]string, 0, len(env))
next:
	for _, entry := range env {
		for _, name := range names {
			if strings.HasPrefix(entry, name+"=") {
				continue next
			}
		}
		kept = append(kept, entry)
	}
	return kept
}
