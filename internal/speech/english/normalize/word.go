package normalize

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

func wordSet(words string) map[string]bool {
	table := make(map[string]bool)
	for word := range strings.FieldsSeq(words) {
		table[word] = true
	}
	return table
}

func isUpper(r rune) bool { return unicode.IsUpper(r) }

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// westernDigit writes the digits of other scripts as 0 to 9. Unicode keeps each ten together, from zero on.
func westernDigit(r rune) rune {
	if r < 0x80 || !unicode.IsDigit(r) {
		return r
	}
	value := rune(0)
	for unicode.IsDigit(r - value - 1) {
		value++
	}
	return '0' + value%10
}

// isWordRune reports whether a rune can stand inside a word.
func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '\'' || r == '’'
}

// clipped words begin with an apostrophe.
var clipped = wordSet("'tis 'twas 'em 'cause 'til 'till 'n' 'n 'bout 'round 'cept 'neath 'twould 'twere 'd 'll 've 're 's 'm 't")

// word reads one word with its hyphens and apostrophes, if one stands at the scanner's place.
func (s *scanner) word() bool {
	rest := s.rest()
	first, _ := utf8.DecodeRuneInString(rest)
	leading := 0
	if first == '\'' || first == '’' {
		leading = utf8.RuneLen(first)
		name := "'" + strings.ToLower(nextWord(rest[leading:]))
		name = strings.ReplaceAll(name, "’", "'")
		if !clipped[name] || !s.wordMayStart() {
			return false
		}
		if name == "'n'" || name == "'n" {
			s.emit(leading+len(nextWord(rest[leading:])), "and")
			return true
		}
	} else if !unicode.IsLetter(first) && !unicode.IsDigit(first) {
		return false
	}
	end := leading + wordLength(rest[leading:])
	text := strings.ReplaceAll(rest[:end], "’", "'")
	if text == "x" && s.betweenFigures(1) {
		s.emit(1, s.product(1))
		return true
	}
	if leading == 0 {
		if words := s.roman(text); words != nil {
			s.emit(end, words...)
			return true
		}
	}
	stressed := len(text) > 1 && isShouted(text)
	s.emit(end, s.readWord(text)...)
	if stressed && s.lastIsWord() {
		token := &s.tokens[len(s.tokens)-1]
		token.Stressed = token.Stressed || len(token.Words) == 1
	}
	return true
}

// wordLength measures the word at the start of a text: letters and digits, and apostrophes, hyphens and underscores
// between them. The apostrophe of "dogs'" belongs to it and is silent.
func wordLength(text string) int {
	end := 0
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			end += size
			continue
		case end > 0 && (r == '\'' || r == '’' || r == '-' || r == '_' || r == '\u2011' || r == '\u00ad'):
			next, _ := utf8.DecodeRuneInString(text[end+size:])
			if unicode.IsLetter(next) || unicode.IsDigit(next) && r != '\'' && r != '’' {
				end += size
				continue
			}
		}
		break
	}
	return end
}

// readWord reads a word with its hyphens.
func (s *scanner) readWord(text string) []string {
	text = strings.Map(westernDigit, strings.NewReplacer("\u2011", "-", "\u00ad", "").Replace(text))
	if text == "A" && s.isArticle() {
		return []string{"a"}
	}
	if isShouted(text) && utf8.RuneCountInString(text) > 1 && s.shouting() && !spelledEvenShouted(strings.ToLower(text)) {
		return []string{strings.ToLower(text)}
	}
	if !strings.ContainsAny(text, "-_") {
		return capitalsOrWord(text)
	}
	if entry, ok := wholeCompounds[strings.ToLower(text)]; ok {
		return strings.Fields(entry)
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == '-' || r == '_' })
	plain := !strings.Contains(text, "_")
	for i, part := range parts {
		single := utf8.RuneCountInString(part) == 1 && i == 0
		if len(capitalsOrWord(part)) != 1 || isShouted(part) && !single || strings.ContainsAny(part, "0123456789") {
			plain = false
		}
	}
	if plain && len(parts) > 1 {
		return []string{text}
	}
	var words []string
	for _, part := range parts {
		words = append(words, capitalsOrWord(part)...)
	}
	return words
}

// wholeCompounds are read in their own way.
var wholeCompounds = map[string]string{
	"covid-19": "COVID nineteen", "cd-rom": "CD-ROM", "catch-22": "catch twenty two", "ph-d": "P H D",
}

// isArticle tells the article "A" from the letter: a word follows, and what stands before isn't a name for a kind.
func (s *scanner) isArticle() bool {
	rest := s.rest()[1:]
	next := nextWord(rest)
	if !strings.HasPrefix(rest, " ") || next == "" {
		return s.sentenceStart() && !strings.HasPrefix(strings.TrimSpace(rest), ".")
	}
	switch strings.ToLower(next) {
	case "and", "or", "is", "was", "to", "in", "has":
		return s.sentenceStart() && next != "and" && next != "or" && next != "to"
	}
	switch strings.ToLower(s.previous(1)) {
	case "plan", "vitamin", "grade", "group", "team", "option", "class", "section", "type", "letter", "an", "the",
		"hepatitis", "influenza", "point", "level", "exhibit", "side", "part", "column", "straight":
		return false
	}
	return true
}

