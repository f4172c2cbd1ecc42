// Package peopletest holds what tests of package people and its neighbours share: a store in memory, and the suite of
// promises that every store keeps.
package peopletest

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"sync"

	"twombly/internal/people"
)

// Memory is a people.Store that ends with the process. The zero value is empty.
type Memory struct {
	mutex   sync.Mutex
	buckets map[people.Bucket]map[string][]byte
	// Writes counts what Put and Delete did.
	Writes int
}

var _ people.Store = (*Memory)(nil)

// Get returns a record's value.
func (m *Memory) Get(ctx context.Context, bucket people.Bucket, key string) ([]byte, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	value, present := m.buckets[bucket][key]
	if !present {
		return nil, people.ErrNoRecord
	}
	return bytes.Clone(value), ctx.Err()
}

// Put makes or replaces a record.
func (m *Memory) Put(ctx context.Context, bucket people.Bucket, key string, value []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.buckets == nil {
		m.buckets = map[people.Bucket]map[string][]byte{}
	}
	if m.buckets[bucket] == nil {
		m.buckets[bucket] = map[string][]byte{}
	}
	m.buckets[bucket][key] = bytes.Clone(value)
	m.Writes++
	return nil
}

// Delete removes a record.
func (m *Memory) Delete(ctx context.Context, bucket people.Bucket, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	delete(m.buckets[bucket], key)
	m.Writes++
	return nil
}

// List returns a bucket by key.
func (m *Memory) List(ctx context.Context, bucket people.Bucket) ([]people.Record, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	var records []people.Record
	for _, key := range slices.Sorted(maps.Keys(m.buckets[bucket])) {
		records = append(records, people.Record{Key: key, Value: bytes.Clone(m.buckets[bucket][key])})
	}
	return records, ctx.Err()
}
