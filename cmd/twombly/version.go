package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"twombly/internal/call"
	"twombly/internal/config"
	"twombly/internal/native"
)

// version is set by the release build; a build from a checkout shows its commit.
var version = ""

// programVersion is what people see.
func programVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				return "0.1-dev+" + setting.Value[:min(12, len(setting.Value))]
			}
		}
	}
	return "0.1-dev"
}

// versionCommand prints what this program is.
type versionCommand struct{}

func (versionCommand) Run(term terminal) error {
	_, err := fmt.Fprintf(term.out, "twombly %s (%s, %s)\nconfiguration: version %d\ntraces: version %d\nmodels: %d entries in the manifest\n",
		programVersion(), runtime.Version(), native.Platform(), config.Version, call.TraceVersion, len(native.Manifest()))
	return err
}
