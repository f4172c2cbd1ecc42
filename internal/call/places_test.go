package call

import (
	"math"
	"slices"
	"testing"

	"twombly/internal/speech"
)

// TestPlaces: she may stop where a word ends, and between the syllables of a long one.
func TestPlaces(t *testing.T) {
	tone := func(ms int, level float64) (samples []float32) {
		for i := range ms * speech.VoiceRate / 1000 {
			samples = append(samples, float32(level*math.Sin(float64(i)*0.05)))
		}
		return samples
	}
	long := slices.Concat(tone(150, 0.3), tone(30, 0.02), tone(150, 0.3))
	short := slices.Concat(tone(90, 0.3), tone(30, 0.02), tone(90, 0.3))
	level := tone(400, 0.3)
	utterance := speech.Utterance{Samples: slices.Concat(long, short, level)}
	at := 0
	for _, word := range [][]float32{long, short, level} {
		utterance.Words = append(utterance.Words, speech.WordTime{From: at, To: at + len(word)})
		at += len(word)
	}
	places := Places(utterance)
	ends := []int{len(long), len(long) + len(short), len(utterance.Samples)}
	if len(places) != 4 || !slices.Equal(places[1:], ends) {
		t.Fatalf("places %v, wanted one in the first word and its ends %v", places, ends)
	}
	if from, to := 150*speech.VoiceRate/1000, 180*speech.VoiceRate/1000; places[0] < from || places[0] > to {
		t.Errorf("she stops at %d, where a syllable sounds: between %d and %d none does", places[0], from, to)
	}
}
