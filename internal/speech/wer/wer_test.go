package wer_test

import (
	"testing"

	"twombly/internal/speech/wer"
)

func TestWordErrorRate(t *testing.T) {
	for _, test := range []struct {
		reference, hypothesis string
		errors, words         int
	}{
		{"go forward ten meters", "Go forward 10 meters.", 0, 4},
		{"go forward ten meters", "Go forward to meters", 1, 4},
		{"the child almost hurt the small dog", "The child almost hurt the dog.", 1, 7},
		{"ask not", "So, ask me not!", 2, 2},
		{"rather cold hearted", "Rather cold-hearted.", 0, 3},
		{"mister john dashwood", "Mr. John Dashwood", 0, 3},
		{"it's at seven forty five", "It's at 7:45.", 0, 5},
		{"a b c", "", 3, 3},
		{"", "anything else", 2, 0},
		{"one two three", "three one two", 2, 3},
	} {
		errors, words := wer.WordErrorRate(test.reference, test.hypothesis)
		if errors != test.errors || words != test.words {
			t.Errorf("%q for %q: %d of %d, want %d of %d (%q, %q)", test.hypothesis, test.reference, errors, words,
				test.errors, test.words, wer.Words(test.reference), wer.Words(test.hypothesis))
		}
	}
}
