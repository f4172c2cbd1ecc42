package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"twombly/internal/journal"
)

// said makes the moments of a talk: person's turns, replies in clauses, one cut off and ended only after the words that
// interrupted it.
func talk(turns int) fakeJournal {
	var moments fakeJournal
	add := func(moment journal.Moment) string {
		moment.Sequence = int64(len(moments) + 1)
		if moment.ID == "" {
			moment.ID = fmt.Sprintf("m%d", moment.Sequence)
		}
		moments = append(moments, moment)
		return moment.ID
	}
	cut := ""
	for turn := range turns {
		id := add(journal.Moment{Kind: journal.Said, Speaker: journal.Person, Channel: journal.Voice, Words: fmt.Sprintf("question %d", turn)})
		if cut != "" {
			add(journal.NewHeard(cut, "I had", 300, journal.HeardData{Cut: true, Reason: "barge_in"}))
			cut = ""
		}
		reply := fmt.Sprintf("r%d", turn)
		for clause, words := range []string{"I had", "much to say", fmt.Sprintf("about %d.", turn)} {
			moment := journal.NewPlanned(id, words, journal.PlannedData{Reply: reply, Clause: clause})
			moment.Channel = journal.Voice
			add(moment)
		}
		add(journal.Moment{Kind: journal.Decision, Speaker: journal.Person})
		if turn%5 == 4 && turn < turns-1 {
			cut = reply
			continue
		}
		add(journal.NewHeard(reply, fmt.Sprintf("I had much to say about %d.", turn), 900, journal.HeardData{}))
	}
	return moments
}

func ask(t *testing.T, h *house, query string) HistoryPage {
	t.Helper()
	got := h.ask("GET", "/api/history?"+query, "", withToken)
	var page HistoryPage
	if err := json.Unmarshal(got.Body.Bytes(), &page); err != nil || got.Code != http.StatusOK {
		t.Fatalf("%s: %d, %s, %v", query, got.Code, got.Body, err)
	}
	return page
}

// TestHistoryPages walks back through a talk in pages of many sizes and expects the same items as from one look.
func TestHistoryPages(t *testing.T) {
	h := newHouse(t)
	h.rooms.moments = talk(300) // 1,800 moments, more than one chunk
	var whole []HistoryItem
	for _, line := range journal.Conversation(h.rooms.moments) {
		whole = append(whole, itemOf(line))
	}
	for _, limit := range []int{1, 7, 50, 199, 200} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			var walked []HistoryItem
			before, pages := int64(0), 0
			for {
				page := ask(t, h, fmt.Sprintf("before=%d&limit=%d", before, limit))
				walked = append(page.Items, walked...)
				if pages++; pages > len(whole) {
					t.Fatal("the pages do not end")
				}
				if !page.More {
					break
				}
				if len(page.Items) != limit {
					t.Fatalf("a page of %d", len(page.Items))
				}
				before = page.Items[0].Sequence
			}
			if !slices.Equal(walked, whole) {
				for index := range min(len(walked), len(whole)) {
					if walked[index] != whole[index] {
						t.Fatalf("item %d is %+v, want %+v", index, walked[index], whole[index])
					}
				}
				t.Fatalf("%d items, want %d", len(walked), len(whole))
			}
		})
	}
}

func TestHistoryShowsWhatWasHeard(t *testing.T) {
	h := newHouse(t)
	h.rooms.moments = talk(6)
	page := ask(t, h, "limit=4")
	cut := page.Items[1] // the reply to question 4; question 5 interrupted it
	if cut.ID != "r4" || cut.Words != "I had" || !cut.Cut || cut.Planned != "I had much to say about 4." || cut.Speaker != "companion" || cut.Channel != "voice" {
		t.Errorf("%+v", cut)
	}
	if whole := page.Items[3]; whole.Planned != "" || whole.Cut || whole.Words != "I had much to say about 5." {
		t.Errorf("%+v", whole)
	}
}

func TestHistorySearch(t *testing.T) {
	h := newHouse(t)
	h.rooms.moments = talk(300)
	page := ask(t, h, "limit=3&q=QUESTION+2")
	if len(page.Items) != 3 || !page.More || page.Items[2].Words != "question 299" {
		t.Errorf("%+v", page)
	}
	for _, item := range page.Items {
		if !strings.Contains(item.Words, "question 2") {
			t.Errorf("%q does not match", item.Words)
		}
	}
	if page := ask(t, h, "q=question+0"); len(page.Items) != 1 || page.More {
		t.Errorf("the oldest: %+v", page)
	}
	if page := ask(t, h, "q=say+about+4."); len(page.Items) != 1 || !page.Items[0].Cut {
		t.Errorf("words that were only planned: %+v", page)
	}
	if page := ask(t, h, "q=nobody+said+this"); len(page.Items) != 0 || page.More {
		t.Errorf("%+v", page)
	}
}

// FuzzHistoryQuery sends any query: either a page within its bounds, or a refusal.
func FuzzHistoryQuery(f *testing.F) {
	for _, seed := range []string{"", "limit=50&before=9&q=x", "limit=0", "limit=-1", "limit=201", "before=9223372036854775808", "before=-1", "q=%zz", "limit=1e2", "limit=5&limit=500", "q=" + strings.Repeat("x", 201)} {
		f.Add(seed)
	}
	h := newHouse(f)
	h.rooms.moments = talk(120)
	f.Fuzz(func(t *testing.T, query string) {
		r, err := http.NewRequest("GET", "/api/history", nil)
		if err != nil {
			t.Fatal(err)
		}
		got := h.ask("GET", r.URL.Path, "", withToken, func(_ *house, r *http.Request) { r.URL.RawQuery = query })
		switch got.Code {
		case http.StatusOK:
			var page HistoryPage
			if err := json.Unmarshal(got.Body.Bytes(), &page); err != nil || page.Items == nil || len(page.Items) > maxHistory {
				t.Errorf("%q: %d items, %v", query, len(page.Items), err)
			}
			for index, item := range page.Items {
				if index > 0 && item.Sequence <= page.Items[index-1].Sequence {
					t.Errorf("%q: out of order", query)
				}
			}
		case http.StatusBadRequest, http.StatusUnprocessableEntity:
		default:
			t.Errorf("%q: %d", query, got.Code)
		}
	})
}
