package durability

import (
	"context"
	"errors"
	"fmt"

	"twombly/internal/fabric"
	"twombly/internal/journal"
	"twombly/internal/vault"
)

// Depth says how much of a reopened store is looked at.
type Depth int

// Depths.
const (
	// Tail opens the store, which holds the head of the chain against the keys, and compares the newest acknowledged moments.
	Tail Depth = iota
	// Whole compares every acknowledged moment and verifies the chain and the database's structure.
	Whole
	// GoOn is Whole, and then keeps one more moment, closes, opens and verifies again.
	GoOn
)

// tailLength is how many moments Tail compares: more than lie in any write-ahead log's last commits.
const tailLength = 16

// Check opens the store in a folder as a start does and compares it with what was acknowledged.
func (r Recording) Check(ctx context.Context, folder string, disk vault.Disk, acknowledged int64, depth Depth) (err error) {
	opened, err := r.open(ctx, folder, disk)
	if err != nil {
		return err
	}
	defer func() {
		if opened != nil {
			err = errors.Join(err, opened.Close())
		}
	}()
	count := opened.Count()
	if count < acknowledged {
		return fmt.Errorf("%d moments were acknowledged and %d are there", acknowledged, count)
	}
	after := int64(0)
	if depth == Tail {
		after = max(0, count-tailLength)
	}
	if err := r.compare(ctx, opened, after, count); err != nil {
		return err
	}
	if depth == Tail {
		return nil
	}
	if err := verify(ctx, opened); err != nil || depth == Whole {
		return err
	}
	if _, err := opened.Append(ctx, journal.Moment{Kind: journal.Event, Speaker: journal.System, Trust: journal.TrustCompanion}); err != nil {
		return fmt.Errorf("keep one more: %w", err)
	}
	err = opened.Close()
	opened = nil
	if err != nil {
		return fmt.Errorf("close: %w", err)
	}
	again, err := r.open(ctx, folder, disk)
	if err != nil {
		return err
	}
	opened = again
	if opened.Count() != count+1 {
		return fmt.Errorf("after one more there are %d moments, not %d", opened.Count(), count+1)
	}
	return verify(ctx, opened)
}

func (r Recording) open(ctx context.Context, folder string, disk vault.Disk) (*journal.Journal, error) {
	place, err := fabric.PlaceAt(folder, r.Person, r.Key, disk)
	if err != nil {
		return nil, err
	}
	return journal.Open(ctx, journal.Options{Place: place})
}

// compare holds what is there against what was appended.
func (r Recording) compare(ctx context.Context, opened *journal.Journal, after, count int64) error {
	if count > int64(len(r.Moments)) {
		return fmt.Errorf("%d moments are there and %d were ever appended", count, len(r.Moments))
	}
	next := after
	err := opened.Each(ctx, journal.Query{After: after}, func(moment journal.Moment) error {
		want := r.Moments[next]
		next++
		if moment.Sequence != next || moment.ID != want.ID || moment.Words != want.Words || string(moment.Data) != string(want.Data) {
			return fmt.Errorf("moment %d is not what was appended", next)
		}
		return nil
	})
	if err == nil && next != count {
		return fmt.Errorf("the journal counts %d moments and gives back %d", count, next)
	}
	return err
}

func verify(ctx context.Context, opened *journal.Journal) error {
	report, err := opened.Verify(ctx)
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	if !report.Sound() {
		return fmt.Errorf("verify: %s", report.Problems[0].Sentence)
	}
	return nil
}

// Holds looks for every acknowledged moment, by ID, in the order of the acknowledgements, and verifies the journal. Moments
// that were kept and not acknowledged may stand between.
func Holds(ctx context.Context, opened *journal.Journal, acknowledged []string) error {
	next := 0
	err := opened.Each(ctx, journal.Query{}, func(moment journal.Moment) error {
		if next < len(acknowledged) && moment.ID == acknowledged[next] {
			next++
		}
		return nil
	})
	if err != nil {
		return err
	}
	if next < len(acknowledged) {
		return fmt.Errorf("acknowledged moment %d of %d (%s) is not there", next+1, len(acknowledged), acknowledged[next])
	}
	return verify(ctx, opened)
}
