package native

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestManifestIsSound(t *testing.T) {
	entries := Manifest()
	if err := check(entries); err != nil {
		t.Error(err)
	}
	ids := make(map[string]Entry)
	for _, entry := range entries {
		ids[entry.ID] = entry
		if entry.Title == "" || entry.Purpose == "" || entry.Licence == "" || len(entry.SourceNames()) == 0 {
			t.Errorf("%s doesn't say what it is, what for, its licence or where it is", entry.ID)
		}
		for _, group := range entry.Groups {
			for i, source := range group.Sources {
				for _, artefact := range source.Artefacts {
					if artefact.Bytes <= 0 {
						t.Errorf("%s: an artefact without a size", entry.ID)
					}
					if artefact.Via == HTTPS && (i != 0 || !strings.HasPrefix(artefact.Address, "https://")) {
						t.Errorf("%s: the publisher's address comes first and is encrypted: %s", entry.ID, artefact.Address)
					}
				}
			}
		}
	}
	if voices := len(ids["kokoro"].Groups[1].Files); voices != 54 {
		t.Errorf("%d voices", voices)
	}
	if entry := ids["speaker-embedding"]; !entry.LicenceUnclear || entry.byDefault() {
		t.Error("an entry without an established licence is fetched by default")
	}
	if entry := ids["e5-small-v2"]; entry.byDefault() {
		t.Error("what memory needs is fetched before there is a memory")
	}
}

func TestManifestsThatAreNotSound(t *testing.T) {
	file := fileOf("a", []byte("abc"))
	good := Entry{ID: "x", Groups: []Group{{Files: []File{file}, Sources: []Source{{Artefacts: []Artefact{{Via: Pip, Pieces: []Piece{whole(file, "m")}}}}}}}}
	for name, change := range map[string]func(*Entry){
		"an id that leaves the folder":  func(e *Entry) { e.ID = ".." },
		"an id with a slash":            func(e *Entry) { e.ID = "a/b" },
		"a hidden id":                   func(e *Entry) { e.ID = ".partial" },
		"a file that leaves the folder": func(e *Entry) { e.Groups[0].Files[0].Name = "../a" },
		"an absolute file":              func(e *Entry) { e.Groups[0].Files[0].Name = "/a" },
		"a link to nowhere":             func(e *Entry) { e.Links = map[string]string{"l": "b"} },
		"a link that leaves":            func(e *Entry) { e.Links = map[string]string{"../l": "a"} },
		"pieces that leave a gap":       func(e *Entry) { e.Groups[0].Sources[0].Artefacts[0].Pieces[0].At = 1 },
		"pieces that are too few":       func(e *Entry) { e.Groups[0].Sources[0].Artefacts[0].Pieces[0].Bytes = 2 },
		"an artefact without pieces":    func(e *Entry) { e.Groups[0].Sources[0].Artefacts[0].Pieces = nil },
	} {
		entry := good
		entry.Groups = []Group{{Files: []File{file}, Sources: []Source{{Artefacts: []Artefact{{Via: Pip, Pieces: []Piece{whole(file, "m")}}}}}}}
		change(&entry)
		if err := check([]Entry{entry}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := check([]Entry{good}); err != nil {
		t.Error(err)
	}
	if err := check([]Entry{good, good}); err == nil {
		t.Error("two entries of one id: accepted")
	}
}

// seeded is a store in whose folder somebody has put the file already.
func seeded(t *testing.T, data []byte, there []byte) (*shelf, *Store, string) {
	s := newShelf(t, data)
	store := s.open(partsEntry(s, data))
	path := filepath.Join(store.Folder("model"), "model.bin")
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, there, 0o600)); err != nil {
		t.Fatal(err)
	}
	return s, store, path
}

func TestAdoptsWhatIsThere(t *testing.T) {
	data := contents(1, 10_000)
	s, store, _ := seeded(t, data, data)
	if condition := store.State("model").Condition; condition != Unverified {
		t.Errorf("condition %v before", condition)
	}
	plan, err := store.Plan()
	if err != nil || plan.Nothing() || plan.Download != 0 {
		t.Errorf("plan %+v, %v", plan, err)
	}
	if err := store.Fetch(t.Context(), plan, nil); err != nil {
		t.Fatal(err)
	}
	s.expect(store, data)
	if len(s.requests) != 0 {
		t.Error("it was fetched all the same")
	}
}

