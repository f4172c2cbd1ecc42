package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"

	"twombly/internal/vault"
)

// ErrDuplicate means that a moment of that ID is already in the journal. Nothing of the call was kept.
var ErrDuplicate = errors.New("journal: a moment with this ID is there already")

// ErrClosed means that the journal was closed.
var ErrClosed = errors.New("journal: it is closed")

// Append puts moments at the end, all or none, in one transaction. When it returns they are on the disk. It answers them
// as they were kept: with their sequences, with IDs (UUIDv7) and times where they had none. At most EpochSize at once.
// Cancelling the context ends the waiting for one's turn, never a commit that has begun.
func (j *Journal) Append(ctx context.Context, moments ...Moment) ([]Moment, error) {
	if len(moments) == 0 {
		return nil, nil
	}
	if len(moments) > EpochSize {
		return nil, fmt.Errorf("journal: %d moments at once are too many; at most %d", len(moments), EpochSize)
	}
	j.appending.Lock()
	defer j.appending.Unlock()
	if j.closed {
		return nil, ErrClosed
	}
	if j.broken != nil {
		return nil, fmt.Errorf("journal: the disk failed and the journal must be opened again: %w", j.broken)
	}
	kept, ids, err := j.complete(moments)
	if err != nil {
		return nil, err
	}
	number, secret, err := j.epochFor(int64(len(kept)))
	if err != nil {
		return nil, err
	}
	rows, err := j.sealAll(kept, ids, number, secret)
	if err != nil {
		return nil, err
	}
	if err := j.database.Write(ctx, func(connection *sqlite3.Conn) error { return insert(connection, rows) }); err != nil {
		return nil, j.refused(err)
	}
	last := rows[len(rows)-1]
	j.state.Lock()
	j.head = mark{Sequence: last.sequence, Chain: last.chain[:]}
	j.state.Unlock()
	j.listeners.tell(kept)
	return kept, nil
}

// complete fills in what the writer left out and refuses what cannot be kept.
func (j *Journal) complete(moments []Moment) ([]Moment, [][idSize]byte, error) {
	kept := slices.Clone(moments)
	ids := make([][idSize]byte, len(kept))
	for i := range kept {
		moment := &kept[i]
		if moment.Kind == "" {
			return nil, nil, errors.New("journal: a moment needs a kind")
		}
		if moment.ID == "" {
			made, err := uuid.NewV7()
			if err != nil {
				return nil, nil, fmt.Errorf("journal: name a moment: %w", err)
			}
			moment.ID = made.String()
		}
		id, err := parseID(moment.ID)
		if err != nil {
			return nil, nil, err
		}
		if moment.At.IsZero() {
			moment.At = j.now()
		}
		moment.At = moment.At.Round(0) // drops the monotonic reading, which means nothing on disk
		ids[i] = id
		moment.Sequence = j.head.Sequence + 1 + int64(i)
	}
	return kept, ids, nil
}

// parseID reads an ID in its one written form, so that equal IDs are equal strings.
func parseID(id string) ([idSize]byte, error) {
	parsed, err := uuid.Parse(id)
	if err != nil || parsed.String() != id {
		return [idSize]byte{}, fmt.Errorf("journal: %q is not the ID of a moment (a UUID in lower case)", id)
	}
	return parsed, nil
}

// epochFor returns the epoch that takes the next moments, all of them. A new one's secret is on the disk before this
// returns, and so before its first moment can be.
func (j *Journal) epochFor(count int64) (int64, vault.Key, error) {
	number := int64(len(j.ring.Epochs))
	if number > 0 && j.head.Sequence-j.ring.Epochs[number-1].After.Sequence+count <= EpochSize {
		secret, _ := j.ring.secret(number)
		return number, secret, nil
	}
	secret := vault.NewKey()
	ring := j.ring
	ring.Epochs = append(slices.Clone(ring.Epochs), epoch{Secret: secret.Bytes(), After: j.head})
	if err := ring.write(j.keysFile, j.place.Key()); err != nil {
		return 0, vault.Key{}, fmt.Errorf("journal: begin an epoch: %w", err)
	}
	j.state.Lock()
	j.ring = ring
	j.state.Unlock()
	return number + 1, secret, nil
}

func (j *Journal) sealAll(kept []Moment, ids [][idSize]byte, number int64, secret vault.Key) ([]row, error) {
	rows := make([]row, len(kept))
	before := [chainSize]byte(j.head.Chain)
	for i, moment := range kept {
		sealed, err := sealRow(moment, ids[i], number, secret, before)
		if err != nil {
			return nil, err
		}
		rows[i], before = sealed, sealed.chain
	}
	return rows, nil
}

func insert(connection *sqlite3.Conn, rows []row) error {
	for _, row := range rows {
		err := vault.Exec(connection, `INSERT INTO moments(sequence, id, epoch, kind, commitment, chain, sealed)
			VALUES(?,?,?,?,?,?,?)`, row.sequence, row.id[:], row.epoch, string(row.kind),
			row.commitment[:], row.chain[:], row.sealed)
		if err != nil {
			return err
		}
	}
	last := rows[len(rows)-1]
	return vault.Exec(connection, `INSERT INTO head VALUES(1,?,?)
		ON CONFLICT(one) DO UPDATE SET sequence=excluded.sequence, chain=excluded.chain`, last.sequence, last.chain[:])
}

// refused says why a commit failed. After a failed write or sync nobody knows what is on the disk, and a second sync may
// wrongly succeed; the journal then takes nothing more until it is opened again.
func (j *Journal) refused(err error) error {
	if errors.Is(err, sqlite3.CONSTRAINT_UNIQUE) {
		return fmt.Errorf("%w: %w", ErrDuplicate, err)
	}
	if errors.Is(err, sqlite3.IOERR) {
		j.broken = err
	}
	return err
}
