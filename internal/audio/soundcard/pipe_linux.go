package soundcard

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// shorten makes a pipe hold as little as it can: one page, 85 ms of what is played.
func shorten(pipe *os.File) {
	connection, err := pipe.SyscallConn()
	if err != nil {
		return
	}
	// Where it is refused, a delay may grow to a second, and no more is lost.
	_ = connection.Control(func(descriptor uintptr) {
		_, _ = unix.FcntlInt(descriptor, unix.F_SETPIPE_SZ, os.Getpagesize())
	})
}

// apart keeps Ctrl-C in the terminal from ending a program before the call is over, and ends what it started with it.
func apart(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
}
