package english

import "strings"

// unknown pronounces what no dictionary has: compounds part by part, accents folded, the rest by the net.
func (s *Speller) unknown(text string, in situation) string {
	if strings.Contains(text, "-") {
		return s.hyphenated(strings.Split(text, "-"), in)
	}
	if folded := fold(text); folded != text {
		if folded == "" {
			return ""
		}
		if sound := s.known(folded, false, in); sound != "" {
			return sound
		}
		text = folded
	}
	if sound := s.drawnOut(text, in); sound != "" {
		return sound
	}
	if sound := s.closedCompound(text); sound != "" {
		return sound
	}
	if len(text) <= 5 && !strings.ContainsAny(strings.ToLower(text), "aeiouy'") {
		return s.spelled(text)
	}
	return s.guess(text)
}

// drawnOut pronounces a word with a letter written three times or more ("sooo", "hmmmm") as the plain word.
func (s *Speller) drawnOut(text string, in situation) string {
	for _, most := range []int{2, 1} {
		if plain := shorten(text, most); plain != text {
			if sound := s.known(plain, false, in); sound != "" {
				return sound
			}
		}
	}
	return ""
}

// shorten cuts runs of three and more of one letter to the given length.
func shorten(text string, most int) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		end := i + 1
		for end < len(text) && text[end] == text[i] {
			end++
		}
		length := end - i
		if length > 2 {
			length = most
		}
		b.WriteString(text[i : i+length])
		i = end
	}
	return b.String()
}

// spelled reads a word without vowels letter by letter.
func (s *Speller) spelled(text string) string {
	names := make([]spoken, 0, len(text))
	for _, letter := range strings.ToUpper(text) {
		names = append(names, spoken{phonemes: s.letterName(string(letter))})
	}
	return acronym(names)
}

// guess asks the net, in pieces that it can hold, without the possessive's ending.
func (s *Speller) guess(text string) string {
	stem, possessive := strings.CutSuffix(text, "'s")
	var b strings.Builder
	for stem != "" {
		piece := stem
		if len(piece) > 40 {
			piece = piece[:40]
		}
		b.WriteString(s.net.Pronounce(piece))
		stem = stem[len(piece):]
	}
	if possessive {
		return addS(b.String())
	}
	return b.String()
}
