package normalize

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text reads a text. The tokens are in order, do not overlap, and lie inside the text; any input will do.
func Text(text string) []Token {
	s := &scanner{text: text, lineStart: true}
	for s.at < len(s.text) {
		s.step()
	}
	return s.tokens
}

// scanner is the state of one reading.
type scanner struct {
	text      string
	at        int // the next byte to read
	tokens    []Token
	lineStart bool   // nothing but white space and list marks since the line began
	space     bool   // white space stands before at
	quoting   bool   // inside double quotation marks
	emphasis  string // the emphasis mark that is open: "*", "**", "_", "__"
	listItem  bool   // the line is a heading or a list item: its end is the end of a sentence
}

// A rule reads what a pattern matches at the scanner's place. It returns false, and must not have moved, when the match
// means something else.
type rule struct {
	pattern *regexp.Regexp
	read    func(s *scanner, match []string) bool
}

func newRule(pattern string, read func(s *scanner, match []string) bool) rule {
	return rule{regexp.MustCompile(`^(?:` + pattern + `)`), read}
}

// step reads what stands at the scanner's place: at least one rune.
func (s *scanner) step() {
	if s.skipSpace() || s.at == len(s.text) {
		return
	}
	if s.markdown() {
		return
	}
	s.lineStart = false
	if s.wordMayStart() {
		for _, group := range s.groups() {
			for _, rule := range group {
				if match := rule.pattern.FindStringSubmatch(s.ahead()); match != nil && rule.read(s, match) {
					return
				}
			}
		}
	}
	if s.word() || s.symbol() {
		return
	}
	_, size := utf8.DecodeRuneInString(s.rest())
	s.at += size // silent
}

// groups lists the rules that can apply to the next character.
func (s *scanner) groups() [][]rule {
	switch r := s.peek(); {
	case r >= '0' && r <= '9':
		return [][]rule{dateRules, addressRules, clockRules, phoneRules, quantityRules}
	case isASCIILetter(r):
		return [][]rule{addressRules, monthRules, quantityRules, abbreviationRules}
	case r == '@', r == '#', r == '<', r == '~' && strings.HasPrefix(s.rest(), "~/"), r == '/':
		return [][]rule{addressRules}
	case r == '+', r == '(':
		return [][]rule{phoneRules, quantityRules}
	case strings.ContainsRune("-−±.$£€¥₹½⅓⅔¼¾⅛⅜⅝⅞⅕'’~≈", r):
		return [][]rule{quantityRules}
	}
	return nil
}

// skipSpace skips white space. The end of a list item, heading or paragraph that has no mark gets a full stop.
func (s *scanner) skipSpace() bool {
	start := s.at
	newlines := 0
	for s.at < len(s.text) {
		r, size := utf8.DecodeRuneInString(s.rest())
		if !unicode.IsSpace(r) && r != '\u200b' && r != '\ufeff' {
			break
		}
		if r == '\n' {
			newlines++
		}
		s.at += size
	}
	if s.at == start {
		return false
	}
	s.space = true
	if newlines > 0 {
		next := s.rest()
		if (s.listItem || newlines > 1 || startsListItem(window(next))) && s.lastIsWord() && next != "" {
			s.tokens = append(s.tokens, Token{Start: start, End: start, Mark: "."})
		}
		s.lineStart, s.listItem, s.emphasis = true, false, ""
	}
	return true
}

func (s *scanner) rest() string { return s.text[s.at:] }

// lookahead bounds how far a pattern may look, so that the cost of a step does not grow with the text. Longer addresses
// are read in pieces.
const lookahead = 512

// ahead is the part of the rest that patterns look at.
func (s *scanner) ahead() string { return window(s.rest()) }

func window(text string) string {
	if len(text) <= lookahead {
		return text
	}
	end := lookahead
	for end > lookahead-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

func (s *scanner) peek() rune {
	r, _ := utf8.DecodeRuneInString(s.rest())
	return r
}

// before returns the rune before the scanner's place, or a blank at the start.
func (s *scanner) before() rune {
	if s.at == 0 {
		return ' '
	}
	r, _ := utf8.DecodeLastRuneInString(s.text[:s.at])
	return r
}

// wordMayStart reports whether the scanner does not stand inside a word.
func (s *scanner) wordMayStart() bool {
	r := s.before()
	return !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// ends reports whether a word may end n bytes ahead: no letter or digit follows.
func (s *scanner) ends(n int) bool {
	r, _ := utf8.DecodeRuneInString(s.rest()[n:])
	return !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// emit adds one word token that covers the next n bytes, and moves past them. Without words they are silent.
func (s *scanner) emit(n int, words ...string) {
	if len(words) > 0 {
		s.tokens = append(s.tokens, Token{
			Start: s.at, End: s.at + n, Words: words, SpaceBefore: s.space, Stressed: s.emphasis != "",
		})
	}
	s.at += n
	s.space = false
}

// mark adds one mark that covers the next n bytes, and moves past them.
func (s *scanner) mark(n int, mark string) {
	s.tokens = append(s.tokens, Token{Start: s.at, End: s.at + n, Mark: mark, SpaceBefore: s.space})
	s.at += n
	s.space = false
}

// gap moves past n bytes of white space between the parts of one thing ("5 km").
func (s *scanner) gap(n int) {
	s.at += n
	s.space = s.space || n > 0
}

func (s *scanner) lastIsWord() bool {
	return len(s.tokens) > 0 && s.tokens[len(s.tokens)-1].IsWord()
}

// previous returns the source of the token before, back being 1 for the last; empty at a mark (a comma counts as
// none when over is true) or the start.
func (s *scanner) previous(back int) string {
	if len(s.tokens) < back {
		return ""
	}
	token := s.tokens[len(s.tokens)-back]
	return s.text[token.Start:token.End]
}

// sentenceStart reports whether the next word is the first of its sentence.
func (s *scanner) sentenceStart() bool {
	for i := len(s.tokens) - 1; i >= 0; i-- {
		switch token := s.tokens[i]; token.Mark {
		case "":
			return false
		case ".", "!", "?", ":", "…", "—":
			return true
		}
	}
	return true
}

func isASCIILetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
