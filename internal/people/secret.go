package people

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

const (
	// secretBytes is the length of every secret: 256 bits.
	secretBytes = 32
	// SecretLength is the length of a secret in base64url, without padding.
	SecretLength = 43
	// TokenPrefix begins every token, so that scanners for leaked secrets know one when they see it.
	TokenPrefix = "twombly_"
)

// newSecret makes 256 random bits in base64url.
func newSecret() string {
	var bits [secretBytes]byte
	rand.Read(bits[:]) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(bits[:])
}

// wellFormed says whether text could be a secret, so that nothing else is ever hashed or looked up. It accepts exactly
// one spelling for each secret: base64url of 32 bytes has 2 unused bits at its end, which must be zero.
func wellFormed(text string) bool {
	if len(text) != SecretLength {
		return false
	}
	bits, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return err == nil && len(bits) == secretBytes
}

// tokenSecret takes the prefix off a token.
func tokenSecret(token string) (string, bool) {
	secret, found := strings.CutPrefix(token, TokenPrefix)
	return secret, found && wellFormed(secret)
}

// hasher turns secrets into the keys they are stored under.
type hasher struct{ pepper []byte }

// hash is HMAC-SHA256 of the secret under the pepper (RFC 2104), apart for each bucket, in hexadecimal. Because nobody
// without the pepper can choose or predict a hash, how long the store's index takes to find one tells nothing.
func (h hasher) hash(bucket Bucket, secret string) string {
	mac := hmac.New(sha256.New, h.pepper)
	mac.Write([]byte(bucket))
	mac.Write([]byte{0})
	mac.Write([]byte(secret))
	return hex.EncodeToString(mac.Sum(nil))
}
