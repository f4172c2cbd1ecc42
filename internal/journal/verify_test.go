package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"

	"twombly/internal/fabric"
	"twombly/internal/vault"
)

// store is a journal in a folder whose files a test may spoil.
type store struct {
	folder, person string
	key            vault.Key
}

func newStore(t *testing.T, moments int) store {
	t.Helper()
	made := store{folder: t.TempDir(), person: uuid.Must(uuid.NewV7()).String(), key: vault.NewKey()}
	opened, err := made.open(t)
	if err != nil {
		t.Fatal(err)
	}
	said := make([]Moment, moments)
	for i := range said {
		said[i] = Moment{Kind: Said, Speaker: Person, Trust: TrustPerson, Words: fmt.Sprintf("word %d", i+1)}
	}
	if _, err := opened.Append(t.Context(), said...); err != nil {
		t.Fatal(err)
	}
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
	return made
}

func (s store) open(t *testing.T) (*Journal, error) {
	t.Helper()
	place, err := fabric.PlaceAt(s.folder, s.person, s.key, vault.Disk{})
	if err != nil {
		t.Fatal(err)
	}
	return Open(t.Context(), Options{Place: place})
}

func (s store) path(name string) string { return filepath.Join(s.folder, name) }

// spoil changes the database as somebody with the disk cipher's key could.
func (s store) spoil(t *testing.T, sql string) {
	t.Helper()
	opened, err := s.open(t)
	if err != nil {
		t.Fatal(err)
	}
	err = opened.database.Write(t.Context(), func(connection *sqlite3.Conn) error { return connection.Exec(sql) })
	if err := errors.Join(err, opened.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestVerifyFindsWhatWasChanged(t *testing.T) {
	cases := map[string]struct {
		sql string
		// want are the problem codes; at where the first one is.
		want []string
		at   int64
	}{
		"nothing":                  {`SELECT 1`, nil, 0},
		"contents flipped":         {`UPDATE moments SET sealed = CAST(substr(sealed,1,30) || x'00' || substr(sealed,32) AS BLOB) WHERE sequence=5`, []string{Flipped}, 5},
		"contents of another":      {`UPDATE moments SET sealed = (SELECT sealed FROM moments WHERE sequence=6) WHERE sequence=5`, []string{Flipped}, 5},
		"commitment flipped":       {`UPDATE moments SET commitment = zeroblob(32) WHERE sequence=5`, []string{BrokenChain, Flipped}, 5},
		"chain flipped":            {`UPDATE moments SET chain = CAST(zeroblob(31) || x'01' AS BLOB) WHERE sequence=5`, []string{BrokenChain, BrokenChain}, 5},
		"filed as another kind":    {`UPDATE moments SET kind = 'decision' WHERE sequence=5`, []string{Flipped}, 5},
		"two exchanged":            {`UPDATE moments SET sequence=-sequence WHERE sequence IN (5,6); UPDATE moments SET sequence=11+sequence WHERE sequence<0`, []string{BrokenChain, Flipped, BrokenChain, Flipped, BrokenChain}, 5},
		"one taken out":            {`DELETE FROM moments WHERE sequence=5`, []string{MissingMoments}, 5},
		"the beginning taken out":  {`DELETE FROM moments WHERE sequence<4`, []string{MissingMoments}, 1},
		"contents taken out":       {`UPDATE moments SET sealed=NULL WHERE sequence=5`, []string{UnaskedForgetting}, 5},
		"another epoch's secret":   {`UPDATE moments SET epoch=2 WHERE sequence=5`, []string{Flipped}, 5},
		"the name of another":      {`UPDATE moments SET id=zeroblob(16) WHERE sequence=5`, []string{BrokenChain, Flipped}, 5},
		"everything taken over":    {`UPDATE moments SET sealed=zeroblob(100)  WHERE sequence<3`, []string{Flipped, Flipped}, 1},
		"contents of another size": {`UPDATE moments SET sealed=x'00' WHERE sequence=9`, []string{Flipped}, 9},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			spoilt := newStore(t, 10)
			spoilt.spoil(t, test.sql)
			opened, err := spoilt.open(t)
			if err != nil {
				t.Fatal(err)
			}
			defer opened.Close()
			report, err := opened.Verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var codes []string
			for _, problem := range report.Problems {
				codes = append(codes, problem.Code)
			}
			if !slices.Equal(codes, test.want) {
				t.Fatalf("found %+v, want %v", report.Problems, test.want)
			}
			if len(codes) > 0 && report.Problems[0].Sequence != test.at {
				t.Errorf("found at %d, want %d", report.Problems[0].Sequence, test.at)
			}
		})
	}
}

