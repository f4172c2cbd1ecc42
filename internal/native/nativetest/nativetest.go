// Package nativetest finds real models and libraries for tests.
package nativetest

import (
	"os"
	"path/filepath"
	"testing"

	"twombly/internal/native"
)

// RequireVariable names the environment variable that, set to 1, makes a missing model fail a test instead of skipping it.
const RequireVariable = "TWOMBLY_REQUIRE_MODELS"

// Path is the path of an entry's file in the cache, as the manifest names them: Path(t, "silero-vad", "silero_vad.onnx").
// With an empty file it is the entry's folder. The test is skipped when it isn't there, or fails if $TWOMBLY_REQUIRE_MODELS
// is 1.
func Path(t testing.TB, id, file string) string {
	t.Helper()
	dir, err := native.DefaultDir()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, id, filepath.FromSlash(file))
	if _, err := os.Stat(path); err != nil {
		missing := t.Skipf
		if os.Getenv(RequireVariable) == "1" {
			missing = t.Fatalf
		}
		missing("%s of %s is not in the cache (%v); `twombly models fetch %s` fetches it", file, id, err, id)
	}
	return path
}
