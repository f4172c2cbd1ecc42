package companion

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"twombly/internal/journal"
)

// candidate is a name she may take, with a reason of ours for the times when the mind has none.
type candidate struct{ name, why string }

// candidates are short, easy to hear in a noisy kitchen, and unlike the words that people shout at devices.
var candidates = []candidate{
	{"Ada", "it is the name of somebody who saw that machines could do more than sums"},
	{"Juno", "it sounds like somebody who answers the door herself"},
	{"Mira", "in some languages it means to look, and I'm curious"},
	{"Wren", "it's a small bird with a surprisingly big voice"},
	{"Nell", "it's short, and it's hard to say unkindly"},
	{"Iris", "it is a flower and a part of the eye, and I like things that are two things"},
	{"Thea", "it begins softly, like a voice in the next room"},
	{"Robin", "it suits a voice that can be anybody's"},
	{"Cleo", "it's easy to call across a kitchen"},
	{"Lark", "it's awake early and doesn't make a fuss about it"},
	{"Ivy", "it grows slowly and remembers every wall it has met"},
	{"Marlow", "it sounds like someone who listens first"},
	{"Edie", "it has a smile at the end"},
	{"Sol", "it's one breath long"},
	{"Ottilie", "it takes a moment to say, and I like moments"},
	{"Hazel", "it's warm and brown and keeps well"},
}

const candidatesOffered = 6

// longestReason bounds her reason, in characters.
const longestReason = 90

// How long she may think about her name: in the conversation, and when the person skips the introductions.
const (
	nameWait      = 12 * time.Second
	nameWaitShort = 4 * time.Second
)

// pickName lets her choose a name of her own, and say why. It ends the first meeting.
func (c *Companion) pickName(ctx context.Context, wait time.Duration) outcome {
	person, _ := c.Names()
	chosen := c.chooseName(ctx, offer(person), wait)
	return outcome{
		said: fmt.Sprintf("I've picked a name. %s, because %s. So, I'm %s. What's on your mind today?",
			chosen.name, chosen.why, chosen.name),
		decisions: []madeDecision{
			{decideCompanionName, namedChoice{Name: chosen.name, Why: chosen.why}}, {decideStep, Done},
		},
		by: journal.Companion,
	}
}

// offer draws some names that are not the person's own.
func offer(person string) []candidate {
	var drawn []candidate
	for _, i := range rand.Perm(len(candidates)) {
		if !strings.EqualFold(candidates[i].name, person) && len(drawn) < candidatesOffered {
			drawn = append(drawn, candidates[i])
		}
	}
	return drawn
}

// chooseName asks the mind which of the names she likes and why. Without a usable answer the first is taken, with our
// reason for it.
func (c *Companion) chooseName(ctx context.Context, drawn []candidate, wait time.Duration) candidate {
	names := make([]string, len(drawn))
	for i, d := range drawn {
		names[i] = d.name
	}
	schema, err := json.Marshal(map[string]any{
		"type": "object", "additionalProperties": false, "required": []string{"name", "because"},
		"properties": map[string]any{
			"name":    map[string]any{"type": "string", "enum": names},
			"because": map[string]any{"type": "string", "minLength": 10, "maxLength": longestReason},
		},
	})
	if err != nil {
		return drawn[0]
	}
	messages := persona()
	personaMessages := len(messages)
	messages = append(messages, Message{Role: RolePerson, Content: "Pick a name for yourself from these: " +
		strings.Join(names, ", ") + ". Say why you like how it sounds or what it makes you think of, in a few plain words " +
		`that go on after "because", for example: it sounds like somebody who listens first. Answer in JSON.`})
	asking, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	var answer strings.Builder
	err = c.mind.Generate(asking, Prompt{
		Messages: messages, Persona: personaMessages, MaxTokens: 60, Temperature: 0.9, TopP: 0.95, Schema: schema,
	}, func(piece Piece) error {
		answer.WriteString(piece.Text)
		return nil
	})
	var picked struct{ Name, Because string }
	if err != nil || json.Unmarshal([]byte(answer.String()), &picked) != nil {
		c.log.Warn("she picked her name without her mind", "error", err)
		return drawn[0]
	}
	for _, d := range drawn {
		if d.name == picked.Name {
			if why := sayable(picked.Because); why != "" {
				d.why = why
			}
			return d
		}
	}
	return drawn[0]
}

// sayable makes a reason go on after "because", or returns "" when it is no such thing: its first sentence counts, and one
// that was cut off at the limit does not.
func sayable(reason string) string {
	reason = strings.TrimSpace(reason)
	if end := strings.IndexAny(reason, ".!?"); end >= 0 {
		reason = reason[:end]
	} else if utf8.RuneCountInString(reason) >= longestReason {
		return ""
	}
	reason = strings.TrimRight(reason, ", ")
	for _, prefix := range []string{"because ", "Because "} {
		reason = strings.TrimPrefix(reason, prefix)
	}
	if len(strings.Fields(reason)) < 3 || strings.ContainsAny(reason, "{}[]<>*#\"\n") {
		return ""
	}
	word, _, _ := strings.Cut(reason, " ")
	first, size := utf8.DecodeRuneInString(reason)
	second, _ := utf8.DecodeRuneInString(reason[size:])
	if word != "I" && !strings.HasPrefix(word, "I'") && !unicode.IsUpper(second) {
		reason = string(unicode.ToLower(first)) + reason[size:]
	}
	return reason
}
