package vault

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// DatabaseOptions say which database to open.
type DatabaseOptions struct {
	// Path is the file. Beside it live Path+"-wal" and, while open, Path+"-shm".
	Path string
	// Name is what a person calls it, for messages ("the journal").
	Name string
	// Key encrypts the file.
	Key Key
	// Disk is where it lies.
	Disk Disk
	// Create allows an absent or empty file and makes it a new database. Without it such a file is an error: a database
	// that was there must not be replaced by an empty one.
	Create bool
}

// Database is one open encrypted SQLite database: WAL, synchronous FULL, normal locking, a writer and a read-only reader.
// Writes wait for each other, reads wait for each other, reads and writes do not. Safe for use by several goroutines.
type Database struct {
	name, path string
	disk       Disk
	scheme     string

	writing sync.Mutex
	writer  *sqlite3.Conn
	reading sync.Mutex
	reader  *sqlite3.Conn
}

// schemes counts the ciphers registered over tests' own disks: SQLite finds a VFS by a process-wide name.
var schemes atomic.Int64

// OpenDatabase opens the database, with the write-ahead log replayed if the last owner was killed. It does not look for
// other owners: claim the folder first (ClaimFolder). A database that cannot be read answers ErrDamaged and stays as it
// is, byte for byte.
func OpenDatabase(ctx context.Context, options DatabaseOptions) (*Database, error) {
	database := &Database{name: options.Name, path: options.Path, disk: options.Disk, scheme: sealedScheme}
	if options.Disk.SQLite == nil {
		registerSealed()
	} else {
		database.scheme = fmt.Sprintf("%s-%d", sealedScheme, schemes.Add(1))
		vfs.Register(database.scheme, sealedVFS(options.Disk.SQLite))
	}
	if err := database.open(ctx, options); err != nil {
		return nil, errors.Join(database.explain(err), database.abandon())
	}
	return database, nil
}

func (d *Database) open(ctx context.Context, options DatabaseOptions) (err error) {
	if options.Create {
		if err := createEmpty(d.disk.Storage(), d.path); err != nil {
			return err
		}
	}
	flags := sqlite3.OPEN_READWRITE
	if d.writer, err = d.connect(ctx, flags, options.Key); err != nil {
		return err
	}
	// Until the file proved sound, closing must not move the log into it.
	if _, err := d.writer.Config(sqlite3.DBCONFIG_NO_CKPT_ON_CLOSE, true); err != nil {
		return err
	}
	empty, err := isEmpty(d.writer)
	if err != nil {
		return err
	}
	if empty && !options.Create {
		return fmt.Errorf("%w: the file is there and nothing is in it", ErrDamaged)
	}
	if err := d.configureWriter(); err != nil {
		return err
	}
	if d.reader, err = d.connect(ctx, sqlite3.OPEN_READWRITE, options.Key); err != nil {
		return err
	}
	return d.reader.Exec(`PRAGMA query_only=ON`)
}

// createEmpty makes an empty file that only its owner can read; SQLite would make one that all can. One that is there
// already stays.
func createEmpty(files Files, path string) error {
	file, err := files.Create(path, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return file.Close()
}

// connect opens one connection. The key goes in by PRAGMA, not in the URI, where it could be read back.
func (d *Database) connect(ctx context.Context, flags sqlite3.OpenFlag, key Key) (*sqlite3.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	connection, err := sqlite3.OpenFlags(fileURI(d.path, d.scheme), flags|sqlite3.OPEN_URI)
	if err != nil {
		return nil, err
	}
	err = connection.Exec(`PRAGMA hexkey='` + hex.EncodeToString(key.bytes[:]) + `'`)
	if err == nil {
		err = connection.Exec(`PRAGMA busy_timeout=5000; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;
			PRAGMA cell_size_check=ON; PRAGMA foreign_keys=ON; PRAGMA cache_size=-1024`)
	}
	if err != nil {
		return nil, errors.Join(err, connection.Close())
	}
	return connection, nil
}

// foldEvery is how many pages the write-ahead log may have before a commit folds it into the file: 1 MiB. Small, because a
// start after a crash reads the log, and because what lies in the log alone hangs on every page before it.
const foldEvery = 256

func (d *Database) configureWriter() error {
	synchronous := d.disk.Synchronous
	if synchronous == "" {
		synchronous = SynchronousFull
	}
	if err := d.writer.Exec(`PRAGMA synchronous=` + string(synchronous)); err != nil {
		return err
	}
	mode, err := pragma(d.writer, `PRAGMA journal_mode=WAL`)
	if err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("the write-ahead log cannot be used here (journal mode is %q)", mode)
	}
	return d.writer.WALAutoCheckpoint(foldEvery)
}

