package people

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
)

const (
	// LinkLife is how long an owner link is good.
	LinkLife = 10 * time.Minute
	// SessionLife is how long a session lives after its last use.
	SessionLife = 180 * 24 * time.Hour
	// linkMemory is how long a used or expired link is remembered, so that it can be told from a wrong one.
	linkMemory = 24 * time.Hour
	// sessionStep and tokenStep are how exact the times of last use are: a record is written at most this often.
	sessionStep = 24 * time.Hour
	tokenStep   = time.Hour
	// maxTokens and maxSessions bound what a house keeps; maxNameBytes bounds a token's or device's name.
	maxTokens    = 1000
	maxSessions  = 1000
	maxNameBytes = 100
)

// Reasons why somebody is not let in, or something is not made. Match them with errors.Is.
var (
	// ErrWrong means that the secret is none of this house's.
	ErrWrong = errors.New("this is not a secret of this house")
	// ErrExpired means that the owner link was good once, but its ten minutes are over.
	ErrExpired = errors.New("this link has expired; make a new one with: twombly owner-link")
	// ErrUsed means that somebody came in by this owner link before.
	ErrUsed = errors.New("this link was used before; make a new one with: twombly owner-link")
	// ErrNameTaken means that a token of this name exists.
	ErrNameTaken = errors.New("a token of this name exists; revoke it first, or choose another name")
	// ErrNoToken means that no token has this name or ID.
	ErrNoToken = errors.New("there is no such token")
	// ErrBadName means that a token's name is empty, too long or not plain text.
	ErrBadName = errors.New("a token's name has 1 to 100 bytes of plain text")
	// ErrFull means that the house holds as many tokens or sessions as it keeps.
	ErrFull = errors.New("there are too many of them; revoke or sign out some first")
)

// House knows who may enter. It is safe for concurrent use; one process at a time has a house's store.
type House struct {
	store    Store
	hash     hasher
	now      func() time.Time
	owner    Person
	instance string
	ended    func(credentialID string)
	// change is held over every read and write that must be one step: a link's single use, names that must be apart.
	change sync.Mutex
}

// Options of Open.
type Options struct {
	// Pepper is 32 secret bytes that are not in the store, derived from the house's key.
	Pepper []byte
	// Now is the clock; nil is the machine's.
	Now func() time.Time
	// Ended, if not nil, is told of each session and token that was ended, after it was, by Caller.CredentialID: what
	// still runs in its name is to stop. It must not call the house.
	Ended func(credentialID string)
}

// Open opens the house that the store describes. An empty store becomes a house with one owner.
func Open(ctx context.Context, store Store, options Options) (*House, error) {
	if len(options.Pepper) != secretBytes {
		return nil, fmt.Errorf("people: the pepper has %d bytes, not %d", len(options.Pepper), secretBytes)
	}
	house := &House{store: store, hash: hasher{options.Pepper}, now: options.Now, ended: options.Ended}
	if house.ended == nil {
		house.ended = func(string) {}
	}
	if house.now == nil {
		house.now = time.Now
	}
	if err := house.findOwner(ctx); err != nil {
		return nil, err
	}
	if err := house.findInstance(ctx); err != nil {
		return nil, err
	}
	return house, nil
}

// Owner returns the person whose house this is.
func (h *House) Owner() Person { return h.owner }

// Instance is a short random name of this house, 8 hexadecimal digits. It keeps cookies of two houses on one machine
// apart, because cookies ignore ports. It is no secret.
func (h *House) Instance() string { return h.instance }

func (h *House) findOwner(ctx context.Context) error {
	records, err := h.store.List(ctx, personBucket)
	if err != nil {
		return fmt.Errorf("people: reading who lives here: %w", err)
	}
	for _, record := range records {
		var person Person
		if err := json.Unmarshal(record.Value, &person); err != nil {
			return fmt.Errorf("people: the record of a person is unreadable: %w", err)
		}
		if person.Owner {
			h.owner = person
			return nil
		}
	}
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("people: making an identifier: %w", err)
	}
	h.owner = Person{ID: id.String(), Owner: true, Since: h.now().UTC().Truncate(time.Second)}
	return h.put(ctx, personBucket, h.owner.ID, h.owner)
}

func (h *House) findInstance(ctx context.Context) error {
	const name = "instance"
	err := h.get(ctx, houseBucket, name, &h.instance)
	if !errors.Is(err, ErrNoRecord) {
		return err
	}
	h.instance = uuid.New().String()[:8]
	return h.put(ctx, houseBucket, name, h.instance)
}

func (h *House) get(ctx context.Context, bucket Bucket, key string, into any) error {
	value, err := h.store.Get(ctx, bucket, key)
	if err != nil {
		return fmt.Errorf("people: reading from %s: %w", bucket, err)
	}
	if err := json.Unmarshal(value, into); err != nil {
		return fmt.Errorf("people: a record in %s is unreadable: %w", bucket, err)
	}
	return nil
}

func (h *House) put(ctx context.Context, bucket Bucket, key string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("people: writing to %s: %w", bucket, err)
	}
	if err := h.store.Put(ctx, bucket, key, text); err != nil {
		return fmt.Errorf("people: writing to %s: %w", bucket, err)
	}
	return nil
}
