package native

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Condition is how an entry is.
type Condition int

// The conditions of an entry, from worst to best.
const (
	Absent     Condition = iota // none of its files is here
	Partial                     // some are here, or a download broke off
	Damaged                     // a file has the wrong size, or changed since it was verified
	Unverified                  // all are here with the right size, and nobody has hashed them yet
	Ready                       // all are here and verified, or the system has the library
)

func (c Condition) String() string {
	names := [...]string{"absent", "partial", "damaged", "unverified", "ready"}
	if c < 0 || int(c) >= len(names) {
		return fmt.Sprintf("condition %d", int(c))
	}
	return names[c]
}

// State is what a look at an entry's files tells, without reading them.
type State struct {
	Condition Condition
	// Missing and Wrong are the names of files and links that are not here, and of files that can't be right.
	Missing, Wrong []string
	// System is the path of the system's own library that serves instead, or empty.
	System string
}

// State looks at an entry's files: are they here, and as they were when they were verified? An unknown id is Absent.
func (s *Store) State(id string) State {
	entry, err := s.Entry(id)
	if err != nil {
		return State{Condition: Absent}
	}
	for _, name := range entry.System {
		if path := findSystemLibrary(name); path != "" {
			return State{Condition: Ready, System: path}
		}
	}
	return s.look(entry)
}

func (s *Store) look(entry Entry) State {
	var state State
	stamps := s.readStamps(entry.ID)
	stamped, present := true, 0
	for _, file := range entry.Files() {
		switch s.lookAt(entry, file, stamps) {
		case Absent:
			state.Missing = append(state.Missing, file.Name)
		case Damaged:
			state.Wrong = append(state.Wrong, file.Name)
			present++
		case Unverified:
			stamped = false
			present++
		default:
			present++
		}
	}
	for link := range entry.Links {
		if _, err := os.Stat(filepath.Join(s.Folder(entry.ID), link)); err != nil {
			state.Missing = append(state.Missing, link)
		}
	}
	switch {
	case len(state.Wrong) > 0:
		state.Condition = Damaged
	case present == 0 && !s.hasPartial(entry.ID):
		state.Condition = Absent
	case len(state.Missing) > 0:
		state.Condition = Partial
	case !stamped:
		state.Condition = Unverified
	default:
		state.Condition = Ready
	}
	return state
}

// lookAt tells of one file: Absent, Damaged, Unverified or Ready.
func (s *Store) lookAt(entry Entry, file File, stamps map[string]stamp) Condition {
	info, err := os.Stat(filepath.Join(s.Folder(entry.ID), filepath.FromSlash(file.Name)))
	switch {
	case err != nil:
		return Absent
	case !info.Mode().IsRegular() || info.Size() != file.Bytes:
		return Damaged
	}
	known, found := stamps[file.Name]
	switch {
	case !found || known.SHA256 != file.SHA256:
		return Unverified
	case known.Bytes != info.Size() || !known.Changed.Equal(info.ModTime()):
		return Unverified // touched since: hashing will tell
	default:
		return Ready
	}
}

// stamp records that a file was verified as it was then.
type stamp struct {
	SHA256  string    `json:"sha256"`
	Bytes   int64     `json:"bytes"`
	Changed time.Time `json:"changed"`
}

// stampFile is the format of the file of stamps.
type stampFile struct {
	Version int              `json:"version"`
	Files   map[string]stamp `json:"files"`
}

const stampVersion = 1

func (s *Store) stampPath(id string) string { return filepath.Join(s.Folder(id), ".verified.json") }

// readStamps returns what is known of an entry's files; what can't be read is as good as nothing.
func (s *Store) readStamps(id string) map[string]stamp {
	data, err := os.ReadFile(s.stampPath(id))
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.log.Warn("stamps can't be read; files will be hashed again", "entry", id, "error", err)
		}
		return nil
	}
	var file stampFile
	if err := json.Unmarshal(data, &file); err != nil || file.Version != stampVersion {
		s.log.Warn("stamps are not of this version; files will be hashed again", "entry", id, "error", err)
		return nil
	}
	return file.Files
}

// writeStamp adds a verified file to the stamps. A folder that can't be written to is not an error: its files are right,
// and only hashed again the next time.
func (s *Store) writeStamp(id string, file File) {
	path := filepath.Join(s.Folder(id), filepath.FromSlash(file.Name))
	err := func() error {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		s.stamping.Lock()
		defer s.stamping.Unlock()
		stamps := s.readStamps(id)
		if stamps == nil {
			stamps = make(map[string]stamp)
		}
		stamps[file.Name] = stamp{SHA256: file.SHA256, Bytes: info.Size(), Changed: info.ModTime()}
		data, err := json.MarshalIndent(stampFile{Version: stampVersion, Files: stamps}, "", "\t")
		if err != nil {
			return err
		}
		return writeAtomically(s.stampPath(id), data)
	}()
	if err != nil {
		s.log.Warn("a verified file can't be stamped; it will be hashed again", "file", path, "error", err)
	}
}

// writeAtomically replaces a small file; a reader sees the old or the new contents.
func writeAtomically(path string, data []byte) (err error) {
	temporary, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temporary.Name()))
		}
	}()
	if _, err := temporary.Write(data); err != nil {
		return errors.Join(err, temporary.Close())
	}
	if err := temporary.Close(); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}
