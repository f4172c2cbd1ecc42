package companion

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// introductions are ways to say one's name.
var introductions = regexp.MustCompile(
	`(?i)\b(?:my name is|my name's|the name is|the name's|name is|call me|you can call me|i am called|i'm called|i am|i'm|it's|it is|this is|they call me|people call me)\s+` +
		`([\p{L}][\p{L}'’-]*(?:\s+[\p{Lu}][\p{L}'’-]*)?)`)

// correction is a way to say that a name was heard wrongly.
var correction = regexp.MustCompile(
	`(?i)^(?:no|nope|not quite|actually|sorry|wait)\b[\s,.!]*(?:(?:my name is|my name's|it's|it is|i'm|i am|call me|that's)\s+)?` +
		`([\p{L}][\p{L}'’-]*(?:\s+[\p{Lu}][\p{L}'’-]*)?)[\s.!]*$`)

// notNames are words that follow "I'm" or stand alone and are no names.
var notNames = map[string]bool{
	"a": true, "the": true, "not": true, "fine": true, "good": true, "okay": true, "ok": true, "sorry": true, "here": true,
	"just": true, "very": true, "so": true, "sure": true, "yes": true, "no": true, "hello": true, "hi": true, "hey": true,
	"well": true, "um": true, "uh": true, "what": true, "why": true, "who": true, "how": true, "you": true, "me": true,
	"it": true, "that": true, "this": true, "and": true, "but": true, "please": true, "thanks": true, "nothing": true,
	"i": true, "am": true, "i'm": true, "hm": true, "hmm": true, "oh": true, "uhm": true, "huh": true, "is": true, "my": true,
	"your": true, "whatever": true, "anything": true, "to": true, "in": true, "at": true, "from": true,
}

// nameIn finds the name in an answer to "What should I call you?": in an introduction, or alone. "" means that there is
// none.
func nameIn(words string) string {
	if match := introductions.FindStringSubmatch(words); match != nil {
		if name := properName(match[1]); name != "" {
			return name
		}
	}
	alone := strings.FieldsFunc(words, func(r rune) bool {
		return !unicode.IsLetter(r) && r != '\'' && r != '’' && r != '-'
	})
	// Greetings and fillers before the name: "Um, hi, Jonas."
	for len(alone) > 0 && notNames[strings.ToLower(alone[0])] {
		alone = alone[1:]
	}
	if len(alone) == 0 || len(alone) > 3 {
		return ""
	}
	return properName(strings.Join(alone, " "))
}

// correctionIn finds the right name in "No, it's Johannes."
func correctionIn(words string) string {
	match := correction.FindStringSubmatch(strings.TrimSpace(words))
	if match == nil {
		return ""
	}
	return properName(match[1])
}

// maxName bounds a name, in bytes.
const maxName = 60

// properName writes a name with its first letters large; "" when it is none.
func properName(name string) string {
	var parts []string
	for part := range strings.FieldsSeq(name) {
		part = strings.Trim(part, "'’-")
		if part == "" {
			continue
		}
		if notNames[strings.ToLower(part)] {
			if len(parts) == 0 {
				return ""
			}
			break
		}
		first, size := utf8.DecodeRuneInString(part)
		parts = append(parts, string(unicode.ToUpper(first))+part[size:])
	}
	name = strings.Join(parts, " ")
	if len(name) > maxName {
		return ""
	}
	return name
}
