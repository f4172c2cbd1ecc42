package people

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// sessionRecord is a session at rest, under the hash of its secret.
type sessionRecord struct {
	Session
	Hash string `json:"hash"`
}

// newSession makes a session; the caller holds h.change.
func (h *House) newSession(ctx context.Context, person, device string) (string, Caller, error) {
	if err := h.dropOldSessions(ctx); err != nil {
		return "", Caller{}, err
	}
	now := h.now().UTC().Truncate(time.Second)
	secret := newSecret()
	record := sessionRecord{
		Session: Session{ID: uuid.NewString(), Device: plainName(device), Person: person, Since: now, Used: now},
		Hash:    h.hash.hash(sessionBucket, secret),
	}
	if err := h.put(ctx, sessionBucket, record.Hash, record); err != nil {
		return "", Caller{}, err
	}
	return secret, h.sessionCaller(record), nil
}

func (h *House) sessionCaller(record sessionRecord) Caller {
	return Caller{Person: h.owner, Way: BySession, CredentialID: record.ID, Name: record.Device}
}

// Session says who holds the secret of a session; ErrWrong when nobody does or it was not used for SessionLife.
func (h *House) Session(ctx context.Context, secret string) (Caller, error) {
	if !wellFormed(secret) {
		return Caller{}, ErrWrong
	}
	hash := h.hash.hash(sessionBucket, secret)
	var record sessionRecord
	if err := h.get(ctx, sessionBucket, hash, &record); errors.Is(err, ErrNoRecord) {
		return Caller{}, ErrWrong
	} else if err != nil {
		return Caller{}, err
	}
	if subtle.ConstantTimeCompare([]byte(record.Hash), []byte(hash)) != 1 || record.Person != h.owner.ID || h.sessionOver(record) {
		return Caller{}, ErrWrong
	}
	if now := h.now().UTC(); now.Sub(record.Used) >= sessionStep {
		if err := h.touchSession(ctx, hash, now); err != nil {
			return Caller{}, err
		}
	}
	return h.sessionCaller(record), nil
}

// touchSession notes the use of a session, unless it was signed out meanwhile.
func (h *House) touchSession(ctx context.Context, hash string, now time.Time) error {
	h.change.Lock()
	defer h.change.Unlock()
	var record sessionRecord
	if err := h.get(ctx, sessionBucket, hash, &record); errors.Is(err, ErrNoRecord) {
		return ErrWrong
	} else if err != nil {
		return err
	}
	record.Used = now.Truncate(time.Second)
	return h.put(ctx, sessionBucket, hash, record)
}

func (h *House) sessionOver(record sessionRecord) bool {
	return h.now().Sub(record.Used) >= SessionLife
}

// Sessions lists the devices that are signed in.
func (h *House) Sessions(ctx context.Context) ([]Session, error) {
	records, err := h.sessionRecords(ctx)
	if err != nil {
		return nil, err
	}
	sessions := make([]Session, 0, len(records))
	for _, record := range records {
		if !h.sessionOver(record) {
			sessions = append(sessions, record.Session)
		}
	}
	return sessions, nil
}

// SignOut ends a session by its ID. One that does not exist is no error.
func (h *House) SignOut(ctx context.Context, id string) error {
	h.change.Lock()
	defer h.change.Unlock()
	records, err := h.sessionRecords(ctx)
	if err != nil {
		return err
	}
	for _, record := range records {
		if record.ID == id {
			return h.deleteSession(ctx, record)
		}
	}
	return nil
}

func (h *House) sessionRecords(ctx context.Context) ([]sessionRecord, error) {
	stored, err := h.store.List(ctx, sessionBucket)
	if err != nil {
		return nil, fmt.Errorf("people: reading sessions: %w", err)
	}
	records := make([]sessionRecord, len(stored))
	for index, one := range stored {
		if err := json.Unmarshal(one.Value, &records[index]); err != nil {
			return nil, fmt.Errorf("people: a session's record is unreadable: %w", err)
		}
	}
	return records, nil
}

func (h *House) deleteSession(ctx context.Context, record sessionRecord) error {
	if err := h.store.Delete(ctx, sessionBucket, record.Hash); err != nil {
		return fmt.Errorf("people: ending a session: %w", err)
	}
	h.ended(record.ID)
	return nil
}

// dropOldSessions forgets sessions that are over, and refuses when too many are left.
func (h *House) dropOldSessions(ctx context.Context) error {
	records, err := h.sessionRecords(ctx)
	if err != nil {
		return err
	}
	left := 0
	for _, record := range records {
		if !h.sessionOver(record) {
			left++
			continue
		}
		if err := h.deleteSession(ctx, record); err != nil {
			return err
		}
	}
	if left >= maxSessions {
		return fmt.Errorf("devices signed in: %w", ErrFull)
	}
	return nil
}

// plainName makes a name from outside fit to be kept and shown: printable, of bounded length.
func plainName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, name)
	for len(name) > maxNameBytes {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return strings.TrimSpace(name)
}
