package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestUnitFile holds the unit against systemd itself: every directive is one that it knows, with a value that it takes.
func TestUnitFile(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("there is no systemd-analyze on this machine")
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := unitFor(program)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), serviceName)
	verify := func(text string) (string, error) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		said, err := exec.CommandContext(t.Context(), analyze, "verify", "--man=no", "--recursive-errors=no", path).CombinedOutput()
		return string(bytes.TrimSpace(said)), err
	}
	if said, err := verify(text); err != nil || said != "" {
		t.Errorf("systemd-analyze verify: %v\n%s", err, said)
	}
	if said, err := verify(text + "\n[Service]\nNoNewPrivilege=yes\n"); err == nil && said == "" {
		t.Error("a directive that does not exist was not found: this test can't fail")
	}
}
