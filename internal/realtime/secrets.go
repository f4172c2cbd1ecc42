package realtime

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"twombly/internal/call"
)

// A client secret is a key that a server of the person's gives to a page or a phone, so that those can begin a conversation
// without knowing the server's own token: it is good for minutes, for conversations only, and each of them begins as
// the one who asked for it has configured it. Secrets are kept in memory, by their hash: they end with the program.

// SecretPrefix begins every client secret; OpenAI's JavaScript agents refuse any other.
const SecretPrefix = "ek_"

// Bounds of client secrets.
const (
	shortestSecret = 10 * time.Second
	longestSecret  = 10 * time.Minute
	maxSecrets     = 1000
	maxSecretBody  = 128 << 10
)

// secret is what a client secret stands for.
type secret struct {
	who      Caller
	config   configuration
	settings call.Settings
	expires  time.Time
}

// secrets are those that are good. The zero value is ready.
type secrets struct {
	lock sync.Mutex
	kept map[[sha256.Size]byte]secret
}

// add keeps a secret; false when there are too many.
func (s *secrets) add(value string, kept secret, now time.Time) bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	for hash, old := range s.kept {
		if !now.Before(old.expires) {
			delete(s.kept, hash)
		}
	}
	if len(s.kept) >= maxSecrets {
		return false
	}
	if s.kept == nil {
		s.kept = map[[sha256.Size]byte]secret{}
	}
	s.kept[sha256.Sum256([]byte(value))] = kept
	return true
}

// find returns what a secret stands for.
func (s *secrets) find(value string, now time.Time) (secret, bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	found, ok := s.kept[sha256.Sum256([]byte(value))]
	return found, ok && now.Before(found.expires)
}

// end drops the secrets that were made with a sign-in or token.
func (s *secrets) end(credentialID string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for hash, kept := range s.kept {
		if kept.who.CredentialID == credentialID {
			delete(s.kept, hash)
		}
	}
}

// CallerOfSecret is who a client secret lets in: whoever asked for it, for conversations only. False when it is not good.
func (s *Server) CallerOfSecret(value string) (Caller, bool) {
	if !strings.HasPrefix(value, SecretPrefix) {
		return Caller{}, false
	}
	found, ok := s.secrets.find(value, time.Now())
	found.who.secret = &found
	return found.who, ok
}

// secretWish is what a client asks for.
type secretWish struct {
	ExpiresAfter *struct {
		Anchor  string `json:"anchor"`
		Seconds int    `json:"seconds"`
	} `json:"expires_after"`
	Session json.RawMessage `json:"session"`
}

// CreateSecret makes client secrets (POST /v1/realtime/client_secrets).
func (s *Server) CreateSecret() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, ok := CallerOf(r.Context())
		if !ok {
			refuse(w, http.StatusUnauthorized, "invalid_api_key", "Nobody is signed in.")
			return
		}
		if who.secret != nil {
			refuse(w, http.StatusForbidden, "insufficient_permissions", "A client secret can't make another; use a token.")
			return
		}
		made, lifetime, problem := s.readSecret(r.Body, who)
		if problem != nil {
			refuse(w, http.StatusBadRequest, problem.code, problem.message)
			return
		}
		now := time.Now()
		made.expires = now.Add(lifetime)
		value := SecretPrefix + rand.Text() + rand.Text()
		if !s.secrets.add(value, made, now) {
			refuse(w, http.StatusTooManyRequests, "rate_limit_exceeded", fmt.Sprintf("There are %d client secrets; wait until some end.", maxSecrets))
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		// A client that is gone can't be told.
		_ = json.NewEncoder(w).Encode(object{
			"value": value, "expires_at": made.expires.Unix(),
			"session": made.config.object(newID("sess_"), s.options.Model, made.settings),
		})
	})
}

// readSecret reads what a secret is to stand for.
func (s *Server) readSecret(body io.Reader, who Caller) (secret, time.Duration, *protocolError) {
	made := secret{who: who}
	made.config, made.settings = s.defaults(who)
	text, err := io.ReadAll(io.LimitReader(body, maxSecretBody+1))
	if err != nil || len(text) > maxSecretBody {
		return made, 0, invalid("invalid_value", "", fmt.Sprintf("The request did not arrive whole, or has more than %d bytes.", maxSecretBody))
	}
	var wish secretWish
	if len(text) > 0 {
		if err := json.Unmarshal(text, &wish); err != nil {
			return made, 0, invalid("invalid_json", "", fmt.Sprintf("The request could not be read as JSON: %v.", err))
		}
	}
	lifetime := longestSecret
	if after := wish.ExpiresAfter; after != nil {
		if after.Anchor != "" && after.Anchor != "created_at" {
			return made, 0, invalid("invalid_value", "expires_after.anchor", "The anchor is created_at.")
		}
		if lifetime = time.Duration(after.Seconds) * time.Second; after.Seconds < 0 || lifetime < shortestSecret {
			return made, 0, invalid("invalid_value", "expires_after.seconds", fmt.Sprintf("A client secret lasts %d s at least.", int(shortestSecret.Seconds())))
		}
		lifetime = min(lifetime, longestSecret) // expires_at says so
	}
	if len(wish.Session) > 0 && string(wish.Session) != "null" {
		var problem *protocolError
		if made.config, made.settings, problem = s.apply(wish.Session, made.config, made.settings); problem != nil {
			return made, 0, problem
		}
	}
	return made, lifetime, nil
}
