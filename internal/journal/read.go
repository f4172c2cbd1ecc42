package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"twombly/internal/vault"
)

// ErrNotFound means that there is no such moment.
var ErrNotFound = errors.New("journal: there is no such moment")

// Query says which moments to read. The zero value is all of them, oldest first.
type Query struct {
	// After and Before bound the sequence, both exclusive; 0 means no bound.
	After, Before int64
	// Limit is the most moments to answer; 0 means no limit.
	Limit int
	// Newest answers the newest first.
	Newest bool
	// Kinds keeps only these kinds; none means all.
	Kinds []Kind
	// Text keeps only moments whose words contain it, whatever the case. For now every moment in the bounds is opened for
	// that: about 10 µs each.
	Text string
}

// Read returns the moments that a query asks for. Forgotten ones are left out.
func (j *Journal) Read(ctx context.Context, query Query) ([]Moment, error) {
	var moments []Moment
	err := j.Each(ctx, query, func(moment Moment) error {
		moments = append(moments, moment)
		return nil
	})
	return moments, err
}

// pageSize is how many rows are fetched at once.
const pageSize = 500

// Each hands the moments that a query asks for to visit, one by one, until it answers an error. It fetches them in pages,
// so that a long journal is not in memory and visit may use the journal itself.
func (j *Journal) Each(ctx context.Context, query Query, visit func(Moment) error) error {
	wanted := strings.ToLower(query.Text)
	found := 0
	for {
		rows, more, err := j.page(ctx, query)
		if err != nil {
			return err
		}
		ring := j.keys()
		for _, row := range rows {
			moment, err := openRow(row, ring)
			if errors.Is(err, errForgotten) {
				continue
			}
			if err != nil {
				return err
			}
			if wanted != "" && !strings.Contains(strings.ToLower(moment.Words), wanted) {
				continue
			}
			if err := visit(moment); err != nil {
				return err
			}
			if found++; found == query.Limit {
				return nil
			}
		}
		if !more {
			return nil
		}
		if last := rows[len(rows)-1].sequence; query.Newest {
			query.Before = last
		} else {
			query.After = last
		}
	}
}

// Get returns one moment; ErrNotFound when there is none of that ID, or it was forgotten.
func (j *Journal) Get(ctx context.Context, id string) (Moment, error) {
	parsed, err := parseID(id)
	if err != nil {
		return Moment{}, err
	}
	var stored row
	found := false
	err = j.database.Read(ctx, func(connection *sqlite3.Conn) (err error) {
		stored, found, err = oneRow(connection, `WHERE id=?`, parsed[:])
		return err
	})
	if err != nil {
		return Moment{}, err
	}
	if !found {
		return Moment{}, fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	moment, err := openRow(stored, j.keys())
	if errors.Is(err, errForgotten) {
		return Moment{}, fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	return moment, err
}

// Last returns the newest moment; ErrNotFound when there is none.
func (j *Journal) Last(ctx context.Context) (Moment, error) {
	moments, err := j.Read(ctx, Query{Newest: true, Limit: 1})
	if err != nil {
		return Moment{}, err
	}
	if len(moments) == 0 {
		return Moment{}, ErrNotFound
	}
	return moments[0], nil
}

// Count is how many moments were ever appended, which is also the last sequence.
func (j *Journal) Count() int64 {
	j.state.RLock()
	defer j.state.RUnlock()
	return j.head.Sequence
}

// Person is the ID of the person whose journal this is.
func (j *Journal) Person() string { return j.place.ID() }

func (j *Journal) keys() keyRing {
	j.state.RLock()
	defer j.state.RUnlock()
	return j.ring
}

// page fetches the next rows of a query; more says that others may follow.
func (j *Journal) page(ctx context.Context, query Query) (rows []row, more bool, err error) {
	size := pageSize
	if query.Limit > 0 && query.Text == "" {
		size = min(size, query.Limit)
	}
	clause, arguments := query.where(size)
	err = j.database.Read(ctx, func(connection *sqlite3.Conn) error {
		rows = rows[:0]
		return eachRow(connection, clause, arguments, func(stored row) error {
			rows = append(rows, stored)
			return nil
		})
	})
	return rows, len(rows) == size, err
}

// where is the query in SQL, for one page.
func (q Query) where(size int) (clause string, arguments []any) {
	conditions := []string{"1"}
	if q.After > 0 {
		conditions, arguments = append(conditions, "sequence > ?"), append(arguments, q.After)
	}
	if q.Before > 0 {
		conditions, arguments = append(conditions, "sequence < ?"), append(arguments, q.Before)
	}
	if len(q.Kinds) > 0 {
		if !slices.ContainsFunc(q.Kinds, func(kind Kind) bool { return kind == Said || kind == Planned || kind == Heard }) {
			conditions = append(conditions, rareKinds)
		}
		conditions = append(conditions, "kind IN (?"+strings.Repeat(",?", len(q.Kinds)-1)+")")
		for _, kind := range q.Kinds {
			arguments = append(arguments, string(kind))
		}
	}
	order := "ASC"
	if q.Newest {
		order = "DESC"
	}
	return fmt.Sprintf("WHERE %s ORDER BY sequence %s LIMIT %d", strings.Join(conditions, " AND "), order, size), arguments
}

// eachRow reads the rows that a clause selects.
func eachRow(connection *sqlite3.Conn, clause string, arguments []any, each func(row) error) error {
	const columns = `SELECT sequence, id, epoch, kind, commitment, chain, sealed FROM moments `
	return vault.Rows(connection, columns+clause, arguments, func(statement *sqlite3.Stmt) error {
		stored := row{sequence: statement.ColumnInt64(0), epoch: statement.ColumnInt64(2), kind: Kind(statement.ColumnText(3))}
		if copy(stored.id[:], statement.ColumnRawBlob(1)) != idSize ||
			copy(stored.commitment[:], statement.ColumnRawBlob(4)) != len(stored.commitment) ||
			copy(stored.chain[:], statement.ColumnRawBlob(5)) != chainSize {
			return fmt.Errorf("journal: moment %d: %w: a column is too short", stored.sequence, vault.ErrDamaged)
		}
		if statement.ColumnType(6) != sqlite3.NULL {
			stored.sealed = statement.ColumnBlob(6, []byte{})
		}
		return each(stored)
	})
}

func oneRow(connection *sqlite3.Conn, clause string, arguments ...any) (stored row, found bool, err error) {
	err = eachRow(connection, clause, arguments, func(one row) error {
		stored, found = one, true
		return nil
	})
	return stored, found, err
}
