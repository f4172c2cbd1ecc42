package call

import (
	"strings"

	"twombly/internal/speech"
)

// WordsAs is what the machine is told when the turn up to a pause was recognised. known are the names of her and of the person.
func WordsAs(pause int, heard speech.Transcript, known ...string) Words {
	text := heard.Text
	return Words{
		Pause: pause, Words: text, Bearing: BearingOf(text, known...), Told: tells(text), Digits: DigitsIn(text), Meaning: meaningOf(text),
		LikeStop: soundsLikeStop(spokenWords(text)), Confidence: heard.Confidence,
	}
}

// meaningOf is a text without its case, its marks and its sounds of thinking. A question stays one.
func meaningOf(text string) string {
	var words []string
	for word := range strings.FieldsSeq(strings.ToLower(strings.ReplaceAll(text, "’", "'"))) {
		word = strings.Trim(word, ".,;:!?…\"-")
		if word != "" && !sounds[word] {
			words = append(words, word)
		}
	}
	meaning := strings.Join(words, " ")
	if meaning != "" && strings.HasSuffix(strings.TrimSpace(text), "?") {
		meaning += "?"
	}
	return meaning
}
