package durability

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"twombly/internal/fabric"
	"twombly/internal/journal"
	"twombly/internal/vault"
)

// recordHouse makes a house with one person and keeps a few moments; everything under the folder is written down.
func recordHouse(ctx context.Context, folder string) (recording Recording, err error) {
	recorder := NewRecorder(folder)
	disk := vault.Disk{Files: recorder.Files(vault.OSFiles()), SQLite: recorder.SQLite()}
	for session := range 2 {
		house, err := fabric.Open(ctx, fabric.Options{Folder: folder, Disk: disk, Rest: vault.InFile})
		if err != nil {
			return recording, err
		}
		err = house.Database().Write(ctx, func(connection *sqlite3.Conn) error {
			return vault.Exec(connection, `INSERT INTO house_values VALUES(?,x'01')`, fmt.Sprintf("session %d", session))
		})
		if err != nil {
			return recording, err
		}
		var place *fabric.Place
		if session == 0 {
			place, err = house.Create(ctx)
		} else {
			place, err = house.Place(ctx, recording.Person)
		}
		if err != nil {
			return recording, err
		}
		recording.Person = place.ID()
		opened, err := journal.Open(ctx, journal.Options{Place: place})
		if err != nil {
			return recording, err
		}
		err = Turn(session, 1, func(moment journal.Moment) (string, error) {
			kept, err := opened.Append(ctx, moment)
			if err != nil {
				return "", err
			}
			recording.Moments = append(recording.Moments, kept...)
			recorder.Acknowledge(kept[0].Sequence)
			return kept[0].ID, nil
		})
		if err := errors.Join(err, opened.Close(), house.Close()); err != nil {
			return recording, err
		}
	}
	recording.Log = recorder.Log()
	return recording, nil
}

// checkHouse opens the house as a start does. Nothing of it may be refused; a person who was promised anything is there.
func (r Recording) checkHouse(ctx context.Context, folder string, disk vault.Disk, acknowledged int64) (err error) {
	house, err := fabric.Open(ctx, fabric.Options{Folder: folder, Disk: disk, Rest: vault.InFile})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, house.Close()) }()
	people, err := house.People(ctx)
	if err != nil {
		return err
	}
	if len(people) == 0 {
		if acknowledged > 0 {
			return fmt.Errorf("the person is gone, with %d moments", acknowledged)
		}
		return nil
	}
	place, err := house.Place(ctx, people[0])
	if err != nil {
		return err
	}
	opened, err := journal.Open(ctx, journal.Options{Place: place})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	if opened.Count() < acknowledged {
		return fmt.Errorf("%d moments were acknowledged and %d are there", acknowledged, opened.Count())
	}
	return r.compare(ctx, opened, 0, opened.Count())
}

func TestAPowerCutWhileTheHouseIsMade(t *testing.T) {
	recording, err := recordHouse(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.MkdirAll(filepath.Join(folder, "people", recording.Person), 0o700); err != nil {
		t.Fatal(err)
	}
	fates := []Fate{Lost, Kept, Chosen, Torn, Scattered}
	switch {
	case raceEnabled || testing.Short():
		fates = []Fate{Scattered}
	case !long():
		fates = []Fate{Lost, Scattered}
	}
	model, images := NewModel(), 0
	for prefix, operation := range recording.Log {
		if err := model.Play(operation); err != nil {
			t.Fatal(err)
		}
		for _, fate := range fates {
			image := model.Crash(fate, rand.New(rand.NewPCG(11, uint64(prefix)<<8|uint64(fate))))
			images++
			if err := recording.checkHouse(t.Context(), folder, image.Disk(folder), model.Acknowledged); err != nil {
				t.Fatalf("power cut after operation %d of %d (%s %s), %s: %v",
					prefix+1, len(recording.Log), operation.Action, operation.Path, fate, err)
			}
		}
	}
	t.Logf("%d operations, %d images", len(recording.Log), images)
}
