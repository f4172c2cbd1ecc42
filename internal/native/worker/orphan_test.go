//go:build linux

package worker_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Promise: when the parent is killed, no child lives two seconds later, not even one that is stuck in a call.
func TestChildDiesWithItsParent(t *testing.T) {
	parent := exec.Command("/proc/self/exe")
	parent.Env = append(os.Environ(), roleVariable+"=parent")
	parent.Stderr = os.Stderr
	output, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(errors.Join(err, parent.Process.Kill(), parent.Wait()))
	}
	child, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	// A descriptor of the process, not its number: numbers are used again.
	descriptor, err := unix.PidfdOpen(child, 0)
	if err != nil {
		t.Fatalf("the child %d does not live: %v", child, err)
	}
	defer unix.Close(descriptor)

	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	if err := parent.Wait(); err == nil {
		t.Error("the parent was not killed")
	}
	ready, err := unix.Poll([]unix.PollFd{{Fd: int32(descriptor), Events: unix.POLLIN}}, 2000)
	if err != nil || ready == 0 {
		t.Fatalf("the child still lives %v after its parent (%v)", time.Since(killed), err)
	}
	t.Logf("the child was gone %v after its parent", time.Since(killed))
}
