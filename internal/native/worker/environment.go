package worker

import "strings"

// inherited are the variables a child takes over: where things are, how to debug, and nothing that could be a secret.
var inherited = []string{
	"HOME", "XDG_CACHE_HOME", "TWOMBLY_CACHE", "PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ", "TMPDIR",
	"GODEBUG", "GOTRACEBACK", "GOMAXPROCS", "GOGC", "GOMEMLIMIT", "GORACE", "GOCOVERDIR",
}

// childEnvironment is the environment of a child: the inherited part of ours, then what was asked for, then our own.
func childEnvironment(ours, asked, own []string) []string {
	var env []string
	for _, entry := range ours {
		name, _, _ := strings.Cut(entry, "=")
		for _, allowed := range inherited {
			if name == allowed {
				env = append(env, entry)
			}
		}
	}
	return append(append(env, asked...), own...)
}
