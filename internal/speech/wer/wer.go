// Package wer counts word errors between what was said and what was understood, for tests and benchmarks.
package wer

import (
	"strings"
	"unicode"

	"twombly/internal/speech/english/normalize"
)

// Words returns the words of a text as they are compared: numbers, times and abbreviations spelled out, lower case,
// without punctuation, hyphenated words apart.
func Words(text string) []string {
	var words []string
	for _, token := range normalize.Text(text) {
		for _, spoken := range token.Words {
			if spoken == normalize.Pause {
				continue
			}
			words = append(words, strings.FieldsFunc(strings.ToLower(spoken), func(r rune) bool {
				return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\''
			})...)
		}
	}
	return words
}

// WordErrorRate returns the least number of words that must be replaced, dropped or put in to turn the hypothesis into
// the reference, and the number of words of the reference. Sum both over many texts before dividing.
func WordErrorRate(reference, hypothesis string) (errors, words int) {
	want, got := Words(reference), Words(hypothesis)
	return distance(want, got), len(want)
}

// distance is the edit distance of Levenshtein, over words.
func distance(a, b []string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			replaced := diagonal
			if x != y {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
