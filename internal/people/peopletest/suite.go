package peopletest

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"

	"twombly/internal/people"
)

// Store holds a people.Store to its promises. open returns the same store again each time within one test, as after a
// restart of the program; a store that ends with the process returns the same value.
func Store(t *testing.T, open func(t *testing.T) people.Store) {
	t.Run("records", func(t *testing.T) { testRecords(t, open(t)) })
	t.Run("values are apart", func(t *testing.T) { testApart(t, open(t)) })
	t.Run("at once", func(t *testing.T) { testAtOnce(t, open(t)) })
	t.Run("again", func(t *testing.T) {
		store := open(t)
		if err := store.Put(t.Context(), people.Buckets()[1], "kept", []byte(`"value"`)); err != nil {
			t.Fatal(err)
		}
		value, err := open(t).Get(t.Context(), people.Buckets()[1], "kept")
		if err != nil || string(value) != `"value"` {
			t.Errorf("after opening again: %q, %v", value, err)
		}
	})
}

func testRecords(t *testing.T, store people.Store) {
	ctx := t.Context()
	for _, bucket := range people.Buckets() {
		if _, err := store.Get(ctx, bucket, "none"); !errors.Is(err, people.ErrNoRecord) {
			t.Errorf("%s: a record that is not there: %v", bucket, err)
		}
		if err := store.Delete(ctx, bucket, "none"); err != nil {
			t.Errorf("%s: deleting what is not there: %v", bucket, err)
		}
		for _, key := range []string{"b", "a", "c"} {
			if err := store.Put(ctx, bucket, key, fmt.Appendf(nil, "%q", string(bucket)+key)); err != nil {
				t.Fatalf("%s: %v", bucket, err)
			}
		}
	}
	for _, bucket := range people.Buckets() { // a bucket holds its own, however the others were filled
		if err := store.Put(ctx, bucket, "b", []byte(`"new"`)); err != nil {
			t.Fatal(err)
		}
		if err := store.Delete(ctx, bucket, "c"); err != nil {
			t.Fatal(err)
		}
		records, err := store.List(ctx, bucket)
		if err != nil || len(records) != 2 || records[0].Key != "a" || records[1].Key != "b" || string(records[1].Value) != `"new"` {
			t.Errorf("%s: %v, %v", bucket, records, err)
		}
		value, err := store.Get(ctx, bucket, "a")
		if err != nil || string(value) != fmt.Sprintf("%q", string(bucket)+"a") {
			t.Errorf("%s: %q, %v", bucket, value, err)
		}
	}
}

func testApart(t *testing.T, store people.Store) {
	bucket := people.Buckets()[0]
	given := []byte(`"given"`)
	if err := store.Put(t.Context(), bucket, "key", given); err != nil {
		t.Fatal(err)
	}
	copy(given, `"spoil"`)
	got, err := store.Get(t.Context(), bucket, "key")
	if err != nil || !bytes.Equal(got, []byte(`"given"`)) {
		t.Fatalf("the store kept the caller's slice: %q, %v", got, err)
	}
	copy(got, `"spoil"`)
	if again, _ := store.Get(t.Context(), bucket, "key"); string(again) != `"given"` {
		t.Errorf("the store handed out its own slice: %q", again)
	}
}

func testAtOnce(t *testing.T, store people.Store) {
	bucket := people.Buckets()[2]
	const writers, each = 8, 10
	var waiting sync.WaitGroup
	for writer := range writers {
		waiting.Go(func() {
			for index := range each {
				key := fmt.Sprintf("%d-%d", writer, index)
				if err := store.Put(t.Context(), bucket, key, []byte("1")); err != nil {
					t.Errorf("put %s: %v", key, err)
				}
				if _, err := store.List(t.Context(), bucket); err != nil {
					t.Errorf("list: %v", err)
				}
			}
		})
	}
	waiting.Wait()
	records, err := store.List(t.Context(), bucket)
	if err != nil || len(records) != writers*each {
		t.Errorf("%d records, %v", len(records), err)
	}
}
