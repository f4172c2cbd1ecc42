package normalize

import (
	"regexp"
	"strings"
	"unicode"
)

const (
	topLevels = `com|org|net|edu|gov|io|dev|ai|co|uk|de|fr|es|it|pt|nl|eu|us|ca|au|jp|ch|at|se|no|info|app|me|tv|xyz|local`
	fileTypes = `txt|md|go|py|js|ts|tsx|jsx|json|yaml|yml|toml|html|htm|css|csv|tsv|pdf|docx?|xlsx?|pptx?|png|jpe?g|gif|` +
		`svg|webp|mp3|mp4|wav|ogg|mov|zip|tar|gz|tgz|exe|dll|so|sh|bat|c|h|cpp|hpp|rs|java|kt|rb|php|sql|db|log|ini|cfg|` +
		`conf|xml|bin|iso|onnx|gguf|env|lock|mod|sum`
)

// addressRules read what stands for a place rather than for a word.
var addressRules = []rule{
	newRule(`<?((?:https?|ftp)://[^\s<>"“”]+|mailto:[^\s<>"“”]+)>?`, func(s *scanner, m []string) bool {
		return s.emitURL(m[0], m[1])
	}),
	newRule(`[\w.+-]*\w@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}`, readEmail),
	newRule(`(?:www\.)?[\w-]+(?:\.[\w-]+)*\.(?:`+topLevels+`)(?::\d+)?(?:/[^\s<>"“”]*)?`, readDomain),
	newRule(`localhost(?::\d+)(?:/[^\s<>"“”]*)?`, func(s *scanner, m []string) bool { return s.emitURL(m[0], m[0]) }),
	newRule(`(?:~|\.{1,2})?(?:/[\w.-]+)+/?|[A-Za-z]:\\[\w.\\-]+`, readPath),
	newRule(`[\w-]+(?:\.[\w-]+)*\.(?:`+fileTypes+`)`, readFile),
	newRule(`[vV]?\d+(?:\.\d+){2,}(?:-[a-z]+(?:\.?\d+)?)?`, readVersion),
	newRule(`[vV]\d+(?:\.\d+)?`, readVersion),
	newRule(`@(\w+)`, func(s *scanner, m []string) bool {
		s.emit(len(m[0]), append([]string{"at"}, identifier(m[1])...)...)
		return true
	}),
	newRule(`#([A-Za-z]\w*)`, func(s *scanner, m []string) bool {
		s.emit(len(m[0]), append([]string{"hashtag"}, identifier(m[1])...)...)
		return true
	}),
	newRule(`#(\d+)`, func(s *scanner, m []string) bool {
		if !s.ends(len(m[0])) {
			return false
		}
		s.emit(len(m[0]), append([]string{"number"}, cardinal(m[1])...)...)
		return true
	}),
}

// signNames are how signs inside addresses are said.
var signNames = map[rune]string{
	'.': "dot", '-': "dash", '_': "underscore", '/': "slash", '@': "at", '+': "plus", ':': "colon", '~': "tilde",
	'\\': "backslash", '=': "equals", '&': "and", '%': "percent",
}

// trimAddress leaves marks at the end of an address to the sentence.
func trimAddress(text string) string {
	trimmed := strings.TrimRight(text, ".,;:!?'\"*_")
	if strings.HasSuffix(trimmed, ")") && !strings.Contains(trimmed, "(") {
		trimmed = strings.TrimRight(trimmed, ").,;:!?")
	}
	return trimmed
}

// emitURL reads host and path; scheme, "www.", query and fragment are not worth saying.
func (s *scanner) emitURL(whole, address string) bool {
	trimmed := trimAddress(address)
	length := len(whole)
	if whole == address {
		length = len(trimmed)
	}
	_, place, hasScheme := strings.Cut(trimmed, "://")
	if !hasScheme {
		place = strings.TrimPrefix(trimmed, "mailto:")
	}
	place = strings.TrimPrefix(place, "www.")
	if cut := strings.IndexAny(place, "?#"); cut >= 0 {
		place = place[:cut]
	}
	words := spellAddress(strings.TrimRight(place, "/"))
	if len(words) == 0 {
		return false
	}
	s.emit(length, words...)
	return true
}

