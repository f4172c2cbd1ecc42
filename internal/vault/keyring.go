package vault

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/zalando/go-keyring"
)

// Keyring is a store of secrets that the operating system keeps for the logged-in user.
type Keyring interface {
	// Get returns a secret; ErrMissing when there is none under the name, ErrNoKeyring when nobody answers.
	Get(ctx context.Context, name string) (string, error)
	// Set stores a secret.
	Set(ctx context.Context, name, secret string) error
	// Delete forgets it; a missing one is no error.
	Delete(ctx context.Context, name string) error
}

// OSKeyring is the operating system's: Secret Service on Linux and the BSDs, Keychain on macOS, Credential Manager on
// Windows. Service names our entries in it. The zero Patience is a minute, for a keyring asks its owner to unlock it.
//
// The libraries below cannot be cancelled. When patience ends, the call is left to finish by itself; its answer is
// dropped. It is the one goroutine here that nobody waits for.
type OSKeyring struct {
	Service  string
	Patience time.Duration
}

// Get implements Keyring.
func (k OSKeyring) Get(ctx context.Context, name string) (secret string, err error) {
	return k.ask(ctx, func() (string, error) { return keyring.Get(k.Service, name) })
}

// Set implements Keyring.
func (k OSKeyring) Set(ctx context.Context, name, secret string) error {
	_, err := k.ask(ctx, func() (string, error) { return "", keyring.Set(k.Service, name, secret) })
	return err
}

// Delete implements Keyring.
func (k OSKeyring) Delete(ctx context.Context, name string) error {
	_, err := k.ask(ctx, func() (string, error) { return "", keyring.Delete(k.Service, name) })
	if errors.Is(err, ErrMissing) {
		return nil
	}
	return err
}

func (k OSKeyring) ask(ctx context.Context, question func() (string, error)) (string, error) {
	if !keyringReachable() {
		return "", fmt.Errorf("vault: %w: no session bus", ErrNoKeyring)
	}
	patience := k.Patience
	if patience == 0 {
		patience = time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	type reply struct {
		secret string
		err    error
	}
	answers := make(chan reply, 1)
	go func() {
		secret, err := question()
		answers <- reply{secret, err}
	}()
	select {
	case answer := <-answers:
		switch {
		case answer.err == nil:
			return answer.secret, nil
		case errors.Is(answer.err, keyring.ErrNotFound):
			return "", fmt.Errorf("vault: the keyring has no such entry: %w", ErrMissing)
		}
		return "", fmt.Errorf("vault: %w: %w", ErrNoKeyring, answer.err)
	case <-ctx.Done():
		return "", fmt.Errorf("vault: %w within %s", ErrNoKeyring, patience)
	}
}

// keyringReachable tells without any waiting that there can be no Secret Service: without a session bus the D-Bus library
// would try to start one.
func keyringReachable() bool {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return true
	}
	if address := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" && !strings.HasPrefix(address, "disabled:") {
		return true
	}
	runtimeFolder := os.Getenv("XDG_RUNTIME_DIR")
	if runtimeFolder == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(runtimeFolder, "bus"))
	return err == nil
}
