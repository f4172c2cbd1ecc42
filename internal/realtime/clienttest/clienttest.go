// Package clienttest runs unmodified clients of others in tests. Each is a program that prints one JSON object at its end, with
// what it met that it should not have under "problems".
package clienttest

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Python is an interpreter that has the official openai client. The test is skipped without one, unless
// TWOMBLY_REQUIRE_PYTHON=1.
func Python(t testing.TB) string {
	t.Helper()
	path := os.Getenv("TWOMBLY_PYTHON")
	if path == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		path = filepath.Join(cache, "twombly", "openai-client", "bin", "python")
	}
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("TWOMBLY_REQUIRE_PYTHON") == "1" {
			t.Fatalf("%v: run internal/realtime/testdata/setup_python.sh", err)
		}
		t.Skipf("no Python with the openai client (%v); internal/realtime/testdata/setup_python.sh makes one", err)
	}
	return path
}

// Run runs a client to its end and decodes what it printed into result. The test ends here when the client failed or
// reports problems.
func Run(t testing.TB, client *exec.Cmd, result any) {
	t.Helper()
	var complaints bytes.Buffer
	client.Stderr = &complaints
	out, err := client.Output()
	var met struct{ Problems []string }
	decoding := json.Unmarshal(out, &met)
	if err != nil || decoding != nil || len(met.Problems) > 0 {
		if len(out) > 2000 {
			out = append(out[:2000:2000], "..."...) // sound is long
		}
		t.Fatalf("%v, %v, problems %q\n%s\n%s", err, decoding, met.Problems, out, complaints.String())
	}
	if err := json.Unmarshal(out, result); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