func readEmail(s *scanner, m []string) bool {
	if !s.ends(len(m[0])) {
		return false
	}
	s.emit(len(m[0]), spellAddress(m[0])...)
	return true
}

func readDomain(s *scanner, m []string) bool {
	if !strings.Contains(m[0], "/") && !s.ends(len(m[0])) {
		return false
	}
	host, _, _ := strings.Cut(m[0], "/")
	if !strings.HasPrefix(m[0], "www.") && host != strings.ToLower(host) && !strings.Contains(m[0], "/") {
		last := host[strings.LastIndexByte(host, '.')+1:]
		if last != strings.ToLower(last) || len(last) == 2 && unicode.IsUpper(rune(host[0])) && last != "io" && last != "ai" {
			return false // "end.It begins" without a blank
		}
	}
	return s.emitURL(m[0], m[0])
}

var pathPart = regexp.MustCompile(`[A-Za-z]`)

func readPath(s *scanner, m []string) bool {
	path := trimAddress(m[0])
	before := s.before()
	if !pathPart.MatchString(path) || unicode.IsLetter(before) || unicode.IsDigit(before) || before == ')' || before == '<' {
		return false
	}
	s.emit(len(path), spellAddress(path)...)
	return true
}

func readFile(s *scanner, m []string) bool {
	if !s.ends(len(m[0])) || !pathPart.MatchString(m[0][:1]) && !strings.ContainsAny(m[0], "_-") {
		return false
	}
	if extension := m[0][strings.LastIndexByte(m[0], '.')+1:]; len(extension) == 1 && isUpper(rune(m[0][0])) {
		return false
	}
	s.emit(len(m[0]), spellAddress(m[0])...)
	return true
}

// readVersion reads "v3.2.1" and "3.2.1" with "point", and four parts, an IP address, with "dot".
func readVersion(s *scanner, m []string) bool {
	if !s.ends(len(m[0])) {
		return false
	}
	var words []string
	text := m[0]
	if text[0] == 'v' || text[0] == 'V' {
		words = []string{"version"}
		text = text[1:]
	}
	numbers, tail, _ := strings.Cut(text, "-")
	parts := strings.Split(numbers, ".")
	point := "point"
	if len(parts) == 4 {
		point = "dot"
	}
	for i, part := range parts {
		if i > 0 {
			words = append(words, point)
		}
		if len(parts) == 4 && len(part) == 3 {
			words = append(words, spellDigits(part)...)
		} else {
			words = append(words, cardinal(part)...)
		}
	}
	if tail != "" {
		words = append(words, identifier(tail)...)
	}
	s.emit(len(m[0]), words...)
	return true
}

// spellAddress reads an address part by part: words as words, signs by name.
func spellAddress(address string) []string {
	var words []string
	start := 0
	part := func(end int) {
		if end > start {
			words = append(words, addressPart(address[start:end])...)
		}
	}
	for i, r := range address {
		name, ok := signNames[r]
		if !ok && (isWordRune(r) && r != '\'' && r != '’') {
			continue
		}
		part(i)
		start = i + len(string(r))
		if ok {
			words = append(words, name)
		}
	}
	part(len(address))
	return words
}

// letteredParts are parts of addresses that are said letter by letter.
var letteredParts = wordSet(`io ai uk de fr es pt nl eu us ca au jp ch tv xyz md py js ts tsx jsx yml html htm css csv tsv
	pdf doc docx xls xlsx ppt pptx svg mp db dll sh cpp hpp rs kt rb php sql xml cfg gz tgz exe edu http https www api url
	id ftp faq ios usb h c gguf onnx`)

func addressPart(part string) []string {
	if n, ok := isYear(part); !ok && len(part) == 4 && strings.Trim(part, "0123456789") == "" && n > 0 {
		return pairs(part) // a port
	}
	var words []string
	for _, piece := range identifier(part) {
		if letteredParts[strings.ToLower(piece)] {
			words = append(words, letters(piece)...)
		} else {
			words = append(words, piece)
		}
	}
	return words
}
