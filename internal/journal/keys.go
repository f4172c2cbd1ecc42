package journal

import (
	"encoding/json"
	"fmt"

	"twombly/internal/fabric"
	"twombly/internal/vault"
)

// EpochSize is the most moments that share an epoch's secret.
const EpochSize = 1000

// keyRing is what the person's file "keys" holds, sealed under the person's key.
type keyRing struct {
	// Made is true once journal.db was made: from then on a missing or empty journal.db is a loss, not a first start.
	Made bool `json:"made"`
	// Database is the secret of the disk cipher; derived.db's key is derived from it too.
	Database []byte `json:"database"`
	// Epochs are the secrets of the moments, by number, which is the index plus one.
	Epochs []epoch `json:"epochs"`
	// Witness is where the chain stood when the journal was last closed properly. It is outside journal.db, so that an old
	// copy of journal.db put in its place is noticed.
	Witness mark `json:"witness"`
}

// epoch is one group of moments: those after the mark, up to the next epoch's.
type epoch struct {
	Secret []byte `json:"secret"`
	// After is the head of the journal when the epoch began: a second witness, at each border.
	After mark `json:"after"`
}

// mark is a place in the chain.
type mark struct {
	Sequence int64  `json:"sequence"`
	Chain    []byte `json:"chain"`
}

// keysFile is the sealed file that holds the ring.
func keysFile(place *fabric.Place) vault.SealedFile {
	return place.SealedFile("keys", vault.SealedFile{Format: "twombly keys", Name: "the journal's keys"})
}

// parseKeys reads the ring from the opened file. It is fuzzed.
func parseKeys(text []byte) (keyRing, error) {
	var ring keyRing
	if err := json.Unmarshal(text, &ring); err != nil {
		return keyRing{}, fmt.Errorf("journal: the keys: %w: %w", vault.ErrDamaged, err)
	}
	if len(ring.Database) != vault.KeySize || !ring.Witness.sound() {
		return keyRing{}, fmt.Errorf("journal: the keys: %w: a part is missing", vault.ErrDamaged)
	}
	last := int64(0)
	for i, epoch := range ring.Epochs {
		if len(epoch.Secret) != vault.KeySize || !epoch.After.sound() ||
			epoch.After.Sequence < last || (i == 0 && epoch.After.Sequence != 0) || epoch.After.Sequence > last+EpochSize {
			return keyRing{}, fmt.Errorf("journal: the keys: %w: epoch %d makes no sense", vault.ErrDamaged, i+1)
		}
		last = epoch.After.Sequence
	}
	return ring, nil
}

// sound reports whether the mark is whole: the beginning, or a sequence with its hash.
func (m mark) sound() bool {
	if m.Sequence == 0 {
		return true
	}
	return m.Sequence > 0 && len(m.Chain) == chainSize
}

// write puts the ring on the disk, in place of the one before.
func (r keyRing) write(file vault.SealedFile, key vault.Key) error {
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("journal: write the keys: %w", err)
	}
	return file.Write(key, text)
}

// secret returns an epoch's secret by its number; false when there is none.
func (r keyRing) secret(number int64) (vault.Key, bool) {
	if number < 1 || number > int64(len(r.Epochs)) {
		return vault.Key{}, false
	}
	key, err := vault.KeyFromBytes(r.Epochs[number-1].Secret)
	return key, err == nil
}

// databaseKey is the key of the disk cipher for one of the person's databases.
func (r keyRing) databaseKey(file string) (vault.Key, error) {
	secret, err := vault.KeyFromBytes(r.Database)
	if err != nil {
		return vault.Key{}, err
	}
	return secret.Derive("twombly database 1", []byte(file)), nil
}
