package durability

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"twombly/internal/vault"
)

// long reports whether the tests that take longer are wished (make accept).
func long() bool { return os.Getenv("TWOMBLY_LONG") == "1" }

func TestAPowerCutLosesNothingAcknowledged(t *testing.T) {
	turns := Turns{Count: 40, Clauses: 3, Reopen: 25}
	sweep := Sweep{Seed: 1, WholeEvery: 10, GoOnEvery: 100}
	if raceEnabled || testing.Short() {
		turns.Count, turns.Reopen = 6, 4 // the race detector makes each image ten times as dear
	}
	if long() {
		turns, sweep.WholeEvery, sweep.GoOnEvery = Turns{Count: 1000, Clauses: 3, Reopen: 300}, 200, 2000
	}
	recording, err := Record(t.Context(), t.TempDir(), turns)
	if err != nil {
		t.Fatal(err)
	}
	if want := turns.Count * (turns.Clauses + 2); len(recording.Moments) != want {
		t.Fatalf("%d moments were recorded, not %d", len(recording.Moments), want)
	}
	start := time.Now()
	statistics, err := runShards(t, sweep, recording, runtime.GOMAXPROCS(0))
	t.Logf("%d turns, %+v, %s", turns.Count, statistics, time.Since(start).Round(time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
}

// quickFolder is a folder for locks and shared memory, which each image makes and removes: in memory where there is such a
// place.
func quickFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("/dev/shm", "twombly-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	return folder
}

// runShards runs a sweep in several goroutines, each with a folder and images of its own.
func runShards(t *testing.T, sweep Sweep, recording Recording, shards int) (sum Statistics, err error) {
	t.Helper()
	results, failures := make([]Statistics, shards), make([]error, shards)
	var running sync.WaitGroup
	for shard := range shards {
		mine := sweep
		mine.Folder, mine.Shard, mine.Shards = quickFolder(t), shard, shards
		if long() {
			mine.Progress = func(statistics Statistics) {
				if statistics.Prefixes%2000 == 0 {
					fmt.Fprintf(os.Stderr, "power cuts, shard %d of %d: %d of %d prefixes, %d images\n", shard+1, shards,
						statistics.Prefixes, (statistics.Operations+shards)/shards, statistics.Images)
				}
			}
		}
		running.Go(func() { results[shard], failures[shard] = mine.Run(t.Context(), recording) })
	}
	running.Wait()
	for _, result := range results {
		sum = sum.Add(result)
	}
	return sum, errors.Join(failures...)
}

// A test that cannot fail proves nothing: with a lower setting the same sweep must find a loss of what was acknowledged.
func TestTheSweepNoticesALoweredSynchronous(t *testing.T) {
	for _, setting := range []vault.Synchronous{vault.SynchronousNormal, vault.SynchronousOff} {
		t.Run(string(setting), func(t *testing.T) {
			turns := Turns{Count: 5, Clauses: 2, Reopen: 2, Synchronous: setting, LowerFrom: 2}
			recording, err := Record(t.Context(), t.TempDir(), turns)
			if err != nil {
				t.Fatal(err)
			}
			statistics, err := Sweep{Folder: t.TempDir(), Seed: 2, From: 2 * 4}.Run(t.Context(), recording)
			if err == nil {
				t.Fatalf("nothing was noticed in %+v", statistics)
			}
			if !strings.Contains(err.Error(), "were acknowledged") {
				t.Fatalf("noticed something else: %v", err)
			}
			t.Log(err)
		})
	}
}

// unsynced is a file system of our own files that forgets to sync.
type unsynced struct {
	vault.Files
	folders bool
}

func (u unsynced) Create(path string, mode fs.FileMode) (vault.File, error) {
	file, err := u.Files.Create(path, mode)
	if u.folders {
		return file, err
	}
	return unsyncedFile{file}, err
}

func (u unsynced) SyncFolder(path string) error {
	if u.folders {
		return nil
	}
	return u.Files.SyncFolder(path)
}

type unsyncedFile struct{ vault.File }

func (unsyncedFile) Sync() error { return nil }

func TestTheSweepNoticesMissingSyncsOfOurOwnFiles(t *testing.T) {
	for name, folders := range map[string]bool{"of files": false, "of folders": true} {
		t.Run(name, func(t *testing.T) {
			turns := Turns{Count: 3, Clauses: 1, Files: func(files vault.Files) vault.Files { return unsynced{files, folders} }}
			recording, err := Record(t.Context(), t.TempDir(), turns)
			if err != nil {
				t.Fatal(err)
			}
			statistics, err := Sweep{Folder: t.TempDir(), Seed: 3}.Run(t.Context(), recording)
			if err == nil {
				t.Fatalf("nothing was noticed in %+v", statistics)
			}
			t.Log(err)
		})
	}
}
