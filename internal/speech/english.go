package speech

import "twombly/internal/speech/english"

// englishSpeller spells English.
type englishSpeller struct{ speller *english.Speller }

func openEnglish(folder string) (speller, error) {
	speller, err := english.Open(folder)
	if err != nil {
		return nil, err
	}
	return englishSpeller{speller}, nil
}

func (e englishSpeller) spell(text string) (words []spelledWord, after string, err error) {
	phonemes, err := e.speller.Phonemize(text)
	if err != nil {
		return nil, "", err
	}
	words = make([]spelledWord, len(phonemes.Words))
	for i, word := range phonemes.Words {
		words[i] = spelledWord{start: word.Start, end: word.End, before: word.Before, phonemes: word.Phonemes}
	}
	return words, phonemes.After, nil
}
