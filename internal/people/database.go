package people

import (
	"context"
	"fmt"

	"github.com/ncruces/go-sqlite3"

	"twombly/internal/vault"
)

// databasePart names this package's tables in the house's database, see [vault.Database.Migrate].
const databasePart = "people"

// migrations are the format of the house's records, from the first version on. Versions are only ever added.
func migrations() []vault.Migration[*sqlite3.Conn] {
	return []vault.Migration[*sqlite3.Conn]{
		{To: 1, What: "the records of who may enter", Apply: func(connection *sqlite3.Conn) error {
			return connection.Exec(`CREATE TABLE people_records(
				bucket TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
				PRIMARY KEY(bucket, key)) STRICT, WITHOUT ROWID`)
		}},
	}
}

// database is the Store in the house's encrypted database. A write is one transaction and on the disk when it returns.
type database struct{ vault *vault.Database }

var _ Store = (*database)(nil)

// NewStore keeps records in the house's database, which the caller opened, trusts and closes. A database of a newer
// format is refused with vault.ErrNewer.
func NewStore(ctx context.Context, house *vault.Database) (Store, error) {
	if err := house.Migrate(ctx, databasePart, migrations()); err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	return &database{house}, nil
}

// Get returns a record's value.
func (d *database) Get(ctx context.Context, bucket Bucket, key string) ([]byte, error) {
	var value []byte
	err := d.vault.Read(ctx, func(connection *sqlite3.Conn) error {
		return vault.Rows(connection, `SELECT value FROM people_records WHERE bucket=? AND key=?`, []any{string(bucket), key},
			func(row *sqlite3.Stmt) error { value = []byte(row.ColumnText(0)); return nil })
	})
	if err == nil && value == nil {
		return nil, ErrNoRecord
	}
	return value, err
}

// Put makes or replaces a record.
func (d *database) Put(ctx context.Context, bucket Bucket, key string, value []byte) error {
	return d.vault.Write(ctx, func(connection *sqlite3.Conn) error {
		return vault.Exec(connection, `INSERT INTO people_records VALUES(?,?,?)
			ON CONFLICT(bucket, key) DO UPDATE SET value=excluded.value`, string(bucket), key, string(value))
	})
}

// Delete removes a record.
func (d *database) Delete(ctx context.Context, bucket Bucket, key string) error {
	return d.vault.Write(ctx, func(connection *sqlite3.Conn) error {
		return vault.Exec(connection, `DELETE FROM people_records WHERE bucket=? AND key=?`, string(bucket), key)
	})
}

// List returns a bucket by key.
func (d *database) List(ctx context.Context, bucket Bucket) ([]Record, error) {
	var records []Record
	err := d.vault.Read(ctx, func(connection *sqlite3.Conn) error {
		return vault.Rows(connection, `SELECT key, value FROM people_records WHERE bucket=? ORDER BY key`, []any{string(bucket)},
			func(row *sqlite3.Stmt) error {
				records = append(records, Record{Key: row.ColumnText(0), Value: []byte(row.ColumnText(1))})
				return nil
			})
	})
	return records, err
}
