package machine

import (
	"math"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	for _, test := range []struct {
		name            string
		over, all, ours time.Duration
		outside         float64
		void            bool
	}{
		{"alone", 100 * time.Second, 150 * time.Second, 150 * time.Second, 0, false},
		{"a little beside", 100 * time.Second, 154 * time.Second, 150 * time.Second, 0.04, false},
		{"too much beside", 100 * time.Second, 156 * time.Second, 150 * time.Second, 0.06, true},
		{"a whole core beside", 10 * time.Second, 15 * time.Second, 5 * time.Second, 1, true},
		{"counted a tick apart", 10 * time.Second, 5 * time.Second, 5*time.Second + 10*time.Millisecond, 0, false},
		{"no time", 0, 0, 0, 0, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := judge(test.over, usage{all: test.all, ours: test.ours})
			if got.Void != test.void || math.Abs(got.Outside-test.outside) > 1e-9 || test.void == (got.Why == "") {
				t.Errorf("%+v, want void %v, outside %v", got, test.void, test.outside)
			}
		})
	}
}

func TestBusy(t *testing.T) {
	text := "cpu  100 20 30 99999 777 1 2 3 50 0\ncpu0 1 1 1 1 1 1 1 1 1 1\nintr 5\n"
	got, stolen, err := busy(text)
	if want := 1560 * time.Millisecond; err != nil || got != want || stolen != 30*time.Millisecond {
		t.Errorf("%v, %v stolen (%v), want %v: idle, waiting for disks and guests do not count", got, stolen, err, want)
	}
	if _, _, err := busy("intr 5\n"); err == nil {
		t.Error("a text without the line was read")
	}
	if _, _, err := busy("cpu a b c d e f g h i\n"); err == nil {
		t.Error("letters were read as numbers")
	}
}

func TestParseStat(t *testing.T) {
	text := "4242 (an ) odd (name) S 17 4242 4242 0 -1 4194560 100 200 0 0 250 50 30 20 20 0 5 0 9999 123456 321 18446744073709551615 1 1\n"
	got, err := parseStat([]byte(text))
	want := Process{ID: 4242, Parent: 17, CPU: 3 * time.Second, Reaped: 500 * time.Millisecond, Resident: 321 * int64(os.Getpagesize())}
	if err != nil || got != want {
		t.Errorf("%+v (%v), want %+v", got, err, want)
	}
	for _, bad := range []string{"", "1", "1 (a)", "1 (a) S 2 3", "x (a) S 17 1 1 0 -1 1 1 2 0 0 2 5 3 2 2 0 5 0 9 1 3 1"} {
		if _, err := parseStat([]byte(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

// TestWatch sees that our own work and our children's is not taken for somebody else's.
func TestWatch(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells")
	}
	child := exec.Command("sleep", "30")
	if err := child.Start(); err != nil {
		t.Skipf("no sleep to start: %v", err)
	}
	defer func() {
		_ = child.Process.Kill()
		_ = child.Wait() // it was killed
	}()
	tree, err := Tree(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, process := range tree {
		if process.ID == child.Process.Pid {
			found = process.Parent == os.Getpid()
			if arguments := process.Arguments(); len(arguments) != 2 || arguments[1] != "30" {
				t.Errorf("its arguments are %q", arguments)
			}
		}
	}
	if !found || tree[0].ID != os.Getpid() || tree[0].Resident == 0 {
		t.Errorf("the child %d is not in %+v", child.Process.Pid, tree)
	}
	before, err := look()
	if err != nil {
		t.Fatal(err)
	}
	x := 1.0
	for began := time.Now(); time.Since(began) < 400*time.Millisecond; {
		x = math.Sqrt(x + 1)
	}
	after, err := look()
	if err != nil {
		t.Fatal(err)
	}
	all, used := after.all-before.all, after.ours-before.ours
	if used < 50*time.Millisecond || used > all+100*time.Millisecond {
		t.Errorf("we used %v of %v while working for 400 ms (%v)", used, all, x)
	}
	if _, err := Tree(1 << 30); err == nil {
		t.Error("a process that is not there was found: " + strconv.Itoa(1<<30))
	}
}
