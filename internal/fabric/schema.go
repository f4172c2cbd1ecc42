package fabric

import (
	"github.com/ncruces/go-sqlite3"

	"twombly/internal/vault"
)

// houseMigrations is the house's own part of house.db: a table of named settings that belong to no person.
func houseMigrations() []vault.Migration[*sqlite3.Conn] {
	return []vault.Migration[*sqlite3.Conn]{
		{To: 1, What: "named values", Apply: func(connection *sqlite3.Conn) error {
			return connection.Exec(`CREATE TABLE house_values(
				name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID`)
		}},
	}
}
