package web

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"twombly/internal/journal"
)

const (
	// maxHistory is the most items of one answer.
	maxHistory = 200
	// historyChunk is how many moments are read at a time.
	historyChunk = 400
	// historyTail is how many moments after the page are looked at for the end of its last replies: a reply that is
	// interrupted ends after the words that interrupted it.
	historyTail = 100
)

// HistoryPage is a stretch of the conversation, newest last.
type HistoryPage struct {
	Items []HistoryItem `json:"items" nullable:"false"`
	More  bool          `json:"more" doc:"Whether there is more before the first item."`
}

// HistoryItem is what one side said in one go.
type HistoryItem struct {
	ID       string    `json:"id"`
	Sequence int64     `json:"sequence" doc:"The item's place; ask for more before it with this."`
	At       time.Time `json:"at"`
	Speaker  string    `json:"speaker" enum:"person,companion,system"`
	Channel  string    `json:"channel" enum:"voice,text"`
	Words    string    `json:"words" doc:"The person's words; of a reply what was heard."`
	Cut      bool      `json:"cut" doc:"Whether a reply was not heard to its end."`
	Planned  string    `json:"planned,omitempty" doc:"Of a reply that was cut, all that she had set out to say."`
}

type historyInput struct {
	Before int64  `query:"before" minimum:"0" doc:"Only items before this sequence; 0 or nothing is the newest."`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Search string `query:"q" maxLength:"200" doc:"Only items with these words in them, whatever the case."`
}

func (a *api) registerHistory() {
	huma.Register(a, operation("get-history", http.MethodGet, "/api/history", "What was said"), a.getHistory)
}

func (a *api) getHistory(ctx context.Context, input *historyInput) (*answer[HistoryPage], error) {
	room, _, release, err := a.room(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	lines, more, err := searchLines(ctx, room.Journal, input.Before, input.Limit, input.Search)
	if err != nil {
		return nil, failure(a.options.Log, "reading what was said", err)
	}
	page := HistoryPage{Items: make([]HistoryItem, len(lines)), More: more}
	for index, line := range lines {
		page.Items[index] = itemOf(line)
	}
	return &answer[HistoryPage]{page}, nil
}

func itemOf(line journal.Line) HistoryItem {
	item := HistoryItem{ID: line.ID, Sequence: line.Sequence, At: line.At, Speaker: string(line.Speaker), Channel: string(line.Channel), Words: line.Words, Cut: line.Cut}
	if line.Cut {
		item.Planned = line.Planned
	}
	return item
}

// searchLines returns the last limit lines before a sequence (0: the end) that contain the search words, and whether
// there are more before them.
func searchLines(ctx context.Context, source Journal, before int64, limit int, search string) ([]journal.Line, bool, error) {
	search = strings.ToLower(search)
	var found []journal.Line // newest first
	for {
		lines, more, err := linesBefore(ctx, source, before, limit)
		if err != nil {
			return nil, false, err
		}
		for _, line := range slices.Backward(lines) {
			if search != "" && !strings.Contains(strings.ToLower(line.Words+"\n"+line.Planned), search) {
				continue
			}
			if len(found) == limit {
				slices.Reverse(found)
				return found, true, nil
			}
			found = append(found, line)
		}
		if !more || search == "" {
			slices.Reverse(found)
			return found, more, nil
		}
		before = lines[0].Sequence
	}
}

// linesBefore returns the last limit lines that begin before a sequence (0: the end), oldest first, each whole, and
// whether there are more before them.
func linesBefore(ctx context.Context, source Journal, before int64, limit int) ([]journal.Line, bool, error) {
	kinds := []journal.Kind{journal.Said, journal.Planned, journal.Heard}
	var moments []journal.Moment
	if before > 0 {
		tail, err := source.Read(ctx, journal.Query{After: before - 1, Limit: historyTail, Kinds: kinds})
		if err != nil {
			return nil, false, err
		}
		moments = tail
	}
	for cursor := before; ; {
		chunk, err := source.Read(ctx, journal.Query{Before: cursor, Newest: true, Limit: historyChunk, Kinds: kinds})
		if err != nil {
			return nil, false, err
		}
		slices.Reverse(chunk)
		moments = append(chunk, moments...)
		lines := wholeLines(moments, before)
		if len(lines) > limit {
			return lines[len(lines)-limit:], true, nil
		}
		if len(chunk) < historyChunk {
			return lines, false, nil
		}
		cursor = chunk[0].Sequence
	}
}

// wholeLines folds moments into lines and keeps those that begin before a sequence (0: all) and whose beginning is
// among the moments.
func wholeLines(moments []journal.Moment, before int64) []journal.Line {
	begun := map[string]bool{}
	for _, moment := range moments {
		var data journal.PlannedData
		if moment.Kind == journal.Planned && json.Unmarshal(moment.Data, &data) == nil && data.Clause > 0 {
			if _, seen := begun[data.Reply]; !seen {
				begun[data.Reply] = false // its clause 0 lies before these moments
			}
		} else if moment.Kind == journal.Planned {
			begun[data.Reply] = true
		}
	}
	return slices.DeleteFunc(journal.Conversation(moments), func(line journal.Line) bool {
		whole, reply := begun[line.ID]
		return before > 0 && line.Sequence >= before || reply && !whole
	})
}
