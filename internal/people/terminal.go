package people

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// ErrNotTerminal means that an owner link was to be printed where it would stay: a pipe, a file, a service's log.
var ErrNotTerminal = errors.New("an owner link is printed only to a terminal, so that it does not end up in a file or a log; run in one: twombly owner-link")

// LinkAddress is the address that a person opens: the secret is in the fragment, which a browser sends to nobody.
// base is the page's origin, as in "http://127.0.0.1:7373".
func LinkAddress(base string, link Link) string {
	return strings.TrimSuffix(base, "/") + "/#owner=" + link.Secret
}

// IsTerminal says whether the file is a terminal, so that a command can refuse before it makes a link.
func IsTerminal(file *os.File) bool { return term.IsTerminal(int(file.Fd())) }

// PrintLink writes the address of a link to a terminal, and to nothing else (ErrNotTerminal).
func PrintLink(file *os.File, base string, link Link) error {
	if !IsTerminal(file) {
		return ErrNotTerminal
	}
	minutes := max(1, int(time.Until(link.Expires).Round(time.Minute)/time.Minute))
	_, err := fmt.Fprintf(file, "Open this once, within %d minutes; whoever opens it is let in:\n\n  %s\n\n", minutes, LinkAddress(base, link))
	if err != nil {
		return fmt.Errorf("printing the link: %w", err)
	}
	return nil
}
