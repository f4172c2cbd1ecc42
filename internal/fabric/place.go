package fabric

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"twombly/internal/vault"
)

// Place is where one person lives, owned by this process until Close.
type Place struct {
	id, folder string
	key        vault.Key
	disk       vault.Disk
	claim      *vault.Claim
}

// ID is the person's.
func (p *Place) ID() string { return p.id }

// Key is the person's key. Everything of this person is sealed under it or under secrets that it wraps.
func (p *Place) Key() vault.Key { return p.key }

// Database opens one of the person's databases ("journal.db"); name is for messages, key is its own. Create as in
// vault.DatabaseOptions.
func (p *Place) Database(ctx context.Context, file, name string, key vault.Key, create bool) (*vault.Database, error) {
	return vault.OpenDatabase(ctx, vault.DatabaseOptions{
		Path: filepath.Join(p.folder, file), Name: name, Key: key, Disk: p.disk, Create: create})
}

// SealedFile fills in where one of the person's sealed files lies.
func (p *Place) SealedFile(file string, form vault.SealedFile) vault.SealedFile {
	form.Files, form.Path = p.disk.Storage(), filepath.Join(p.folder, file)
	return form
}

// Has reports whether the person has a file of that name.
func (p *Place) Has(file string) (bool, error) {
	names, err := p.disk.Storage().Names(p.folder)
	if err != nil {
		return false, fmt.Errorf("fabric: look into a person's folder: %w", err)
	}
	for _, name := range names {
		if name == file {
			return true, nil
		}
	}
	return false, nil
}

// DiscardDatabase removes a database and what SQLite keeps beside it: for what can be made again, or was never finished.
func (p *Place) DiscardDatabase(file string) error {
	files := p.disk.Storage()
	for _, suffix := range []string{"-shm", "-wal", "-journal", ""} {
		err := files.Remove(filepath.Join(p.folder, file+suffix))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("fabric: discard %s: %w", file, err)
		}
	}
	if err := files.SyncFolder(p.folder); err != nil {
		return fmt.Errorf("fabric: discard %s: %w", file, err)
	}
	return nil
}

// Close gives the place up.
func (p *Place) Close() error { return p.claim.Release() }

// PlaceAt opens a place outside of any house, with its key at hand: a fixture, or a backup that is being tried.
func PlaceAt(folder, id string, key vault.Key, disk vault.Disk) (*Place, error) {
	claim, err := vault.ClaimFolder(folder)
	if err != nil {
		return nil, err
	}
	return &Place{id: id, folder: folder, key: key, disk: disk, claim: claim}, nil
}
