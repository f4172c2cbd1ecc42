package vault

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"golang.org/x/crypto/argon2"
)

// Rest is where a key rests while the program does not run.
type Rest string

// Resting places.
const (
	// InKeyring: the operating system's keyring holds the key.
	InKeyring Rest = "keyring"
	// InFile: the record itself holds the key, readable by its owner only (mode 0600).
	InFile Rest = "file"
	// BehindPassphrase: the record holds the key, sealed under argon2id of a passphrase.
	BehindPassphrase Rest = "passphrase"
)

// Keeper keeps keys, one record a name, in a folder of its own: not beside the data, so that a copy of a person's folder
// is not a copy of the key to it.
type Keeper struct {
	// Folder holds the records; it must exist.
	Folder string
	Files  Files
	// Keyring is the operating system's keyring; nil means that there is none to be used.
	Keyring Keyring
	// Passphrase is asked for when a key rests behind one; nil means that nobody can be asked.
	Passphrase func(ctx context.Context, name string) (string, error)
}

const recordVersion = 1

// record is the file of one name. Which fields are set depends on Rest.
type record struct {
	Format      string `json:"format"`
	Version     int    `json:"version"`
	Rest        Rest   `json:"rest"`
	Fingerprint string `json:"fingerprint"`
	// Key is for InFile, in hexadecimal.
	Key string `json:"key,omitempty"`
	// Entry is the name in the keyring.
	Entry string `json:"entry,omitempty"`
	// Stretch and Wrapped are for BehindPassphrase.
	Stretch *stretch `json:"stretch,omitempty"`
	Wrapped []byte   `json:"wrapped,omitempty"`
}

// stretch are argon2id's parameters (RFC 9106; the second recommended choice).
type stretch struct {
	Salt    []byte `json:"salt"`
	Time    uint32 `json:"time"`
	Memory  uint32 `json:"memoryKiB"`
	Threads uint8  `json:"threads"`
}

// Make makes a new key under a name that has none yet, and puts it to rest. An empty rest means the keyring if it
// answers within seconds and gives back what it was given, else a file.
func (k Keeper) Make(ctx context.Context, name string, rest Rest) (Key, error) {
	if _, err := k.Files.ReadFile(k.path(name)); !errors.Is(err, fs.ErrNotExist) {
		return Key{}, errors.Join(fmt.Errorf("vault: a key for %q exists already", name), err)
	}
	key := NewKey()
	return key, k.Put(ctx, name, key, rest)
}

// Put puts a key to rest, in place of whatever was there: this is also how a person changes a passphrase or the place.
// The record is replaced in one step; a keyring's entry that is no longer used is removed after it.
func (k Keeper) Put(ctx context.Context, name string, key Key, rest Rest) error {
	before, err := k.read(name)
	if err != nil && !errors.Is(err, ErrMissing) {
		return err
	}
	kept, err := k.lay(ctx, name, key, rest)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(kept, "", "  ")
	if err != nil {
		return fmt.Errorf("vault: keep a key: %w", err)
	}
	if err := WriteFile(k.Files, k.path(name), append(text, '\n'), 0o600); err != nil {
		return err
	}
	if before.Rest == InKeyring && before.Entry != kept.Entry && k.Keyring != nil {
		return k.Keyring.Delete(ctx, before.Entry)
	}
	return nil
}

// Fetch wakes the key of a name. ErrMissing: there is no record. ErrWrongKey: the passphrase, or what the keyring holds,
// is not the one that belongs to it. ErrPassphraseNeeded and ErrNoKeyring say what is lacking.
func (k Keeper) Fetch(ctx context.Context, name string) (Key, error) {
	kept, err := k.read(name)
	if err != nil {
		return Key{}, err
	}
	secret, err := k.wake(ctx, name, kept)
	if err != nil {
		return Key{}, fmt.Errorf("vault: the key of %q: %w", name, err)
	}
	key, err := KeyFromBytes(secret)
	if err != nil {
		return Key{}, fmt.Errorf("vault: the key of %q: %w: %w", name, ErrDamaged, err)
	}
	if key.Fingerprint() != kept.Fingerprint {
		return Key{}, fmt.Errorf("vault: the key of %q: %w", name, ErrWrongKey)
	}
	return key, nil
}

// Where says where the key of a name rests.
func (k Keeper) Where(name string) (Rest, error) {
	kept, err := k.read(name)
	return kept.Rest, err
}

// Forget removes the record and the keyring's entry. What the key sealed is then closed for ever.
func (k Keeper) Forget(ctx context.Context, name string) error {
	kept, err := k.read(name)
	if err != nil {
		return err
	}
	if kept.Rest == InKeyring {
		if k.Keyring == nil {
			return fmt.Errorf("vault: forget the key of %q: %w", name, ErrNoKeyring)
		}
		if err := k.Keyring.Delete(ctx, kept.Entry); err != nil {
			return fmt.Errorf("vault: forget the key of %q: %w", name, err)
		}
	}
	if err := k.Files.Remove(k.path(name)); err != nil {
		return fmt.Errorf("vault: forget the key of %q: %w", name, err)
	}
	return k.Files.SyncFolder(k.Folder)
}

func (k Keeper) path(name string) string { return filepath.Join(k.Folder, name+".json") }

// keyringProbe is how long a keyring may take before a file is used instead.
const keyringProbe = 3 * time.Second

