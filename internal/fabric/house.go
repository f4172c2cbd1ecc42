package fabric

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"twombly/internal/vault"
)

// Options say where the house stands and how its doors are locked.
type Options struct {
	// Folder is the data folder. It is made, with mode 0700, when it is not there.
	Folder string
	// Disk is what it lies on; the zero value is this machine's disk.
	Disk vault.Disk
	// Keyring is the operating system's; nil means that keys rest in files or behind passphrases.
	Keyring vault.Keyring
	// Passphrase is asked for keys that rest behind one; nil means that nobody can be asked.
	Passphrase func(ctx context.Context, name string) (string, error)
	// Rest is where new keys rest; empty means the keyring if one answers, else a file.
	Rest vault.Rest
}

// House is an open data folder, owned by this process.
type House struct {
	folder   string
	disk     vault.Disk
	files    vault.Files
	keeper   vault.Keeper
	rest     vault.Rest
	claim    *vault.Claim
	database *vault.Database
}

// houseKey is the name of the house's own key.
const houseKey = "house"

// Open claims the data folder and opens what belongs to the house, making both on the first start. A folder that another
// process owns answers a *vault.OwnedError, whose message is a sentence for the person.
func Open(ctx context.Context, options Options) (*House, error) {
	folder, err := filepath.Abs(options.Folder)
	if err != nil {
		return nil, fmt.Errorf("fabric: the data folder: %w", err)
	}
	files := options.Disk.Storage()
	if err := os.MkdirAll(filepath.Dir(folder), 0o700); err != nil {
		return nil, fmt.Errorf("fabric: the data folder: %w", err)
	}
	if err := files.MakeFolder(folder, 0o700); err != nil {
		return nil, fmt.Errorf("fabric: the data folder: %w", err)
	}
	claim, err := vault.ClaimFolder(folder)
	if err != nil {
		return nil, err
	}
	house := &House{folder: folder, disk: options.Disk, files: files, rest: options.Rest, claim: claim,
		keeper: vault.Keeper{Folder: filepath.Join(folder, "keeper"), Files: files, Keyring: options.Keyring,
			Passphrase: options.Passphrase}}
	if err := house.furnish(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("fabric: open %s: %w", folder, err), house.Close())
	}
	return house, nil
}

// furnish makes what is missing on a first start, in an order that can be stopped anywhere, and opens house.db. The sealed
// file "house" comes last: once it is there, a missing house.db is a loss and not a first start.
func (h *House) furnish(ctx context.Context) error {
	for _, name := range []string{"keeper", "people"} {
		if err := h.files.MakeFolder(filepath.Join(h.folder, name), 0o700); err != nil {
			return err
		}
	}
	if err := h.files.SyncFolder(h.folder); err != nil {
		return err
	}
	key, err := h.keeper.Fetch(ctx, houseKey)
	if errors.Is(err, vault.ErrMissing) && !h.has("house") {
		key, err = h.keeper.Make(ctx, houseKey, h.rest)
	}
	if err != nil {
		return err
	}
	made := vault.SealedFile{Files: h.files, Path: filepath.Join(h.folder, "house"), Format: "twombly house", Name: "the house"}
	_, err = made.Read(key)
	first := errors.Is(err, fs.ErrNotExist)
	if err != nil && !first {
		return err
	}
	h.database, err = vault.OpenDatabase(ctx, vault.DatabaseOptions{Path: filepath.Join(h.folder, "house.db"),
		Name: "what belongs to the house", Key: key.Derive("twombly house.db 1", nil), Disk: h.disk, Create: first})
	if err != nil {
		return err
	}
	if err := h.database.Migrate(ctx, "house", houseMigrations()); err != nil {
		return err
	}
	if first {
		if err := made.Write(key, []byte("{}")); err != nil {
			return err
		}
	}
	return h.database.Trust()
}

func (h *House) has(name string) bool {
	_, err := h.files.ReadFile(filepath.Join(h.folder, name))
	return err == nil
}

// Database is house.db: what belongs to the house and to no one person. Every package that keeps tables in it migrates
// its own part (vault.Database.Migrate).
func (h *House) Database() *vault.Database { return h.database }

