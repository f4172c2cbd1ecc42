package machine

import (
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Description is what a machine is, as far as results depend on it.
type Description struct {
	Processor string `json:"processor"`
	Cores     int    `json:"cores"`
	MemoryMB  int64  `json:"memory_mb"`
	System    string `json:"system"`
	Kernel    string `json:"kernel,omitempty"`
}

// Describe looks at this machine; what it does not tell stays empty.
func Describe() Description {
	d := Description{Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH}
	d.Processor = field("/proc/cpuinfo", "model name")
	if kilobytes, err := strconv.ParseInt(strings.TrimSuffix(field("/proc/meminfo", "MemTotal"), " kB"), 10, 64); err == nil {
		d.MemoryMB = kilobytes >> 10
	}
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		d.Kernel = strings.TrimSpace(string(text))
	}
	return d
}

// field is the first value of a "name : value" file.
func field(file, name string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
