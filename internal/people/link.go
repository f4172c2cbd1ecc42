package people

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// linkRecord is an owner link at rest, under the hash of its secret.
type linkRecord struct {
	Hash    string    `json:"hash"`
	Person  string    `json:"person"`
	Expires time.Time `json:"expires"`
	Used    time.Time `json:"used,omitzero"`
}

// OwnerLink makes a link that lets the owner in once, within LinkLife. Links made before stay good for their time.
func (h *House) OwnerLink(ctx context.Context) (Link, error) {
	h.change.Lock()
	defer h.change.Unlock()
	if err := h.dropOldLinks(ctx); err != nil {
		return Link{}, err
	}
	link := Link{Secret: newSecret(), Expires: h.now().UTC().Add(LinkLife).Truncate(time.Second)}
	hash := h.hash.hash(linkBucket, link.Secret)
	err := h.put(ctx, linkBucket, hash, linkRecord{Hash: hash, Person: h.owner.ID, Expires: link.Expires})
	if err != nil {
		return Link{}, err
	}
	return link, nil
}

// Enter exchanges the secret of an owner link for a session on a device, named as the person would know it. It answers
// the session's secret. ErrWrong, ErrUsed and ErrExpired say why not.
func (h *House) Enter(ctx context.Context, secret, device string) (string, Caller, error) {
	if !wellFormed(secret) {
		return "", Caller{}, ErrWrong
	}
	h.change.Lock()
	defer h.change.Unlock()
	hash := h.hash.hash(linkBucket, secret)
	var link linkRecord
	if err := h.get(ctx, linkBucket, hash, &link); errors.Is(err, ErrNoRecord) {
		return "", Caller{}, ErrWrong
	} else if err != nil {
		return "", Caller{}, err
	}
	if subtle.ConstantTimeCompare([]byte(link.Hash), []byte(hash)) != 1 {
		return "", Caller{}, ErrWrong
	}
	now := h.now().UTC()
	switch {
	case !link.Used.IsZero():
		return "", Caller{}, ErrUsed
	case !now.Before(link.Expires):
		return "", Caller{}, ErrExpired
	}
	// The link is spent on disk before the session exists: after a crash between the two the person needs a new link,
	// which is better than a link that works twice.
	link.Used = now
	if err := h.put(ctx, linkBucket, hash, link); err != nil {
		return "", Caller{}, err
	}
	return h.newSession(ctx, link.Person, device)
}

// dropOldLinks forgets links whose time has long been over.
func (h *House) dropOldLinks(ctx context.Context) error {
	records, err := h.store.List(ctx, linkBucket)
	if err != nil {
		return fmt.Errorf("people: reading links: %w", err)
	}
	for _, record := range records {
		var link linkRecord
		if err := json.Unmarshal(record.Value, &link); err == nil && h.now().Before(link.Expires.Add(linkMemory)) {
			continue
		}
		if err := h.store.Delete(ctx, linkBucket, record.Key); err != nil {
			return fmt.Errorf("people: dropping an old link: %w", err)
		}
	}
	return nil
}
