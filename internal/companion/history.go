package companion

import (
	"encoding/json"
	"strings"
	"time"

	"twombly/internal/journal"
)

// history is the conversation as a mind reads it, folded from moments in their order.
type history struct {
	lines   []line
	replies map[string]int // reply ID to its index in lines, as long as it is there
	dropped int            // lines cut from the front so far
	size    int            // characters of all lines
	lastAt  time.Time
}

// line is the person's words or one reply of hers.
type line struct {
	id      string // the moment's, or the reply's
	speaker journal.Speaker
	words   string // of a reply: what was heard, or planned while it runs
	clauses []string
	heard   int // words heard at the last planned clause
	ended   bool
	cut     bool
}

// take folds a moment in.
func (h *history) take(moment journal.Moment) {
	switch moment.Kind {
	case journal.Said:
		h.lastAt = moment.At
		h.add(line{id: moment.ID, speaker: moment.Speaker, words: moment.Words, ended: true})
	case journal.Planned:
		var data journal.PlannedData
		if json.Unmarshal(moment.Data, &data) != nil {
			return
		}
		h.lastAt = moment.At
		h.plan(data, moment.Words)
	case journal.Heard:
		var data journal.HeardData
		if json.Unmarshal(moment.Data, &data) != nil {
			return
		}
		h.end(moment.Refers, moment.Words, data.Cut)
	default:
	}
}

func (h *history) add(l line) int {
	h.size += len(l.words)
	h.lines = append(h.lines, l)
	if h.size > historyTop {
		h.cutFront()
	}
	return len(h.lines) - 1
}

func (h *history) plan(data journal.PlannedData, words string) {
	index, known := h.at(data.Reply)
	if !known {
		index = h.add(line{id: data.Reply, speaker: journal.Companion})
		if h.replies == nil {
			h.replies = map[string]int{}
		}
		h.replies[data.Reply] = index + h.dropped
	}
	reply := &h.lines[index]
	reply.clauses = append(reply.clauses, words)
	reply.words += words
	reply.heard = data.HeardWords
	h.size += len(words)
}

func (h *history) end(reply, words string, cut bool) {
	index, known := h.at(reply)
	if !known {
		return
	}
	l := &h.lines[index]
	h.size += len(words) - len(l.words)
	l.words, l.ended, l.cut = words, true, cut
}

// at finds a reply that was not cut away.
func (h *history) at(reply string) (int, bool) {
	index, known := h.replies[reply]
	return index - h.dropped, known && index >= h.dropped
}

// cutFront drops the oldest lines, down to historyBottom characters, and begins with words of the person.
func (h *history) cutFront() {
	n := 0
	for n < len(h.lines)-2 && (h.size > historyBottom || h.lines[n].speaker != journal.Person) {
		h.size -= len(h.lines[n].words)
		delete(h.replies, h.lines[n].id)
		n++
	}
	h.lines = append([]line(nil), h.lines[n:]...)
	h.dropped += n
}

// messages is the conversation for a prompt. A reply that was cut ends in a dash; one of which nothing was heard is
// left out: it was never said.
func (h *history) messages() []Message {
	messages := make([]Message, 0, len(h.lines))
	for _, l := range h.lines {
		words := strings.TrimSpace(l.words)
		if l.speaker == journal.Companion {
			if words == "" {
				continue
			}
			if l.cut {
				words += " —"
			}
			messages = append(messages, Message{Role: RoleCompanion, Content: words})
			continue
		}
		messages = append(messages, Message{Role: RolePerson, Content: abridge(words)})
	}
	return messages
}

// unfinished lists replies without an end.
func (h *history) unfinished() []line {
	var open []line
	for _, l := range h.lines {
		if l.speaker == journal.Companion && !l.ended {
			open = append(open, l)
		}
	}
	return open
}

// heardBeforeCrash is the beginning of the reply that counts as heard: the position reported last.
func (l line) heardBeforeCrash() string {
	words := strings.Fields(l.words)
	return strings.Join(words[:min(l.heard, len(words))], " ")
}

// quietSince is how long nothing was said.
func (h *history) quietSince(now time.Time) time.Duration {
	if h.lastAt.IsZero() {
		return 0
	}
	return now.Sub(h.lastAt)
}
