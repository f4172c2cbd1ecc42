package english

import (
	"strings"
	"unicode/utf8"
)

// inflected pronounces a word from the stem that the dictionaries have: "Twombly's", "emojis", "googled", "vlogging".
func (s *Speller) inflected(text string, in situation) string {
	for _, ending := range endings {
		rest, ok := strings.CutSuffix(text, ending.written)
		if !ok || utf8.RuneCountInString(rest) < ending.least {
			continue
		}
		in := in
		in.verb = ending.verb
		for _, stem := range ending.stems(rest) {
			if sound := s.entry(stem, in); sound != "" {
				return ending.add(sound)
			}
		}
	}
	return ""
}

// ending is a regular ending: how it is written, the stems it may have been put on, and how it sounds.
type ending struct {
	written string
	least   int // letters of what stands before it
	verb    bool
	stems   func(rest string) []string
	add     func(sound string) string
}

func itself(rest string) []string { return []string{rest} }

func withE(rest string) []string { return []string{rest, rest + "e"} }

// doubled undoes "vlogg-ing" and "mak-ing".
func doubled(rest string) []string {
	stems := []string{rest, rest + "e"}
	if n := len(rest); n > 2 && rest[n-1] == rest[n-2] && strings.IndexByte("bcdgklmnprstvz", rest[n-1]) >= 0 {
		stems = append([]string{rest[:n-1]}, stems...)
	}
	return stems
}

func yForI(rest string) []string { return []string{rest + "y"} }

func suffix(sound string) func(string) string {
	return func(stem string) string { return stem + sound }
}

var endings = []ending{
	{"'s", 1, false, itself, addS},
	{"s'", 2, false, itself, addS},
	{"ies", 2, false, yForI, addS},
	{"es", 3, false, itself, addS},
	{"s", 2, false, itself, addS},
	{"ied", 2, true, yForI, addD},
	{"ed", 2, true, doubled, addD},
	{"d", 3, true, func(rest string) []string {
		if strings.HasSuffix(rest, "e") {
			return []string{rest}
		}
		return nil
	}, addD},
	{"in'", 2, true, doubled, suffix("ɪn")},
	{"ing", 2, true, doubled, addIng},
	{"ily", 3, false, yForI, suffix("əli")},
	{"ly", 3, false, itself, suffix("li")},
	{"iness", 3, false, yForI, suffix("inəs")},
	{"ness", 3, false, itself, suffix("nəs")},
	{"less", 3, false, itself, suffix("ləs")},
	{"ful", 3, false, itself, suffix("fəl")},
	{"ish", 3, false, doubled, suffix("ɪʃ")},
	{"ier", 3, false, yForI, suffix("əɹ")},
	{"iest", 3, false, yForI, suffix("əst")},
	{"ers", 3, false, doubled, suffix("əɹz")},
	{"er", 3, false, doubled, suffix("əɹ")},
	{"est", 3, false, doubled, suffix("əst")},
	{"able", 3, true, withE, suffix("əbᵊl")},
	{"ability", 3, true, withE, suffix("əbˌɪləɾi")},
	{"ment", 3, true, itself, suffix("mᵊnt")},
	{"n't", 2, false, itself, suffix("ᵊnt")},
	{"'ll", 1, false, itself, suffix("əl")},
	{"'ve", 1, false, itself, suffix("əv")},
	{"'re", 1, false, itself, suffix("əɹ")},
	{"'d", 1, false, itself, suffix("əd")},
}

func lastSound(sound string) rune {
	r, _ := utf8.DecodeLastRuneInString(sound)
	return r
}

// addS adds the ending of plurals, possessives and third persons: hiss after a voiceless sound, a syllable after a
// sibilant, a buzz otherwise.
func addS(sound string) string {
	switch last := lastSound(sound); {
	case sound == "":
		return ""
	case strings.ContainsRune("ptkfθ", last):
		return sound + "s"
	case strings.ContainsRune("szʃʒʧʤ", last):
		return sound + "ᵻz"
	}
	return sound + "z"
}

// addD adds the ending of the past.
func addD(sound string) string {
	switch last := lastSound(sound); {
	case sound == "":
		return ""
	case last == 't':
		return flapped(sound) + "ᵻd"
	case last == 'd':
		return sound + "ᵻd"
	case strings.ContainsRune("pkfθsʃʧ", last):
		return sound + "t"
	}
	return sound + "d"
}

func addIng(sound string) string {
	if lastSound(sound) == 't' {
		sound = flapped(sound)
	}
	return sound + "ɪŋ"
}

// flapped turns a last t after a vowel or r into the American flap.
func flapped(sound string) string {
	stem := strings.TrimSuffix(sound, "t")
	if stem != sound && strings.ContainsRune(vowels+"ɹ", lastSound(stem)) {
		return stem + "ɾ"
	}
	return sound
}
