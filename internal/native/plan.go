package native

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Plan is what fetching some entries would do, for a person to agree to.
type Plan struct {
	// Items are the entries with something to do, in the manifest's order.
	Items []PlanItem
	// Download is how many bytes are downloaded at most, over all items.
	Download int64
	// Disk is how many bytes must be free while it happens.
	Disk int64
	// Free is how many are; Dir is where.
	Free uint64
	Dir  string
}

// PlanItem is one entry of a plan.
type PlanItem struct {
	Entry Entry
	// State is how the entry was when the plan was made. An Unverified entry is hashed first, and downloaded only if that
	// fails, which Download does not count.
	State State
	// Download is how many bytes are downloaded at most: sources differ in packing.
	Download int64
	// Groups are those with missing or wrong files.
	Groups []Group
}

// Nothing says whether there is nothing to do.
func (p Plan) Nothing() bool { return len(p.Items) == 0 }

// Licences are the licences of what is downloaded, each once.
func (p Plan) Licences() []string {
	var licences []string
	for _, item := range p.Items {
		if item.Download > 0 && !slices.Contains(licences, item.Entry.Licence) {
			licences = append(licences, item.Entry.Licence)
		}
	}
	return licences
}

// Sentence says in one sentence what fetching will do.
func (p Plan) Sentence() string {
	if p.Nothing() {
		return "Everything is here already."
	}
	if p.Download == 0 {
		return fmt.Sprintf("Nothing needs to be downloaded; %d entries are checked.", len(p.Items))
	}
	downloads := 0
	for _, item := range p.Items {
		if item.Download > 0 {
			downloads++
		}
	}
	return fmt.Sprintf("%d models and libraries, at most %s, will be downloaded to %s (%s free), under these licences: %s.",
		downloads, Size(p.Download), p.Dir, Size(int64(min(p.Free, 1<<62))), strings.Join(p.Licences(), ", "))
}

// Plan says what fetching the entries of these ids would do; none means [Store.DefaultIDs]. The error wraps [ErrUnknown].
func (s *Store) Plan(ids ...string) (Plan, error) {
	if len(ids) == 0 {
		ids = s.DefaultIDs()
	}
	plan := Plan{Dir: s.dir}
	for _, id := range ids {
		if _, err := s.Entry(id); err != nil {
			return Plan{}, err
		}
	}
	var largest int64
	for _, entry := range s.Entries() {
		if !slices.Contains(ids, entry.ID) {
			continue
		}
		state := s.State(entry.ID)
		if state.Condition == Ready {
			continue
		}
		item := PlanItem{Entry: entry, State: state}
		for _, group := range entry.Groups {
			if missing := group.missing(state); len(missing) > 0 {
				item.Groups = append(item.Groups, group)
				bytes, artefact := s.worst(entry, group, missing)
				item.Download += bytes
				largest = max(largest, artefact)
				for _, file := range missing {
					plan.Disk += file.Bytes
				}
			}
		}
		plan.Download += item.Download
		plan.Items = append(plan.Items, item)
	}
	if plan.Disk > 0 {
		// Beside the files: two downloads at a time, each held once as fetched and once more by its client's own copy.
		plan.Disk += 4*largest + spaceMargin
	}
	free, err := s.freeSpace(existingParent(s.dir))
	if err != nil {
		return Plan{}, fmt.Errorf("native: free space of %s: %w", s.dir, err)
	}
	plan.Free = free
	return plan, nil
}

// spaceMargin is left free for everything else on the disk, in bytes.
const spaceMargin = 64 << 20

// missing are the files of a group that a look found missing or wrong.
func (g Group) missing(state State) []File {
	var files []File
	for _, file := range g.Files {
		if slices.Contains(state.Missing, file.Name) || slices.Contains(state.Wrong, file.Name) {
			files = append(files, file)
		}
	}
	return files
}

// worst is the largest download among a group's sources, less the parts already here, and its largest package.
func (s *Store) worst(entry Entry, group Group, missing []File) (bytes, artefact int64) {
	for _, source := range group.Sources {
		var sum int64
		for _, a := range source.Artefacts {
			if needed := s.needed(entry, a, missing); len(needed) > 0 {
				sum += a.Bytes
				if a.Via != HTTPS {
					artefact = max(artefact, a.Bytes)
				} else if begun, err := os.Stat(s.partialPath(entry, needed[0].File, downloadSuffix)); err == nil {
					sum -= min(begun.Size(), a.Bytes) // it grows in place
				}
			}
		}
		bytes = max(bytes, sum)
	}
	return bytes, artefact
}

// Size writes a number of bytes for people, in powers of ten.
func Size(bytes int64) string {
	switch {
	case bytes < 1000:
		return fmt.Sprintf("%d bytes", bytes)
	case bytes < 1000*1000:
		return fmt.Sprintf("%.0f kB", float64(bytes)/1e3)
	case bytes < 1000*1000*1000:
		return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
	default:
		return fmt.Sprintf("%.2f GB", float64(bytes)/1e9)
	}
}

// existingParent is the nearest folder that exists.
func existingParent(dir string) string {
	for {
		if _, err := filepath.EvalSymlinks(dir); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return dir
		}
		dir = parent
	}
}
