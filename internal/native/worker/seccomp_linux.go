package worker

import (
	"fmt"
	"unsafe"

	"github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// The rest is allowed: native engines and libc use too many system calls, differing by version, for a list of what is
// allowed to hold. What is refused returns an error rather than killing, so that a probe for a feature goes on without.

// deniedAlways is refused from the first stage on.
func deniedAlways() seccomp.Policy {
	return policy(
		group(unix.EACCES, // the network, in every form; socketpair stays, it reaches nobody
			"socket", "connect", "bind", "listen", "accept", "accept4",
			"io_uring_setup", "io_uring_enter", "io_uring_register"),
		group(unix.EPERM, // other processes
			"ptrace", "process_vm_readv", "process_vm_writev", "pidfd_open", "pidfd_getfd", "pidfd_send_signal", "kcmp",
			"process_madvise", "fork", "vfork"),
		group(unix.EPERM, // the machine
			"mount", "umount2", "move_mount", "open_tree", "fsopen", "fsmount", "fspick", "fsconfig", "mount_setattr",
			"pivot_root", "chroot", "unshare", "setns", "bpf", "perf_event_open", "init_module", "finit_module",
			"delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "sethostname", "setdomainname",
			"settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "add_key", "request_key", "keyctl", "acct", "quotactl",
			"userfaultfd", "open_by_handle_at", "name_to_handle_at", "iopl", "ioperm", "syslog", "vhangup", "nfsservctl"),
		group(unix.EPERM, // what Landlock does not bound about files: owners, modes, attributes
			"chmod", "fchmod", "fchmodat", "chown", "fchown", "lchown", "fchownat", "setxattr", "lsetxattr", "fsetxattr",
			"removexattr", "lremovexattr", "fremovexattr", "mknod", "mknodat"),
		// Threads are started with clone; clone3, whose flags a filter can't see, must look absent so that libc falls back.
		group(unix.ENOSYS, "clone3"),
		seccomp.SyscallGroup{
			Action: seccomp.ActionErrno | seccomp.Action(unix.EPERM),
			NamesWithCondtions: []seccomp.NameWithConditions{{Name: "clone", Conditions: []seccomp.Condition{
				{Argument: 0, Operation: seccomp.BitsNotSet, Value: unix.CLONE_THREAD}}}},
		},
	)
}

// deniedOnceRunning is refused after the program has started over.
func deniedOnceRunning() seccomp.Policy {
	return policy(group(unix.EPERM, "execve", "execveat"))
}

func policy(groups ...seccomp.SyscallGroup) seccomp.Policy {
	return seccomp.Policy{DefaultAction: seccomp.ActionAllow, Syscalls: groups}
}

// group refuses those of the names that this architecture has.
func group(errno unix.Errno, names ...string) seccomp.SyscallGroup {
	refused := seccomp.SyscallGroup{Action: seccomp.ActionErrno | seccomp.Action(errno)}
	here, err := arch.GetInfo("")
	if err != nil {
		return refused // assembling the policy fails with the same error
	}
	for _, name := range names {
		if _, known := here.SyscallNames[name]; known {
			refused.Names = append(refused.Names, name)
		}
	}
	return refused
}

// denySystemCalls loads the policy into the kernel, for this thread or (flag TSYNC) for all. The library's own loader is
// not used because its programs let the system calls of other architectures pass by the default action, which here is to
// allow: a 64-bit process may make 32-bit calls, and socket would be one of them.
func denySystemCalls(policy seccomp.Policy, flags uintptr) error {
	here, err := arch.GetInfo("")
	if err != nil {
		return fmt.Errorf("seccomp: %w", err)
	}
	instructions, err := policy.Assemble()
	if err != nil {
		return fmt.Errorf("seccomp: %w", err)
	}
	const architectureOffset = 4 // in struct seccomp_data
	program, err := bpf.Assemble(append([]bpf.Instruction{
		bpf.LoadAbsolute{Off: architectureOffset, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(here.ID), SkipTrue: 1},
		bpf.RetConstant{Val: uint32(seccomp.ActionErrno) | uint32(unix.ENOSYS)},
	}, instructions...))
	if err != nil {
		return fmt.Errorf("seccomp: %w", err)
	}
	filters := make([]unix.SockFilter, len(program))
	for i, raw := range program {
		filters[i] = unix.SockFilter{Code: raw.Op, Jt: raw.Jt, Jf: raw.Jf, K: raw.K}
	}
	filter := unix.SockFprog{Len: uint16(len(filters)), Filter: &filters[0]}
	thread, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&filter)))
	if errno != 0 {
		return fmt.Errorf("seccomp: %w", errno)
	}
	if thread != 0 {
		return fmt.Errorf("seccomp: thread %d can't be confined with the others", thread)
	}
	return nil
}
