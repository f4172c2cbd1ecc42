package call

import "strings"

// WordsAs is what the machine is told when the turn up to a pause was recognised as a text. known are the names of her and of the person.
func WordsAs(pause int, text string, known ...string) Words {
	return Words{
		Pause: pause, Words: text, Bearing: BearingOf(text, known...), Told: tells(text), Digits: DigitsIn(text), Meaning: meaningOf(text),
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
