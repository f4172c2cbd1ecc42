package main

import "runtime/debug"

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