func TestAnEndThatIsNotTheEndIsRefused(t *testing.T) {
	cut := `DELETE FROM moments WHERE sequence>7`
	cases := map[string]struct {
		sql  string
		want error
	}{
		"cut":                          {cut, ErrCut},
		"cut, and the head moved":      {cut + `; UPDATE head SET sequence=7, chain=(SELECT chain FROM moments WHERE sequence=7)`, ErrCut},
		"all cut, the head too":        {`DELETE FROM moments; DELETE FROM head`, ErrCut},
		"the head moved":               {`UPDATE head SET sequence=9`, vault.ErrDamaged},
		"the head taken out":           {`DELETE FROM head`, vault.ErrDamaged},
		"the last one's seal":          {`UPDATE moments SET sealed=x'00' WHERE sequence=10`, vault.ErrDamaged},
		"the last one's chain, and so": {`UPDATE moments SET chain=zeroblob(32) WHERE sequence=10; UPDATE head SET chain=zeroblob(32)`, vault.ErrDamaged},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			spoilt := newStore(t, 10)
			spoilt.spoil(t, test.sql)
			if opened, err := spoilt.open(t); !errors.Is(err, test.want) {
				if err == nil {
					opened.Close()
				}
				t.Errorf("opened: %v", err)
			}
		})
	}
}

