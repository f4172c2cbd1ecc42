package vault

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// SealedFile is a small file of ours whose contents are sealed: one line of JSON that says what it is and whose key opens
// it, then the ciphertext. The line holds no secret. It is replaced whole (WriteFile), so that it is never torn.
type SealedFile struct {
	// Files and Path say where it is.
	Files Files
	Path  string
	// Format is the name in the first line ("twombly keys"); Name is what a person calls the file.
	Format, Name string
	// Steps lead from version 1, the first that was ever written, to the newest; the first step leads to 2.
	Steps []Migration[*[]byte]
}

// newest is the version that this program writes.
func (f SealedFile) newest() int { return 1 + len(f.Steps) }

// header is the first line. Checksum is over the ciphertext: it tells rot from a wrong key before any key is used.
type header struct {
	Format   string `json:"format"`
	Version  int    `json:"version"`
	Key      string `json:"key"`
	Checksum string `json:"checksum"`
}

// Write seals contents and replaces the file; it is on the disk afterwards.
func (f SealedFile) Write(key Key, contents []byte) error {
	head := header{Format: f.Format, Version: f.newest(), Key: key.Fingerprint()}
	sealed := Seal(key, contents, f.associated(head.Version))
	sum := sha256.Sum256(sealed)
	head.Checksum = hex.EncodeToString(sum[:])
	line, err := json.Marshal(head)
	if err != nil {
		return fmt.Errorf("vault: write %s: %w", f.Name, err)
	}
	whole := append(append(line, '\n'), sealed...)
	return WriteFile(f.Files, f.Path, whole, 0o600)
}

// Read opens the file: fs.ErrNotExist when there is none, ErrWrongKey, ErrDamaged or ErrNewer with a sentence otherwise.
// A file of an older version is copied aside as it is (<file>.before-<version>) and brought to the newest first.
func (f SealedFile) Read(key Key) ([]byte, error) {
	whole, err := f.Files.ReadFile(f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s (%s): %w: %w", f.Name, filepath.Base(f.Path), ErrMissing, err)
	}
	if err != nil {
		return nil, fmt.Errorf("vault: read %s: %w", f.Name, err)
	}
	version, contents, err := f.parse(key, whole)
	if err != nil {
		return nil, fmt.Errorf("%s (%s): %w", f.Name, filepath.Base(f.Path), err)
	}
	if version == f.newest() {
		return contents, nil
	}
	return f.climb(key, version, whole, contents)
}

// parse takes the file apart. It is fuzzed: whatever the bytes, it answers contents or an error.
func (f SealedFile) parse(key Key, whole []byte) (version int, contents []byte, err error) {
	line, sealed, found := bytes.Cut(whole, []byte("\n"))
	var head header
	if !found || json.Unmarshal(line, &head) != nil || head.Format != f.Format || head.Version < 1 {
		return 0, nil, fmt.Errorf("%w: its first line is not that of a %q file", ErrDamaged, f.Format)
	}
	if head.Version > f.newest() {
		return 0, nil, newer("the file", head.Version, f.newest())
	}
	if sum := sha256.Sum256(sealed); head.Checksum != hex.EncodeToString(sum[:]) {
		return 0, nil, fmt.Errorf("%w: its bytes do not match their checksum", ErrDamaged)
	}
	if head.Key != key.Fingerprint() {
		return 0, nil, ErrWrongKey
	}
	contents, err = Open(key, sealed, f.associated(head.Version))
	return head.Version, contents, err
}

// climb brings older contents up and writes them back.
func (f SealedFile) climb(key Key, version int, whole, contents []byte) ([]byte, error) {
	err := Ladder[*[]byte]{
		Name:    f.Name,
		Current: version,
		First:   2,
		Steps:   f.Steps,
		Copy: func(int) error {
			return WriteFile(f.Files, fmt.Sprintf("%s.before-%d", f.Path, version), whole, 0o600)
		},
		Within: func(to int, apply func(*[]byte) error) error {
			return apply(&contents)
		},
	}.Climb()
	if err != nil {
		return nil, err
	}
	return contents, f.Write(key, contents)
}

// associated binds the ciphertext to the format and its version.
func (f SealedFile) associated(version int) []byte {
	return fmt.Appendf(nil, "%s %d", f.Format, version)
}
