package durability

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"twombly/internal/fabric"
	"twombly/internal/journal"
	"twombly/internal/vault"
)

// The test program is its own victim: started with this variable it keeps moments until it is killed.
const victimFolder = "TWOMBLY_VICTIM_FOLDER"

const victimPerson = "0192f0c0-0000-7000-8000-000000000001"

func TestMain(m *testing.M) {
	if folder := os.Getenv(victimFolder); folder != "" {
		if err := beVictim(folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// victimKey is the same in parent and child, and no secret.
func victimKey() vault.Key {
	key, err := vault.KeyFromBytes([]byte("a key of thirty-two bytes, known"))
	if err != nil {
		panic(err)
	}
	return key
}

// beVictim leads a talk without end and prints what is acknowledged. With TWOMBLY_VICTIM_STOP=n it stops at the n-th
// operation on the disk that lies inside a commit, before carrying it out, and says so.
func beVictim(folder string) error {
	recorder := NewRecorder(folder)
	stop, err := strconv.Atoi(os.Getenv("TWOMBLY_VICTIM_STOP"))
	if err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	committing, seen := false, 0
	recorder.Before(func(Operation) error {
		if !committing || stop == 0 {
			return nil
		}
		if seen++; seen == stop {
			fmt.Fprintln(out, "inside")
			out.Flush()
			select {} // killed here
		}
		return nil
	})
	disk := vault.Disk{Files: recorder.Files(vault.OSFiles()), SQLite: recorder.SQLite()}
	place, err := fabric.PlaceAt(folder, victimPerson, victimKey(), disk)
	if err != nil {
		return err
	}
	opened, err := journal.Open(context.Background(), journal.Options{Place: place})
	if err != nil {
		return err
	}
	keep := func(moment journal.Moment) (string, error) {
		committing = true
		kept, err := opened.Append(context.Background(), moment)
		committing = false
		if err != nil {
			return "", err
		}
		fmt.Fprintln(out, "ack", kept[0].ID)
		return kept[0].ID, out.Flush()
	}
	for turn := 0; ; turn++ {
		if err := Turn(turn, 3, keep); err != nil {
			return err
		}
	}
}

func TestKillLosesNothingAcknowledged(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	rounds := 24
	if long() {
		rounds = 200
	}
	folder := t.TempDir()
	chance := rand.New(rand.NewPCG(7, 7))
	var acknowledged []string
	inside := 0
	for round := range rounds {
		command := exec.Command(program)
		blow := Blow{Inside: true}
		stop := 0
		if round%2 == 0 { // every other round dies at a chosen operation inside a commit
			stop = 1 + chance.IntN(400)
		} else {
			blow = Blow{AfterAcknowledged: 1 + chance.IntN(30), AfterAcknowledgedWait: time.Duration(chance.IntN(3000)) * time.Microsecond}
		}
		command.Env = append(os.Environ(), victimFolder+"="+folder, fmt.Sprintf("TWOMBLY_VICTIM_STOP=%d", stop))
		death, err := Kill(t.Context(), Victim{Command: command}, blow)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if death.Inside {
			inside++
		}
		acknowledged = append(acknowledged, death.Acknowledged...)
		if err := holds(t.Context(), folder, acknowledged); err != nil {
			t.Fatalf("round %d, seen dying inside a commit: %v: %v", round, death.Inside, err)
		}
	}
	if inside < rounds/4 {
		t.Errorf("only %d of %d rounds died inside a commit", inside, rounds)
	}
	t.Logf("%d rounds, %d inside a commit, %d moments acknowledged", rounds, inside, len(acknowledged))
}

// holds opens the killed program's journal and looks for everything it acknowledged.
func holds(ctx context.Context, folder string, acknowledged []string) (err error) {
	place, err := fabric.PlaceAt(folder, victimPerson, victimKey(), vault.Disk{})
	if err != nil {
		return err
	}
	opened, err := journal.Open(ctx, journal.Options{Place: place})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	return Holds(ctx, opened, acknowledged)
}

func TestKillNoticesALoss(t *testing.T) {
	folder := t.TempDir()
	place, err := fabric.PlaceAt(folder, victimPerson, victimKey(), vault.Disk{})
	if err != nil {
		t.Fatal(err)
	}
	opened, err := journal.Open(t.Context(), journal.Options{Place: place})
	if err != nil {
		t.Fatal(err)
	}
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
	if err := holds(t.Context(), folder, []string{hex.EncodeToString([]byte("never kept"))}); err == nil {
		t.Fatal("a moment that was never kept was found")
	}
}
