package native

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// debOf wraps a compressed tar as dpkg does.
func debOf(data []byte) []byte {
	var out bytes.Buffer
	out.WriteString("!<arch>\n")
	for _, member := range []struct {
		name string
		data []byte
	}{{"debian-binary", []byte("2.0\n")}, {"control.tar.gz", []byte("odd")}, {"data.tar.gz", data}} {
		fmt.Fprintf(&out, "%-16s%-12d%-6d%-6d%-8s%-10d`\n", member.name, 0, 0, 0, "100644", len(member.data))
		out.Write(member.data)
		if len(member.data)%2 == 1 {
			out.WriteByte('\n')
		}
	}
	return out.Bytes()
}

func TestUnpackTakesOnlyWhatIsNamed(t *testing.T) {
	members := map[string][]byte{"package/a": []byte("aaaa"), "./package/b": []byte("bbbbbb"), "../../escape": []byte("evil"), "package/c": []byte("c")}
	packed := tarball(t, members)
	for _, test := range []struct {
		via     Via
		archive []byte
	}{{NPM, packed}, {Debian, debOf(packed)}} {
		archive := filepath.Join(t.TempDir(), "archive")
		if err := os.WriteFile(archive, test.archive, 0o600); err != nil {
			t.Fatal(err)
		}
		got := make(map[string]string)
		take := func(piece Piece, data io.Reader) error {
			all, err := io.ReadAll(data)
			got[piece.Member] = string(all)
			return err
		}
		if err := unpack(archive, test.via, []Piece{{Member: "package/b"}, {Member: "package/a"}}, take); err != nil {
			t.Errorf("%s: %v", test.via, err)
		}
		if len(got) != 2 || got["package/a"] != "aaaa" || got["package/b"] != "bbbbbb" {
			t.Errorf("%s: took %q", test.via, got)
		}
		if err := unpack(archive, test.via, []Piece{{Member: "package/d"}}, take); err == nil || !strings.Contains(err.Error(), "has no package/d") {
			t.Errorf("%s: a member that isn't there: %v", test.via, err)
		}
		if err := os.WriteFile(archive, test.archive[:len(test.archive)/2], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := unpack(archive, test.via, []Piece{{Member: "package/d"}}, take); !errors.Is(err, ErrTruncated) {
			t.Errorf("%s: half of it: %v", test.via, err)
		}
	}
}

// A piece may be cut out of a member, and what comes after it is never read: a member that unpacks without end is harmless.
func TestPieceIsCutAndBounded(t *testing.T) {
	data := contents(1, 1000)
	store := newShelf(t, nil).open()
	entry := Entry{ID: "cut"}
	piece := Piece{File: "f", Member: "m", Skip: 100, At: 50, Bytes: 200, SHA256: sum(data[100:300])}
	endless := io.MultiReader(bytes.NewReader(data), endlessReader{})
	if err := store.writePiece(t.Context(), entry, piece, endless); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(store.partialPath(entry, "f", piecesSuffix))
	if err != nil || len(got) != 250 || !bytes.Equal(got[50:], data[100:300]) {
		t.Errorf("%d bytes are there, %v", len(got), err)
	}
	if done := store.donePieces(entry, "f"); len(done) != 1 || done[0] != piece.SHA256 {
		t.Errorf("noted: %v", done)
	}
}

type endlessReader struct{}

func (endlessReader) Read(p []byte) (int, error) { return len(p), nil }

func FuzzUnpack(f *testing.F) {
	var empty bytes.Buffer
	compressed := gzip.NewWriter(&empty)
	if err := compressed.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(debOf(empty.Bytes()))
	f.Add([]byte("!<arch>\n"))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		archive := filepath.Join(t.TempDir(), "archive")
		if err := os.WriteFile(archive, data, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, via := range []Via{Pip, NPM, Debian} {
			err := unpack(archive, via, []Piece{{Member: "wanted", Bytes: 1}}, func(Piece, io.Reader) error { return errors.New("found") })
			if err == nil {
				t.Errorf("%s: found a member and didn't", via)
			}
		}
	})
}

func FuzzContentRange(f *testing.F) {
	for _, seed := range []string{"bytes 5-9/10", "bytes 5-9/*", "bytes */10", "items 1-2/3", "bytes 9-5/10"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		start, total, err := parseContentRange(header)
		if err == nil && (start < 0 || total != -1 && total <= start) {
			t.Errorf("%q read as from %d of %d", header, start, total)
		}
	})
}
