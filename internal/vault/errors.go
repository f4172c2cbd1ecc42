package vault

import (
	"errors"
	"fmt"
)

// Reasons why something stays closed. Match them with errors.Is; the messages are sentences for a person.
var (
	// ErrWrongKey means that the key, passphrase or keyring entry belongs to something else. Nothing was changed.
	ErrWrongKey = errors.New("this is not the key that belongs to it")
	// ErrDamaged means that the bytes on disk are not what was written. Nothing was changed.
	ErrDamaged = errors.New("it is damaged")
	// ErrMissing means that something which must exist is not there. Nothing was created in its place.
	ErrMissing = errors.New("it is missing")
	// ErrNewer means that a newer program wrote it. Nothing was changed.
	ErrNewer = errors.New("it was written by a newer Twombly")
	// ErrPassphraseNeeded means that the key rests behind a passphrase and none was given.
	ErrPassphraseNeeded = errors.New("a passphrase is needed")
	// ErrNoKeyring means that this machine offers no keyring that can be used now.
	ErrNoKeyring = errors.New("this machine has no keyring that answers")
)

// newer makes the sentence for a format that is ahead of this program.
func newer(what string, found, known int) error {
	return fmt.Errorf("%s has format %d and this program knows up to %d: %w; update Twombly, nothing was changed",
		what, found, known, ErrNewer)
}
