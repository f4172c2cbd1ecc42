package config

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// DefaultFile is where the configuration file lies when nobody says otherwise: $XDG_CONFIG_HOME/twombly/config.toml,
// or the system's own place for such files.
func DefaultFile() (string, error) {
	directory, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("finding the folder for configuration files: %w", err)
	}
	return filepath.Join(directory, "twombly", "config.toml"), nil
}

// DefaultData is where everything she keeps lies by default: $XDG_DATA_HOME/twombly, else ~/.local/share/twombly; on
// macOS and Windows the system's own place for an application's data.
func DefaultData() (string, error) {
	if directory := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(directory) { // the XDG specification says to ignore relative ones
		return filepath.Join(directory, "twombly"), nil
	}
	switch runtime.GOOS {
	case "darwin", "ios", "windows":
		directory, err := os.UserConfigDir()
		if err != nil {
			return "", fmt.Errorf("finding the folder for data: %w", err)
		}
		return filepath.Join(directory, "twombly", "data"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("finding the folder for data: %w", err)
	}
	return filepath.Join(home, ".local", "share", "twombly"), nil
}

// DefaultCache is where models lie by default: $XDG_CACHE_HOME/twombly, else the system's own cache folder.
func DefaultCache() (string, error) {
	directory, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the folder for models: %w", err)
	}
	return filepath.Join(directory, "twombly"), nil
}
