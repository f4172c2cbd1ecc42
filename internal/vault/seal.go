package vault

import (
	"crypto/rand"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// SealOverhead is how many bytes longer a sealed text is than the text: a random nonce of 24 and a tag of 16.
const SealOverhead = chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead

// Seal encrypts text with XChaCha20-Poly1305 and binds it to associated, which is authenticated and not stored: whoever
// opens it must know what it belongs to. The answer is nonce, ciphertext, tag.
func Seal(key Key, text, associated []byte) []byte {
	aead, err := chacha20poly1305.NewX(key.bytes[:])
	if err != nil {
		panic(fmt.Sprintf("vault: XChaCha20-Poly1305: %v", err)) // only possible for a wrong key length
	}
	sealed := make([]byte, chacha20poly1305.NonceSizeX, len(text)+SealOverhead)
	rand.Read(sealed)
	return aead.Seal(sealed, sealed, text, associated)
}

// Open decrypts what Seal made with the same key and the same associated data. Anything else, one flipped bit included,
// is ErrDamaged: an AEAD cannot tell a wrong key from a changed text, so callers that can, check the key first
// (Key.Fingerprint).
func Open(key Key, sealed, associated []byte) ([]byte, error) {
	if len(sealed) < SealOverhead {
		return nil, fmt.Errorf("vault: %d bytes are too few for sealed data: %w", len(sealed), ErrDamaged)
	}
	aead, err := chacha20poly1305.NewX(key.bytes[:])
	if err != nil {
		panic(fmt.Sprintf("vault: XChaCha20-Poly1305: %v", err))
	}
	nonce, body := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	text, err := aead.Open(nil, nonce, body, associated)
	if err != nil {
		return nil, fmt.Errorf("vault: a seal does not hold: %w", ErrDamaged)
	}
	return text, nil
}
