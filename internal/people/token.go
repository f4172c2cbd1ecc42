package people

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// tokenRecord is a token at rest, under the hash of its secret.
type tokenRecord struct {
	Token
	Hash string `json:"hash"`
}

// CreateToken makes a token for a program and answers it with its secret, "twombly_" and 43 characters, which is never
// shown again. ErrBadName and ErrNameTaken say what is wrong with the name.
func (h *House) CreateToken(ctx context.Context, name string) (string, Token, error) {
	if name == "" || len(name) > maxNameBytes || plainName(name) != name {
		return "", Token{}, ErrBadName
	}
	h.change.Lock()
	defer h.change.Unlock()
	records, err := h.tokenRecords(ctx)
	if err != nil {
		return "", Token{}, err
	}
	if len(records) >= maxTokens {
		return "", Token{}, fmt.Errorf("tokens: %w", ErrFull)
	}
	for _, record := range records {
		if record.Name == name {
			return "", Token{}, ErrNameTaken
		}
	}
	secret := newSecret()
	record := tokenRecord{
		Token: Token{ID: uuid.NewString(), Name: name, Person: h.owner.ID, Since: h.now().UTC().Truncate(time.Second)},
		Hash:  h.hash.hash(tokenBucket, secret),
	}
	if err := h.put(ctx, tokenBucket, record.Hash, record); err != nil {
		return "", Token{}, err
	}
	return TokenPrefix + secret, record.Token, nil
}

// Token says whose token this is; ErrWrong when it is nobody's or was revoked.
func (h *House) Token(ctx context.Context, token string) (Caller, error) {
	secret, ok := tokenSecret(token)
	if !ok {
		return Caller{}, ErrWrong
	}
	hash := h.hash.hash(tokenBucket, secret)
	var record tokenRecord
	if err := h.get(ctx, tokenBucket, hash, &record); errors.Is(err, ErrNoRecord) {
		return Caller{}, ErrWrong
	} else if err != nil {
		return Caller{}, err
	}
	if subtle.ConstantTimeCompare([]byte(record.Hash), []byte(hash)) != 1 || record.Person != h.owner.ID {
		return Caller{}, ErrWrong
	}
	if now := h.now().UTC(); now.Sub(record.Used) >= tokenStep {
		if err := h.touchToken(ctx, hash, now); err != nil {
			return Caller{}, err
		}
	}
	return Caller{Person: h.owner, Way: ByToken, CredentialID: record.ID, Name: record.Name}, nil
}

// touchToken notes the use of a token, unless it was revoked meanwhile.
func (h *House) touchToken(ctx context.Context, hash string, now time.Time) error {
	h.change.Lock()
	defer h.change.Unlock()
	var record tokenRecord
	if err := h.get(ctx, tokenBucket, hash, &record); errors.Is(err, ErrNoRecord) {
		return ErrWrong
	} else if err != nil {
		return err
	}
	record.Used = now.Truncate(time.Second)
	return h.put(ctx, tokenBucket, hash, record)
}

// Tokens lists the tokens that are good.
func (h *House) Tokens(ctx context.Context) ([]Token, error) {
	records, err := h.tokenRecords(ctx)
	if err != nil {
		return nil, err
	}
	tokens := make([]Token, len(records))
	for index, record := range records {
		tokens[index] = record.Token
	}
	return tokens, nil
}

// RevokeToken ends the token of this name or ID at once; ErrNoToken when there is none.
func (h *House) RevokeToken(ctx context.Context, nameOrID string) error {
	h.change.Lock()
	defer h.change.Unlock()
	records, err := h.tokenRecords(ctx)
	if err != nil {
		return err
	}
	for _, record := range records {
		if record.Name != nameOrID && record.ID != nameOrID {
			continue
		}
		if err := h.store.Delete(ctx, tokenBucket, record.Hash); err != nil {
			return fmt.Errorf("people: revoking a token: %w", err)
		}
		h.ended(record.ID)
		return nil
	}
	return ErrNoToken
}

func (h *House) tokenRecords(ctx context.Context) ([]tokenRecord, error) {
	stored, err := h.store.List(ctx, tokenBucket)
	if err != nil {
		return nil, fmt.Errorf("people: reading tokens: %w", err)
	}
	records := make([]tokenRecord, len(stored))
	for index, one := range stored {
		if err := json.Unmarshal(one.Value, &records[index]); err != nil {
			return nil, fmt.Errorf("people: a token's record is unreadable: %w", err)
		}
	}
	return records, nil
}
