package durability

import (
	"path/filepath"
	"slices"
	"sync"
)

// SectorSize is what a disk writes whole or not at all, in bytes.
const SectorSize = 512

// Action is what was done to the disk.
type Action string

// Actions. Acknowledge is ours: the store said that Count moments are kept.
const (
	Create      Action = "create"
	Write       Action = "write"
	Truncate    Action = "truncate"
	Grow        Action = "grow"
	Sync        Action = "sync"
	Rename      Action = "rename"
	Remove      Action = "remove"
	MakeFolder  Action = "make folder"
	SyncFolder  Action = "sync folder"
	Acknowledge Action = "acknowledge"
)

// Operation is one line of the log. Paths are relative to the recorder's root, "." being the root itself.
type Operation struct {
	Action   Action
	Path, To string
	// Offset is where a write begins, and the new size of a truncate or grow, in bytes.
	Offset int64
	Data   []byte
	// Count is how many moments are acknowledged so far.
	Count int64
}

// Recorder writes down what is done to everything under its root.
type Recorder struct {
	root  string
	guard sync.Mutex
	log   []Operation
	// before, when set, is called before each operation is carried out, and may refuse it.
	before func(Operation) error
}

// NewRecorder records what happens under a folder, which exists and is empty.
func NewRecorder(root string) *Recorder { return &Recorder{root: root} }

// Before sets what is called ahead of each operation, with nothing locked: a test can stop the world there, or answer the
// error that the disk shall give. It is set before anything is opened.
func (r *Recorder) Before(call func(Operation) error) { r.before = call }

// Acknowledge notes that the store promised to keep count moments.
func (r *Recorder) Acknowledge(count int64) { r.note(Operation{Action: Acknowledge, Count: count}) }

// Log returns a copy of what was written down so far.
func (r *Recorder) Log() []Operation {
	r.guard.Lock()
	defer r.guard.Unlock()
	return slices.Clone(r.log)
}

// note appends one operation. Data is copied: SQLite uses its buffers again.
func (r *Recorder) note(operation Operation) {
	operation.Data = slices.Clone(operation.Data)
	r.guard.Lock()
	defer r.guard.Unlock()
	r.log = append(r.log, operation)
}

func (r *Recorder) ahead(operation Operation) error {
	if r.before == nil {
		return nil
	}
	return r.before(operation)
}

// relative makes a path relative to the root.
func (r *Recorder) relative(path string) string {
	relative, err := filepath.Rel(r.root, path)
	if err != nil {
		panic(err) // a path outside of what is recorded: the test is wrong
	}
	return filepath.ToSlash(relative)
}
