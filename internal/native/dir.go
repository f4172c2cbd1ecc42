package native

import (
	"fmt"
	"os"
	"path/filepath"
)

// CacheVariable names the environment variable that says where models and libraries lie.
const CacheVariable = "TWOMBLY_CACHE"

// DefaultDir is the folder of models and libraries: $TWOMBLY_CACHE, or "twombly" in the user's cache folder. It need not
// exist.
func DefaultDir() (string, error) {
	if dir := os.Getenv(CacheVariable); dir != "" {
		absolute, err := filepath.Abs(dir)
		if err != nil {
			return "", fmt.Errorf("native: $%s: %w", CacheVariable, err)
		}
		return absolute, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("native: no cache folder; set $%s: %w", CacheVariable, err)
	}
	return filepath.Join(cache, "twombly"), nil
}
