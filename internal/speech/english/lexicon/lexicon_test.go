package lexicon

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// open writes two small dictionaries and opens them.
func open(t *testing.T, gold, silver string) (*Lexicon, error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{GoldFile: gold, SilverFile: silver} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Open(dir)
}

func TestLookup(t *testing.T) {
	l, err := open(t, `{"lisbon": "gold small", "Ada": "ˈAdə", "US": {"DEFAULT": "ˌʌs", "NOUN": null}}`,
		"{\n  \"Lisbon\": \"silver\",\n  \"sea\": \"sˈi\"\n}\n")
	if err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]Entry{
		"Lisbon": {Default: "gold small"}, // gold in another case comes before silver
		"lisbon": {Default: "gold small"},
		"ada":    {Default: "ˈAdə"},
		"Sea":    {Default: "sˈi"},
		"US":     {Default: "ˌʌs", "NOUN": ""},
		"SEA":    nil,
		"":       nil,
		"none":   nil,
	} {
		got, ok := l.Lookup(word)
		if ok != (want != nil) || !maps.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", word, got, want)
		}
	}
}

func TestDamagedFiles(t *testing.T) {
	for _, damaged := range []string{
		``, `{`, `{"a"`, `{"a":`, `{"a": "b"`, `{"a": "b",`, `{"a": "b"} more`, `[1]`, `{"a": 1}`, `{"a": {"b": {}}}`,
		`{"a": "b\`, `{"a": nul`,
	} {
		if _, err := open(t, damaged, "{}"); err == nil || !strings.Contains(err.Error(), GoldFile) {
			t.Errorf("%q: error %v", damaged, err)
		}
	}
}

func TestMissingFile(t *testing.T) {
	if _, err := Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), GoldFile) {
		t.Errorf("error %v", err)
	}
}

func FuzzDictionary(f *testing.F) {
	f.Add([]byte(`{"a": "b", "US": {"DEFAULT": "x", "NOUN": null}}`), "a")
	f.Add([]byte(`{"a\"": "\u0041"}`), "US")
	f.Fuzz(func(t *testing.T, data []byte, word string) {
		d := &dictionary{data: data}
		if d.index() == nil {
			d.lookup(word)
		}
	})
}
