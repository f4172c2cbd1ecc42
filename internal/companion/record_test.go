package companion

import (
	"sync"
	"testing"
)

// TestMessageSentAgain: a page that lost its line says again what it wrote, by the same name. It is written down once, also
// when the lost line is still at it, and also after a restart.
func TestMessageSentAgain(t *testing.T) {
	book := &memoryJournal{}
	c := open(t, book, &scriptedMind{})
	turn := Turn{Words: "Did you get this?", Channel: ByText, ClientID: "item_1"}
	record := func(c *Companion, turn Turn) string {
		id, err := c.RecordPerson(t.Context(), turn)
		if err != nil {
			t.Error(err)
		}
		return id
	}
	ids := make([]string, 8)
	var lines sync.WaitGroup
	for i := range ids {
		lines.Go(func() { ids[i] = record(c, turn) })
	}
	lines.Wait()
	for _, id := range ids {
		if id == "" || id != ids[0] {
			t.Fatalf("the same message became the moments %q", ids)
		}
	}
	if n := len(book.moments); n != 1 {
		t.Errorf("%d moments were written", n)
	}
	if after := record(open(t, book, &scriptedMind{}), turn); after != ids[0] {
		t.Errorf("after a restart it is %q, not %q", after, ids[0])
	}
	for name, other := range map[string]Turn{
		"another name":      {Words: turn.Words, Channel: ByText, ClientID: "item_2"},
		"no name":           {Words: turn.Words, Channel: ByText},
		"no name, again":    {Words: turn.Words, Channel: ByText},
		"a name used twice": {Words: "Something else.", Channel: ByText, ClientID: "item_1"},
	} {
		before := len(book.moments)
		if id := record(c, other); id == ids[0] || len(book.moments) != before+1 {
			t.Errorf("%s: it was not written down", name)
		}
	}
}
