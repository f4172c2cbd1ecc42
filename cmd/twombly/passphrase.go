package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/term"
)

// passphraseVariable lets a service start without somebody at a terminal; a file descriptor would be as visible to root.
const passphraseVariable = "TWOMBLY_PASSPHRASE"

// askPassphrase asks for the passphrase that a key rests behind.
func askPassphrase(_ context.Context, name string) (string, error) {
	if passphrase := os.Getenv(passphraseVariable); passphrase != "" {
		return passphrase, nil
	}
	input := int(os.Stdin.Fd())
	if !term.IsTerminal(input) {
		return "", errors.New("a passphrase is needed and nobody can be asked; start her in a terminal, or set " + passphraseVariable)
	}
	_, _ = fmt.Fprintf(os.Stderr, "Passphrase for %s: ", name)
	passphrase, err := term.ReadPassword(input)
	_, _ = fmt.Fprintln(os.Stderr)
	if err != nil {
		return "", fmt.Errorf("read the passphrase: %w", err)
	}
	return string(passphrase), nil
}
