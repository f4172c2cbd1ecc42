package normalize

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// abbreviation says how one is read. Its dot is part of it.
type abbreviation struct {
	words string
	// closing abbreviations may end a sentence, so that their dot may be a full stop as well.
	closing bool
	// bare ones count without their dot too.
	bare bool
	// figure ones count only before a figure.
	figure bool
}

// abbreviations by their lower-case spelling without the last dot.
var abbreviations = map[string]abbreviation{
	"dr": {words: "doctor", bare: true}, "mr": {words: "mister", bare: true}, "mrs": {words: "missus", bare: true},
	"ms": {words: "miz", bare: true}, "prof": {words: "professor"}, "rev": {words: "reverend"},
	"hon": {words: "honorable"}, "gen": {words: "general"}, "col": {words: "colonel"}, "capt": {words: "captain"},
	"lt": {words: "lieutenant"}, "sgt": {words: "sergeant"}, "sen": {words: "senator"},
	"rep": {words: "representative"}, "gov": {words: "governor"}, "pres": {words: "president"},
	"jr": {words: "junior", closing: true, bare: true}, "sr": {words: "senior", closing: true},
	"mt": {words: "mount"}, "ft": {words: "fort"},
	"ave": {words: "avenue", closing: true}, "blvd": {words: "boulevard", closing: true},
	"rd":  {words: "road", closing: true},
	"e.g": {words: "for example"}, "eg": {words: "for example"}, "i.e": {words: "that is"},
	"etc": {words: "et cetera", closing: true, bare: true}, "vs": {words: "versus", bare: true},
	"v": {words: "versus"}, "cf": {words: "compare"}, "viz": {words: "namely"}, "ca": {words: "circa", figure: true},
	"approx": {words: "approximately"}, "dept": {words: "department", closing: true},
	"est": {words: "established", figure: true}, "inc": {words: "incorporated", closing: true},
	"ltd": {words: "limited", closing: true, bare: true}, "corp": {words: "corporation", closing: true},
	"co": {words: "company", closing: true}, "bros": {words: "brothers", closing: true},
	"a.m": {words: "A M", closing: true}, "p.m": {words: "P M", closing: true},
	"no": {words: "number", figure: true}, "nos": {words: "numbers", figure: true},
	"p": {words: "page", figure: true}, "pp": {words: "pages", figure: true},
	"vol": {words: "volume", figure: true}, "ch": {words: "chapter", figure: true},
	"fig": {words: "figure", figure: true}, "sec": {words: "section", figure: true},
	"art": {words: "article", figure: true}, "ext": {words: "extension", figure: true},
	"tel": {words: "telephone"}, "apt": {words: "apartment", figure: true}, "min": {words: "minimum"},
	"max": {words: "maximum"}, "misc": {words: "miscellaneous"}, "ph.d": {words: "P H D", closing: true},
	"p.s": {words: "P S"}, "btw": {words: "by the way", bare: true}, "w/o": {words: "without", bare: true},
	"w/": {words: "with", bare: true}, "b/c": {words: "because", bare: true}, "esq": {words: "esquire", closing: true},
	"govt": {words: "government", bare: true}, "intl": {words: "international", bare: true},
	"tbsp": {words: "tablespoon"}, "tsp": {words: "teaspoon"}, "et al": {words: "et al", closing: true},
	"d.c": {words: "D C", closing: true}, "a.k.a": {words: "A K A"}, "r.s.v.p": {words: "R S V P", closing: true},
}

var abbreviationRules = []rule{
	newRule(`([Ww]/o|[Bb]/c|[Ww]/)`, readAbbreviation),
	newRule(`((?:[A-Za-z]\.){2,})([A-Za-z]?)`, readDotted),
	newRule(`(St)(\.?)`, readSaintOrStreet),
	newRule(`([A-Za-z]+)\.`, readAbbreviation),
	newRule(`([A-Za-z]+)`, readAbbreviation),
	newRule(`([Pp]h\.D)\.?`, readAbbreviation),
}

