package journal

import (
	"github.com/ncruces/go-sqlite3"

	"twombly/internal/vault"
)

// migrations is the journal's ladder. A step that was ever released is never changed again.
//
// sealed is NULL where a moment was forgotten; commitment and chain stay. kind is a copy of what the seal holds, for
// looking up the rare kinds without opening every moment; the partial index leaves out the three that a conversation is
// made of, so that a turn touches no page of it. head repeats where the chain ends: a cut tail is then seen.
func migrations() []vault.Migration[*sqlite3.Conn] {
	return []vault.Migration[*sqlite3.Conn]{
		{To: 1, What: "moments and their chain", Apply: func(connection *sqlite3.Conn) error {
			return connection.Exec(`
				CREATE TABLE moments(
					sequence   INTEGER PRIMARY KEY,
					id         BLOB NOT NULL UNIQUE CHECK(length(id) = 16),
					epoch      INTEGER NOT NULL,
					kind       TEXT NOT NULL,
					commitment BLOB NOT NULL CHECK(length(commitment) = 32),
					chain      BLOB NOT NULL CHECK(length(chain) = 32),
					sealed     BLOB
				) STRICT;
				CREATE INDEX moments_of_rare_kinds ON moments(kind, sequence) WHERE ` + rareKinds + `;
				CREATE TABLE head(
					one      INTEGER PRIMARY KEY CHECK(one = 1),
					sequence INTEGER NOT NULL,
					chain    BLOB NOT NULL CHECK(length(chain) = 32)
				) STRICT;`)
		}},
	}
}

// rareKinds is the condition of the partial index; a query must repeat it for SQLite to use the index.
const rareKinds = `kind NOT IN ('said', 'planned', 'heard')`
