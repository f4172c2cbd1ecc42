package journal

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"twombly/internal/fabric"
	"twombly/internal/vault"
)

var update = flag.Bool("update", false, "write the fixture of the newest version; older ones are never written again")

// The fixtures' key is no secret.
const fixturePerson = "0192f0c0-0000-7000-8000-00000000f1f1"

func fixtureKey(t *testing.T) vault.Key {
	t.Helper()
	key, err := vault.KeyFromBytes([]byte("the fixtures' key of 32 bytes :)"))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// TestFixtures opens a person's folder of every version that was ever written: journal.db and keys.
func TestFixtures(t *testing.T) {
	if *update {
		writeFixture(t, filepath.Join("testdata", "v1"))
	}
	for _, version := range []string{"v1"} {
		t.Run(version, func(t *testing.T) {
			copied := store{folder: t.TempDir(), person: fixturePerson, key: fixtureKey(t)}
			if err := os.CopyFS(copied.folder, os.DirFS(filepath.Join("testdata", version))); err != nil {
				t.Fatal(err)
			}
			opened, err := copied.open(t)
			if err != nil {
				t.Fatal(err)
			}
			defer opened.Close()
			report, err := opened.Verify(t.Context())
			if err != nil || !report.Sound() || report.Moments != 5 || report.Epochs != 1 {
				t.Errorf("verified: %+v %v", report, err)
			}
			all, err := opened.Read(t.Context(), Query{})
			if err != nil {
				t.Fatal(err)
			}
			lines := Conversation(all)
			if len(lines) != 2 || lines[0].Words != "Buongiorno, piove ancora?" || lines[1].Words != "It has" || !lines[1].Cut {
				t.Errorf("read %+v", lines)
			}
			if _, err := opened.Append(t.Context(), Moment{Kind: Said, Words: "and it can go on"}); err != nil {
				t.Error(err)
			}
		})
	}
}

func writeFixture(t *testing.T, folder string) {
	t.Helper()
	if err := errors.Join(os.RemoveAll(folder), os.MkdirAll(folder, 0o700)); err != nil {
		t.Fatal(err)
	}
	place, err := fabric.PlaceAt(folder, fixturePerson, fixtureKey(t), vault.Disk{})
	if err != nil {
		t.Fatal(err)
	}
	opened, err := Open(t.Context(), Options{Place: place})
	if err != nil {
		t.Fatal(err)
	}
	moments := []Moment{
		{Kind: Said, Speaker: Person, Trust: TrustPerson, Channel: Voice, Device: "phone", Zone: "Europe/Rome",
			Words: "Buongiorno, piove ancora?", AudioMilliseconds: 1800},
		planned(0, "0192f0c0-0000-7000-8000-00000000f1f2", "It has stopped,", 0, 0),
		planned(0, "0192f0c0-0000-7000-8000-00000000f1f2", "just now.", 1, 2),
		heard(0, "0192f0c0-0000-7000-8000-00000000f1f2", "It has", true, "barge_in"),
		{Kind: Decision, Speaker: Person, Trust: TrustPerson, Data: []byte(`{"name":"Ada"}`)},
	}
	for i, moment := range moments {
		if _, err := opened.Append(t.Context(), moment); err != nil {
			t.Fatal(fmt.Errorf("moment %d: %w", i, err))
		}
	}
	if err := errors.Join(opened.Close(), os.Remove(filepath.Join(folder, "owner"))); err != nil {
		t.Fatal(err)
	}
}
