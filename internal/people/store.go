package people

import (
	"context"
	"errors"
)

// Bucket names one kind of record.
type Bucket string

// The kinds of records and what their keys are.
const (
	// houseBucket holds facts about the house itself, by name.
	houseBucket Bucket = "house"
	// personBucket holds people by ID.
	personBucket Bucket = "people"
	// linkBucket, sessionBucket and tokenBucket hold credentials by the hash of their secret.
	linkBucket    Bucket = "links"
	sessionBucket Bucket = "sessions"
	tokenBucket   Bucket = "tokens"
)

// Buckets are all kinds of records, for stores that keep each in a place of its own.
func Buckets() []Bucket {
	return []Bucket{houseBucket, personBucket, linkBucket, sessionBucket, tokenBucket}
}

// ErrNoRecord means that a bucket has no record of this key.
var ErrNoRecord = errors.New("no such record")

// Record is a value under a key; the value is JSON.
type Record struct {
	Key   string
	Value []byte
}

// Store keeps small records. All methods are safe for concurrent use. What Put and Delete have done survives a pulled
// plug once they return nil; values passed in are not kept, and values returned are the caller's.
type Store interface {
	// Get returns the value, or ErrNoRecord.
	Get(ctx context.Context, bucket Bucket, key string) ([]byte, error)
	// Put makes or replaces a record.
	Put(ctx context.Context, bucket Bucket, key string, value []byte) error
	// Delete removes a record; one that does not exist is no error.
	Delete(ctx context.Context, bucket Bucket, key string) error
	// List returns all records of a bucket, by key in byte order.
	List(ctx context.Context, bucket Bucket) ([]Record, error)
}