// lay makes the record for a key, and the keyring's entry where it is to rest there.
func (k Keeper) lay(ctx context.Context, name string, key Key, rest Rest) (record, error) {
	kept := record{Format: "twombly key", Version: recordVersion, Rest: rest, Fingerprint: key.Fingerprint()}
	switch rest {
	case "":
		probe, cancel := context.WithTimeout(ctx, keyringProbe)
		defer cancel()
		found, err := k.lay(probe, name, key, InKeyring)
		if err == nil {
			return found, nil
		}
		if ctx.Err() != nil {
			return kept, ctx.Err()
		}
		return k.lay(ctx, name, key, InFile)
	case InKeyring:
		kept.Entry = name + " " + kept.Fingerprint
		return kept, k.layInKeyring(ctx, kept.Entry, key)
	case InFile:
		kept.Key = hex.EncodeToString(key.bytes[:])
		return kept, nil
	case BehindPassphrase:
		passphrase, err := k.ask(ctx, name)
		if err != nil {
			return kept, err
		}
		salt := NewKey()
		kept.Stretch = &stretch{Salt: salt.bytes[:16], Time: 3, Memory: 64 * 1024, Threads: 4}
		kept.Wrapped = Seal(kept.Stretch.key(passphrase), key.bytes[:], []byte(name))
		return kept, nil
	}
	return kept, fmt.Errorf("vault: a key cannot rest in %q", rest)
}

// layInKeyring stores the key and reads it back: some keyrings accept and forget.
func (k Keeper) layInKeyring(ctx context.Context, entry string, key Key) error {
	if k.Keyring == nil {
		return ErrNoKeyring
	}
	secret := hex.EncodeToString(key.bytes[:])
	if err := k.Keyring.Set(ctx, entry, secret); err != nil {
		return err
	}
	back, err := k.Keyring.Get(ctx, entry)
	if err != nil {
		return err
	}
	if back != secret {
		return fmt.Errorf("%w: it did not give back what it was given", ErrNoKeyring)
	}
	return nil
}

// wake finds the secret bytes that a record speaks of.
func (k Keeper) wake(ctx context.Context, name string, kept record) ([]byte, error) {
	switch kept.Rest {
	case InFile:
		return unhex(kept.Key)
	case InKeyring:
		if k.Keyring == nil {
			return nil, ErrNoKeyring
		}
		secret, err := k.Keyring.Get(ctx, kept.Entry)
		if err != nil {
			return nil, err
		}
		return unhex(secret)
	case BehindPassphrase:
		passphrase, err := k.ask(ctx, name)
		if err != nil {
			return nil, err
		}
		secret, err := Open(kept.Stretch.key(passphrase), kept.Wrapped, []byte(name))
		if err != nil {
			return nil, ErrWrongKey // the record parsed and has its lengths: by far the likeliest is a mistyped passphrase
		}
		return secret, nil
	}
	return nil, fmt.Errorf("%w: it rests in %q, which this program does not know", ErrDamaged, kept.Rest)
}

func unhex(secret string) ([]byte, error) {
	decoded, err := hex.DecodeString(secret)
	if err != nil {
		return nil, fmt.Errorf("%w: not a key in hexadecimal", ErrDamaged)
	}
	return decoded, nil
}

func (k Keeper) ask(ctx context.Context, name string) (string, error) {
	if k.Passphrase == nil {
		return "", ErrPassphraseNeeded
	}
	passphrase, err := k.Passphrase(ctx, name)
	if err != nil {
		return "", err
	}
	if passphrase == "" {
		return "", ErrPassphraseNeeded
	}
	return passphrase, nil
}

func (s *stretch) key(passphrase string) Key {
	key, err := KeyFromBytes(argon2.IDKey([]byte(passphrase), s.Salt, s.Time, s.Memory, s.Threads, KeySize))
	if err != nil {
		panic(err)
	}
	return key
}

func (k Keeper) read(name string) (record, error) {
	text, err := k.Files.ReadFile(k.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return record{}, fmt.Errorf("vault: the key of %q: %w", name, ErrMissing)
	}
	if err != nil {
		return record{}, fmt.Errorf("vault: the key of %q: %w", name, err)
	}
	kept, err := parseRecord(text)
	if err != nil {
		return record{}, fmt.Errorf("vault: the key of %q: %w", name, err)
	}
	return kept, nil
}

// parseRecord reads a record. Bounds keep a changed file from taking all memory or all time. It is fuzzed.
func parseRecord(text []byte) (record, error) {
	var kept record
	if err := json.Unmarshal(text, &kept); err != nil || kept.Format != "twombly key" || kept.Version < 1 {
		return record{}, fmt.Errorf("%w: it is not the record of a key", ErrDamaged)
	}
	if kept.Version > recordVersion {
		return record{}, newer("the record", kept.Version, recordVersion)
	}
	if kept.Rest != BehindPassphrase {
		return kept, nil
	}
	s := kept.Stretch
	if s == nil || len(s.Salt) < 16 || s.Time < 1 || s.Time > 100 || s.Threads < 1 ||
		s.Memory < 8*uint32(s.Threads) || s.Memory > 4<<20 || len(kept.Wrapped) != KeySize+SealOverhead {
		return record{}, fmt.Errorf("%w: its passphrase parameters make no sense", ErrDamaged)
	}
	return kept, nil
}
