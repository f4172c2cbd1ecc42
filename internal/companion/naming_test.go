package companion

import (
	"strings"
	"testing"
)

func TestReasonsForAName(t *testing.T) {
	for _, test := range []struct{ name, reason, want string }{
		{"as asked", "it sounds like somebody who listens first", "it sounds like somebody who listens first"},
		{"with because", "Because it is short and warm.", "it is short and warm"},
		{"a sentence", "It's playful, like a cat.", "it's playful, like a cat"},
		{"the first of two, the second cut off", "It's playful, like a cat. It reminds me of someone who looks at the world from a different", "it's playful, like a cat"},
		{"of herself", "I'm curious, and it means to look", "I'm curious, and it means to look"},
		{"I alone", "I like how it begins", "I like how it begins"},
		{"cut off", strings.Repeat("so and so ", longestReason/10+1), ""},
		{"too short", "It's nice", ""},
		{"no reason", `{"name": "Ada or so"}`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := sayable(test.reason); got != test.want {
				t.Errorf("%q, not %q", got, test.want)
			}
		})
	}
}
