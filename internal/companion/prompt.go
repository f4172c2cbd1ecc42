package companion

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// The conversation that a mind reads is cut in large steps, at historyTop characters down to historyBottom: what a mind
// remembers of the last request stays the beginning of the next, and where it doesn't, the embedded mind drops the
// same middle from what it remembers. About four characters are a token.
const (
	historyTop    = 9000
	historyBottom = 4500
	// openingAge is how old the acquaintance (with its date and part of day) may be before it is written anew.
	openingAge = 45 * time.Minute
	// longWords is how much of one message a mind reads: the beginning and the end of a longer one.
	longWords     = 6000
	longWordsTail = 1500
)

// prompt is everything a mind reads before it answers.
func (c *Companion) prompt(turn Turn) Prompt {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.opening == nil {
		c.openedAt = c.now()
		c.opening = c.newOpening(turn)
	}
	return c.promptOf(turn, c.opening, &c.history)
}

// Opening is what a mind reads before any conversation with this person, and how many of its messages hold no word of theirs.
func (c *Companion) Opening(zone string) (messages []Message, persona int) {
	c.lock.Lock()
	defer c.lock.Unlock()
	messages = c.newOpening(Turn{Zone: zone})
	return messages, len(messages) - 1
}

// newOpening is the persona and the acquaintance as of now.
func (c *Companion) newOpening(turn Turn) []Message {
	return append(persona(), c.profile.acquaintance(inZone(c.now(), turn.Zone)))
}

// promptOf is a prompt of these parts.
func (c *Companion) promptOf(turn Turn, opening []Message, history *history) Prompt {
	personaMessages := len(opening) - 1
	messages := append([]Message{}, opening...)
	if turn.Instructions != "" {
		messages = append(messages, Message{Role: RoleSystem, Content: abridge(turn.Instructions)})
	}
	said, cut := history.messages(turn.InPlaceOf)
	messages = append(messages, said...)
	messages = append(messages, turn.Exchange...)
	if turn.Words != "" {
		messages = append(messages, Message{Role: RolePerson, Content: asRead(turn.Words, lastOf(said, RoleCompanion), cut)})
	}
	if turn.Unprompted {
		messages = append(messages, Message{Role: RoleSystem, Content: afterSilence})
	}
	tokens, sentences := limits(turn, messages)
	return Prompt{
		Conversation: c.person + turn.variant(), Messages: messages, Persona: personaMessages, MaxTokens: tokens,
		Sentences: sentences, WholeSentences: true, Temperature: 0.7, TopP: 0.9, Tools: turn.Tools, ToolChoice: turn.ToolChoice,
	}
}

// variant ends the name under which a mind keeps what it read: a client's instructions and tools stand before the
// conversation, so what was read without them is of no use with them.
func (t Turn) variant() string {
	if t.Instructions == "" && len(t.Tools) == 0 {
		return ""
	}
	hash := sha256.New()
	fmt.Fprintf(hash, "%q", t.Instructions)
	for _, tool := range t.Tools {
		fmt.Fprintf(hash, "%q%q%q", tool.Name, tool.Description, tool.Parameters)
	}
	return "/" + hex.EncodeToString(hash.Sum(nil)[:8])
}

// afterSilence asks her to speak into a silence.
const afterSilence = "Nothing was said for a while. Say one short, easy thing yourself, without pressing for an answer."

// inZone is the time where the person is, as far as it is known.
func inZone(now time.Time, zone string) time.Time {
	if location, err := time.LoadLocation(zone); err == nil && zone != "" {
		return now.In(location)
	}
	return now
}

// abridge keeps the beginning and the end of a very long message, and says that it did: the journal has all of it.
func abridge(words string) string {
	if len(words) <= longWords {
		return words
	}
	head, tail := words[:longWords-longWordsTail], words[len(words)-longWordsTail:]
	return strings.ToValidUTF8(head, "") + "\n[… a long middle part that you did not read …]\n" + strings.ToValidUTF8(tail, "")
}
