package vault

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ncruces/go-sqlite3/vfs"
)

// File is a file being written.
type File interface {
	io.WriteCloser
	// Sync returns when the contents are on the disk.
	Sync() error
}

// Files is the little that our own small files need of a file system. Paths are those of the operating system.
type Files interface {
	// ReadFile reads a whole file; errors.Is(err, fs.ErrNotExist) when there is none.
	ReadFile(path string) ([]byte, error)
	// Create makes a file that must not exist yet.
	Create(path string, mode fs.FileMode) (File, error)
	// Rename replaces new by old in one step.
	Rename(old, new string) error
	// Remove deletes a file or an empty folder.
	Remove(path string) error
	// MakeFolder makes a folder whose parent exists; an existing one is no error.
	MakeFolder(path string, mode fs.FileMode) error
	// Names lists a folder, sorted.
	Names(path string) ([]string, error)
	// SyncFolder returns when the folder's entries are on the disk.
	SyncFolder(path string) error
}

// Disk is where bytes go. The zero value is this machine's disk with the safe settings.
type Disk struct {
	// Files holds our own files; nil means the operating system's.
	Files Files
	// SQLite lies under the disk cipher; nil means the operating system's. It must offer shared memory for the WAL index.
	SQLite vfs.VFS
	// Synchronous is how SQLite waits for the disk; the zero value is SynchronousFull. Only tests lower it, to prove that
	// they would notice.
	Synchronous Synchronous
}

// Synchronous is SQLite's setting of that name.
type Synchronous string

// What SQLite waits for at a commit. Only full keeps the promise that nothing acknowledged is lost.
const (
	SynchronousFull   Synchronous = "FULL"
	SynchronousNormal Synchronous = "NORMAL"
	SynchronousOff    Synchronous = "OFF"
)

// Storage returns the files to use.
func (d Disk) Storage() Files {
	if d.Files == nil {
		return osFiles{}
	}
	return d.Files
}

// WriteFile replaces a file whole or not at all, and returns when the new contents are on the disk: write beside it,
// sync, rename over it, sync the folder. After a power cut the old or the new contents are there, never a mixture.
func WriteFile(files Files, path string, contents []byte, mode fs.FileMode) (err error) {
	beside := path + ".new"
	if err := files.Remove(beside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("vault: clear the way for %s: %w", filepath.Base(path), err)
	}
	file, err := files.Create(beside, mode)
	if err != nil {
		return fmt.Errorf("vault: write %s: %w", filepath.Base(path), err)
	}
	_, err = file.Write(contents)
	if err == nil {
		err = file.Sync()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = files.Rename(beside, path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("vault: write %s: %w", filepath.Base(path), err), removeQuietly(files, beside))
	}
	if err := files.SyncFolder(filepath.Dir(path)); err != nil {
		return fmt.Errorf("vault: write %s: %w", filepath.Base(path), err)
	}
	return nil
}

// removeQuietly removes what a failed write left; that it is already gone is no news.
func removeQuietly(files Files, path string) error {
	if err := files.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// osFiles is the operating system.
type osFiles struct{}

// OSFiles is the operating system's file system, for wrappers.
func OSFiles() Files { return osFiles{} }

func (osFiles) ReadFile(path string) ([]byte, error) { return os.ReadFile(path) }

func (osFiles) Create(path string, mode fs.FileMode) (File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
}

func (osFiles) Rename(old, new string) error { return os.Rename(old, new) }

func (osFiles) Remove(path string) error { return os.Remove(path) }

func (osFiles) MakeFolder(path string, mode fs.FileMode) error {
	err := os.Mkdir(path, mode)
	if errors.Is(err, fs.ErrExist) {
		info, statErr := os.Stat(path)
		if statErr != nil {
			return statErr
		}
		if info.IsDir() {
			return nil
		}
	}
	return err
}

func (osFiles) Names(path string) ([]string, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return names, nil
}

func (osFiles) SyncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(syncFolder(folder), folder.Close())
}
