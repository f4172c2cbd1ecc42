package normalize

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// clockRules read times of day, durations, scores and ratios written with colons.
var clockRules = []rule{
	newRule(`(\d{1,2}):([0-5]\d):([0-5]\d)(?:\.\d+)?`, readDuration),
	newRule(`(\d{1,2}):([0-5]\d)(\s?)([aApP])(?:\.\s?[mM]\b\.?|[mM]\b)`, readClockHalf),
	newRule(`(\d{1,2}):([0-5]\d)(?:\s?([hH])\b)?`, readClock),
	newRule(`(\d{1,2})(\s?)([aApP])(?:\.\s?[mM]\b\.?|[mM]\b)`, readHourHalf),
	newRule(`(\d{1,2})(\s?[-–—]\s?)(\d{1,2})(?::([0-5]\d))?(\s?)([aApP])(?:\.\s?[mM]\b\.?|[mM]\b)`, readHourRange),
	newRule(`(\d+):(\d+)`, readRatio),
}

// hourAndMinute reads a clock without the half of the day; bare means that none follows.
func hourAndMinute(hour, minute string, bare bool) []string {
	h, _ := strconv.Atoi(hour)
	m, _ := strconv.Atoi(minute)
	words := belowHundred(h)
	switch {
	case m == 0 && !bare:
	case m == 0 && h == 0:
		return []string{"midnight"}
	case m == 0 && h > 12:
		words = append(words, "hundred")
	case m == 0:
		words = append(words, "o'clock")
	case m < 10:
		words = append(words, "oh", units[m])
	default:
		words = append(words, belowHundred(m)...)
	}
	return words
}

func halfOfDay(letter string) []string { return []string{strings.ToUpper(letter), "M"} }

// emitHalf emits a time whose half of the day is written apart ("7:45 pm") as two tokens, and together as one. A full
// stop that ends both "p.m." and the sentence is left to be read as a mark.
func (s *scanner) emitHalf(match string, timeLength int, space, letter string, words []string) {
	length := len(match)
	if strings.HasSuffix(match, ".") && s.endsSentence(length) {
		length--
	}
	if space == "" {
		s.emit(length, append(words, halfOfDay(letter)...)...)
		return
	}
	s.emit(timeLength, words...)
	s.gap(len(space))
	s.emit(length-timeLength-len(space), halfOfDay(letter)...)
}

func readClockHalf(s *scanner, match []string) bool {
	if h, _ := strconv.Atoi(match[1]); h > 12 || !s.ends(len(match[0])) {
		return false
	}
	s.emitHalf(match[0], len(match[1])+1+len(match[2]), match[3], match[4], hourAndMinute(match[1], match[2], false))
	return true
}

func readClock(s *scanner, match []string) bool {
	if h, _ := strconv.Atoi(match[1]); h > 24 || !s.ends(len(match[0])) {
		return false
	}
	bare := !isClockWord(nextWord(s.rest()[len(match[0]):]))
	s.emit(len(match[0]), hourAndMinute(match[1], match[2], bare)...)
	return true
}

// isClockWord reports whether a word after a full hour takes the place of "o'clock".
func isClockWord(word string) bool {
	switch strings.ToLower(word) {
	case "o'clock", "o’clock", "am", "pm", "hours", "sharp":
		return true
	}
	return false
}

func readHourHalf(s *scanner, match []string) bool {
	h, _ := strconv.Atoi(match[1])
	if h < 1 || h > 12 || !s.ends(len(match[0])) {
		return false
	}
	if match[2] == " " && strings.HasSuffix(match[0], " am") {
		if next := nextWord(s.rest()[len(match[0]):]); next == "not" || next == "a" || next == "the" {
			return false // "of the two I am the second" has no figure, but "number 5 am I"
		}
	}
	s.emitHalf(match[0], len(match[1]), match[2], match[3], belowHundred(h))
	return true
}

func readHourRange(s *scanner, match []string) bool {
	first, _ := strconv.Atoi(match[1])
	last, _ := strconv.Atoi(match[3])
	if first < 1 || first > 12 || last < 1 || last > 12 || !s.ends(len(match[0])) {
		return false
	}
	words := append(belowHundred(first), "to")
	length := len(match[1]) + len(match[2]) + len(match[3])
	if match[4] != "" {
		length += 1 + len(match[4])
		words = append(words, hourAndMinute(match[3], match[4], false)...)
	} else {
		words = append(words, belowHundred(last)...)
	}
	s.emitHalf(match[0], length, match[5], match[6], words)
	return true
}

// readDuration reads 1:23:45 with its parts apart.
func readDuration(s *scanner, match []string) bool {
	if !s.ends(len(match[0])) {
		return false
	}
	words := hourAndMinute(match[1], match[2], false)
	if match[2] == "00" {
		words = append(words, "hundred")
	}
	if seconds, _ := strconv.Atoi(match[3]); seconds > 0 {
		words = append(words, "and")
		words = append(words, belowHundred(seconds)...)
		words = append(words, "seconds")
	}
	s.emit(len(match[0]), words...)
	return true
}

// readRatio reads 3:2 as "three to two".
func readRatio(s *scanner, match []string) bool {
	if !s.ends(len(match[0])) || len(match[0]) > 12 {
		return false
	}
	words := append(cardinal(match[1]), "to")
	s.emit(len(match[0]), append(words, cardinal(match[2])...)...)
	return true
}

// nextWord returns the first word of a text, after blanks, with its apostrophes and without marks.
func nextWord(text string) string {
	text = window(text)
	text = strings.TrimLeft(text, " \t\u00a0")
	end := strings.IndexFunc(text, func(r rune) bool { return !isWordRune(r) })
	if end < 0 {
		end = len(text)
	}
	return text[:end]
}

// endsSentence reports whether a full stop that ends an abbreviation of n bytes ends the sentence too: the text ends,
// or a capital follows.
func (s *scanner) endsSentence(n int) bool {
	after := s.rest()[n:]
	trimmed := strings.TrimLeft(window(after), " \t\n\"”')")
	if trimmed == "" {
		return true
	}
	r, _ := utf8.DecodeRuneInString(trimmed)
	return len(trimmed) < len(window(after)) && isUpper(r)
}
