package native

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFetchGGUF(t *testing.T) {
	good := ggufFile(func(p *ggufParts) { p.shape = []uint64{100, 100}; p.weights = contents(1, 40_000) })
	t.Run("good, broken off once", func(t *testing.T) {
		s := newShelf(t, good)
		store := s.open()
		s.breakAt = len(good) * 6 / 10
		at, model, err := store.FetchGGUF(t.Context(), s.server.URL+"/some/Model.gguf?download=true", nil)
		if err != nil || filepath.Base(at) != "Model.gguf" || model.Parameters != 10_000 {
			t.Fatalf("%s, %+v, %v", at, model, err)
		}
		if again, _, err := store.FetchGGUF(t.Context(), s.server.URL+"/some/Model.gguf", nil); err != nil || again != at {
			t.Errorf("again: %s, %v", again, err)
		}
		if _, err := os.Stat(filepath.Join(store.Dir(), partialFolder)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("something is left over: %v", err)
		}
	})
	t.Run("not a model", func(t *testing.T) {
		s := newShelf(t, []byte("<html>sign in first</html>"))
		store := s.open()
		if _, _, err := store.FetchGGUF(t.Context(), s.server.URL+"/m.gguf", nil); !errors.Is(err, ErrGGUF) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("not there", func(t *testing.T) {
		s := newShelf(t, good)
		s.status = http.StatusUnauthorized
		if _, _, err := s.open().FetchGGUF(t.Context(), s.server.URL+"/m.gguf", nil); err == nil || !strings.Contains(err.Error(), "401") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("no space", func(t *testing.T) {
		s := newShelf(t, good)
		store := s.open()
		store.freeSpace = func(string) (uint64, error) { return 1 << 20, nil }
		if _, _, err := store.FetchGGUF(t.Context(), s.server.URL+"/m.gguf", nil); !errors.Is(err, ErrSpace) {
			t.Errorf("got %v", err)
		}
	})
}

func TestOwnName(t *testing.T) {
	for address, want := range map[string]string{
		"https://example.org/a/b/Model-Q4.gguf?x=1": "Model-Q4.gguf", "http://localhost:8080/m.GGUF": "m.GGUF", "http://127.0.0.1/m.gguf": "m.gguf",
		"http://example.org/m.gguf": "", "https://example.org/": "", "https://example.org/m.bin": "", "https://example.org/.gguf": "",
		"https://example.org/..%2f..%2fm.gguf": "m.gguf", "https://example.org/a%5cm.gguf": "", "ftp://example.org/m.gguf": "", "m.gguf": "", "https://\x00": "",
	} {
		name, err := ownName(address)
		if name != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", address, name, err)
		}
	}
}
