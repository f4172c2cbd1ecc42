package vault

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"log/slog"
)

// KeySize is the length of every key, in bytes.
const KeySize = 32

// Key is 256 secret bits. It never prints itself: formatting and logging show "[key]".
type Key struct {
	bytes [KeySize]byte
}

// NewKey makes a key from the system's random source.
func NewKey() Key {
	var key Key
	rand.Read(key.bytes[:]) // never fails: crypto/rand ends the program instead
	return key
}

// KeyFromBytes takes a key from exactly KeySize bytes.
func KeyFromBytes(secret []byte) (Key, error) {
	var key Key
	if len(secret) != KeySize {
		return key, fmt.Errorf("vault: a key has %d bytes, not %d", KeySize, len(secret))
	}
	copy(key.bytes[:], secret)
	return key, nil
}

// Bytes returns a copy of the secret bits.
func (k Key) Bytes() []byte {
	return append([]byte(nil), k.bytes[:]...)
}

// IsZero reports whether the key was never set.
func (k Key) IsZero() bool {
	var zero [KeySize]byte
	return subtle.ConstantTimeCompare(k.bytes[:], zero[:]) == 1
}

// Equal compares in constant time.
func (k Key) Equal(other Key) bool {
	return subtle.ConstantTimeCompare(k.bytes[:], other.bytes[:]) == 1
}

// Derive makes the key for a purpose out of this one: HKDF-SHA256 (RFC 5869) with the label and the context as info.
// Label names the purpose and its version ("twombly journal moment 1"); context tells equals apart, a moment's ID for
// example. A derived key tells nothing about its parent or its siblings.
func (k Key) Derive(label string, context []byte) Key {
	info := make([]byte, 0, len(label)+1+len(context))
	info = append(info, label...)
	info = append(info, 0) // keeps ("ab", "c") and ("a", "bc") apart
	info = append(info, context...)
	derived, err := hkdf.Key(sha256.New, k.bytes[:], nil, string(info), KeySize)
	if err != nil {
		panic(fmt.Sprintf("vault: HKDF of %d bytes: %v", KeySize, err)) // only possible for lengths over 8,160 bytes
	}
	key, err := KeyFromBytes(derived)
	if err != nil {
		panic(err)
	}
	return key
}

// Fingerprint names the key without giving anything of it away: 16 bytes derived from it, in hexadecimal. It tells a
// wrong key from damaged data.
func (k Key) Fingerprint() string {
	named := k.Derive("twombly key fingerprint 1", nil)
	return hex.EncodeToString(named.bytes[:16])
}

// String hides the key.
func (Key) String() string { return "[key]" }

// GoString hides the key from %#v.
func (Key) GoString() string { return "[key]" }

// Format hides the key from every verb of package fmt.
func (Key) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte("[key]")) }

// LogValue hides the key from logs.
func (Key) LogValue() slog.Value { return slog.StringValue("[key]") }

// MarshalJSON refuses: a key reaches a file only wrapped, or in a record that says so.
func (Key) MarshalJSON() ([]byte, error) {
	return nil, fmt.Errorf("vault: a key is never written as JSON")
}
