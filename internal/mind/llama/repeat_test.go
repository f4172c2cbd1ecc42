package llama

import (
	"testing"

	yzma "github.com/hybridgroup/yzma/pkg/llama"
)

func TestLoops(t *testing.T) {
	// said is phrases said n times over after some other tokens.
	said := func(phrase, times int) []yzma.Token {
		tokens := []yzma.Token{900, 901, 902}
		for i := range phrase * times {
			tokens = append(tokens, yzma.Token(i%phrase))
		}
		return tokens
	}
	for _, test := range []struct {
		name   string
		tokens []yzma.Token
		want   bool
	}{
		{"nothing", nil, false},
		{"one token 23 times", said(1, 23), false}, // "ha ha ha" may go on for a while
		{"one token 24 times", said(1, 24), true},
		{"a phrase of 8 twice", said(8, 2), false},
		{"a phrase of 8 three times", said(8, 3), true},
		{"a sentence of 30 twice", said(30, 2), false},
		{"a sentence of 30 three times", said(30, 3), true},
		{"a paragraph of 41 three times", said(41, 3), false},
		{"all different", said(300, 1), false},
		{"a loop that was left", append(said(8, 3), 950), false},
	} {
		if got := loops(test.tokens); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}
