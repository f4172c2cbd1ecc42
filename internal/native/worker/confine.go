package worker

// Confinement is what a child may still touch once it serves. The zero value is the tightest: its own binary and the
// system's libraries, nothing else.
type Confinement struct {
	// Read are files and folders (with all in them) that the child may read, beside the system's libraries and the few
	// files under /proc and /sys that tell about the processor. A path that doesn't exist is skipped.
	Read []string `json:"read,omitempty"`
	// Write are folders (with all in them) where the child may also create, write and delete files.
	Write []string `json:"write,omitempty"`
	// MaxFile bounds the size of a file the child writes, in bytes; 0 means 1 GiB.
	MaxFile uint64 `json:"max_file,omitempty"`
	// MaxAddressSpace bounds the child's address space, in bytes; 0 means 64 GiB. Models are mapped, not read, so this
	// bounds a runaway, not what they need. It is not set in builds with the race detector, which reserves terabytes.
	MaxAddressSpace uint64 `json:"max_address_space,omitempty"`
	// MaxOpenFiles bounds open files; 0 means 256.
	MaxOpenFiles uint64 `json:"max_open_files,omitempty"`
	// Off leaves the child unconfined, for debuggers.
	Off bool `json:"off,omitempty"`
}

// Report says what of a confinement took effect in a child.
type Report struct {
	// Landlock is the kernel's Landlock version in force, which bounds the files; 0 if it has none.
	Landlock int `json:"landlock"`
	// Seccomp says whether the network, tracing and new programs are refused by the kernel.
	Seccomp bool `json:"seccomp"`
	// Missing says in a sentence what could not be done here, or is empty.
	Missing string `json:"missing,omitempty"`
}

const (
	defaultMaxFile         = 1 << 30
	defaultMaxAddressSpace = 64 << 30
	defaultMaxOpenFiles    = 256
)

func (c Confinement) withDefaults() Confinement {
	if c.MaxFile == 0 {
		c.MaxFile = defaultMaxFile
	}
	if c.MaxAddressSpace == 0 {
		c.MaxAddressSpace = defaultMaxAddressSpace
	}
	if c.MaxOpenFiles == 0 {
		c.MaxOpenFiles = defaultMaxOpenFiles
	}
	return c
}
