// Package journaltest gives tests a real journal in a temporary folder.
package journaltest

import (
	"testing"

	"twombly/internal/fabric"
	"twombly/internal/journal"
	"twombly/internal/vault"
)

// New makes a house with one person in a temporary folder and opens the person's journal. Both are closed when the test
// ends.
func New(t testing.TB) *journal.Journal {
	t.Helper()
	house := House(t, t.TempDir())
	place, err := house.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	opened, err := journal.Open(t.Context(), journal.Options{Place: place})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
	})
	return opened
}

// House opens a house in the folder, with keys in files; it is closed when the test ends.
func House(t testing.TB, folder string) *fabric.House {
	t.Helper()
	house, err := fabric.Open(t.Context(), fabric.Options{Folder: folder, Rest: vault.InFile})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := house.Close(); err != nil {
			t.Error(err)
		}
	})
	return house
}
