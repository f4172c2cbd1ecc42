package english

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"twombly/internal/speech/english/normalize"
	"twombly/internal/speech/english/tagger"
)

// following is what comes after a word, which weak forms depend on.
type following int

const (
	followedByPause following = iota // a mark, or nothing
	followedByConsonant
	followedByVowel
)

// spoken is one spoken word on its way to sound.
type spoken struct {
	text          string // as normalised; a single capital is a letter's name
	token         int
	key           int  // of the word among the keys
	letter        bool // a letter's name
	stressed      bool
	sentenceStart bool
	phonemes      string
}

// pronounce returns the phonemes of each token; empty for marks.
func (s *Speller) pronounce(tokens []Token) []string {
	words, keys := flatten(tokens)
	next, nextWord := followedByPause, ""
	for i := len(words) - 1; i >= 0; i-- {
		word := &words[i]
		if word.text == normalize.Pause {
			next, nextWord = followedByPause, ""
			continue
		}
		word.phonemes = s.word(*word, situation{keys: keys, key: word.key, next: next, nextWord: nextWord})
		if following, ok := beginsWith(word.phonemes); ok {
			next = following
		}
		nextWord = strings.ToLower(word.text)
		if i > 0 && words[i-1].token != word.token && pauseBetween(tokens, words[i-1].token, word.token) {
			next, nextWord = followedByPause, ""
		}
	}
	return join(words, len(tokens))
}

// situation is what a word's sound may depend on.
type situation struct {
	keys     []string // all spoken words in small letters, with empty strings for marks
	key      int      // of the word among them
	next     following
	nextWord string
	verb     bool // its ending shows that it is a verb
}

// flatten lists the spoken words of all tokens, and the same in small letters, where a pause or a mark empties a word's
// neighbour: keys has one entry a word and one a mark.
func flatten(tokens []Token) ([]spoken, []string) {
	var words []spoken
	var keys []string
	start := true
	for i, token := range tokens {
		if token.Mark != "" {
			start = start || strings.Contains(".!?:…", token.Mark)
			if token.Mark != "“" && token.Mark != "”" {
				keys = append(keys, "")
			}
			continue
		}
		for _, text := range token.Words {
			key := strings.ToLower(text)
			if text == normalize.Pause {
				key = ""
			}
			words = append(words, spoken{
				text: text, token: i, key: len(keys), letter: isLetter(text) && (text != "I" || len(token.Words) > 1), stressed: token.Stressed, sentenceStart: start,
			})
			keys = append(keys, key)
			start = false
		}
	}
	return words, keys
}

func isLetter(text string) bool {
	return len(text) == 1 && text[0] >= 'A' && text[0] <= 'Z' || len(text) == 3 && text[0] >= 'A' && text[0] <= 'Z' && text[1:] == "'s"
}

// pauseBetween reports whether a mark that is heard stands between two tokens.
func pauseBetween(tokens []Token, from, to int) bool {
	for _, token := range tokens[from+1 : to] {
		switch token.Mark {
		case "", "“", "”", "(", ")":
		default:
			return true
		}
	}
	return false
}

// join puts the words of each token together; letters that stand beside each other make one acronym.
func join(words []spoken, tokens int) []string {
	sounds := make([]string, tokens)
	for i := 0; i < len(words); {
		end := i + 1
		for words[i].letter && end < len(words) && words[end].letter && words[end].token == words[i].token {
			end++
		}
		sound := words[i].phonemes
		if end > i+1 {
			sound = acronym(words[i:end])
		}
		token := words[i].token
		switch {
		case words[i].text == normalize.Pause:
			sounds[token] = strings.TrimRight(sounds[token], ",") + ","
		case sounds[token] == "" || sound == "":
			sounds[token] += sound
		default:
			sounds[token] += " " + sound
		}
		i = end
	}
	for i, sound := range sounds {
		sounds[i] = kokoroForm(strings.Trim(sound, ","))
	}
	return sounds
}

// acronym joins the names of letters; the last is stressed most.
func acronym(letters []spoken) string {
	var b strings.Builder
	for _, letter := range letters {
		b.WriteString(strings.ReplaceAll(letter.phonemes, primary, secondary))
	}
	sound := b.String()
	if last := strings.LastIndex(sound, secondary); last >= 0 {
		return sound[:last] + primary + sound[last+len(secondary):]
	}
	return sound
}

// beginsWith tells whether phonemes begin with a vowel.
func beginsWith(phonemes string) (following, bool) {
	for _, r := range phonemes {
		switch {
		case strings.ContainsRune(vowels, r):
			return followedByVowel, true
		case unicode.IsLetter(r) && r != 'ˈ' && r != 'ˌ':
			return followedByConsonant, true
		}
	}
	return followedByPause, false
}

