package durability

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"twombly/internal/fabric"
	"twombly/internal/journal"
	"twombly/internal/vault"
)

// Recording is a talk whose every write was written down.
type Recording struct {
	Person string
	Key    vault.Key
	Log    []Operation
	// Moments are what was appended, in order.
	Moments []journal.Moment
}

// Turns is how a talk is led.
type Turns struct {
	// Count is how many turns; each is the person's words, Clauses planned clauses and one "heard", every one a commit.
	Count, Clauses int
	// Reopen closes and opens the journal again after so many turns; 0 means never.
	Reopen int
	// Synchronous is how SQLite waits for the disk; empty means the real setting. It holds for the sessions that begin at turn
	// LowerFrom or later.
	Synchronous vault.Synchronous
	LowerFrom   int
	// Files wraps our own files below the recorder; nil means none.
	Files func(vault.Files) vault.Files
}

// Record leads a talk in a folder, on the real disk, and returns what was written down. The first operations are those of
// a first start, the last those of a clean close.
func Record(ctx context.Context, folder string, turns Turns) (Recording, error) {
	recorder := NewRecorder(folder)
	id, err := uuid.NewV7()
	if err != nil {
		return Recording{}, err
	}
	recording := Recording{Person: id.String(), Key: vault.NewKey()}
	disk := vault.Disk{Files: recorder.Files(vault.OSFiles()), SQLite: recorder.SQLite()}
	if turns.Files != nil {
		disk.Files = turns.Files(disk.Files)
	}
	for done := 0; done < turns.Count; {
		count := turns.Count - done
		if turns.Reopen > 0 {
			count = min(count, turns.Reopen)
		}
		if done >= turns.LowerFrom {
			disk.Synchronous = turns.Synchronous
		}
		if err := recording.session(ctx, folder, disk, recorder, turns, done, done+count); err != nil {
			return Recording{}, err
		}
		done += count
	}
	recording.Log = recorder.Log()
	return recording, nil
}

// session opens the journal, leads the turns from first to last and closes it.
func (r *Recording) session(ctx context.Context, folder string, disk vault.Disk, recorder *Recorder, turns Turns, first, last int) (err error) {
	place, err := fabric.PlaceAt(folder, r.Person, r.Key, disk)
	if err != nil {
		return err
	}
	opened, err := journal.Open(ctx, journal.Options{Place: place})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	keep := func(moment journal.Moment) (string, error) {
		kept, err := opened.Append(ctx, moment)
		if err != nil {
			return "", err
		}
		r.Moments = append(r.Moments, kept...)
		recorder.Acknowledge(kept[len(kept)-1].Sequence)
		return kept[0].ID, nil
	}
	for turn := first; turn < last; turn++ {
		if err := Turn(turn, turns.Clauses, keep); err != nil {
			return err
		}
	}
	return nil
}

// Turn makes the moments of one turn as a call does, and has each of them kept: keep returns its ID.
func Turn(number, clauses int, keep func(journal.Moment) (string, error)) error {
	words := fmt.Sprintf("Turn %d: I saw the heron again this morning, down by the weir, and it did not mind me.", number)
	person, err := keep(journal.Moment{Kind: journal.Said, Speaker: journal.Person, Trust: journal.TrustPerson,
		Channel: journal.Voice, Device: "phone", Zone: "Europe/Lisbon", Words: words, AudioMilliseconds: 4200})
	if err != nil {
		return err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	reply, whole := id.String(), ""
	for clause := range clauses {
		text := fmt.Sprintf("This is clause %d of reply %d, about herons and how they wait.", clause, number)
		planned := journal.NewPlanned(person, text, journal.PlannedData{Reply: reply, Clause: clause, HeardWords: 4 * clause})
		planned.Channel = journal.Voice
		if _, err := keep(planned); err != nil {
			return err
		}
		whole = journal.JoinClauses(whole, text)
	}
	heard := journal.NewHeard(reply, journal.FirstWords(whole, 10), 3100, journal.HeardData{Cut: true, Reason: "barge_in"})
	_, err = keep(heard)
	return err
}
