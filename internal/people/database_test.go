package people_test

import (
	"path/filepath"
	"testing"

	"twombly/internal/people"
	"twombly/internal/people/peopletest"
	"twombly/internal/vault"
)

func TestDatabaseKeepsThePromises(t *testing.T) {
	// One file a subtest; opening again closes what was open before, as a restart does.
	type opened struct {
		path     string
		key      vault.Key
		database *vault.Database
	}
	all := map[string]*opened{}
	peopletest.Store(t, func(t *testing.T) people.Store {
		one := all[t.Name()]
		if one == nil {
			one = &opened{path: filepath.Join(t.TempDir(), "house.db"), key: vault.NewKey()}
			all[t.Name()] = one
			t.Cleanup(func() {
				if err := one.database.Close(); err != nil {
					t.Error(err)
				}
			})
		} else if err := one.database.Close(); err != nil {
			t.Fatal(err)
		}
		database, err := vault.OpenDatabase(t.Context(), vault.DatabaseOptions{Path: one.path, Name: "the house", Key: one.key, Create: true})
		if err != nil {
			t.Fatal(err)
		}
		one.database = database
		store, err := people.NewStore(t.Context(), database)
		if err != nil {
			t.Fatal(err)
		}
		return store
	})
}
