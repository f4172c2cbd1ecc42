package normalize

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	blockMark   = regexp.MustCompile(`^(?:#{1,6}[ \t]+|[-*+•‣◦▪][ \t]+(?:\[[ xX]\][ \t]+)?|>[ \t]?)`)
	listNumber  = regexp.MustCompile(`^(\d{1,3})[.)][ \t]+`)
	ruleLine    = regexp.MustCompile(`^(?:(?:[-*_=][ \t]*){3,}|[|:\- \t]*\|[|:\- \t]*-[|:\- \t]*)(?:\n|$)`)
	fence       = regexp.MustCompile("^(?:```|~~~)[^\n]*")
	linkTarget  = regexp.MustCompile(`^\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+"[^"]*")?\)`)
	linkLabel   = regexp.MustCompile(`^\]\[[^\]\n]*\]`)
	footnote    = regexp.MustCompile(`^\[(?:\^[^\]\n]*|\d{1,3})\]`)
	htmlTag     = regexp.MustCompile(`^</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>\n]*)?/?>|^<!--(?s:.*?)-->`)
	htmlEntity  = regexp.MustCompile(`^&(?:#\d+|#x[0-9a-fA-F]+|[a-z]{2,6});`)
	spokenNames = map[string]string{"&amp;": "and", "&lt;": "less than", "&gt;": "greater than", "&deg;": "degrees"}
)

func startsListItem(text string) bool {
	return blockMark.MatchString(text) || listNumber.MatchString(text) || strings.HasPrefix(text, "|")
}

// markdown skips the marks of Markdown and HTML at the scanner's place and reports whether there were any.
func (s *scanner) markdown() bool {
	rest := s.ahead()
	if s.lineStart && s.markdownBlock(rest) {
		return true
	}
	switch rest[0] {
	case '*', '_':
		return s.markdownEmphasis(rest)
	case '`':
		s.at += len(rest) - len(strings.TrimLeft(rest, "`"))
		return true
	case '~':
		if strings.HasPrefix(rest, "~~") && !strings.HasPrefix(rest, "~~~") {
			s.at += 2
			return true
		}
	case '!':
		if strings.HasPrefix(rest, "![") {
			s.at += 2
			return true
		}
	case '[':
		if match := footnote.FindString(rest); match != "" && s.at > 0 && !s.space {
			s.at += len(match)
			return true
		}
		s.at++
		return true
	case ']':
		for _, pattern := range []*regexp.Regexp{linkTarget, linkLabel} {
			if match := pattern.FindString(rest); match != "" {
				s.at += len(match)
				return true
			}
		}
		s.at++
		return true
	case '<':
		if match := htmlTag.FindString(rest); match != "" {
			s.at += len(match)
			return true
		}
	case '&':
		if match := htmlEntity.FindString(rest); match != "" {
			s.emit(len(match), strings.Fields(spokenNames[match])...)
			return true
		}
	case '\\':
		if len(rest) > 1 && strings.IndexByte("\\`*_{}[]()#+-.!|~>", rest[1]) >= 0 {
			s.at++
			return s.symbol() || s.silent()
		}
	case '|':
		if !strings.HasPrefix(rest, "||") && s.lastIsWord() {
			s.mark(1, ",")
			return true
		}
		return s.silent()
	}
	return false
}

func (s *scanner) silent() bool {
	_, size := utf8.DecodeRuneInString(s.rest())
	s.at += size
	return true
}

// markdownBlock reads what stands at the start of a line.
func (s *scanner) markdownBlock(rest string) bool {
	if match := fence.FindString(rest); match != "" {
		body := s.rest()[len(match):]
		if end := strings.Index(body, "\n"+match[:3]); end >= 0 {
			s.at += len(match) + end + 1 + 3 // code is not for speaking
			return true
		}
		s.at += len(match)
		return true
	}
	if match := ruleLine.FindString(rest); match != "" {
		s.at += len(match)
		return true
	}
	if match := blockMark.FindString(rest); match != "" {
		s.at += len(match)
		s.listItem = match[0] != '>'
		return true
	}
	if match := listNumber.FindStringSubmatch(rest); match != nil {
		s.listItem = true
		s.lineStart = false
		s.emit(len(match[1]), cardinal(match[1])...)
		s.mark(1, ",")
		return true
	}
	return false
}

// markdownEmphasis skips asterisks and underscores that open or close emphasis; those between blanks or digits are
// signs.
func (s *scanner) markdownEmphasis(rest string) bool {
	run := rest[:len(rest)-len(strings.TrimLeft(rest, rest[:1]))]
	after, _ := utf8.DecodeRuneInString(rest[len(run):])
	before := s.before()
	opens := after != utf8.RuneError && !unicode.IsSpace(after)
	closes := !unicode.IsSpace(before)
	if unicode.IsDigit(before) && unicode.IsDigit(after) || !opens && !closes && len(run) == 1 {
		return false
	}
	switch {
	case s.emphasis != "" && closes:
		s.emphasis = ""
	case s.emphasis == "" && opens && strings.Contains(rest[len(run):], run) && len(run) < 3:
		s.emphasis = run
	}
	s.at += len(run)
	return true
}
