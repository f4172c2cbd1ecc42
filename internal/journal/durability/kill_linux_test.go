package durability

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"
)

func TestKillInsideCommitOfAProgramThatDoesNotKnow(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	rounds := 4
	if long() {
		rounds = 60
	}
	folder := t.TempDir()
	chance := rand.New(rand.NewPCG(8, 8))
	var acknowledged []string
	for round := range rounds {
		command := exec.Command(program)
		command.Env = append(os.Environ(), victimFolder+"="+folder, "TWOMBLY_VICTIM_STOP=0")
		death, err := KillInsideCommit(t.Context(), Victim{Command: command}, "journal.db-wal", 1+chance.IntN(40), time.Minute)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if !death.Inside {
			t.Fatalf("round %d: it did not die inside a commit", round)
		}
		acknowledged = append(acknowledged, death.Acknowledged...)
		if err := holds(t.Context(), folder, acknowledged); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
	t.Logf("%d rounds, %d moments acknowledged", rounds, len(acknowledged))
}