// Trust says that the database proved sound and of a known version. From now on closing folds the log into the file.
func (d *Database) Trust() error {
	d.writing.Lock()
	defer d.writing.Unlock()
	if d.writer == nil {
		return errClosed
	}
	_, err := d.writer.Config(sqlite3.DBCONFIG_NO_CKPT_ON_CLOSE, false)
	return d.explain(err)
}

// Write runs work in one transaction and returns when it is on the disk. When work fails, or the disk does, nothing of it
// stays. Cancelling the context stops the waiting for a turn, never a commit that has begun.
func (d *Database) Write(ctx context.Context, work func(*sqlite3.Conn) error) error {
	d.writing.Lock()
	defer d.writing.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if d.writer == nil {
		return errClosed
	}
	return d.explain(within(d.writer, `BEGIN IMMEDIATE`, work))
}

// Read runs work on the read-only connection in one transaction: it sees one state of the store, however long it takes.
// Cancelling the context interrupts it.
func (d *Database) Read(ctx context.Context, work func(*sqlite3.Conn) error) error {
	d.reading.Lock()
	defer d.reading.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if d.reader == nil {
		return errClosed
	}
	before := d.reader.SetInterrupt(ctx)
	defer d.reader.SetInterrupt(before)
	err := within(d.reader, `BEGIN DEFERRED`, work)
	if ctx.Err() != nil && errors.Is(err, sqlite3.INTERRUPT) {
		return ctx.Err()
	}
	return d.explain(err)
}

var errClosed = errors.New("vault: the database is closed")

// within runs work between begin and COMMIT, or rolls back. COMMIT is where the log is synced.
func within(connection *sqlite3.Conn, begin string, work func(*sqlite3.Conn) error) (err error) {
	if err := connection.Exec(begin); err != nil {
		return err
	}
	finished := false
	defer func() {
		if finished {
			return
		}
		interrupt := connection.SetInterrupt(context.Background())
		defer connection.SetInterrupt(interrupt)
		if !connection.GetAutocommit() {
			err = errors.Join(err, connection.Exec(`ROLLBACK`))
		}
	}()
	if err := work(connection); err != nil {
		return err
	}
	if err := connection.Exec(`COMMIT`); err != nil {
		return err
	}
	finished = true
	return nil
}

// Fold moves the write-ahead log into the file and empties the log. It fails while a reader holds an old state.
func (d *Database) Fold() error {
	d.writing.Lock()
	defer d.writing.Unlock()
	if d.writer == nil {
		return errClosed
	}
	_, _, err := d.writer.WALCheckpoint("main", sqlite3.CHECKPOINT_TRUNCATE)
	return d.explain(err)
}

// Check lets SQLite look at the structure of every page and index and returns its complaints, none when it is sound.
func (d *Database) Check(ctx context.Context) ([]string, error) {
	var complaints []string
	err := d.Read(ctx, func(connection *sqlite3.Conn) error {
		return Rows(connection, `PRAGMA integrity_check(20)`, nil, func(row *sqlite3.Stmt) error {
			if text := row.ColumnText(0); text != "ok" {
				complaints = append(complaints, text)
			}
			return nil
		})
	})
	return complaints, err
}

// Close ends both connections. After Trust the log is folded into the file first, which is then complete by itself.
func (d *Database) Close() error {
	return d.explain(d.abandon())
}

func (d *Database) abandon() error {
	d.reading.Lock()
	defer d.reading.Unlock()
	d.writing.Lock()
	defer d.writing.Unlock()
	// The reader goes first: the last to close folds the log, and a query_only connection cannot.
	err := d.reader.Close()
	err = errors.Join(err, d.writer.Close())
	d.reader, d.writer = nil, nil
	if d.scheme != sealedScheme {
		vfs.Unregister(d.scheme)
	}
	return err
}

// explain turns SQLite's codes into reasons that a person can act on.
func (d *Database) explain(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sqlite3.NOTADB), errors.Is(err, sqlite3.CORRUPT):
		return fmt.Errorf("%s (%s): %w: %w", d.name, filepath.Base(d.path), ErrDamaged, err)
	case errors.Is(err, sqlite3.CANTOPEN):
		return fmt.Errorf("%s (%s) cannot be opened: %w: %w", d.name, filepath.Base(d.path), ErrMissing, err)
	case errors.Is(err, sqlite3.FULL):
		return fmt.Errorf("%s: no space is left on the disk; nothing of this was kept: %w", d.name, err)
	}
	var coded *sqlite3.Error
	if errors.As(err, &coded) {
		return fmt.Errorf("%s (%s): %w", d.name, filepath.Base(d.path), err)
	}
	return err
}
