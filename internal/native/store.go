package native

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Errors that callers tell apart; all come wrapped in a sentence.
var (
	ErrUnknown   = errors.New("there is no such model or library")
	ErrAbsent    = errors.New("not fetched yet")
	ErrSpace     = errors.New("not enough space")
	ErrHash      = errors.New("the contents are not what they should be (wrong SHA-256)")
	ErrTruncated = errors.New("the file is truncated")
)

// Options say how a store works; the zero value is right for the program.
type Options struct {
	// Dir is the folder; empty means [DefaultDir].
	Dir string
	// Entries are the manifest; nil means [Manifest].
	Entries []Entry
	// HTTP fetches from addresses; nil means a client that gives up quickly on what can't be reached.
	HTTP *http.Client
	// Run runs a package client; nil means as a process. See [Runner].
	Run Runner
	// FreeSpace says how many bytes can still be written below a folder; nil asks the system.
	FreeSpace func(dir string) (uint64, error)
	// Log gets what went wrong and was got over; nil discards it.
	Log *slog.Logger
}

// Store is a folder of models and libraries. Its methods may be called concurrently, and by several processes.
type Store struct {
	dir       string
	entries   []Entry
	http      *http.Client
	run       Runner
	freeSpace func(dir string) (uint64, error)
	log       *slog.Logger
	stamping  sync.Mutex // of this process; another's stamps at the same moment are made again
}

// Open returns the store in a folder. The folder need not exist.
func Open(options Options) (*Store, error) {
	s := &Store{dir: options.Dir, entries: options.Entries, http: options.HTTP, run: options.Run, freeSpace: options.FreeSpace, log: options.Log}
	if s.dir == "" {
		dir, err := DefaultDir()
		if err != nil {
			return nil, err
		}
		s.dir = dir
	}
	if s.entries == nil {
		s.entries = Manifest()
	}
	if err := check(s.entries); err != nil {
		return nil, err
	}
	if s.http == nil {
		s.http = quickClient()
	}
	if s.run == nil {
		s.run = runProcess
	}
	if s.freeSpace == nil {
		s.freeSpace = freeSpace
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s, nil
}

// Dir is the store's folder.
func (s *Store) Dir() string { return s.dir }

// Entries are all entries of the manifest that are of use on this platform, in its order.
func (s *Store) Entries() []Entry {
	return slices.DeleteFunc(slices.Clone(s.entries), func(e Entry) bool { return !e.runsOn(Platform()) })
}

// DefaultIDs are the entries that a conversation needs and that are fetched without being asked for one by one.
func (s *Store) DefaultIDs() []string {
	var ids []string
	for _, entry := range s.Entries() {
		if entry.byDefault() {
			ids = append(ids, entry.ID)
		}
	}
	return ids
}

// Entry is the entry of an id. The error wraps [ErrUnknown].
func (s *Store) Entry(id string) (Entry, error) {
	for _, entry := range s.Entries() {
		if entry.ID == id {
			return entry, nil
		}
	}
	return Entry{}, fmt.Errorf("%q: %w; `twombly models` lists what there is", id, ErrUnknown)
}

// Folder is where an entry's files lie.
func (s *Store) Folder(id string) string { return filepath.Join(s.dir, id) }

// Path is the path of an entry's file (or link), which is known to be right: by its stamp, or else it is hashed now. For a
// library that the system has it is the system's path. The error wraps [ErrUnknown], [ErrAbsent], [ErrTruncated] or
// [ErrHash], and says what to do.
func (s *Store) Path(id, file string) (string, error) {
	entry, err := s.Entry(id)
	if err != nil {
		return "", err
	}
	state := s.State(id)
	if state.System != "" {
		return state.System, nil
	}
	name := file
	if target, isLink := entry.Links[file]; isLink {
		name = target
	}
	files := entry.Files()
	i := slices.IndexFunc(files, func(f File) bool { return f.Name == name })
	if i < 0 {
		return "", fmt.Errorf("%s has no file %q: %w", id, file, ErrUnknown)
	}
	path := filepath.Join(s.Folder(id), filepath.FromSlash(file))
	if state.Condition == Ready {
		return path, nil
	}
	if err := s.verifyFiles(entry, files[i:i+1]); err != nil {
		return "", fmt.Errorf("%w; `twombly models fetch %s` mends that", err, id)
	}
	if file != name {
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("%s: %s is missing: %w; `twombly models fetch %s` mends that", id, file, ErrAbsent, id)
		}
	}
	return path, nil
}
