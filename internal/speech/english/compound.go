package english

import (
	"strings"
	"unicode/utf8"
)

// hyphenated pronounces a compound written with hyphens, part by part. Number words keep their stresses and stay apart;
// of other compounds one part keeps the main stress: the second after a modifier ("well-known", "self-made"), else
// the first ("mother-in-law").
func (s *Speller) hyphenated(parts []string, in situation) string {
	sounds := make([]string, 0, len(parts))
	var last string
	for i, part := range parts {
		if part == "" {
			continue
		}
		part := part
		if isLetter(strings.ToUpper(part)) && len(part) == 1 && (i == 0 || part != "a") {
			sounds = append(sounds, s.letterName(strings.ToUpper(part)))
			continue
		}
		if strings.EqualFold(part, "the") || part == "a" || part == "to" || part == "in" {
			if sound := s.weakForm(spoken{text: part}, situation{next: followedByConsonant}); sound != "" {
				sounds = append(sounds, sound)
				continue
			}
		}
		sound := s.known(part, false, situation{next: followedByConsonant, keys: []string{strings.ToLower(part)}})
		if sound == "" {
			sound = s.unknown(part, in)
		}
		sounds = append(sounds, sound)
		last = part
	}
	if len(sounds) < 2 {
		return strings.Join(sounds, "")
	}
	if tensNumber[strings.ToLower(parts[0])] && len(parts) == 2 {
		return strings.Join(sounds, " ")
	}
	main := 0
	if first := strings.ToLower(parts[0]); modifiers[first] || strings.HasSuffix(first, "ly") || isLetter(strings.ToUpper(first)) && len(sounds) == 2 && len(last) > 6 {
		main = len(sounds) - 1
	}
	for i, sound := range sounds {
		if i != main {
			sounds[i] = weaken(sound)
		} else {
			sounds[i] = stress(sound, primary)
		}
	}
	return strings.Join(sounds, "")
}

func wordTable(words string) map[string]bool {
	table := make(map[string]bool)
	for word := range strings.FieldsSeq(words) {
		table[word] = true
	}
	return table
}

var (
	tensNumber = wordTable("twenty thirty forty fifty sixty seventy eighty ninety")
	modifiers  = wordTable(`well self ill high low old new hard much so far long short full half over ever never all non un pre
		re post semi multi inter anti ex co good bad state first second third one two three four five six seven eight nine
		ten day`)
)

// closedCompound pronounces a word that is two dictionary words written as one: "moonbeam", "webpage". The first has
// the main stress. Of names both parts must be long; short parts are left to the net, which is right more often.
func (s *Speller) closedCompound(text string) string {
	shortest, together := 3, 7
	if isCapitalised(text) {
		shortest, together = 4, 8
		text = lowerFirst(text)
	}
	if !isASCII(text) || len(text) < together {
		return ""
	}
	for cut := len(text) - shortest; cut >= shortest; cut-- {
		first, ok := s.lexicon.Lookup(text[:cut])
		if !ok {
			continue
		}
		rest := text[cut:]
		sound := ""
		if second, ok := s.lexicon.Lookup(rest); ok {
			sound = second["DEFAULT"]
		} else if len(rest) > shortest {
			sound = s.inflected(rest, situation{})
		}
		if sound == "" {
			continue
		}
		return stress(first["DEFAULT"], primary) + weaken(sound)
	}
	return ""
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// accents are letters with marks, and the letters that stand for them in English.
var accents = strings.NewReplacer(
	"à", "a", "á", "a", "â", "a", "ã", "a", "ä", "a", "å", "a", "ā", "a", "ă", "a", "ą", "a", "ç", "c", "ć", "c", "č", "ch",
	"ď", "d", "đ", "d", "è", "e", "é", "e", "ê", "e", "ë", "e", "ē", "e", "ė", "e", "ę", "e", "ě", "e", "ğ", "g", "ì", "i",
	"í", "i", "î", "i", "ï", "i", "ī", "i", "ı", "i", "ł", "w", "ľ", "l", "ñ", "n", "ń", "n", "ň", "n", "ò", "o", "ó", "o",
	"ô", "o", "õ", "o", "ö", "o", "ø", "o", "ō", "o", "ő", "o", "ř", "r", "ś", "sh", "š", "sh", "ş", "sh", "ß", "ss",
	"ť", "t", "ţ", "ts", "ù", "u", "ú", "u", "û", "u", "ü", "u", "ū", "u", "ů", "u", "ű", "u", "ý", "y", "ÿ", "y", "ź", "z",
	"ż", "z", "ž", "zh", "æ", "ae", "œ", "oe", "þ", "th", "ð", "th", "À", "A", "Á", "A", "Â", "A", "Ä", "A", "Å", "A", "Ç", "C",
	"Č", "Ch", "È", "E", "É", "E", "Ê", "E", "Ë", "E", "Í", "I", "Î", "I", "Ï", "I", "Ł", "W", "Ñ", "N", "Ó", "O", "Ô", "O",
	"Ö", "O", "Ø", "O", "Ś", "Sh", "Š", "Sh", "Ú", "U", "Û", "U", "Ü", "U", "Ý", "Y", "Ž", "Zh", "Æ", "Ae", "Œ", "Oe", "Þ", "Th",
)

// fold writes a word with the letters A to Z; letters of other scripts are left out.
func fold(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '\'' {
			return r
		}
		return -1
	}, accents.Replace(text))
}
