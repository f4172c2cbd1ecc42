package call

import (
	"strings"
	"time"
	"unicode/utf8"

	"twombly/internal/speech"
)

// The silence after a clause, by how it ends. The synthesis trims its clauses tight; without these they would run into
// one another.
const (
	pauseSentence = 190 * time.Millisecond
	pauseComma    = 90 * time.Millisecond
	pauseNone     = 15 * time.Millisecond
)

// pauseAfter is how long she rests after a clause.
func pauseAfter(text string) time.Duration {
	text = strings.TrimRight(text, " \n\t\"'”’)")
	last, _ := utf8.DecodeLastRuneInString(text)
	switch last {
	case '.', '!', '?', '…':
		return pauseSentence
	case ',', ';', ':', '—', '–':
		return pauseComma
	}
	return pauseNone
}

// rest appends the pause after a clause to its sound.
func rest(utterance speech.Utterance, text string) speech.Utterance {
	pause := make([]float32, int(pauseAfter(text)*speech.VoiceRate/time.Second))
	utterance.Samples = append(utterance.Samples, pause...)
	return utterance
}
