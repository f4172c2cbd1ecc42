package call

import (
	"time"

	"twombly/internal/speech"
	"twombly/internal/speech/clause"
)

// rest appends the pause after a clause to its sound.
func rest(utterance speech.Utterance, text string) speech.Utterance {
	pause := make([]float32, int(clause.Rest(text)*speech.VoiceRate/time.Second))
	utterance.Samples = append(utterance.Samples, pause...)
	return utterance
}
