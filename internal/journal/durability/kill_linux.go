package durability

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// KillInsideCommit kills any program, unchanged, inside a commit: it follows its system calls (ptrace) and kills it at the
// nth time that it asks for a file of that name to be synced, before the kernel carries that out. "journal.db-wal" is the
// file that a commit syncs. Death.Inside is true when that happened; acknowledgements are read as by Kill.
//
// The victim runs slower than by itself, as each of its system calls stops it twice.
func KillInsideCommit(ctx context.Context, victim Victim, file string, nth int, patience time.Duration) (Death, error) {
	output, write, err := os.Pipe()
	if err != nil {
		return Death{}, err
	}
	victim.Command.Stdout = write
	var death Death
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		death.listen(output, Blow{}, make(chan bool, 1))
	}()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	type end struct {
		inside bool
		err    error
	}
	ended := make(chan end, 1)
	go func() {
		// All ptrace requests must come from the thread that started the victim. The thread ends with this goroutine.
		runtime.LockOSThread()
		tracer := tracer{victim: victim, file: file, left: nth}
		inside, err := tracer.run(ctx, write)
		ended <- end{inside, err}
	}()
	result := <-ended
	<-heard
	death.Inside = result.inside
	return death, errors.Join(result.err, output.Close())
}

type tracer struct {
	victim  Victim
	file    string
	left    int
	process int
}

// run starts the victim and follows it to its death.
func (t *tracer) run(ctx context.Context, output *os.File) (inside bool, err error) {
	command := t.victim.Command
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{}
	}
	command.SysProcAttr.Ptrace = true
	command.SysProcAttr.Setpgid = true // so that waiting for the group takes no other child of ours
	err = command.Start()
	if closeErr := output.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return false, fmt.Errorf("durability: start the victim: %w", err)
	}
	t.process = command.Process.Pid
	inside, err = t.follow(ctx)
	_ = command.Wait() // it is dead and was waited for above; this closes what the command holds
	return inside, err
}

// follow waits for each stop of each thread, lets it go on, and strikes at the chosen one.
func (t *tracer) follow(ctx context.Context) (inside bool, err error) {
	// The kernel ends a wait only for the victim's sake, so that a victim that sits still is killed from aside.
	stopWatching := context.AfterFunc(ctx, func() { _ = unix.Kill(t.process, unix.SIGKILL) })
	defer stopWatching()
	first := true
	for {
		var status unix.WaitStatus
		thread, err := unix.Wait4(-t.process, &status, unix.WALL, nil)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.ECHILD):
			if !inside && ctx.Err() != nil {
				return false, fmt.Errorf("durability: the victim synced no %s often enough in time", t.file)
			}
			return inside, nil
		case err != nil:
			return inside, fmt.Errorf("durability: wait for the victim: %w", err)
		case status.Exited() && thread == t.process && !inside:
			return false, fmt.Errorf("durability: the victim ended by itself with %d", status.ExitStatus())
		case !status.Stopped():
			continue
		}
		if first {
			first = false
			const follow = unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_EXITKILL
			if err := unix.PtraceSetOptions(t.process, follow); err != nil {
				return false, errors.Join(fmt.Errorf("durability: follow the victim: %w", err), unix.Kill(t.process, unix.SIGKILL))
			}
		}
		signal := status.StopSignal()
		switch {
		case signal == unix.SIGTRAP|0x80:
			if !inside && t.isTheSync(thread) {
				inside = true
				if err := unix.Kill(t.process, unix.SIGKILL); err != nil {
					return false, fmt.Errorf("durability: kill the victim: %w", err)
				}
			}
			signal = 0
		case signal == unix.SIGTRAP, signal == unix.SIGSTOP:
			signal = 0 // a new thread, or the start of the program: nothing to pass on
		}
		if err := unix.PtraceSyscall(thread, int(signal)); err != nil && !errors.Is(err, unix.ESRCH) {
			return inside, errors.Join(fmt.Errorf("durability: let the victim go on: %w", err), unix.Kill(t.process, unix.SIGKILL))
		}
	}
}

// callInfo is struct ptrace_syscall_info of <linux/ptrace.h>, as far as an entry fills it.
type callInfo struct {
	Operation uint8
	_         [3]uint8
	_         uint32
	_, _      uint64
	Number    uint64
	Arguments [6]uint64
	_         [2]uint64
}

const entry = 1 // PTRACE_SYSCALL_INFO_ENTRY

// isTheSync reports whether a thread has just entered the sync that is meant.
func (t *tracer) isTheSync(thread int) bool {
	var info callInfo
	_, _, failed := unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_GET_SYSCALL_INFO, uintptr(thread),
		unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)), 0, 0)
	if failed != 0 || info.Operation != entry || info.Number != unix.SYS_FDATASYNC && info.Number != unix.SYS_FSYNC {
		return false
	}
	path, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", t.process, info.Arguments[0]))
	if err != nil || filepath.Base(strings.TrimSuffix(path, " (deleted)")) != t.file {
		return false
	}
	t.left--
	return t.left == 0
}
