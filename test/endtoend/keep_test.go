package endtoend

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"twombly/bench/machine"
)

// keep writes what an acceptance line measured to docs/acceptance, when the line was run as it is stated.
func keep(t testing.TB, issue, line int, name string, metrics map[string]any) {
	t.Helper()
	if !long() {
		return
	}
	folder, err := filepath.Abs(filepath.Join("..", "..", "docs", "acceptance"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	commit := os.Getenv("TWOMBLY_COMMIT") // scripts/accept.sh knows it better: results are no change
	if commit == "" {
		described, err := exec.Command("git", "describe", "--always", "--dirty", "--abbrev=12").Output()
		if err != nil {
			t.Logf("the commit is not known: %v", err)
		}
		commit = strings.TrimSpace(string(described))
	}
	text, err := json.MarshalIndent(map[string]any{
		"issue": issue, "line": line, "name": name, "test": t.Name(), "passed": !t.Failed(), "at": time.Now().UTC().Truncate(time.Second),
		"commit": commit, "machine": machine.Describe(), "metrics": metrics,
	}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, fmt.Sprintf("issue-%d-line-%d-%s.json", issue, line, name))
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
