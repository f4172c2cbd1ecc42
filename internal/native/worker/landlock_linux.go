package worker

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Landlock through its three system calls and the constants of x/sys: the well-known Go library for it acts on all
// threads at once, which is what can't be done here (see confine).
// https://docs.kernel.org/userspace-api/landlock.html

const (
	accessFile = unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_READ_FILE |
		unix.LANDLOCK_ACCESS_FS_TRUNCATE | unix.LANDLOCK_ACCESS_FS_IOCTL_DEV // the rights that a rule on a file may carry

	accessRead    = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	accessExecute = accessRead | unix.LANDLOCK_ACCESS_FS_EXECUTE
	accessWrite   = accessRead | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE |
		unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE | unix.LANDLOCK_ACCESS_FS_MAKE_DIR |
		unix.LANDLOCK_ACCESS_FS_MAKE_REG | unix.LANDLOCK_ACCESS_FS_REFER

	accessVersion1 = unix.LANDLOCK_ACCESS_FS_MAKE_SYM<<1 - 1 // the first 13 rights
)

// systemLibraries are where the dynamic linker finds libraries; executable, because it is itself one of them.
var systemLibraries = []string{"/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib"}

// systemFacts are read by the Go runtime, libc and the engines to learn about processor, memory and themselves.
var systemFacts = []string{
	"/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d",
	"/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems", "/proc/sys/vm", "/proc/sys/kernel",
	"/sys/devices/system/cpu", "/sys/devices/system/node", "/sys/kernel/mm/transparent_hugepage", "/sys/fs/cgroup",
	"/dev/null", "/dev/zero", "/dev/urandom",
}

// restrictFiles bounds, for this thread and all that comes of it, what may be read and written. It returns the Landlock
// version in force; an error says why nothing is.
func restrictFiles(c Confinement) (version int, err error) {
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return 0, fmt.Errorf("this kernel has no Landlock (%w)", errno)
	}
	version = int(abi)
	rules := rulesetFor(version)
	ruleset, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&rules)), rulesetSize(version), 0)
	if errno != 0 {
		return 0, fmt.Errorf("landlock_create_ruleset: %w", errno)
	}
	defer unix.Close(int(ruleset))

	allow := func(access uint64, paths ...string) error {
		for _, path := range paths {
			if err := allowBeneath(int(ruleset), path, access&rules.Handled_access_fs); err != nil {
				return err
			}
		}
		return nil
	}
	err = errors.Join(
		allow(accessExecute, "/proc/self/exe"),
		allow(accessExecute, systemLibraries...),
		allow(accessExecute, mappedLibraries()...),
		allow(accessRead, systemFacts...),
		allow(accessRead|unix.LANDLOCK_ACCESS_FS_WRITE_FILE, "/dev/null"),
		allow(accessRead, c.Read...),
		allow(accessWrite, c.Write...),
	)
	if err != nil {
		return 0, err
	}
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, ruleset, 0, 0); errno != 0 {
		return 0, fmt.Errorf("landlock_restrict_self: %w", errno)
	}
	return version, nil
}

// rulesetFor handles every right that a kernel of this version knows, so that what no rule allows is refused.
func rulesetFor(version int) unix.LandlockRulesetAttr {
	rules := unix.LandlockRulesetAttr{Handled_access_fs: accessVersion1}
	if version >= 2 {
		rules.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if version >= 3 {
		rules.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if version >= 4 {
		rules.Handled_access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
	}
	if version >= 5 {
		rules.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	if version >= 6 {
		rules.Scoped = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
	}
	return rules
}

// rulesetSize is how much of the structure a kernel of this version knows; an older one refuses more.
func rulesetSize(version int) uintptr {
	switch {
	case version < 4:
		return 8
	case version < 6:
		return 16
	default:
		return 24
	}
}

func allowBeneath(ruleset int, path string, access uint64) error {
	descriptor, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EACCES) {
		return nil // not there, or not ours: nothing to allow
	}
	if err != nil {
		return fmt.Errorf("allowing %s: %w", path, err)
	}
	defer unix.Close(descriptor)
	var stat unix.Stat_t
	if err := unix.Fstat(descriptor, &stat); err != nil {
		return fmt.Errorf("allowing %s: %w", path, err)
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFDIR {
		access &= accessFile
	}
	rule := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(descriptor)}
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(ruleset), unix.LANDLOCK_RULE_PATH_BENEATH,
		uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
	if errno != 0 {
		return fmt.Errorf("allowing %s: %w", path, errno)
	}
	return nil
}

// mappedLibraries are the folders of the shared libraries this very process runs on, for systems that keep them in
// unusual places.
func mappedLibraries() []string {
	folders := filepath.SplitList(os.Getenv("LD_LIBRARY_PATH"))
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return folders
	}
	defer maps.Close()
	seen := make(map[string]bool)
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		_, path, found := strings.Cut(lines.Text(), " /")
		if folder := filepath.Dir("/" + path); found && strings.Contains(path, ".so") && !seen[folder] {
			seen[folder] = true
			folders = append(folders, folder)
		}
	}
	return folders
}
