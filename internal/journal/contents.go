package journal

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"twombly/internal/vault"
)

const (
	saltSize  = 32
	chainSize = sha256.Size
	idSize    = 16
	// MaximumSize bounds one moment's contents, in bytes: a text of 100,000 characters fits many times.
	MaximumSize = 4 << 20

	momentLabel     = "twombly journal moment 1"
	commitmentLabel = "twombly journal commitment 1"
	chainLabel      = "twombly journal chain 1"
)

// row is a moment as the database holds it.
type row struct {
	sequence   int64
	id         [idSize]byte
	epoch      int64
	kind       Kind
	commitment [sha256.Size]byte
	chain      [chainSize]byte
	// sealed is nil for a forgotten moment.
	sealed []byte
}

// contents is what a seal holds: a random salt, then the moment as JSON without ID and sequence, which the seal is bound to.
func encodeContents(moment Moment) ([]byte, error) {
	moment.ID, moment.Sequence = "", 0
	text, err := json.Marshal(moment)
	if err != nil {
		return nil, fmt.Errorf("journal: write a moment: %w", err)
	}
	if len(text) > MaximumSize {
		return nil, fmt.Errorf("journal: a moment of %d bytes is too long; at most %d are kept in one", len(text), MaximumSize)
	}
	contents := make([]byte, saltSize, saltSize+len(text))
	rand.Read(contents)
	return append(contents, text...), nil
}

// decodeContents is the way back. It is fuzzed.
func decodeContents(contents []byte) (Moment, error) {
	var moment Moment
	if len(contents) < saltSize {
		return moment, fmt.Errorf("%w: its contents are too short", vault.ErrDamaged)
	}
	if err := json.Unmarshal(contents[saltSize:], &moment); err != nil {
		return moment, fmt.Errorf("%w: its contents make no sense: %w", vault.ErrDamaged, err)
	}
	return moment, nil
}

// commit hashes the salt and the contents: it fixes them without telling them.
func commit(contents []byte) [sha256.Size]byte {
	hash := sha256.New()
	hash.Write([]byte(commitmentLabel))
	hash.Write(contents)
	return [sha256.Size]byte(hash.Sum(nil))
}

// firstChain is where a person's chain begins: another person's moments never fit onto it.
func firstChain(person string) [chainSize]byte {
	return sha256.Sum256([]byte(chainLabel + "\n" + person))
}

// link adds one commitment to the chain, with the place and the ID it belongs to.
func link(before [chainSize]byte, sequence int64, id [idSize]byte, commitment [sha256.Size]byte) [chainSize]byte {
	hash := sha256.New()
	hash.Write([]byte(chainLabel))
	hash.Write(before[:])
	hash.Write(binary.BigEndian.AppendUint64(nil, uint64(sequence)))
	hash.Write(id[:])
	hash.Write(commitment[:])
	return [chainSize]byte(hash.Sum(nil))
}

// formatID writes an ID in its one form.
func formatID(id [idSize]byte) string { return uuid.UUID(id).String() }

// boundTo is what a moment's seal is bound to: its ID and its place.
func boundTo(sequence int64, id [idSize]byte) []byte {
	bound := append([]byte(momentLabel), 0)
	bound = append(bound, id[:]...)
	return binary.BigEndian.AppendUint64(bound, uint64(sequence))
}

// sealRow makes the row of a moment that comes after the given chain.
func sealRow(moment Moment, id [idSize]byte, epochNumber int64, secret vault.Key, before [chainSize]byte) (row, error) {
	contents, err := encodeContents(moment)
	if err != nil {
		return row{}, err
	}
	made := row{sequence: moment.Sequence, id: id, epoch: epochNumber, kind: moment.Kind, commitment: commit(contents)}
	made.chain = link(before, made.sequence, id, made.commitment)
	made.sealed = vault.Seal(secret.Derive(momentLabel, id[:]), contents, boundTo(made.sequence, id))
	return made, nil
}

// errForgotten marks a row whose contents are gone by the person's wish.
var errForgotten = errors.New("journal: the moment is forgotten")

// openRow opens a row and proves that it is what was written: the seal, the place, the commitment and the kind.
func openRow(stored row, ring keyRing) (Moment, error) {
	if stored.sealed == nil {
		return Moment{}, errForgotten
	}
	moment, err := openSealed(stored, ring)
	if err != nil {
		return Moment{}, fmt.Errorf("journal: moment %d: %w", stored.sequence, err)
	}
	return moment, nil
}

func openSealed(stored row, ring keyRing) (Moment, error) {
	secret, found := ring.secret(stored.epoch)
	if !found {
		return Moment{}, fmt.Errorf("%w: there is no key for epoch %d", vault.ErrDamaged, stored.epoch)
	}
	key := secret.Derive(momentLabel, stored.id[:])
	contents, err := vault.Open(key, stored.sealed, boundTo(stored.sequence, stored.id))
	if err != nil {
		return Moment{}, err
	}
	if commit(contents) != stored.commitment {
		return Moment{}, fmt.Errorf("%w: its commitment is another's", vault.ErrDamaged)
	}
	moment, err := decodeContents(contents)
	if err != nil {
		return Moment{}, err
	}
	if moment.Kind != stored.kind {
		return Moment{}, fmt.Errorf("%w: it is filed as %q and is %q", vault.ErrDamaged, stored.kind, moment.Kind)
	}
	moment.ID, moment.Sequence = formatID(stored.id), stored.sequence
	return moment, nil
}
