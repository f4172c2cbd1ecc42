package companion

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"twombly/internal/care"
)

// cleaner makes a streamed answer fit to be spoken: Markdown, stage directions, emoji and a leading name go, sentences
// that the rules of conduct forbid are left out or replaced, and the answer ends after so many sentences. Text comes out
// as soon as it can't change any more.
type cleaner struct {
	// sentences is how many sentences may come; 0 means any number.
	sentences int
	// name is what the model may put before her words ("Ada: …").
	name string

	held    strings.Builder // cleaned text of the sentence, not yet decided
	decided bool            // the sentence may be said
	dropped bool            // the sentence is being left out
	count   int
	aside   rune // the closing sign of a stage direction that is open, 0 when none
	asideAt int  // runes since it opened
	started bool // something was said
	last    rune // last rune that was kept
	pending string
	word    strings.Builder
}

// maxAside is the longest stage direction, in runes; what is longer was none and is dropped up to there all the same.
const maxAside = 120

// push takes a piece of the model's text and returns what may be said of it. done is true when no more is wanted.
func (c *cleaner) push(piece string) (text string, done bool) {
	var out strings.Builder
	piece = c.pending + piece
	c.pending = ""
	for len(piece) > 0 {
		if !utf8.FullRuneInString(piece) {
			c.pending = piece
			break
		}
		r, size := utf8.DecodeRuneInString(piece)
		piece = piece[size:]
		c.rune(r, &out)
		if c.full() {
			return out.String(), true
		}
	}
	return out.String(), false
}

// flush returns what is left at the end of the model's text.
func (c *cleaner) flush() string {
	var out strings.Builder
	c.endSentence(&out)
	return out.String()
}

func (c *cleaner) full() bool { return c.sentences > 0 && c.count >= c.sentences }

// rune takes one character.
func (c *cleaner) rune(r rune, out *strings.Builder) {
	if c.aside != 0 {
		c.asideAt++
		if r == c.aside || r == '\n' || c.asideAt > maxAside {
			c.aside = 0
		}
		return
	}
	switch {
	case r == '(' || r == '[':
		c.aside, c.asideAt = closing(r), 0
		return
	case r == '*' || r == '_' || r == '`' || r == '#' || r == '~' || r == '<' || r == '>' || r == '|' || r == '"' || r == ')' || r == ']':
		// Marks of emphasis, headings, code and quotation are not spoken; the words between them are.
		c.star(r)
		return
	case r == '\n' || r == '\r' || r == '\t':
		r = ' '
	case r == '•' || isPictograph(r) || unicode.Is(unicode.Cc, r) || r == utf8.RuneError:
		return
	}
	if r == ' ' && (c.last == ' ' || c.last == 0) {
		return
	}
	c.keep(r, out)
}

// star treats *waves* as a stage direction when it opens a sentence or follows a space and holds words of action: what
// can't be told from emphasis is kept as words, for dropping somebody's words is worse.
func (c *cleaner) star(r rune) {
	if r == '*' && c.last == 0 {
		c.aside, c.asideAt = '*', 0
	}
}

func closing(open rune) rune {
	if open == '[' {
		return ']'
	}
	return ')'
}

// keep appends a character to the sentence and decides about it.
func (c *cleaner) keep(r rune, out *strings.Builder) {
	before := c.last
	c.last = r
	c.held.WriteRune(r)
	if endsSentence(before, r) && !abbreviations[strings.ToLower(c.word.String())] {
		c.word.Reset()
		c.endSentence(out)
		return
	}
	if unicode.IsLetter(r) {
		c.word.WriteRune(r)
	} else if r == ' ' {
		c.word.Reset()
	}
	if c.dropped {
		return
	}
	if c.decided {
		out.WriteString(c.held.String())
		c.held.Reset()
		return
	}
	if c.stripName() {
		return
	}
	switch care.Judge(c.held.String(), false) {
	case care.Fine:
		c.decided = true
		out.WriteString(c.held.String())
		c.held.Reset()
	case care.Drop, care.Replace:
		c.dropped = true
	case care.Undecided:
	}
}

// stripName drops a name with a colon before her first words.
func (c *cleaner) stripName() bool {
	if c.started {
		return false
	}
	held := strings.ToLower(strings.TrimSpace(c.held.String()))
	for _, name := range []string{c.name, "she", "assistant", "companion"} {
		if name == "" {
			continue
		}
		label := strings.ToLower(name) + ":"
		if held == label {
			c.held.Reset()
			c.last = 0
			return true
		}
		if held != "" && strings.HasPrefix(label, held) {
			return true // may become one
		}
	}
	return false
}

// endsSentence says whether a space after a full stop, or the stop itself, ends a sentence: it ends at the space after
// the sign, so that "3.5" and "e.g." in the middle of a word do not.
func endsSentence(before, r rune) bool {
	return r == ' ' && (before == '.' || before == '!' || before == '?' || before == '…')
}

// endSentence lets the sentence out, or not.
func (c *cleaner) endSentence(out *strings.Builder) {
	text := c.held.String()
	c.held.Reset()
	verdict := care.Fine
	if !c.decided {
		if strings.TrimSpace(text) == "" {
			return
		}
		verdict = care.Judge(text, true)
	}
	dropped := c.dropped
	c.decided, c.dropped = false, false
	switch {
	case verdict == care.Replace:
		out.WriteString(care.HonestAnswer + " ")
	case dropped || verdict == care.Drop:
		return
	default:
		out.WriteString(text)
	}
	c.started = true
	c.count++
}

// abbreviations end in a full stop and no sentence.
var abbreviations = map[string]bool{"mr": true, "mrs": true, "ms": true, "dr": true, "st": true, "vs": true, "prof": true}

// isPictograph says whether a character is an emoji or a symbol that is not spoken.
func isPictograph(r rune) bool {
	return r >= 0x1F000 || r >= 0x2600 && r <= 0x27BF || r == 0xFE0F || r == 0x200D || r >= 0x2190 && r <= 0x21FF
}
