package companion

import (
	_ "embed"
	"fmt"
	"strings"
	"time"
)

// personaText is who she is, and how she speaks: the same for everyone, so that a mind reads it once for all.
//
//go:embed persona.txt
var personaText string

// persona returns the messages that open every prompt: who she is, and examples that a small model holds on to better
// than to rules. The text is blocks split by blank lines; the first is the system message, the others begin with
// "Person:" or "She:" in turn.
func persona() []Message {
	blocks := strings.Split(strings.TrimSpace(personaText), "\n---\n")
	messages := []Message{{Role: RoleSystem, Content: strings.TrimSpace(blocks[0])}}
	for line := range strings.Lines(blocks[1]) {
		line = strings.TrimSpace(line)
		if words, ok := strings.CutPrefix(line, "Person:"); ok {
			messages = append(messages, Message{Role: RolePerson, Content: strings.TrimSpace(words)})
		}
		if words, ok := strings.CutPrefix(line, "She:"); ok {
			messages = append(messages, Message{Role: RoleCompanion, Content: strings.TrimSpace(words)})
		}
	}
	return messages
}

// acquaintance is what she knows of the person before the conversation: names, manner, the day.
func (p profile) acquaintance(now time.Time) Message {
	var b strings.Builder
	b.WriteString("The examples are over. Now the real conversation begins.")
	if p.CompanionName != "" {
		fmt.Fprintf(&b, " Your name is %s.", p.CompanionName)
	}
	if p.PersonName != "" {
		fmt.Fprintf(&b, " You are talking with %s.", p.PersonName)
	}
	if p.Manner != "" {
		fmt.Fprintf(&b, " How they like to be spoken to: %s.", strings.TrimRight(p.Manner, ". "))
	}
	fmt.Fprintf(&b, " It is %s, %s.", now.Format("Monday, 2 January 2006"), partOfDay(now))
	b.WriteString(" You know nothing else about them but what they say below.")
	return Message{Role: RoleSystem, Content: b.String()}
}

func partOfDay(now time.Time) string {
	switch hour := now.Hour(); {
	case hour < 5:
		return "in the night"
	case hour < 12:
		return "in the morning"
	case hour < 17:
		return "in the afternoon"
	case hour < 22:
		return "in the evening"
	default:
		return "late in the evening"
	}
}
