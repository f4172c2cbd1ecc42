package normalize

import "strings"

// Token is one written word with its reading, or one mark.
type Token struct {
	// Start and End are byte offsets in the source.
	Start, End int
	// Words are spoken one after the other. A single capital letter is spoken by its name ("F", "B", "I"); "," is a
	// short pause, as between the groups of a telephone number. Empty for a mark.
	Words []string
	// Mark is punctuation, one of ; : , . ! ? — … ( ) “ ”, and empty for a word.
	Mark string
	// Stressed is true for words in capitals ("NOT") or between emphasis marks ("*not*").
	Stressed bool
	// SpaceBefore is true when white space stands before the token in the source.
	SpaceBefore bool
}

// IsWord reports whether the token is spoken.
func (t Token) IsWord() bool { return len(t.Words) > 0 }

// Pause is the entry of Token.Words that stands for a short pause.
const Pause = ","

// Reading joins the spoken words of all tokens with single spaces, without pauses and marks.
func Reading(tokens []Token) string {
	var words []string
	for _, token := range tokens {
		for _, word := range token.Words {
			if word != Pause {
				words = append(words, word)
			}
		}
	}
	return strings.Join(words, " ")
}
