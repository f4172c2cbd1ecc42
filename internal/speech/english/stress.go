package english

import "strings"

// Marks and sounds of the alphabet.
const (
	primary   = "ˈ"
	secondary = "ˌ"
	vowels    = "AIOQWYaiuæɑɐɒɔəɚɛɜɪʊʌᵻ"
	// alphabet is what Kokoro knows of phonemes in US English, with the space and the pause inside a long word.
	alphabet = vowels + "bdfhjklmnpstvwzðŋɡɹʃʒʤʧθTᵊˈˌ ,"
)

// stress gives a word one main stress: an unmarked word gets the mark at its first vowel, and a weakly marked one is
// raised when the mark is primary.
func stress(sound, mark string) string {
	switch {
	case strings.Contains(sound, primary):
		return sound
	case strings.Contains(sound, secondary):
		if mark == primary {
			return strings.Replace(sound, secondary, primary, 1)
		}
		return sound
	}
	if at := strings.IndexAny(sound, vowels); at >= 0 {
		return sound[:at] + mark + sound[at:]
	}
	return sound
}

// weaken lowers a word's main stress, as in the second part of a compound.
func weaken(sound string) string {
	return strings.ReplaceAll(strings.ReplaceAll(sound, secondary, ""), primary, secondary)
}
