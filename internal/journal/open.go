package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/ncruces/go-sqlite3"

	"twombly/internal/fabric"
	"twombly/internal/vault"
)

// Options say whose journal to open.
type Options struct {
	// Place is where the person lives. The journal owns it from here on: Close closes it, and so does a failed Open.
	Place *fabric.Place
	// Now is the clock for moments that come without a time; nil means time.Now.
	Now func() time.Time
}

// ErrCut means that moments which were on the disk are not there any more.
var ErrCut = fmt.Errorf("moments are missing at the end: %w", vault.ErrDamaged)

// file is the journal's name in the person's folder.
const file = "journal.db"

// Journal is one person's open journal. Its methods are safe for use by several goroutines.
type Journal struct {
	place    *fabric.Place
	keysFile vault.SealedFile
	database *vault.Database
	now      func() time.Time

	// appending is held over a whole Append; the fields below change only then.
	appending sync.Mutex
	broken    error
	closed    bool

	// state guards what readers look at, for an instant each.
	state sync.RWMutex
	ring  keyRing
	head  mark

	listeners listeners
}

// Open opens a person's journal, making it on the first start. Errors are sentences: vault.ErrWrongKey, vault.ErrDamaged
// (ErrCut among them), vault.ErrMissing, vault.ErrNewer; none of them changed anything on the disk.
func Open(ctx context.Context, options Options) (*Journal, error) {
	journal := &Journal{place: options.Place, keysFile: keysFile(options.Place), now: options.Now}
	if journal.now == nil {
		journal.now = time.Now
	}
	if err := journal.open(ctx); err != nil {
		err = fmt.Errorf("the journal cannot be opened: %w", err)
		if journal.database != nil {
			err = errors.Join(err, journal.database.Close())
		}
		return nil, errors.Join(err, options.Place.Close())
	}
	return journal, nil
}

func (j *Journal) open(ctx context.Context) (err error) {
	if err := j.readKeys(); err != nil {
		return err
	}
	if err := j.openDatabase(ctx); err != nil {
		return err
	}
	if err := j.database.Migrate(ctx, "journal", migrations()); err != nil {
		return err
	}
	if err := j.readHead(ctx); err != nil {
		return err
	}
	if !j.ring.Made {
		j.ring.Made = true
		if err := j.ring.write(j.keysFile, j.place.Key()); err != nil {
			return err
		}
	}
	return j.database.Trust()
}

// readKeys reads the ring, or makes one where neither keys nor journal exist.
func (j *Journal) readKeys() error {
	text, err := j.keysFile.Read(j.place.Key())
	if err == nil {
		j.ring, err = parseKeys(text)
		return err
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	exists, hasErr := j.place.Has(file)
	if hasErr != nil {
		return hasErr
	}
	if exists {
		return err // a journal without its keys: say so, and leave it as it is
	}
	secret := vault.NewKey()
	j.ring = keyRing{Database: secret.Bytes()}
	return j.ring.write(j.keysFile, j.place.Key())
}

func (j *Journal) openDatabase(ctx context.Context) error {
	if !j.ring.Made {
		// The first start was cut short, before anything could be appended: begin again.
		if err := j.place.DiscardDatabase(file); err != nil {
			return err
		}
	}
	key, err := j.ring.databaseKey(file)
	if err != nil {
		return err
	}
	j.database, err = j.place.Database(ctx, file, "the journal", key, !j.ring.Made)
	return err
}

// readHead finds where the chain ends and holds it against everything that knows: the head's own row, the last moment,
// and the marks in the keys. It reads a few rows, however long the journal is; Verify reads them all.
func (j *Journal) readHead(ctx context.Context) error {
	beginning := firstChain(j.place.ID())
	j.head = mark{Chain: beginning[:]}
	return j.database.Read(ctx, func(connection *sqlite3.Conn) error {
		last, found, err := oneRow(connection, `ORDER BY sequence DESC LIMIT 1`)
		if err != nil {
			return err
		}
		if found {
			j.head = mark{Sequence: last.sequence, Chain: last.chain[:]}
			if _, err := openRow(last, j.ring); err != nil && !errors.Is(err, errForgotten) {
				return err
			}
		}
		var written mark
		err = vault.Rows(connection, `SELECT sequence, chain FROM head`, nil, func(row *sqlite3.Stmt) error {
			written = mark{Sequence: row.ColumnInt64(0), Chain: row.ColumnBlob(1, nil)}
			return nil
		})
		if err != nil {
			return err
		}
		if written.Sequence > j.head.Sequence {
			return fmt.Errorf("%w: it ends at moment %d and moment %d was kept", ErrCut, j.head.Sequence, written.Sequence)
		}
		if found && (written.Sequence != j.head.Sequence || !bytes.Equal(written.Chain, j.head.Chain)) {
			return fmt.Errorf("%w: its end is not the end that was kept", vault.ErrDamaged)
		}
		return j.holdAgainst(connection, j.ring.lastMark())
	})
}

// lastMark is the farthest place that the keys vouch for.
func (r keyRing) lastMark() mark {
	farthest := r.Witness
	if count := len(r.Epochs); count > 0 && r.Epochs[count-1].After.Sequence > farthest.Sequence {
		farthest = r.Epochs[count-1].After
	}
	return farthest
}

// holdAgainst proves that the journal goes through a mark.
func (j *Journal) holdAgainst(connection *sqlite3.Conn, known mark) error {
	if known.Sequence == 0 {
		return nil
	}
	if known.Sequence > j.head.Sequence {
		return fmt.Errorf("%w: it ends at moment %d and moment %d was kept", ErrCut, j.head.Sequence, known.Sequence)
	}
	there, found, err := oneRow(connection, `WHERE sequence=?`, known.Sequence)
	if err != nil {
		return err
	}
	if !found || !bytes.Equal(there.chain[:], known.Chain) {
		return fmt.Errorf("%w: moment %d is not the one that was kept", vault.ErrDamaged, known.Sequence)
	}
	return nil
}

// Close writes down where the chain stands, folds the log into the file, and gives the place up.
func (j *Journal) Close() error {
	j.appending.Lock()
	defer j.appending.Unlock()
	if j.closed {
		return nil
	}
	j.closed = true
	j.listeners.closeAll()
	var err error
	if j.broken == nil && j.head.Sequence > j.ring.Witness.Sequence {
		ring := j.ring
		ring.Witness = j.head
		err = ring.write(j.keysFile, j.place.Key())
	}
	return errors.Join(err, j.database.Close(), j.place.Close())
}
