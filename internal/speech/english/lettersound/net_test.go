package lettersound

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"twombly/internal/native/nativetest"
)

func openReal(t testing.TB) *Net {
	t.Helper()
	net, err := Open(filepath.Dir(nativetest.Path(t, "english-phonemes", File)))
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// reference holds what the net says according to a second implementation, in Python with NumPy, computed once.
var reference = []struct{ word, phonemes string }{
	{"Twombly", "tˈumbli"},
	{"Quellenstein", "kwˌɛlənstˈIn"},
	{"Brixworthy", "bɹˈɪksˌɔɹði"},
	{"glimborough", "ɡlˈɪmbəɹə"},
	{"Zorvath", "zˈɔɹvˌɑθ"},
	{"Siobhan", "sˈObhˌɑn"},
	{"Nguyen", "əŋɡˈIən"},
	{"Kowalczyk", "kˌWəlʤˈɪks"},
	{"flumptious", "flˈʌmpʃəs"},
	{"Xanthippe", "zˈænθˌɪp"},
	{"dreeblesnort", "dɹˈibᵊlsnˌɔɹt"},
	{"McTavish", "məktˈævɪʃ"},
	{"O'Malloran", "ˌOməlˈɔɹən"},
	{"Ardwyn", "ˈɑɹdwˌɪn"},
	{"Thessaline", "θˈɛsəlˌIn"},
	{"Wobblechuck", "wˈɑbəlʧˌʌk"},
	{"blorf", "blˈɔɹf"},
	{"Phthisor", "θˈɪzɪˌɔɹ"},
	{"Ümlaut", "ˈɛmlˌWt"},
	{"café", "kˈæf"},
	{"supercalifragilisticexpialidocious", "sˌupəɹkˌæləfɹˌæʤəlˈɪstɪkstɹspiˌælədˈOʃəs"},
	{"Kokoro", "kəkˈɔɹO"},
	{"Moonshine-ish", "mˈunʃˌInɪʃ"},
	{"Szczecin", "ʃʧˈɛʧən"},
	{"ghoti", "ɡˈOɾi"},
	{"antiquarkian", "ˌæntɪkwˈɑɹkiən"},
	{"zzz", "zˈiz"},
	{"Q", "kjˈu"},
}

func TestPronounce(t *testing.T) {
	net := openReal(t)
	t.Run("as the reference", func(t *testing.T) {
		for _, test := range reference {
			if got := net.Pronounce(test.word); got != test.phonemes {
				t.Errorf("%s: %q, want %q", test.word, got, test.phonemes)
			}
			if again := net.Pronounce(test.word); again != test.phonemes {
				t.Errorf("%s, remembered: %q, want %q", test.word, again, test.phonemes)
			}
		}
	})
	t.Run("odd words", func(t *testing.T) {
		for _, word := range []string{"", "日本", "\xff", strings.Repeat("wobble", 20), " "} {
			net.Pronounce(word) // must come back, whatever it says
		}
	})
	t.Run("at once", func(t *testing.T) {
		var group sync.WaitGroup
		for i := range 4 {
			group.Go(func() {
				word := []string{"Brix", "Zor"}[i%2]
				if got := net.Pronounce(word); got == "" {
					t.Errorf("%s is silent", word)
				}
			})
		}
		group.Wait()
	})
}

func TestDamagedFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), File) {
		t.Errorf("a missing file: error %v", err)
	}
	var empty bytes.Buffer
	if err := zip.NewWriter(&empty).Close(); err != nil {
		t.Fatal(err)
	}
	for _, content := range []string{"", "not a zip", empty.String()} {
		if err := os.WriteFile(filepath.Join(dir, File), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%q: error %v", content, err)
		}
	}
}

func FuzzArray(f *testing.F) {
	f.Add([]byte("\x93NUMPY\x01\x00\x3c\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Add([]byte("\x93NUMPY\x01\x00\x10\x00{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := readArray(bytes.NewReader(data))
		if err == nil && len(a.floats) > len(data) {
			t.Errorf("%d values from %d bytes", len(a.floats), len(data))
		}
	})
}

func BenchmarkPronounce(b *testing.B) {
	net := openReal(b)
	for b.Loop() {
		net.decode(net.encode(net.tokens("Brixworthy")))
	}
}