// kokoroForm writes phonemes as Kokoro was trained: the flap is T, the glottal stop t. What it doesn't know goes.
func kokoroForm(phonemes string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == 'ɾ':
			return 'T'
		case r == 'ʔ':
			return 't'
		case strings.ContainsRune(alphabet, r):
			return r
		}
		return -1
	}, phonemes)
}

// word pronounces one spoken word.
func (s *Speller) word(word spoken, in situation) string {
	if word.letter {
		return s.letterName(word.text)
	}
	if !hasLetter(word.text) {
		return ""
	}
	if sound := s.weakForm(word, in); sound != "" {
		if word.stressed {
			return stress(sound, primary)
		}
		return sound
	}
	sound := s.known(word.text, word.sentenceStart, in)
	if sound == "" {
		sound = s.unknown(word.text, in)
	}
	switch {
	case word.stressed:
		sound = stress(sound, primary)
	case isCapitalised(word.text) && !strings.ContainsAny(sound, primary+secondary):
		sound = stress(sound, secondary)
	}
	return sound
}

func (s *Speller) letterName(text string) string {
	entry, _ := s.lexicon.Lookup(text[:1])
	name := entry["DEFAULT"]
	if text[:1] == "A" {
		name = "ˈA"
	}
	if strings.HasSuffix(text, "'s") {
		return addS(name)
	}
	return name
}

// weakForm pronounces the small words that change with their neighbours; empty for all others.
func (s *Speller) weakForm(word spoken, in situation) string {
	switch lower := strings.ToLower(word.text); lower {
	case "a":
		return "ɐ"
	case "an":
		return "ɐn"
	case "the":
		if in.next == followedByVowel {
			return "ði"
		}
		return "ðə"
	case "to":
		switch in.next {
		case followedByVowel:
			return "tʊ"
		case followedByConsonant:
			return "tə"
		}
		return "tu"
	case "in":
		if in.next == followedByPause {
			return "ˈɪn"
		}
		return "ɪn"
	case "am":
		if in.next == followedByPause {
			return "æm"
		}
		return "ɐm"
	case "i":
		return "ˌI"
	case "used":
		if in.nextWord == "to" {
			if before := in.previousKey(); before != "is" && before != "was" && before != "be" && before != "are" {
				return "jˈust"
			}
		}
		return "jˈuzd"
	case "oh":
		if !word.sentenceStart {
			return "ˈO"
		}
	}
	return ""
}

// part guesses the word's part of speech.
func (s situation) part() tagger.Part {
	switch {
	case s.verb:
		return tagger.Verb
	case s.key >= len(s.keys):
		return tagger.Unknown // a part of a word, with nothing around it
	}
	return tagger.Of(s.keys, s.key)
}

func (s situation) previousKey() string {
	if s.key == 0 {
		return ""
	}
	return s.keys[s.key-1]
}

// known looks a word up, as it is and without its endings.
func (s *Speller) known(text string, sentenceStart bool, in situation) string {
	if sentenceStart && isCapitalised(text) {
		if sound := s.lookup(lowerFirst(text), in); sound != "" {
			return sound
		}
	}
	if sound := s.lookup(text, in); sound != "" {
		return sound
	}
	if lower := strings.ToLower(text); lower != text {
		return s.lookup(lower, in)
	}
	return ""
}

// lookup finds a word or its stem in the dictionaries.
func (s *Speller) lookup(text string, in situation) string {
	if sound := s.entry(text, in); sound != "" {
		return sound
	}
	return s.inflected(text, in)
}

// entry chooses among the sounds of a dictionary entry by the part of speech of the word, of which stem is the stem.
func (s *Speller) entry(stem string, in situation) string {
	lower := strings.ToLower(stem)
	if sound, ok := names[lower]; ok {
		return sound
	}
	entry, ok := heteronyms[lower]
	if !ok {
		if entry, ok = s.lexicon.Lookup(stem); !ok {
			return ""
		}
	}
	if len(entry) == 1 {
		return entry["DEFAULT"]
	}
	if final, ok := entry["None"]; ok && in.next == followedByPause {
		return final
	}
	if sound := entry[string(in.part())]; sound != "" {
		return sound
	}
	return entry["DEFAULT"]
}

func isCapitalised(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsUpper(r)
}

func lowerFirst(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToLower(r)) + text[size:]
}

func hasLetter(text string) bool { return strings.ContainsFunc(text, unicode.IsLetter) }
