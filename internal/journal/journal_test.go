package journal_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"twombly/internal/fabric"
	"twombly/internal/journal"
	"twombly/internal/journal/journaltest"
)

// reopen opens the only person's journal in a house's folder.
func reopen(t *testing.T, house *fabric.House) *journal.Journal {
	t.Helper()
	people, err := house.People(t.Context())
	if err != nil || len(people) != 1 {
		t.Fatalf("people: %v %v", people, err)
	}
	place, err := house.Place(t.Context(), people[0])
	if err != nil {
		t.Fatal(err)
	}
	opened, err := journal.Open(t.Context(), journal.Options{Place: place})
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

// said is a moment of the person's words.
func said(words string) journal.Moment {
	return journal.Moment{Kind: journal.Said, Speaker: journal.Person, Trust: journal.TrustPerson, Words: words,
		At: time.Date(2026, 11, 24, 9, 30, 0, 123456789, time.FixedZone("", 3600)), Zone: "Europe/Rome"}
}

func TestWhatIsAppendedIsReadBackAfterReopening(t *testing.T) {
	house := journaltest.House(t, t.TempDir())
	place, err := house.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first, err := journal.Open(t.Context(), journal.Options{Place: place})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := first.Append(t.Context(), said("It rains in Lisbon."), said("Still?"))
	if err != nil {
		t.Fatal(err)
	}
	if kept[0].Sequence != 1 || kept[1].Sequence != 2 || kept[0].ID == "" {
		t.Fatalf("kept as %+v", kept)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := reopen(t, house)
	defer second.Close()
	read, err := second.Read(t.Context(), journal.Query{})
	if err != nil {
		t.Fatal(err)
	}
	if len(read) != 2 || read[0].Words != "It rains in Lisbon." || !read[0].At.Equal(kept[0].At) ||
		read[0].Zone != "Europe/Rome" || read[0].ID != kept[0].ID || second.Count() != 2 {
		t.Fatalf("read back %+v", read)
	}
	if got, err := second.Get(t.Context(), kept[1].ID); err != nil || got.Words != "Still?" {
		t.Fatalf("get: %+v %v", got, err)
	}
	if _, err := second.Append(t.Context(), kept[1]); !errors.Is(err, journal.ErrDuplicate) {
		t.Fatalf("the same ID twice: %v", err)
	}
	if more, err := second.Append(t.Context(), said("Yes.")); err != nil || more[0].Sequence != 3 {
		t.Fatalf("after a refusal: %+v %v", more, err)
	}
}

func TestReadFindsWhatAQueryAsksFor(t *testing.T) {
	opened := journaltest.New(t)
	for i := range 1234 {
		moment := said(fmt.Sprintf("word%d", i+1))
		if i%100 == 0 {
			moment.Kind = journal.Decision
		}
		if _, err := opened.Append(t.Context(), moment); err != nil {
			t.Fatal(err)
		}
	}
	cases := map[string]struct {
		query journal.Query
		want  []int64
	}{
		"oldest":        {journal.Query{Limit: 3}, []int64{1, 2, 3}},
		"newest":        {journal.Query{Limit: 3, Newest: true}, []int64{1234, 1233, 1232}},
		"after":         {journal.Query{After: 1231}, []int64{1232, 1233, 1234}},
		"before":        {journal.Query{Before: 700, Newest: true, Limit: 2}, []int64{699, 698}},
		"between":       {journal.Query{After: 5, Before: 8}, []int64{6, 7}},
		"rare kind":     {journal.Query{Kinds: []journal.Kind{journal.Decision}, After: 900}, []int64{901, 1001, 1101, 1201}},
		"text":          {journal.Query{Text: "WORD123"}, []int64{123, 1230, 1231, 1232, 1233, 1234}},
		"text limited":  {journal.Query{Text: "word12", Limit: 2, Newest: true}, []int64{1234, 1233}},
		"nothing there": {journal.Query{After: 1234}, nil},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			moments, err := opened.Read(t.Context(), test.query)
			if err != nil {
				t.Fatal(err)
			}
			var got []int64
			for _, moment := range moments {
				got = append(got, moment.Sequence)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
	all, err := opened.Read(t.Context(), journal.Query{})
	if err != nil || len(all) != 1234 || all[1233].Words != "word1234" {
		t.Fatalf("all: %d %v", len(all), err)
	}
}

func TestACancelledAppendKeepsNothing(t *testing.T) {
	opened := journaltest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := opened.Append(ctx, said("no")); !errors.Is(err, context.Canceled) {
		t.Fatalf("append: %v", err)
	}
	if opened.Count() != 0 {
		t.Fatal("something was kept")
	}
}

func TestManyWritersAndReaders(t *testing.T) {
	opened := journaltest.New(t)
	const writers, each = 4, 50
	var running sync.WaitGroup
	for writer := range writers {
		running.Go(func() {
			for i := range each {
				if _, err := opened.Append(t.Context(), said(fmt.Sprintf("%d:%d", writer, i))); err != nil {
					t.Error(err)
				}
			}
		})
		running.Go(func() {
			for range each {
				next := int64(0)
				err := opened.Each(t.Context(), journal.Query{}, func(moment journal.Moment) error {
					if next++; moment.Sequence != next {
						return fmt.Errorf("moment %d after %d", moment.Sequence, next-1)
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
	report, err := opened.Verify(t.Context())
	if err != nil || !report.Sound() || report.Moments != writers*each {
		t.Errorf("%+v %v", report, err)
	}
}
