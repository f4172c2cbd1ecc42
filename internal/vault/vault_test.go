package vault

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ncruces/go-sqlite3"
)

func TestAKeyNeverPrintsItself(t *testing.T) {
	key := NewKey()
	secret := fmt.Sprintf("%x", key.Bytes())
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		if text := fmt.Sprintf(verb, key); strings.Contains(text, secret[:8]) || text != "[key]" {
			t.Errorf("%s prints %q", verb, text)
		}
	}
	if _, err := json.Marshal(struct{ K Key }{key}); err == nil {
		t.Error("a key became JSON")
	}
}

func TestDerivedKeysDiffer(t *testing.T) {
	key := NewKey()
	made := map[Key]string{key: "the key"}
	for _, purpose := range [][2]string{{"a", "b"}, {"a", ""}, {"ab", ""}, {"", "ab"}, {"a", "bc"}, {"ab", "c"}} {
		derived := key.Derive(purpose[0], []byte(purpose[1]))
		if before, twice := made[derived]; twice {
			t.Errorf("%v and %s give one key", purpose, before)
		}
		made[derived] = fmt.Sprint(purpose)
		if derived != key.Derive(purpose[0], []byte(purpose[1])) {
			t.Errorf("%v is not the same twice", purpose)
		}
	}
}

func TestASealHoldsOnlyForWhatItWasMadeFor(t *testing.T) {
	key, text, bound := NewKey(), []byte("it rains"), []byte("moment 7")
	sealed := Seal(key, text, bound)
	if opened, err := Open(key, sealed, bound); err != nil || !bytes.Equal(opened, text) {
		t.Fatalf("opened %q, %v", opened, err)
	}
	cases := map[string]func() ([]byte, error){
		"another key":   func() ([]byte, error) { return Open(NewKey(), sealed, bound) },
		"another place": func() ([]byte, error) { return Open(key, sealed, []byte("moment 8")) },
		"cut":           func() ([]byte, error) { return Open(key, sealed[:len(sealed)-1], bound) },
		"nothing":       func() ([]byte, error) { return Open(key, nil, bound) },
	}
	for i := range sealed {
		cases[fmt.Sprintf("byte %d flipped", i)] = func() ([]byte, error) {
			changed := bytes.Clone(sealed)
			changed[i] ^= 1
			return Open(key, changed, bound)
		}
	}
	for name, open := range cases {
		if opened, err := open(); !errors.Is(err, ErrDamaged) || opened != nil {
			t.Errorf("%s: %q, %v", name, opened, err)
		}
	}
}

// failing fails at one step of writing a file.
type failing struct {
	Files
	at string
}

var errDisk = errors.New("the disk failed")

func (f failing) Create(path string, mode fs.FileMode) (File, error) {
	if f.at == "create" {
		return nil, errDisk
	}
	file, err := f.Files.Create(path, mode)
	return failingFile{file, f.at}, err
}

func (f failing) Rename(old, new string) error {
	if f.at == "rename" {
		return errDisk
	}
	return f.Files.Rename(old, new)
}

type failingFile struct {
	File
	at string
}

func (f failingFile) Write(data []byte) (int, error) {
	if f.at == "write" {
		return 0, errDisk
	}
	return f.File.Write(data)
}

func (f failingFile) Sync() error {
	if f.at == "sync" {
		return errDisk
	}
	return f.File.Sync()
}

func TestWriteFileReplacesWholeOrNotAtAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	if err := WriteFile(OSFiles(), path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []string{"create", "write", "sync", "rename"} {
		if err := WriteFile(failing{OSFiles(), step}, path, []byte("new"), 0o600); !errors.Is(err, errDisk) {
			t.Errorf("failing at %s: %v", step, err)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != "old" {
			t.Errorf("failing at %s left %q, %v", step, text, err)
		}
		if names, err := OSFiles().Names(filepath.Dir(path)); err != nil || len(names) != 1 {
			t.Errorf("failing at %s left %v, %v", step, names, err)
		}
	}
	if err := WriteFile(OSFiles(), path, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestASecondOwnerIsToldWhoTheFirstIs(t *testing.T) {
	folder := t.TempDir()
	first, err := ClaimFolder(folder)
	if err != nil {
		t.Fatal(err)
	}
	_, err = ClaimFolder(folder)
	var owned *OwnedError
	if !errors.As(err, &owned) || owned.Process != os.Getpid() {
		t.Fatalf("refused with %v", err)
	}
	for _, part := range []string{folder, fmt.Sprint(os.Getpid()), "--data", "stop that one"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	second, err := ClaimFolder(folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Release(); err != nil {
		t.Fatal(err)
	}
}

func openTestDatabase(t *testing.T, path string, key Key, create bool) (*Database, error) {
	t.Helper()
	return OpenDatabase(t.Context(), DatabaseOptions{Path: path, Name: "the test", Key: key, Create: create})
}

func makeTestDatabase(t *testing.T) (string, Key) {
	t.Helper()
	path, key := filepath.Join(t.TempDir(), "a b?c#d%20.db"), NewKey()
	database, err := openTestDatabase(t, path, key, true)
	if err != nil {
		t.Fatal(err)
	}
	err = database.Write(t.Context(), func(connection *sqlite3.Conn) error {
		if err := connection.Exec(`CREATE TABLE words(word TEXT)`); err != nil {
			return err
		}
		for range 2000 {
			if err := Exec(connection, `INSERT INTO words VALUES(?)`, "heronheronheron"); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, database.Trust(), database.Close()); err != nil {
		t.Fatal(err)
	}
	return path, key
}

func TestADatabaseIsCiphertextAndOpensWithItsKeyOnly(t *testing.T) {
	path, key := makeTestDatabase(t)
	contents, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(contents, []byte("heron")) || bytes.Contains(contents, []byte("SQLite format")) {
		t.Error("the file can be read")
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a closed database has a log: %v", err)
	}
	if _, err := openTestDatabase(t, path, NewKey(), false); !errors.Is(err, ErrDamaged) {
		t.Errorf("another key: %v", err)
	}
	if again, _ := os.ReadFile(path); !bytes.Equal(again, contents) {
		t.Error("a refused opening changed the file")
	}
	database, err := openTestDatabase(t, path, key, false)
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	for _, name := range []string{path, path + "-wal"} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	err = database.Read(t.Context(), func(connection *sqlite3.Conn) error {
		return connection.Exec(`INSERT INTO words VALUES('through the reader')`)
	})
	if err == nil {
		t.Error("the reader wrote")
	}
	for setting, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "locking_mode": "normal"} {
		if got, err := pragma(database.writer, "PRAGMA "+setting); err != nil || got != want {
			t.Errorf("%s is %q, %v", setting, got, err)
		}
	}
}

func TestAWriteIsAllOrNothing(t *testing.T) {
	path, key := makeTestDatabase(t)
	database, err := openTestDatabase(t, path, key, false)
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	refused := errors.New("no")
	err = database.Write(t.Context(), func(connection *sqlite3.Conn) error {
		return errors.Join(connection.Exec(`DELETE FROM words`), refused)
	})
	if !errors.Is(err, refused) {
		t.Fatalf("write: %v", err)
	}
	if count := countWords(t, database); count != 2000 {
		t.Errorf("%d words are left", count)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := database.Read(ctx, func(*sqlite3.Conn) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled read: %v", err)
	}
}

func countWords(t *testing.T, database *Database) (count int) {
	t.Helper()
	err := database.Read(t.Context(), func(connection *sqlite3.Conn) error {
		return Rows(connection, `SELECT count(*) FROM words`, nil, func(row *sqlite3.Stmt) error {
			count = row.ColumnInt(0)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return count
}

func TestDamagedDatabasesAreRefusedAndLeftAsTheyAre(t *testing.T) {
	path, key := makeTestDatabase(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string][]byte{
		"empty":             {},
		"one page":          whole[:4096],
		"half a page":       whole[:2048],
		"first page broken": append(bytes.Repeat([]byte{7}, 4096), whole[4096:]...),
		"all noise":         bytes.Repeat([]byte{9}, len(whole)),
	}
	for name, contents := range cases {
		t.Run(name, func(t *testing.T) {
			damaged := filepath.Join(t.TempDir(), "damaged.db")
			if err := os.WriteFile(damaged, contents, 0o600); err != nil {
				t.Fatal(err)
			}
			database, err := openTestDatabase(t, damaged, key, false)
			if err == nil {
				// The schema may be whole while the rows are not: then reading them must say so.
				_, err = database.Version(t.Context(), "words")
				complaints, checkErr := database.Check(t.Context())
				if len(complaints) > 0 || checkErr != nil {
					err = fmt.Errorf("%w: %v %v", ErrDamaged, complaints, checkErr)
				}
				database.Close()
			}
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("opened: %v", err)
			}
			if after, _ := os.ReadFile(damaged); !bytes.Equal(after, contents) {
				t.Error("the file was changed")
			}
		})
	}
	if _, err := openTestDatabase(t, filepath.Join(t.TempDir(), "none.db"), key, false); !errors.Is(err, ErrMissing) {
		t.Errorf("a missing file: %v", err)
	}
}

func addColumn(name string) func(*sqlite3.Conn) error {
	return func(connection *sqlite3.Conn) error { return connection.Exec(`ALTER TABLE words ADD COLUMN ` + name) }
}

func TestMigrationsGoForwardAndCanBeTakenUpAgain(t *testing.T) {
	path, key := makeTestDatabase(t)
	refused := errors.New("the plug was pulled")
	steps := []Migration[*sqlite3.Conn]{
		{To: 1, What: "one", Apply: addColumn("one")},
		{To: 2, What: "two", Apply: addColumn("two")},
		{To: 3, What: "three", Apply: addColumn("three")},
	}
	climb := func(steps []Migration[*sqlite3.Conn]) (int, error) {
		database, err := openTestDatabase(t, path, key, false)
		if err != nil {
			t.Fatal(err)
		}
		defer database.Close()
		err = database.Migrate(t.Context(), "words", steps)
		version, versionErr := database.Version(t.Context(), "words")
		return version, errors.Join(err, versionErr, database.Trust())
	}
	if version, err := climb(steps[:1]); version != 1 || err != nil {
		t.Fatalf("first: %d %v", version, err)
	}
	stopped := []Migration[*sqlite3.Conn]{steps[0], steps[1], {To: 3, What: "three", Apply: func(connection *sqlite3.Conn) error {
		return errors.Join(addColumn("three")(connection), refused)
	}}}
	if version, err := climb(stopped); version != 2 || !errors.Is(err, refused) {
		t.Fatalf("stopped: %d %v", version, err)
	}
	if version, err := climb(steps); version != 3 || err != nil {
		t.Fatalf("taken up: %d %v", version, err)
	}
	if version, err := climb(steps[:2]); version != 3 || !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "update Twombly") {
		t.Fatalf("newer: %d %v", version, err)
	}
	copied, err := openTestDatabase(t, path+".before-words-1", key, false)
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	if version, err := copied.Version(t.Context(), "words"); version != 1 || err != nil || countWords(t, copied) != 2000 {
		t.Errorf("the copy has version %d, %v", version, err)
	}
}

func TestALadderWithAGapIsRefused(t *testing.T) {
	err := Ladder[int]{Name: "it", Steps: []Migration[int]{{To: 2}}}.Climb()
	if err == nil {
		t.Error("climbed")
	}
}

func TestSealedFilesClimb(t *testing.T) {
	key := NewKey()
	one := SealedFile{Files: OSFiles(), Path: filepath.Join(t.TempDir(), "thing"), Format: "twombly thing", Name: "the thing"}
	if _, err := one.Read(key); !errors.Is(err, fs.ErrNotExist) || !errors.Is(err, ErrMissing) {
		t.Fatalf("absent: %v", err)
	}
	if err := one.Write(key, []byte("first")); err != nil {
		t.Fatal(err)
	}
	two := one
	two.Steps = []Migration[*[]byte]{{To: 2, What: "louder", Apply: func(text *[]byte) error {
		*text = bytes.ToUpper(*text)
		return nil
	}}}
	for range 2 { // the second time there is nothing to do
		if text, err := two.Read(key); err != nil || string(text) != "FIRST" {
			t.Fatalf("climbed to %q, %v", text, err)
		}
	}
	if _, err := one.Read(key); !errors.Is(err, ErrNewer) {
		t.Errorf("the old program: %v", err)
	}
	if _, err := two.Read(NewKey()); !errors.Is(err, ErrWrongKey) {
		t.Errorf("another key: %v", err)
	}
	before := one
	before.Path += ".before-1"
	if text, err := before.Read(key); err != nil || string(text) != "first" {
		t.Errorf("the copy holds %q, %v", text, err)
	}
	whole, err := os.ReadFile(two.Path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		changed := bytes.Clone(whole)
		changed[i] ^= 0x20
		if _, _, err := two.parse(key, changed); err == nil {
			// Only the spelling of the header may differ: nothing that means anything.
			if !bytes.EqualFold(whole, changed) {
				t.Errorf("byte %d flipped and nothing noticed", i)
			}
		}
	}
}

func FuzzSealedFile(f *testing.F) {
	key, err := KeyFromBytes(bytes.Repeat([]byte{1}, KeySize))
	if err != nil {
		f.Fatal(err)
	}
	file := SealedFile{Files: OSFiles(), Path: filepath.Join(f.TempDir(), "thing"), Format: "twombly thing", Name: "the thing"}
	if err := file.Write(key, []byte("words")); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(file.Path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte("{}\n"))
	f.Add([]byte(`{"format":"twombly thing","version":9}` + "\n"))
	f.Fuzz(func(t *testing.T, whole []byte) {
		_, contents, err := file.parse(key, whole)
		if err == nil && string(contents) != "words" {
			t.Errorf("forged: %q", contents)
		}
	})
}

// ring is a keyring in memory.
type ring struct {
	entries map[string]string
	lose    bool
	err     error
	stall   bool
}

func (r *ring) Get(ctx context.Context, name string) (string, error) {
	if secret, found := r.entries[name]; found && !r.lose {
		return secret, r.err
	}
	return "", ErrMissing
}

func (r *ring) Set(ctx context.Context, name, secret string) error {
	if r.stall {
		<-ctx.Done()
		return ErrNoKeyring
	}
	r.entries[name] = secret
	return r.err
}

func (r *ring) Delete(_ context.Context, name string) error {
	delete(r.entries, name)
	return nil
}

func TestKeysRestWhereTheyShould(t *testing.T) {
	passphrase := "a heron by the weir"
	ask := func(context.Context, string) (string, error) { return passphrase, nil }
	cases := map[string]struct {
		keyring Keyring
		rest    Rest
		want    Rest
	}{
		"no keyring":             {nil, "", InFile},
		"a keyring":              {&ring{entries: map[string]string{}}, "", InKeyring},
		"a keyring that forgets": {&ring{entries: map[string]string{}, lose: true}, "", InFile},
		"a keyring that fails":   {&ring{entries: map[string]string{}, err: ErrNoKeyring}, "", InFile},
		"a passphrase":           {nil, BehindPassphrase, BehindPassphrase},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			keeper := Keeper{Folder: t.TempDir(), Files: OSFiles(), Keyring: test.keyring, Passphrase: ask}
			key, err := keeper.Make(t.Context(), "ada", test.rest)
			if err != nil {
				t.Fatal(err)
			}
			if rest, err := keeper.Where("ada"); err != nil || rest != test.want {
				t.Errorf("rests in %q, %v", rest, err)
			}
			if again, err := keeper.Fetch(t.Context(), "ada"); err != nil || !again.Equal(key) {
				t.Errorf("fetched another, %v", err)
			}
			if info, err := os.Stat(keeper.path("ada")); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v, %v", info, err)
			}
			if _, err := keeper.Make(t.Context(), "ada", test.rest); err == nil {
				t.Error("a second key under one name")
			}
			if err := keeper.Put(t.Context(), "ada", key, BehindPassphrase); err != nil {
				t.Fatal(err)
			}
			if again, err := keeper.Fetch(t.Context(), "ada"); err != nil || !again.Equal(key) {
				t.Errorf("after moving: %v", err)
			}
			if err := keeper.Forget(t.Context(), "ada"); err != nil {
				t.Fatal(err)
			}
			if _, err := keeper.Fetch(t.Context(), "ada"); !errors.Is(err, ErrMissing) {
				t.Errorf("after forgetting: %v", err)
			}
			if memory, is := test.keyring.(*ring); is && !memory.lose && len(memory.entries) > 0 && test.want == InKeyring {
				t.Errorf("the keyring still holds %d entries", len(memory.entries))
			}
		})
	}
}

func TestAKeyringThatStallsIsGivenUpOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keeper := Keeper{Folder: t.TempDir(), Files: OSFiles(), Keyring: &ring{stall: true}}
		start := time.Now()
		if _, err := keeper.Make(t.Context(), "ada", ""); err != nil {
			t.Fatal(err)
		}
		if rest, err := keeper.Where("ada"); err != nil || rest != InFile || time.Since(start) != keyringProbe {
			t.Errorf("rests in %q after %s, %v", rest, time.Since(start), err)
		}
	})
}

func TestAWrongPassphraseIsSaidSo(t *testing.T) {
	passphrase := "right"
	keeper := Keeper{Folder: t.TempDir(), Files: OSFiles(),
		Passphrase: func(context.Context, string) (string, error) { return passphrase, nil }}
	if _, err := keeper.Make(t.Context(), "ada", BehindPassphrase); err != nil {
		t.Fatal(err)
	}
	passphrase = "wrong"
	if _, err := keeper.Fetch(t.Context(), "ada"); !errors.Is(err, ErrWrongKey) {
		t.Errorf("wrong: %v", err)
	}
	passphrase = ""
	if _, err := keeper.Fetch(t.Context(), "ada"); !errors.Is(err, ErrPassphraseNeeded) {
		t.Errorf("none: %v", err)
	}
}

func TestAKeyringThatHoldsAnotherKeyIsSaidSo(t *testing.T) {
	memory := &ring{entries: map[string]string{}}
	keeper := Keeper{Folder: t.TempDir(), Files: OSFiles(), Keyring: memory}
	if _, err := keeper.Make(t.Context(), "ada", InKeyring); err != nil {
		t.Fatal(err)
	}
	for entry := range memory.entries {
		memory.entries[entry] = fmt.Sprintf("%x", NewKey().Bytes())
	}
	if _, err := keeper.Fetch(t.Context(), "ada"); !errors.Is(err, ErrWrongKey) {
		t.Errorf("fetched: %v", err)
	}
}

func TestNoSessionBusMeansNoKeyringAtOnce(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	start := time.Now()
	_, err := OSKeyring{Service: "twombly test"}.Get(t.Context(), "nobody")
	if keyringReachable() {
		t.Skip("this system has its keyring without a session bus")
	}
	if !errors.Is(err, ErrNoKeyring) || time.Since(start) > time.Second {
		t.Errorf("answered %v after %s", err, time.Since(start))
	}
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"format":"twombly key","version":1,"rest":"file","fingerprint":"00","key":"00"}`))
	f.Add([]byte(`{"format":"twombly key","version":1,"rest":"passphrase","stretch":{"time":1,"memoryKiB":8,"threads":1}}`))
	f.Add([]byte(`{"format":"twombly key","version":2}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		kept, err := parseRecord(text)
		if err == nil && kept.Rest == BehindPassphrase && kept.Stretch == nil {
			t.Error("a passphrase record without its parameters")
		}
	})
}