func TestAnOldCopyOfTheJournalIsNoticed(t *testing.T) {
	spoilt := newStore(t, 10)
	old, err := os.ReadFile(spoilt.path(file))
	if err != nil {
		t.Fatal(err)
	}
	opened, err := spoilt.open(t)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := opened.Append(t.Context(), Moment{Kind: Said, Words: "one more"}); err != nil {
		t.Fatal(err)
	}
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(spoilt.path(file), old, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := spoilt.open(t); !errors.Is(err, ErrCut) || !strings.Contains(err.Error(), "it ends at moment 10 and moment 11 was kept") {
		t.Errorf("opened: %v", err)
	}
}

// snapshot reads every file of a store.
func (s store) snapshot(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	entries, err := os.ReadDir(s.folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.Name() == "owner" || strings.HasSuffix(entry.Name(), "-shm") {
			continue // a lock and shared memory: not data
		}
		contents, err := os.ReadFile(s.path(entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[entry.Name()] = contents
	}
	return files
}

func TestWhatCannotBeOpenedIsLeftAsItIs(t *testing.T) {
	replace := func(name string, change func([]byte) []byte) func(*testing.T, *store) {
		return func(t *testing.T, s *store) {
			contents, err := os.ReadFile(s.path(name))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(s.path(name), change(contents), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove := func(name string) func(*testing.T, *store) {
		return func(t *testing.T, s *store) {
			if err := os.Remove(s.path(name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	cases := map[string]struct {
		spoil func(*testing.T, *store)
		want  error
	}{
		"the wrong key":            {func(_ *testing.T, s *store) { s.key = vault.NewKey() }, vault.ErrWrongKey},
		"another person":           {func(_ *testing.T, s *store) { s.person = uuid.Must(uuid.NewV7()).String() }, nil},
		"the journal is gone":      {remove(file), vault.ErrMissing},
		"the keys are gone":        {remove("keys"), vault.ErrMissing},
		"the journal is empty":     {replace(file, func([]byte) []byte { return nil }), vault.ErrDamaged},
		"the journal is cut":       {replace(file, func(all []byte) []byte { return all[:len(all)/8192*4096] }), vault.ErrDamaged},
		"the first page is noise":  {replace(file, func(all []byte) []byte { return append(bytes.Repeat([]byte{5}, 4096), all[4096:]...) }), vault.ErrDamaged},
		"a bit of page one":        {replace(file, func(all []byte) []byte { all[77] ^= 4; return all }), vault.ErrDamaged},
		"the keys are cut":         {replace("keys", func(all []byte) []byte { return all[:len(all)-20] }), vault.ErrDamaged},
		"a bit of the keys":        {replace("keys", func(all []byte) []byte { all[len(all)-9] ^= 1; return all }), vault.ErrDamaged},
		"the keys are empty":       {replace("keys", func([]byte) []byte { return nil }), vault.ErrDamaged},
		"newer keys":               {replace("keys", func(all []byte) []byte { return bytes.Replace(all, []byte(`"version":1`), []byte(`"version":7`), 1) }), vault.ErrNewer},
		"the journal of a newer":   {func(t *testing.T, s *store) { s.spoil(t, `UPDATE versions SET version=99`) }, vault.ErrNewer},
		"the newest page is noise": {replace(file, func(all []byte) []byte { clear(all[len(all)-4096:]); return all }), nil},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			spoilt := newStore(t, 200)
			test.spoil(t, &spoilt)
			before := spoilt.snapshot(t)
			opened, err := spoilt.open(t)
			if test.want == nil && err == nil {
				// Opening looks at the ends only; what it does not see, Verify must.
				report, verifyErr := opened.Verify(t.Context())
				if verifyErr != nil || report.Sound() {
					t.Errorf("verified: %+v %v", report, verifyErr)
				}
				opened.Close()
				return
			}
			if test.want != nil && !errors.Is(err, test.want) || err == nil {
				t.Fatalf("opened: %v", err)
			}
			t.Log(err)
			after := spoilt.snapshot(t)
			for name, contents := range before {
				if !bytes.Equal(contents, after[name]) {
					t.Errorf("%s was changed", name)
				}
				delete(after, name)
			}
			delete(after, file+"-wal") // SQLite makes an empty log when it looks
			if len(after) > 0 {
				t.Errorf("new files: %d", len(after))
			}
		})
	}
}

func TestEveryDamagedPageIsFound(t *testing.T) {
	sound := newStore(t, 300)
	whole, err := os.ReadFile(sound.path(file))
	if err != nil {
		t.Fatal(err)
	}
	for page := 0; page < len(whole)/4096; page++ {
		damaged := bytes.Clone(whole)
		damaged[page*4096+1234] ^= 0x10
		if err := os.WriteFile(sound.path(file), damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		opened, err := sound.open(t)
		if err != nil {
			if !errors.Is(err, vault.ErrDamaged) {
				t.Errorf("page %d: %v", page, err)
			}
			continue
		}
		report, err := opened.Verify(t.Context())
		if err != nil || report.Sound() {
			t.Errorf("page %d: %+v %v", page, report, err)
		}
		// A reader gets an error, never other words than were written.
		err = opened.Each(t.Context(), Query{}, func(moment Moment) error {
			if want := fmt.Sprintf("word %d", moment.Sequence); moment.Words != want {
				return fmt.Errorf("reads %q instead of %q", moment.Words, want)
			}
			return nil
		})
		if err != nil && !errors.Is(err, vault.ErrDamaged) {
			t.Errorf("page %d: %v", page, err)
		}
		if err := opened.Close(); err != nil && !errors.Is(err, vault.ErrDamaged) {
			t.Errorf("page %d: close: %v", page, err)
		}
	}
}

func TestEpochsHoldAtMostAThousand(t *testing.T) {
	full := newStore(t, 0)
	opened, err := full.open(t)
	if err != nil {
		t.Fatal(err)
	}
	batch := make([]Moment, 300)
	for i := range batch {
		batch[i] = Moment{Kind: Said, Words: "x"}
	}
	for range 11 { // 3,300 moments; a batch is never split, so epochs end at 900
		if _, err := opened.Append(t.Context(), batch...); err != nil {
			t.Fatal(err)
		}
	}
	report, err := opened.Verify(t.Context())
	if err != nil || !report.Sound() || report.Epochs != 4 || report.Moments != 3300 {
		t.Errorf("%+v %v", report, err)
	}
	if _, err := opened.Append(t.Context(), make([]Moment, EpochSize+1)...); err == nil {
		t.Error("more than an epoch at once was kept")
	}
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
	// One epoch's secret opens no other epoch.
	ring := opened.keys()
	var stored row
	opened, err = full.open(t)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	err = opened.database.Read(t.Context(), func(connection *sqlite3.Conn) (err error) {
		stored, _, err = oneRow(connection, `WHERE sequence=1`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ring.Epochs[0].Secret = ring.Epochs[1].Secret
	if _, err := openRow(stored, ring); !errors.Is(err, vault.ErrDamaged) {
		t.Errorf("opened with another epoch's secret: %v", err)
	}
}

func TestTwoOwnersOfOneJournal(t *testing.T) {
	shared := newStore(t, 1)
	opened, err := shared.open(t)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	_, err = fabric.PlaceAt(shared.folder, shared.person, shared.key, vault.Disk{})
	var owned *vault.OwnedError
	if !errors.As(err, &owned) {
		t.Errorf("a second owner: %v", err)
	}
}

func TestAFailingDiskStopsTheJournal(t *testing.T) {
	broken := newStore(t, 1)
	opened, err := broken.open(t)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	opened.appending.Lock()
	err = opened.refused(fmt.Errorf("commit: %w", sqlite3.IOERR))
	opened.appending.Unlock()
	if !errors.Is(err, sqlite3.IOERR) {
		t.Fatal(err)
	}
	if _, err := opened.Append(context.Background(), Moment{Kind: Said}); !errors.Is(err, sqlite3.IOERR) {
		t.Errorf("after a failed sync: %v", err)
	}
}

func FuzzContents(f *testing.F) {
	contents, err := encodeContents(Moment{Kind: Said, Words: "words"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(contents)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, contents []byte) {
		if _, err := decodeContents(contents); err != nil && !errors.Is(err, vault.ErrDamaged) {
			t.Error(err)
		}
	})
}

func FuzzKeys(f *testing.F) {
	f.Add([]byte(`{"made":true,"database":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","epochs":[],"witness":{"sequence":0,"chain":""}}`))
	f.Add([]byte(`{"epochs":[{"after":{"sequence":-1}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		ring, err := parseKeys(text)
		if err != nil {
			if !errors.Is(err, vault.ErrDamaged) {
				t.Error(err)
			}
			return
		}
		if _, err := ring.databaseKey(file); err != nil {
			t.Error(err)
		}
		for number := range ring.Epochs {
			if _, found := ring.secret(int64(number + 1)); !found {
				t.Errorf("epoch %d has no secret", number+1)
			}
		}
	})
}

func FuzzRow(f *testing.F) {
	secret := vault.NewKey()
	ring := keyRing{Epochs: []epoch{{Secret: secret.Bytes()}}}
	id := [idSize]byte{1}
	made, err := sealRow(Moment{Kind: Said, Words: "words", Sequence: 1}, id, 1, secret, firstChain("p"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(int64(1), int64(1), id[:], "said", made.commitment[:], made.sealed)
	f.Fuzz(func(t *testing.T, sequence, epochNumber int64, id []byte, kind string, commitment, sealed []byte) {
		stored := row{sequence: sequence, epoch: epochNumber, kind: Kind(kind), sealed: sealed}
		copy(stored.id[:], id)
		copy(stored.commitment[:], commitment)
		moment, err := openRow(stored, ring)
		if err == nil && (sequence != 1 || moment.Words != "words" || moment.Kind != Said) {
			t.Errorf("forged: %+v", moment)
		}
	})
}
