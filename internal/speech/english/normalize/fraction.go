package normalize

import (
	"strconv"
	"strings"
)

var denominators = map[int]unit{
	2: {"half", "halves"}, 3: {"third", "thirds"}, 4: {"quarter", "quarters"}, 5: {"fifth", "fifths"},
	6: {"sixth", "sixths"}, 7: {"seventh", "sevenths"}, 8: {"eighth", "eighths"}, 9: {"ninth", "ninths"},
	16: {"sixteenth", "sixteenths"}, 32: {"thirty second", "thirty seconds"},
}

// fractionWords reads n/d; ok is false when it isn't a proper fraction that has a name.
func fractionWords(n, d int) (words []string, ok bool) {
	name, known := denominators[d]
	if !known || n < 1 || n >= d {
		return nil, false
	}
	spoken := name.many
	if n == 1 {
		spoken = name.one
	}
	return append(belowHundred(n), strings.Fields(spoken)...), true
}

var fractionGlyphs = map[string][2]int{
	"½": {1, 2}, "⅓": {1, 3}, "⅔": {2, 3}, "¼": {1, 4}, "¾": {3, 4}, "⅛": {1, 8}, "⅜": {3, 8}, "⅝": {5, 8}, "⅞": {7, 8},
	"⅕": {1, 5},
}

func readMixedGlyph(s *scanner, m []string) bool {
	part := fractionGlyphs[m[3]]
	s.emit(len(m[0]), mixedNumber(cardinal(m[1]), part[0], part[1])...)
	return true
}

func readFractionGlyph(s *scanner, m []string) bool {
	part := fractionGlyphs[m[1]]
	words, _ := fractionWords(part[0], part[1])
	s.emit(len(m[0]), words...)
	return true
}

// mixedNumber reads "two and a half", "one and three quarters".
func mixedNumber(whole []string, n, d int) []string {
	words, _ := fractionWords(n, d)
	if n == 1 {
		words[0] = "a"
		if d == 8 {
			words[0] = "an"
		}
	}
	return append(append(whole, "and"), words...)
}

func readMixedFraction(s *scanner, m []string) bool {
	n, _ := strconv.Atoi(m[3])
	d, _ := strconv.Atoi(m[4])
	if _, ok := fractionWords(n, d); !ok || !s.ends(len(m[0])) {
		return false
	}
	s.emit(len(m[0]), mixedNumber(cardinal(m[1]), n, d)...)
	return true
}

// readFraction reads fractions, marks out of ten, and "24/7".
func readFraction(s *scanner, m []string) bool {
	if !s.ends(len(m[0])) || strings.HasPrefix(s.rest()[len(m[0]):], "/") {
		return false
	}
	n, _ := strconv.Atoi(m[1])
	d, _ := strconv.Atoi(m[2])
	words, ok := fractionWords(n, d)
	switch {
	case ok:
	case m[0] == "24/7", m[0] == "9/11", n == d, n > 99 && d > 99 && n < 250:
		words = append(cardinal(m[1]), cardinal(m[2])...)
		if n > 99 {
			words = append(append(cardinal(m[1]), "over"), cardinal(m[2])...)
		}
	case d == 10 || d == 20 || d == 100 || d == 5 || d == 50:
		words = append(append(cardinal(m[1]), "out", "of"), cardinal(m[2])...)
	default:
		words = append(append(cardinal(m[1]), "over"), cardinal(m[2])...)
	}
	s.emit(len(m[0]), words...)
	return true
}
