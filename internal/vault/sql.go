package vault

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// Rows runs a query and hands each row to each. Arguments may be nil, bool, int, int64, string and []byte. What each gets
// from ColumnRawBlob or ColumnRawText is only good until it returns.
func Rows(connection *sqlite3.Conn, query string, arguments []any, each func(*sqlite3.Stmt) error) (err error) {
	statement, err := prepare(connection, query, arguments)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, statement.Close()) }()
	for statement.Step() {
		if err := each(statement); err != nil {
			return err
		}
	}
	return statement.Err()
}

// Exec runs one statement with arguments, as in Rows.
func Exec(connection *sqlite3.Conn, query string, arguments ...any) (err error) {
	statement, err := prepare(connection, query, arguments)
	if err != nil {
		return err
	}
	err = statement.Exec()
	// Close repeats the error of Exec.
	if closeErr := statement.Close(); err == nil {
		err = closeErr
	}
	return err
}

func prepare(connection *sqlite3.Conn, query string, arguments []any) (*sqlite3.Stmt, error) {
	statement, _, err := connection.Prepare(query)
	if err != nil {
		return nil, err
	}
	if err := Bind(statement, arguments...); err != nil {
		return nil, errors.Join(err, statement.Close())
	}
	return statement, nil
}

// Bind sets the parameters of a statement, from the first, as in Rows.
func Bind(statement *sqlite3.Stmt, arguments ...any) error {
	for i, argument := range arguments {
		var err error
		switch value := argument.(type) {
		case nil:
			err = statement.BindNull(i + 1)
		case bool:
			err = statement.BindBool(i+1, value)
		case int:
			err = statement.BindInt(i+1, value)
		case int64:
			err = statement.BindInt64(i+1, value)
		case string:
			err = statement.BindText(i+1, value)
		case []byte:
			err = statement.BindBlob(i+1, value)
		default:
			err = fmt.Errorf("vault: SQL cannot hold a %T", argument)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pragma runs a PRAGMA that answers one text.
func pragma(connection *sqlite3.Conn, statement string) (answer string, err error) {
	err = Rows(connection, statement, nil, func(row *sqlite3.Stmt) error {
		answer = row.ColumnText(0)
		return nil
	})
	return answer, err
}

// isEmpty reports whether the database has no schema. It is the first real look into the file.
func isEmpty(connection *sqlite3.Conn) (bool, error) {
	empty := true
	err := Rows(connection, `SELECT 1 FROM sqlite_schema LIMIT 1`, nil, func(*sqlite3.Stmt) error {
		empty = false
		return nil
	})
	return empty, err
}

// fileURI names a file to SQLite, whatever characters are in its path. The log gets the mode of the file.
func fileURI(path, scheme string) string {
	path = filepath.ToSlash(path)
	query := url.Values{"vfs": {scheme}, "modeof": {path}}
	location := url.URL{Scheme: "file", OmitHost: true, Path: path,
		RawQuery: strings.ReplaceAll(query.Encode(), "+", "%20")} // SQLite knows only the latter
	return location.String()
}
