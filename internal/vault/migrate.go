package vault

import "fmt"

// Migration is one step forward of a durable format, from version To-1 to To. Versions count from 1; there is no way back.
type Migration[Store any] struct {
	// To is the version that the store has afterwards.
	To int
	// What says in a few words what changes.
	What string
	// Apply changes the store. It runs inside one transaction, together with writing the new version.
	Apply func(Store) error
}

// Ladder is how one kind of store climbs. The same ladder serves every durable format: SQLite files through
// [Database.Migrate], a single sealed file through [SealedFile].
type Ladder[Store any] struct {
	// Name is what a person calls the store, for messages ("the journal").
	Name string
	// Current is the version found: 0 for a store that was just made.
	Current int
	// First is where the first step leads: 1 (also when 0) where a step makes the store, 2 where version 1 is written by
	// whoever makes it. The steps go upwards without a gap.
	First int
	Steps []Migration[Store]
	// Copy keeps a sealed copy of the store as it is before the first step of an existing store.
	Copy func(from int) error
	// Within runs one step and the writing of its version as a single transaction.
	Within func(to int, apply func(Store) error) error
}

// Climb brings the store to the newest version. A store ahead of the ladder is refused with ErrNewer and left as it is.
// It can be stopped at any instant and run again: a step is there wholly, with its version, or not at all.
func (l Ladder[Store]) Climb() error {
	first := max(l.First, 1)
	for i, step := range l.Steps {
		if step.To != first+i {
			return fmt.Errorf("vault: the migrations of %s jump to %d at place %d", l.Name, step.To, i+1)
		}
	}
	newest := first + len(l.Steps) - 1
	if l.Current > newest {
		return newer(l.Name, l.Current, newest)
	}
	if l.Current == newest {
		return nil
	}
	if l.Current < first-1 {
		return fmt.Errorf("%s has format %d: %w: there is no such format", l.Name, l.Current, ErrDamaged)
	}
	pending := l.Steps[l.Current-first+1:]
	if l.Current > 0 {
		if err := l.Copy(l.Current); err != nil {
			return fmt.Errorf("vault: keep a copy of %s before it changes: %w", l.Name, err)
		}
	}
	for _, step := range pending {
		if err := l.Within(step.To, step.Apply); err != nil {
			return fmt.Errorf("vault: bring %s to format %d (%s): %w", l.Name, step.To, step.What, err)
		}
	}
	return nil
}