// People lists the IDs of all who live here, oldest first.
func (h *House) People(context.Context) ([]string, error) {
	names, err := h.files.Names(filepath.Join(h.folder, "people"))
	if err != nil {
		return nil, fmt.Errorf("fabric: list the people: %w", err)
	}
	var people []string
	for _, name := range names {
		if _, err := uuid.Parse(name); err != nil {
			continue
		}
		_, err := h.keeper.Where(name)
		if errors.Is(err, vault.ErrMissing) {
			continue // a person whose making was cut short, or whose removal was: there is no key, so nothing can be read
		}
		if err != nil {
			return nil, err
		}
		people = append(people, name)
	}
	return people, nil
}

// Create makes a place for a new person, with a key of its own, and opens it.
func (h *House) Create(ctx context.Context) (*Place, error) {
	identifier, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("fabric: name a person: %w", err)
	}
	return h.CreateAs(ctx, identifier.String())
}

// CreateAs is Create for a person who has an ID already, as people.House gives them.
func (h *House) CreateAs(ctx context.Context, id string) (*Place, error) {
	if parsed, err := uuid.Parse(id); err != nil || parsed.String() != id {
		return nil, fmt.Errorf("fabric: %q is not the ID of a person", id)
	}
	if err := h.files.MakeFolder(h.home(id), 0o700); err != nil {
		return nil, fmt.Errorf("fabric: make a person's folder: %w", err)
	}
	if err := h.files.SyncFolder(filepath.Join(h.folder, "people")); err != nil {
		return nil, fmt.Errorf("fabric: make a person's folder: %w", err)
	}
	if _, err := h.keeper.Make(ctx, id, h.rest); err != nil {
		return nil, err
	}
	return h.Place(ctx, id)
}

// Place opens a person's place: fetches the key (a passphrase may be asked for) and claims it for this process.
func (h *House) Place(ctx context.Context, id string) (*Place, error) {
	if parsed, err := uuid.Parse(id); err != nil || parsed.String() != id {
		return nil, fmt.Errorf("fabric: %q is not the ID of a person", id)
	}
	key, err := h.keeper.Fetch(ctx, id)
	if err != nil {
		return nil, err
	}
	claim, err := vault.ClaimFolder(h.home(id))
	if err != nil {
		return nil, err
	}
	return &Place{id: id, folder: h.home(id), key: key, disk: h.disk, claim: claim}, nil
}

// Remove takes a person out of the house for good: first the key, after which nothing here can be read any more, then the
// files. It can be stopped anywhere and run again.
func (h *House) Remove(ctx context.Context, id string) error {
	if _, err := uuid.Parse(id); err != nil {
		return fmt.Errorf("fabric: %q is not the ID of a person", id)
	}
	claim, err := vault.ClaimFolder(h.home(id))
	if err != nil {
		return err
	}
	defer claim.Release()
	if err := h.keeper.Forget(ctx, id); err != nil && !errors.Is(err, vault.ErrMissing) {
		return err
	}
	names, err := h.files.Names(h.home(id))
	if err != nil {
		return fmt.Errorf("fabric: remove a person: %w", err)
	}
	for _, name := range names {
		if err := h.files.Remove(filepath.Join(h.home(id), name)); err != nil {
			return fmt.Errorf("fabric: remove a person: %w", err)
		}
	}
	if err := h.files.Remove(h.home(id)); err != nil {
		return fmt.Errorf("fabric: remove a person: %w", err)
	}
	return h.files.SyncFolder(filepath.Join(h.folder, "people"))
}

// Secret is 32 bytes derived from the house's key for one purpose, such as hashing what is kept in house.db. They are
// nowhere on the disk.
func (h *House) Secret(ctx context.Context, purpose string) ([]byte, error) {
	key, err := h.keeper.Fetch(ctx, houseKey)
	if err != nil {
		return nil, fmt.Errorf("fabric: the house's key: %w", err)
	}
	derived := key.Derive("twombly house secret: "+purpose, nil)
	return derived.Bytes(), nil
}

// Keeper is where the keys of this house rest: to show it to a person, or to change it.
func (h *House) Keeper() vault.Keeper { return h.keeper }

func (h *House) home(id string) string { return filepath.Join(h.folder, "people", id) }

// Close closes house.db and gives the folder up. Places are closed by whoever opened them, before this.
func (h *House) Close() error {
	var err error
	if h.database != nil {
		err = h.database.Close()
	}
	return errors.Join(err, h.claim.Release())
}
