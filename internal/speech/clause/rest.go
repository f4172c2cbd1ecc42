package clause

import (
	"strings"
	"time"
	"unicode/utf8"
)

// The silence after a clause, by how it ends. The synthesis trims its clauses tight; without these they would run into
// one another.
const (
	restSentence = 190 * time.Millisecond
	restComma    = 90 * time.Millisecond
	restNone     = 15 * time.Millisecond
)

// Rest is how long she rests after a clause.
func Rest(clause string) time.Duration {
	clause = strings.TrimRight(clause, " \n\t\"'”’)")
	last, _ := utf8.DecodeLastRuneInString(clause)
	switch last {
	case '.', '!', '?', '…':
		return restSentence
	case ',', ';', ':', '—', '–':
		return restComma
	}
	return restNone
}
