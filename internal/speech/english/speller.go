package english

import (
	"strings"

	"twombly/internal/speech/english/lettersound"
	"twombly/internal/speech/english/lexicon"
	"twombly/internal/speech/english/normalize"
)

// Word is one written word and how it sounds.
type Word struct {
	// Start and End are byte offsets of the word in the source text.
	Start, End int
	// Phonemes are in Kokoro's alphabet; they may hold spaces and commas when one written word is spoken as several
	// ("2026"), and are empty for a word that nobody can read aloud (another script).
	Phonemes string
	// Before is the punctuation or space before this word, in Kokoro's vocabulary.
	Before string
}

// Phonemes is a whole text: its words, and the punctuation after the last. Joining Before and Phonemes of each word,
// and After, gives what Kokoro reads.
type Phonemes struct {
	Words []Word
	After string
}

// String joins the text's phonemes.
func (p Phonemes) String() string {
	var b strings.Builder
	for _, word := range p.Words {
		b.WriteString(word.Before)
		b.WriteString(word.Phonemes)
	}
	b.WriteString(p.After)
	return b.String()
}

// Token is one written word with the words it is spoken as, or one mark.
type Token = normalize.Token

// Normalize reads a text into the words a person would say, without their sounds. It needs no files.
func Normalize(text string) []Token { return normalize.Text(text) }

// Speller knows how English sounds. It is safe for concurrent use.
type Speller struct {
	lexicon *lexicon.Lexicon
	net     *lettersound.Net
}

// Open loads the dictionaries and the letter-to-sound net of a folder. Errors name the file that is missing or damaged.
func Open(dir string) (*Speller, error) {
	words, err := lexicon.Open(dir)
	if err != nil {
		return nil, err
	}
	net, err := lettersound.Open(dir)
	if err != nil {
		return nil, err
	}
	return &Speller{lexicon: words, net: net}, nil
}

// Phonemize spells a text. It takes any input and, as yet, never fails; what cannot be read is silent.
func (s *Speller) Phonemize(text string) (Phonemes, error) {
	tokens := normalize.Text(text)
	sounds := s.pronounce(tokens)
	var out Phonemes
	separator := ""
	for i, token := range tokens {
		if token.Mark != "" {
			separator = joinMark(separator, token, len(out.Words) == 0)
			continue
		}
		word := Word{Start: token.Start, End: token.End, Phonemes: sounds[i]}
		if word.Phonemes != "" {
			word.Before = beforeWord(separator, isFirst(out.Words))
			separator = ""
		}
		out.Words = append(out.Words, word)
	}
	if !isFirst(out.Words) {
		out.After = strings.TrimRight(separator, " “(")
	}
	return out, nil
}

// isFirst reports whether nothing has sounded yet.
func isFirst(words []Word) bool {
	for _, word := range words {
		if word.Phonemes != "" {
			return false
		}
	}
	return true
}

// joinMark adds a mark to those that stand between two words. A text does not begin with a mark that ends something.
func joinMark(separator string, token Token, first bool) string {
	mark := token.Mark
	switch mark {
	case "“", "(":
		if separator != "" && !strings.HasSuffix(separator, " ") || separator == "" && !first && token.SpaceBefore {
			separator += " "
		}
		return separator + mark
	case "—":
		if first {
			return separator
		}
		if token.SpaceBefore {
			return strings.TrimRight(separator, " ") + " — "
		}
		return separator + mark
	}
	if first && !strings.ContainsAny(separator, "“(") {
		return separator
	}
	if last := strings.TrimRight(separator, " ”)"); last != "" && strings.ContainsAny(last[len(last)-1:], ".,;:!?") &&
		mark != "”" && mark != ")" {
		return separator // one mark is enough
	}
	return separator + mark
}

// beforeWord ends what stands before a word with a space where one belongs.
func beforeWord(separator string, first bool) string {
	switch {
	case separator == "" && first:
		return ""
	case separator == "":
		return " "
	case strings.HasSuffix(separator, " "), strings.HasSuffix(separator, "“"), strings.HasSuffix(separator, "("),
		strings.HasSuffix(separator, "—"):
		return separator
	}
	return separator + " "
}
