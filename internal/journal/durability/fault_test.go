package durability

import (
	"errors"
	"strings"
	"syscall"
	"testing"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"

	"twombly/internal/fabric"
	"twombly/internal/journal"
	"twombly/internal/vault"
)

// faultyStore is a journal on a disk that fails as the test says.
func faultyStore(t *testing.T, fail func(Operation) error) (*journal.Journal, func() *journal.Journal) {
	t.Helper()
	folder, person, key := t.TempDir(), uuid.Must(uuid.NewV7()).String(), vault.NewKey()
	recorder := NewRecorder(folder)
	recorder.Before(fail)
	open := func() *journal.Journal {
		place, err := fabric.PlaceAt(folder, person, key, vault.Disk{Files: recorder.Files(vault.OSFiles()), SQLite: recorder.SQLite()})
		if err != nil {
			t.Fatal(err)
		}
		opened, err := journal.Open(t.Context(), journal.Options{Place: place})
		if err != nil {
			t.Fatal(err)
		}
		return opened
	}
	return open(), open
}

// roomFor answers a disk that has room for so many more writes to a file; a negative number means room for all.
func roomFor(file string, room *int, full error) func(Operation) error {
	return func(operation Operation) error {
		if *room < 0 || operation.Action != Write || operation.Path != file {
			return nil
		}
		if *room == 0 {
			return full
		}
		*room--
		return nil
	}
}

func TestAFullDiskRefusesAndLosesNothing(t *testing.T) {
	const plenty = -1
	room := plenty
	opened, reopen := faultyStore(t, roomFor("journal.db-wal", &room, sqlite3.FULL))
	said := func(words string) error {
		_, err := opened.Append(t.Context(), journal.Moment{Kind: journal.Said, Words: words})
		return err
	}
	if err := said("before"); err != nil {
		t.Fatal(err)
	}
	for room = range 3 {
		if err := said("refused"); err == nil || !strings.Contains(err.Error(), "no space is left") {
			t.Errorf("a disk that is full: %v", err)
		}
	}
	room = plenty
	if opened.Count() != 1 {
		t.Errorf("%d moments are counted, not 1", opened.Count())
	}
	if err := said("with room again"); err != nil {
		t.Error(err)
	}
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
	opened = reopen()
	defer opened.Close()
	if err := verify(t.Context(), opened); err != nil || opened.Count() != 2 {
		t.Errorf("reopened with %d moments: %v", opened.Count(), err)
	}
}

func TestAFullDiskWhileAnEpochBegins(t *testing.T) {
	room := -1
	opened, reopen := faultyStore(t, roomFor("keys.new", &room, syscall.ENOSPC))
	room = 0
	if _, err := opened.Append(t.Context(), journal.Moment{Kind: journal.Said, Words: "refused"}); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a disk that is full: %v", err)
	}
	room = -1
	if _, err := opened.Append(t.Context(), journal.Moment{Kind: journal.Said, Words: "kept"}); err != nil {
		t.Error(err)
	}
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
	opened = reopen()
	defer opened.Close()
	if err := verify(t.Context(), opened); err != nil || opened.Count() != 1 {
		t.Errorf("reopened with %d moments: %v", opened.Count(), err)
	}
}

func TestAFailedSyncStopsTheJournal(t *testing.T) {
	failing := false
	opened, reopen := faultyStore(t, func(operation Operation) error {
		if failing && operation.Action == Sync {
			return sqlite3.IOERR_FSYNC
		}
		return nil
	})
	kept, err := opened.Append(t.Context(), journal.Moment{Kind: journal.Said, Words: "kept"})
	if err != nil {
		t.Fatal(err)
	}
	failing = true
	if _, err := opened.Append(t.Context(), journal.Moment{Kind: journal.Said, Words: "unsure"}); !errors.Is(err, sqlite3.IOERR) {
		t.Fatalf("a failed sync: %v", err)
	}
	failing = false
	if _, err := opened.Append(t.Context(), journal.Moment{Kind: journal.Said, Words: "refused"}); err == nil ||
		!strings.Contains(err.Error(), "must be opened again") {
		t.Errorf("after a failed sync: %v", err)
	}
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
	opened = reopen()
	defer opened.Close()
	if err := Holds(t.Context(), opened, []string{kept[0].ID}); err != nil {
		t.Error(err)
	}
	if _, err := opened.Append(t.Context(), journal.Moment{Kind: journal.Said, Words: "again"}); err != nil {
		t.Error(err)
	}
}