func readAbbreviation(s *scanner, m []string) bool {
	key := strings.ToLower(m[1])
	entry, ok := abbreviations[key]
	dotted := strings.HasSuffix(m[0], ".")
	if !ok || !dotted && !entry.bare && !strings.Contains(m[1], ".") {
		return false
	}
	length := len(m[0])
	if !dotted && (!s.ends(length) && !strings.HasSuffix(m[1], "/") || strings.IndexByte("'’-_@", peekByte(s.rest()[length:])) >= 0) {
		return false
	}
	if key == "ms" && m[1] != "Ms" || key == "v" && m[1] != "v" || key == "mt" && m[1] != "Mt" || key == "ft" && m[1] != "Ft" {
		return false
	}
	after := strings.TrimLeft(s.rest()[length:], " ")
	if entry.figure && (after == "" || (after[0] < '0' || after[0] > '9') && !(key == "no" && after[0] == '#')) {
		return false
	}
	if dotted && length < len(s.rest()) && isASCIILetter(rune(s.rest()[length])) {
		return false // "co.uk", "No.Then"
	}
	switch key {
	case "gen", "sen", "rep", "rev", "hon", "col", "sgt", "capt", "lt", "gov", "pres", "prof", "mt", "ft", "max":
		if r, _ := utf8.DecodeRuneInString(after); !isUpper(r) || m[1] == key {
			return false // a title stands before a name
		}
	case "min":
		if s.endsSentence(length) || s.afterFigure(1) {
			return false
		}
	}
	if dotted && entry.closing && s.endsSentence(length) {
		length--
	}
	if dotted && !entry.closing && strings.TrimSpace(s.rest()[length:]) == "" {
		length-- // "Thank you, Mr."
	}
	s.emit(length, strings.Fields(entry.words)...)
	return true
}

func peekByte(text string) byte {
	if text == "" {
		return ' '
	}
	return text[0]
}

// readDotted reads letters with dots: those with a meaning of their own, and the rest by their names ("U.S.").
func readDotted(s *scanner, m []string) bool {
	length := len(m[0])
	if !s.ends(length) {
		return false
	}
	stem := m[0]
	if m[2] == "" {
		stem = strings.TrimSuffix(stem, ".")
	}
	closing := true
	words := letters(strings.ReplaceAll(stem, ".", ""))
	if entry, ok := abbreviations[strings.ToLower(stem)]; ok {
		words, closing = strings.Fields(entry.words), entry.closing
	} else if m[2] != "" && !isUpper(rune(m[2][0])) {
		return false
	}
	if m[2] == "" && closing && s.endsSentence(length) && !s.continuesName(stem, length) {
		length--
	}
	if rest := s.rest()[length:]; strings.HasPrefix(rest, "'s") || strings.HasPrefix(rest, "’s") {
		if s.ends(length + len(rest) - len(strings.TrimLeft(rest, "'’s"))) {
			length += len(rest) - len(strings.TrimLeft(rest, "'’"))
			length++
			words[len(words)-1] += "'s"
		}
	}
	s.emit(length, words...)
	return true
}

// continuesName reports whether a capital after dotted letters is the rest of a name: "J.R.R. Tolkien", "U.S. Navy",
// but not "in the U.S. The".
func (s *scanner) continuesName(stem string, length int) bool {
	next := nextWord(s.rest()[length:])
	if next == "" || strings.ToUpper(stem) != stem {
		return false
	}
	return !commonStarters[strings.ToLower(next)]
}

// commonStarters are words that begin sentences far more often than they follow an abbreviation inside one.
var commonStarters = wordSet(`the a an i it he she we they you this that these those there here what when where who why
	how and but or so if then in on at for from to my your his her our their is are was were do does did not no yes
	please thank thanks let maybe perhaps after before as`)

var streetName = regexp.MustCompile(`^[A-Z0-9]`)

// readSaintOrStreet reads "St." as a saint before a name, and as a street after one.
func readSaintOrStreet(s *scanner, m []string) bool {
	length := len(m[0])
	if !s.ends(len(m[1])) {
		return false
	}
	next := strings.TrimLeft(s.rest()[length:], " ")
	r, _ := utf8.DecodeRuneInString(next)
	if isUpper(r) && !commonStarters[strings.ToLower(nextWord(next))] && !streetName.MatchString(s.previousName()) {
		s.emit(length, "saint")
		return true
	}
	if streetName.MatchString(s.previousName()) {
		if m[2] != "" && s.endsSentence(length) {
			length--
		}
		s.emit(length, "street")
		return true
	}
	if isUpper(r) {
		s.emit(length, "saint")
		return true
	}
	return false
}

// previousName returns the word before when it can be the name of a street: not one that begins a sentence, nor a
// preposition.
func (s *scanner) previousName() string {
	word := s.previous(1)
	if commonStarters[strings.ToLower(word)] {
		return ""
	}
	return word
}