// specialSpellings are written in a way that says little about how they are said.
var specialSpellings = map[string]string{
	"PhD": "P H D", "iPhone": "I phone", "iPad": "I pad", "iOS": "I O S", "macOS": "mac O S", "eBay": "E bay",
	"iCloud": "I cloud", "LaTeX": "latech", "PyPI": "pie P I", "MySQL": "my S Q L", "PostgreSQL": "postgres Q L",
	"SQLite": "S Q lite", "OAuth": "O auth", "WiFi": "Wi-Fi", "wifi": "Wi-Fi", "Wifi": "Wi-Fi", "H2O": "H two O",
	"CO2": "C O two", "MP3": "M P three", "MP4": "M P four", "B2B": "B to B", "B2C": "B to C", "P2P": "P to P",
	"i18n": "internationalization", "k8s": "kubernetes", "COVID19": "COVID nineteen", "7UP": "seven up",
	"OpenAI": "open A I", "DeFi": "defy", "nginx": "engine X", "usr": "user", "kubectl": "cube control",
	"WHO": "W H O", "OK": "OK", "Ok": "OK", "ok": "OK",
}

var namePrefix = regexp.MustCompile(`^(?:Mc|Mac|O'|D'|De|Di|Du|La|Le|Van|Von|Fitz|St|San|Del)[A-Z][a-z]+(?:'s)?$`)

// camel reports whether capitals inside a word divide it.
func camel(text string) bool {
	if namePrefix.MatchString(text) {
		return false
	}
	lower := false
	for _, r := range text {
		if lower && isUpper(r) {
			return true
		}
		lower = unicode.IsLower(r)
	}
	return false
}

// identifier splits a name as programs and tags write them: my_var, camelCase, GitHub, page2.
func identifier(text string) []string {
	var words []string
	for _, piece := range splitHumps(text) {
		switch {
		case piece[0] >= '0' && piece[0] <= '9':
			if n, ok := isYear(piece); ok {
				words = append(words, year(n)...)
			} else {
				words = append(words, cardinal(piece)...)
			}
		default:
			words = append(words, capitalsOrWord(piece)...)
		}
	}
	return words
}

// joinPlain makes one compound of two plain words ("Git-Hub"), which then has one main stress.
func joinPlain(words []string) []string {
	if len(words) == 2 && len(words[0]) > 1 && len(words[1]) > 1 {
		return []string{words[0] + "-" + words[1]}
	}
	return words
}

// splitHumps cuts before a capital that follows a small letter, before the last of several capitals that a small
// letter follows, between letters and digits, and at anything else.
func splitHumps(text string) []string {
	var pieces []string
	runes := []rune(text)
	start := 0
	flush := func(end int) {
		if end > start {
			pieces = append(pieces, string(runes[start:end]))
		}
		start = end
	}
	for i, r := range runes {
		if !isWordRune(r) {
			flush(i)
			start = i + 1
			continue
		}
		if i == 0 || i == start {
			continue
		}
		before := runes[i-1]
		switch {
		case isDigit(r) != isDigit(before):
			flush(i)
		case isUpper(r) && unicode.IsLower(before):
			flush(i)
		case isUpper(r) && isUpper(before) && i+1 < len(runes) && unicode.IsLower(runes[i+1]) &&
			!(runes[i+1] == 's' && i+2 == len(runes)):
			flush(i)
		}
	}
	flush(len(runes))
	return pieces
}

// mixed reads letters and digits in one: "GPT4", "R2", "4o", "x86", "page2".
func mixed(text string) []string {
	if special, ok := specialSpellings[text]; ok {
		return strings.Fields(special)
	}
	var words []string
	for _, piece := range splitHumps(text) {
		lower := strings.ToLower(piece)
		switch {
		case piece[0] >= '0' && piece[0] <= '9':
			if len(piece) == 3 || len(piece) == 4 {
				words = append(words, pairs(piece)...)
			} else {
				words = append(words, cardinal(piece)...)
			}
		case len(piece) <= 2 && len(piece) < len(text) && !strings.ContainsRune(piece, '\''):
			words = append(words, letters(lower)...)
		default:
			words = append(words, capitalsOrWord(piece)...)
		}
	}
	return words
}

var greekNames = map[rune]string{
	'α': "alpha", 'β': "beta", 'γ': "gamma", 'δ': "delta", 'Δ': "delta", 'ε': "epsilon", 'ζ': "zeta", 'η': "eta",
	'θ': "theta", 'λ': "lambda", 'μ': "mu", 'µ': "micro", 'π': "pi", 'ρ': "rho", 'σ': "sigma", 'Σ': "sigma", 'τ': "tau",
	'φ': "phi", 'χ': "chi", 'ψ': "psi", 'ω': "omega", 'Ω': "ohms",
}
