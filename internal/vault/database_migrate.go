package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/ncruces/go-sqlite3"
)

// versionsTable holds one version for each part that keeps tables in the database, so that two packages can share a file.
const versionsTable = `CREATE TABLE IF NOT EXISTS versions(
	part TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT, WITHOUT ROWID`

// Migrate brings one part's tables to their newest version (see Ladder). Before an existing part changes, the whole file
// is copied, as sealed as it is, to <file>.before-<part>-<version>.
func (d *Database) Migrate(ctx context.Context, part string, steps []Migration[*sqlite3.Conn]) error {
	current, err := d.Version(ctx, part)
	if err != nil {
		return err
	}
	return Ladder[*sqlite3.Conn]{
		Name:    d.name,
		Current: current,
		Steps:   steps,
		Copy:    func(from int) error { return d.keepCopy(fmt.Sprintf(".before-%s-%d", part, from)) },
		Within: func(to int, apply func(*sqlite3.Conn) error) error {
			return d.Write(ctx, func(connection *sqlite3.Conn) error {
				if err := connection.Exec(versionsTable); err != nil {
					return err
				}
				if err := apply(connection); err != nil {
					return err
				}
				return Exec(connection, `INSERT INTO versions VALUES(?,?)
					ON CONFLICT(part) DO UPDATE SET version=excluded.version`, part, to)
			})
		},
	}.Climb()
}

// Version reads which version a part's tables have; 0 when it has none yet.
func (d *Database) Version(ctx context.Context, part string) (version int, err error) {
	err = d.Read(ctx, func(connection *sqlite3.Conn) error {
		exists := false
		err := Rows(connection, `SELECT 1 FROM sqlite_schema WHERE type='table' AND name='versions'`, nil,
			func(*sqlite3.Stmt) error { exists = true; return nil })
		if err != nil || !exists {
			return err
		}
		return Rows(connection, `SELECT version FROM versions WHERE part=?`, []any{part},
			func(row *sqlite3.Stmt) error { version = row.ColumnInt(0); return nil })
	})
	return version, err
}

// keepCopy copies the file as it lies on disk: ciphertext, complete after folding the log. A copy that is already there
// is of an attempt that was stopped before anything changed, and is made again.
func (d *Database) keepCopy(suffix string) error {
	if err := d.Fold(); err != nil {
		return err
	}
	d.writing.Lock()
	defer d.writing.Unlock()
	files := d.disk.Storage()
	contents, err := files.ReadFile(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", filepath.Base(d.path), ErrMissing)
	}
	if err != nil {
		return err
	}
	return WriteFile(files, d.path+suffix, contents, 0o600)
}
