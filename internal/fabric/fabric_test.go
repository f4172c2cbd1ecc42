package fabric

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"twombly/internal/vault"
)

var update = flag.Bool("update", false, "write the fixture of the newest version; older ones are never written again")

func open(t *testing.T, folder string) *House {
	t.Helper()
	house, err := Open(t.Context(), Options{Folder: folder, Rest: vault.InFile})
	if err != nil {
		t.Fatal(err)
	}
	return house
}

func closeHouse(t *testing.T, house *House) {
	t.Helper()
	if err := house.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestPeopleLiveApart(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "not", "there yet")
	house := open(t, folder)
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v %v", info, err)
	}
	var places []*Place
	for range 3 {
		place, err := house.Create(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		places = append(places, place)
	}
	if places[0].Key().Equal(places[1].Key()) {
		t.Error("two people have one key")
	}
	if _, err := house.Place(t.Context(), places[0].ID()); !isOwned(err) {
		t.Errorf("a second owner of a person: %v", err)
	}
	for _, place := range places {
		if err := place.Close(); err != nil {
			t.Fatal(err)
		}
	}
	closeHouse(t, house)

	house = open(t, folder)
	defer closeHouse(t, house)
	people, err := house.People(t.Context())
	if err != nil || len(people) != 3 || people[0] != places[0].ID() {
		t.Fatalf("people: %v %v", people, err)
	}
	again, err := house.Place(t.Context(), people[1])
	if err != nil || !again.Key().Equal(places[1].Key()) {
		t.Fatalf("opened again: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if err := house.Remove(t.Context(), people[1]); err != nil {
		t.Fatal(err)
	}
	if left, err := house.People(t.Context()); err != nil || len(left) != 2 {
		t.Errorf("after removing one: %v %v", left, err)
	}
	if _, err := house.Place(t.Context(), people[1]); !errors.Is(err, vault.ErrMissing) {
		t.Errorf("a removed person: %v", err)
	}
	for _, id := range []string{"", "..", "../people", "x", "{" + people[0] + "}"} {
		if _, err := house.Place(t.Context(), id); err == nil {
			t.Errorf("%q was opened", id)
		}
	}
}

func isOwned(err error) bool {
	var owned *vault.OwnedError
	return errors.As(err, &owned)
}

func TestASecondServerIsRefused(t *testing.T) {
	folder := t.TempDir()
	house := open(t, folder)
	defer closeHouse(t, house)
	if _, err := Open(t.Context(), Options{Folder: folder}); !isOwned(err) {
		t.Errorf("a second server: %v", err)
	}
}

func TestALostPartOfTheHouseIsNotMadeAnew(t *testing.T) {
	for _, name := range []string{"house.db", "keeper/house.json"} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			closeHouse(t, open(t, folder))
			if err := os.Remove(filepath.Join(folder, name)); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(t.Context(), Options{Folder: folder}); !errors.Is(err, vault.ErrMissing) {
				t.Errorf("opened: %v", err)
			}
			if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
				t.Error("it was made anew")
			}
		})
	}
}

// TestFixtures opens a house of every version that was ever written. Version 1 of: house, house.db, the key's record.
func TestFixtures(t *testing.T) {
	if *update {
		writeFixture(t, filepath.Join("testdata", "v1"))
	}
	for _, version := range []string{"v1"} {
		t.Run(version, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.CopyFS(folder, os.DirFS(filepath.Join("testdata", version))); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			house := open(t, folder)
			defer closeHouse(t, house)
			var value []byte
			err := house.Database().Read(t.Context(), func(connection *sqlite3.Conn) error {
				return vault.Rows(connection, `SELECT value FROM house_values WHERE name='greeting'`, nil,
					func(row *sqlite3.Stmt) error { value = row.ColumnBlob(0, nil); return nil })
			})
			if err != nil || !bytes.Equal(value, []byte("buongiorno")) {
				t.Errorf("read %q, %v", value, err)
			}
		})
	}
}

func writeFixture(t *testing.T, folder string) {
	t.Helper()
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	house := open(t, folder)
	err := house.Database().Write(t.Context(), func(connection *sqlite3.Conn) error {
		return vault.Exec(connection, `INSERT INTO house_values VALUES('greeting', ?)`, []byte("buongiorno"))
	})
	if err != nil {
		t.Fatal(err)
	}
	closeHouse(t, house)
	if err := errors.Join(os.Remove(filepath.Join(folder, "owner")), os.Remove(filepath.Join(folder, "people"))); err != nil {
		t.Fatal(err)
	}
}