func TestPathVerifiesOnceAndNoticesChanges(t *testing.T) {
	data := contents(1, 10_000)
	_, store, path := seeded(t, data, data)
	if _, err := store.Path("model", "model.bin"); err != nil {
		t.Fatal(err)
	}
	if condition := store.State("model").Condition; condition != Ready {
		t.Errorf("condition %v after it was verified", condition)
	}
	// Other contents of the same size, behind the stamp's back: believed, because only the size and time are looked at.
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(data)
	flipped[5000] ^= 1
	if err := errors.Join(os.WriteFile(path, flipped, 0o600), os.Chtimes(path, time.Time{}, info.ModTime())); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Path("model", "model.bin"); err != nil {
		t.Errorf("hashed although the stamp speaks for it: %v", err)
	}
	if err := store.Verify(t.Context(), "model"); !errors.Is(err, ErrHash) {
		t.Errorf("Verify says %v", err)
	}
	// With another time it is hashed.
	if err := os.Chtimes(path, time.Time{}, info.ModTime().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Path("model", "model.bin"); !errors.Is(err, ErrHash) || !strings.Contains(err.Error(), "twombly models fetch model") {
		t.Errorf("a changed file: %v", err)
	}
}

func TestWrongFilesAreReplaced(t *testing.T) {
	data := contents(1, 10_000)
	for name, there := range map[string][]byte{
		"truncated": data[:9_999], "too long": append(bytes.Clone(data), 1), "wrong": contents(2, 10_000), "empty": {},
	} {
		t.Run(name, func(t *testing.T) {
			s, store, _ := seeded(t, data, there)
			if _, err := store.Path("model", "model.bin"); err == nil {
				t.Error("it is handed out")
			} else if name == "truncated" && !errors.Is(err, ErrTruncated) {
				t.Errorf("got %v", err)
			}
			if err := store.Verify(t.Context(), "model"); err == nil {
				t.Error("it is verified")
			}
			if err := store.Get(t.Context(), "model", nil); err != nil {
				t.Fatal(err)
			}
			s.expect(store, data)
		})
	}
}

func TestRemoveLeavesWhatIsNotOurs(t *testing.T) {
	data := contents(1, 10_000)
	s, store, path := seeded(t, data, data)
	entry := partsEntry(s, data)
	entry.Links = map[string]string{"link": "model.bin"}
	store.entries = []Entry{entry}
	foreign := filepath.Join(filepath.Dir(path), "notes.txt")
	if err := os.WriteFile(foreign, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := store.Get(t.Context(), "model", nil); err != nil {
		t.Fatal(err)
	}
	if through, err := store.Path("model", "link"); err != nil || filepath.Base(through) != "link" {
		t.Errorf("the link: %s, %v", through, err)
	}
	if err := store.Remove(t.Context(), "model"); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 || left[0].Name() != "notes.txt" {
		t.Errorf("left: %v, %v", left, err)
	}
	if err := os.Remove(foreign); err != nil {
		t.Fatal(err)
	}
	if err := store.Remove(t.Context(), "model"); err != nil {
		t.Errorf("removing what isn't there: %v", err)
	}
	if _, err := os.Stat(filepath.Dir(path)); !errors.Is(err, os.ErrNotExist) {
		t.Error("the empty folder is left")
	}
}

func TestUnknownIDs(t *testing.T) {
	s := newShelf(t, nil)
	store := s.open()
	store.entries = nil
	if _, err := store.Plan("nothing"); !errors.Is(err, ErrUnknown) {
		t.Errorf("Plan: %v", err)
	}
	if _, err := store.Path("nothing", ""); !errors.Is(err, ErrUnknown) {
		t.Errorf("Path: %v", err)
	}
	if err := store.Remove(t.Context(), "nothing"); !errors.Is(err, ErrUnknown) {
		t.Errorf("Remove: %v", err)
	}
}

func TestSystemLibraryServes(t *testing.T) {
	folder := t.TempDir()
	library := filepath.Join(folder, "libofmine.so.7")
	if err := os.WriteFile(library, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("LD_LIBRARY_PATH", "/nowhere:"+folder)
	data := contents(1, 100)
	s := newShelf(t, data)
	entry := partsEntry(s, data)
	entry.System = []string{"libofmine.so.8", "libofmine.so.7"}
	store := s.open(entry)
	if path, err := store.Path("model", "model.bin"); err != nil || path != library {
		t.Errorf("got %s, %v", path, err)
	}
	if plan, err := store.Plan(); err != nil || !plan.Nothing() {
		t.Errorf("plan %+v, %v", plan, err)
	}
}

func TestPlanTellsBeforehand(t *testing.T) {
	data := contents(1, 3_000_000)
	s := newShelf(t, data)
	unclear := partsEntry(s, data)
	unclear.ID, unclear.LicenceUnclear, unclear.Licence = "unclear", true, "not established"
	store := s.open(partsEntry(s, data), unclear)
	plan, err := store.Plan()
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Items) != 1 || plan.Download != 3_000_000 || plan.Disk < 6_000_000 || plan.Free == 0 {
		t.Errorf("plan %+v", plan)
	}
	sentence := plan.Sentence()
	for _, want := range []string{"3.0 MB", "MIT", store.Dir()} {
		if !strings.Contains(sentence, want) {
			t.Errorf("%q doesn't say %q", sentence, want)
		}
	}
	if plan, err := store.Plan("unclear"); err != nil || len(plan.Items) != 1 || plan.Licences()[0] != "not established" {
		t.Errorf("asked for by its id: %+v, %v", plan, err)
	}
}

func TestSupported(t *testing.T) {
	if ok, sentence := supported("linux/amd64"); !ok || sentence != "" {
		t.Errorf("linux/amd64: %v, %q", ok, sentence)
	}
	if ok, sentence := supported("darwin/arm64"); ok || !strings.Contains(sentence, "darwin/arm64") || !strings.Contains(sentence, "in writing") {
		t.Errorf("darwin/arm64: %v, %q", ok, sentence)
	}
}

func TestDefaultDir(t *testing.T) {
	t.Setenv(CacheVariable, "/somewhere/else")
	if dir, err := DefaultDir(); err != nil || dir != "/somewhere/else" {
		t.Errorf("%s, %v", dir, err)
	}
	t.Setenv(CacheVariable, "")
	t.Setenv("XDG_CACHE_HOME", "/caches")
	if dir, err := DefaultDir(); err != nil || filepath.Base(dir) != "twombly" {
		t.Errorf("%s, %v", dir, err)
	}
}
