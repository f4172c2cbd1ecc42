package people_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"twombly/internal/people"
)

func TestLinkIsPrintedOnlyToATerminal(t *testing.T) {
	link := people.Link{Secret: strings.Repeat("A", 43), Expires: time.Now().Add(people.LinkLife)}

	path := filepath.Join(t.TempDir(), "log")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := people.PrintLink(file, "http://127.0.0.1:7373", link); !errors.Is(err, people.ErrNotTerminal) {
		t.Errorf("to a file: %v", err)
	}
	if text, err := os.ReadFile(path); err != nil || len(text) != 0 {
		t.Errorf("the file holds %q, %v", text, err)
	}

	terminal, screen := openTerminal(t)
	if err := people.PrintLink(terminal, "http://127.0.0.1:7373/", link); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(screen)
	want := "http://127.0.0.1:7373/#owner=" + link.Secret
	for range 10 {
		line, err := reader.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if strings.TrimSpace(line) == want {
			return
		}
	}
	t.Errorf("the terminal does not show %s", want)
}

// openTerminal makes a pseudo-terminal: what is written to terminal can be read from screen.
func openTerminal(t *testing.T) (terminal, screen *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("this machine has no pseudo-terminals: %v", err)
	}
	t.Cleanup(func() { screen.Close() })
	if err := unix.IoctlSetPointerInt(int(screen.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(screen.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return terminal, screen
}
