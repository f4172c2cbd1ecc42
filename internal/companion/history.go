package companion

import (
	"strings"
	"time"

	"twombly/internal/journal"
)

// history is the end of the conversation, as much of it as a mind reads: moments in their order.
type history struct {
	moments []journal.Moment
	size    int // characters of their words
	taken   int // moments taken so far, also those that were cut since
	lastAt  time.Time
}

// shortened is a copy without its older half.
func (h *history) shortened() history {
	next := *h
	next.cutFront()
	return next
}

// since are the moments that were taken after so many, as far as they are still there.
func (h *history) since(taken int) []journal.Moment {
	return h.moments[max(0, len(h.moments)-(h.taken-taken)):]
}

// take appends a moment.
func (h *history) take(moment journal.Moment) {
	switch moment.Kind {
	case journal.Said, journal.Planned, journal.Heard:
	default:
		return
	}
	h.lastAt = moment.At
	h.moments = append(h.moments, moment)
	h.taken++
	h.size += len(moment.Words)
	if h.size > historyTop {
		h.cutFront()
	}
}

// cutFront drops the oldest moments, down to historyBottom characters, so that what is left begins with words of the
// person.
func (h *history) cutFront() {
	n := 0
	for n < len(h.moments)-1 && (h.size > historyBottom || !isPersons(h.moments[n])) {
		h.size -= len(h.moments[n].Words)
		n++
	}
	h.moments = append([]journal.Moment(nil), h.moments[n:]...)
}

func isPersons(moment journal.Moment) bool {
	return moment.Kind == journal.Said && moment.Speaker == journal.Person
}

// cutOff stands before the words with which a person cut her off, where a mind reads them. It stands there and not at the end of her words, because small
// models end theirs as hers end.
const cutOff = "(I cut you off.) "

// messages is the conversation for a prompt, and whether it ends in words of hers that were cut off. A reply of which nothing was heard is
// left out: it was never said. So is the reply named without, for a mind ends an answer that seems to be there already.
func (h *history) messages(without string) (messages []Message, cut bool) {
	lines := journal.Conversation(h.moments)
	messages = make([]Message, 0, len(lines)+1)
	for _, line := range lines {
		words := strings.TrimSpace(line.Words)
		if line.Speaker != journal.Companion {
			messages = append(messages, Message{Role: RolePerson, Content: asRead(words, lastOf(messages, RoleCompanion), cut)})
			cut = false
			continue
		}
		if line.ID == without {
			continue
		}
		if words = withoutInterjections(words, line.Cut); words == "" {
			continue
		}
		messages = append(messages, Message{Role: RoleCompanion, Content: words})
		cut = line.Cut
	}
	return messages, cut
}

// lastPersonWords are the person's last words.
func (h *history) lastPersonWords() string {
	for i := len(h.moments) - 1; i >= 0; i-- {
		if isPersons(h.moments[i]) {
			return h.moments[i].Words
		}
	}
	return ""
}

// quiet is how long nothing was said.
func (h *history) quiet(now time.Time) time.Duration {
	if h.lastAt.IsZero() {
		return 0
	}
	return now.Sub(h.lastAt)
}
