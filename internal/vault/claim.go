package vault

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// OwnedError says that another process owns the folder.
type OwnedError struct {
	// Folder is what is owned; Process, Program and Since describe the owner as far as it could be read.
	Folder  string
	Process int
	Program string
	Since   time.Time
}

func (e *OwnedError) Error() string {
	owner := "another process"
	if e.Process != 0 {
		owner = fmt.Sprintf("%s, process %d, since %s", e.Program, e.Process, e.Since.Local().Format("2 January 15:04"))
	}
	return fmt.Sprintf("the store in %s is in use by %s; stop that one first, or give this one another folder with --data",
		e.Folder, owner)
}

// errHeld is what the platform's lock answers when another holds it.
var errHeld = errors.New("held by another")

// Claim is one process's ownership of a folder. The operating system ends it when the process dies, however it dies.
type Claim struct {
	file *os.File
}

// owner is what the claim's file says, for the sentence a second process prints.
type owner struct {
	Process int       `json:"process"`
	Program string    `json:"program"`
	Since   time.Time `json:"since"`
}

// ClaimFolder takes the folder for this process, or answers an *OwnedError that names who has it. The file "owner" in
// the folder carries the lock and stays there; it is not a lock by being there.
func ClaimFolder(folder string) (*Claim, error) {
	file, err := os.OpenFile(filepath.Join(folder, "owner"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("vault: claim %s: %w", folder, err)
	}
	if err := lockFile(file); err != nil {
		defer file.Close()
		if errors.Is(err, errHeld) {
			return nil, ownedBy(folder, file)
		}
		return nil, fmt.Errorf("vault: claim %s: %w", folder, err)
	}
	if err := describeOwner(file); err != nil {
		return nil, errors.Join(fmt.Errorf("vault: claim %s: %w", folder, err), file.Close())
	}
	return &Claim{file: file}, nil
}

// Release gives the folder up.
func (c *Claim) Release() error {
	if err := c.file.Close(); err != nil {
		return fmt.Errorf("vault: release a folder: %w", err)
	}
	return nil
}

func describeOwner(file *os.File) error {
	text, err := json.Marshal(owner{Process: os.Getpid(), Program: filepath.Base(os.Args[0]), Since: time.Now().UTC()})
	if err != nil {
		return err
	}
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err = file.WriteAt(append(text, '\n'), 0)
	return err
}

// ownedBy reads who holds the folder. The text may be half written or missing; the sentence is then shorter.
func ownedBy(folder string, file *os.File) error {
	refused := &OwnedError{Folder: folder}
	text := make([]byte, 4096)
	read, _ := file.ReadAt(text, 0)
	var holder owner
	if json.Unmarshal(text[:read], &holder) == nil {
		refused.Process, refused.Program, refused.Since = holder.Process, holder.Program, holder.Since
	}
	return refused
}
