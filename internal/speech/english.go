package speech

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// lexicon is a thin speller: it looks words up and leaves out those it does not know.
type lexicon map[string]string

func openEnglish(folder string) (speller, error) {
	bytes, err := os.ReadFile(filepath.Join(folder, "us_gold.json"))
	if err != nil {
		return nil, fmt.Errorf("load English: %w", err)
	}
	var entries map[string]any
	if err := json.Unmarshal(bytes, &entries); err != nil {
		return nil, fmt.Errorf("load English: %w", err)
	}
	words := lexicon{}
	for word, entry := range entries {
		switch entry := entry.(type) {
		case string:
			words[word] = entry
		case map[string]any:
			if phonemes, is := entry["DEFAULT"].(string); is {
				words[word] = phonemes
			}
		}
	}
	return words, nil
}

var wordPattern = regexp.MustCompile(`[\pL\pN']+`)

func (l lexicon) spell(text string) (words []spelledWord, after string, err error) {
	last := 0
	for _, at := range wordPattern.FindAllStringIndex(text, -1) {
		word := text[at[0]:at[1]]
		phonemes := l[word]
		if phonemes == "" {
			phonemes = l[strings.ToLower(word)]
		}
		words = append(words, spelledWord{at[0], at[1], text[last:at[0]], phonemes})
		last = at[1]
	}
	return words, text[last:], nil
}
