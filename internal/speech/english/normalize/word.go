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
		if !clipped[name] || s.wordMayStart() == false {
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

// isShouted reports whether a word of more than one letter is all in capitals.
func isShouted(text string) bool {
	upper := false
	for _, r := range strings.TrimSuffix(text, "'s") {
		switch {
		case isUpper(r):
			upper = true
		case unicode.IsLetter(r):
			return false
		}
	}
	return upper
}

// spelledEvenShouted reports whether a word is an acronym among shouted words too ("CALL THE FBI"): those that could be
// words ("IT", "US") are words there.
func spelledEvenShouted(lower string) bool {
	switch lower {
	case "us", "it", "who", "am", "or", "ad", "un":
		return false
	}
	return letterNames[lower] || isLettered(strings.ToUpper(lower))
}

// shouting reports whether a neighbour is a common word in capitals, so that this one is no acronym either.
func (s *scanner) shouting() bool {
	for _, word := range []string{s.previous(1), nextWord(s.rest()[wordLength(s.rest()):])} {
		if len(word) > 1 && isShouted(word) && !letterNames[strings.ToLower(word)] &&
			(shoutedWords[strings.ToLower(word)] || len(word) > 5) {
			return true
		}
	}
	return false
}

// shoutedWords of up to four letters are words when written in capitals, not acronyms.
var shoutedWords = wordSet(`no not yes all any and but the one two you she he we they my your his her our its do did does
	don't can can't will won't was were is are be been has had have so too now new never ever very just more most much
	many last only also even this that them then than what when why how here stop wait love hate want need must know like
	look good best bad big hot old off out on in up down for from with go get got let see say said stay help free main
	real true fake huge same each some both well let's i'm it's that's over open exit call read home time life work
	day days way men man sale ok okay wow hey hi bye oh ah stop run win won lost done play left right safe fire
	please always really only happy today again`)

// wordAcronyms are said as words.
var wordAcronyms = wordSet(`nasa nato unesco unicef opec fifa uefa aids covid sars mers gif jpeg png ram rom sim pin lan wan
	vat nafta darpa cern fema osha asap awol potus scotus flotus radar laser sonar scuba swat taser zip imax ascii dos
	bios midi ikea lego nvidia asus visa vip's mensa naacp yolo fomo nimby noaa norad nascar nasdaq lidar gan saas bafta
	oled qwerty moma soho nola hipaa crispr raid html5 wasm dram sram seal goat karaoke tesol toefl sat's epcot
	aldi fiat saab lufthansa basf's diy's cobol fortran lisp basic perl ruby java rust unix linux gnu yaml toml gui`)

// letterNames are acronyms that could be taken for words and are said letter by letter.
var letterNames = wordSet(`us it who ai id tv pc uk eu un ad bc ce am pm dj mc cd dvd usa fbi cia bbc cnn nbc cbs abc hbo
	espn ucla usc mit ibm aol ups fda epa irs nsa atm gps gpu cpu tpu usb url uri api sdk ide sql css xml html http https
	json's tcp ip udp dns vpn ssh ssl tls ftp smtp imap's isp ios llm nlp gpt tts stt asr vad csv pdf rss sms mms faq diy
	ceo cfo cto coo cmo hr pr vip phd mba mri ct dna rna hiv ufo ira iq eq lgbtq lgbt ymca ywca ngo gdp gmo suv bmw
	ieee isbn aarp aclu nfl nba nhl mlb ufc wwe rsvp aka fyi lol omg imo btw diy eta est pst gmt utc cet mst cst edt pdt
	hd uhd led lcd ac dc ev emt er icu or's pta sos eula's oecd asean's hsbc ubs aws gcp ibm amd arm's uae kgb kfc
	mph rpm`)

// smallAcronyms are acronyms also when written in small letters.
var smallAcronyms = wordSet(`html css sql xml url http cpu gpu usb dns ssl tls ssh vpn api npm pdf csv llm gpt tv pc sdk cdn
	jwt rgb php tcp udp dvd cd fbi cia bbc diy faq mri dna rna suv ceo phd wtf omg lol idk btw`)

// capitalsOrWord reads a part of a word without hyphens: an acronym, a word, letters mixed with digits.
func capitalsOrWord(text string) []string {
	if text == "" {
		return nil
	}
	if special, ok := specialSpellings[text]; ok {
		return strings.Fields(special)
	}
	if smallAcronyms[strings.TrimSuffix(text, "s")] {
		words := letters(strings.TrimSuffix(text, "s"))
		if strings.HasSuffix(text, "s") {
			words[len(words)-1] += "'s"
		}
		return words
	}
	if strings.ContainsAny(text, "0123456789") {
		return mixed(text)
	}
	runes := []rune(text)
	if len(runes) == 3 && runes[1] == '\'' && runes[2] == 's' && runes[0] < 0x80 {
		return []string{strings.ToUpper(text[:1]) + "'s"}
	}
	if len(runes) == 1 {
		if runes[0] == 'a' {
			return []string{"a"}
		}
		if name, ok := greekNames[runes[0]]; ok {
			return []string{name}
		}
		return []string{strings.ToUpper(text)}
	}
	stem, ending := text, ""
	for _, suffix := range []string{"'s", "s", "'d"} {
		if trimmed, ok := strings.CutSuffix(text, suffix); ok && len(trimmed) > 1 && isShouted(trimmed) {
			stem, ending = trimmed, "'"+strings.TrimPrefix(suffix, "'")
			break
		}
	}
	if !isShouted(stem) {
		if camel(text) {
			return joinPlain(identifier(text))
		}
		return []string{text}
	}
	if isLettered(stem) {
		words := letters(stem)
		words[len(words)-1] += ending
		return words
	}
	if ending != "" && !strings.Contains(text, "'") {
		ending = "s"
	}
	if wordAcronyms[strings.ToLower(stem)] {
		return []string{stem + ending}
	}
	return []string{strings.ToLower(stem) + ending}
}

// isLettered decides whether a word in capitals is said letter by letter.
func isLettered(stem string) bool {
	lower := strings.ToLower(stem)
	switch {
	case letterNames[lower]:
		return true
	case wordAcronyms[lower], shoutedWords[lower], strings.Contains(stem, "'"):
		return false
	case !strings.ContainsAny(lower, "aeiouy"):
		return utf8.RuneCountInString(stem) < 8
	}
	return utf8.RuneCountInString(stem) < 4
}

// letters spells a text: each letter by its name, digits by theirs.
func letters(text string) []string {
	var words []string
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			words = append(words, units[r-'0'])
		case unicode.IsLetter(r):
			words = append(words, string(unicode.ToUpper(r)))
		}
	}
	return words
}

// specialSpellings are written in a way that says little about how they are said.
var specialSpellings = map[string]string{
	"PhD": "P H D", "iPhone": "I phone", "iPad": "I pad", "iOS": "I O S", "macOS": "mac O S", "eBay": "E bay",
	"iCloud": "I cloud", "LaTeX": "latech", "PyPI": "pie P I", "MySQL": "my S Q L", "PostgreSQL": "postgres Q L",
	"SQLite": "S Q lite", "OAuth": "O auth", "WiFi": "Wi-Fi", "wifi": "Wi-Fi", "Wifi": "Wi-Fi", "H2O": "H two O",
	"CO2": "C O two", "MP3": "M P three", "MP4": "M P four", "B2B": "B to B", "B2C": "B to C", "P2P": "P to P",
	"i18n": "internationalization", "k8s": "kubernetes", "COVID19": "COVID nineteen", "7UP": "seven up",
	"OpenAI": "open A I", "DeFi": "defy", "nginx": "engine X", "kubectl": "cube control",
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

// romanCounters come before a number written with Roman numerals.
var romanCounters = wordSet(`chapter part act scene volume book section phase type war title article rocky level episode
	season bowl appendix stage step grade class unit figure table canto psalm schedule mark apollo`)

// regnalNames are borne by rulers with an ordinal.
var regnalNames = wordSet(`henry louis charles george elizabeth edward richard william james mary paul pius benedict
	napoleon ivan peter catherine alexander nicholas philip ferdinand frederick leo gregory innocent ramses francis
	victor otto leopold john clement sixtus urban boniface christian gustav carl umberto juan felipe alfonso pedro
	wilhelm franz cleopatra ptolemy darius xerxes thutmose amenhotep harald olaf haakon margaret anne albert rainier`)

var romanPattern = regexp.MustCompile(`^(M{0,3})(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})$`)

// romanValue reads a Roman numeral; 0 when it is none.
func romanValue(text string) int {
	if text == "" || !romanPattern.MatchString(text) {
		return 0
	}
	values := map[byte]int{'I': 1, 'V': 5, 'X': 10, 'L': 50, 'C': 100, 'D': 500, 'M': 1000}
	total := 0
	for i := range len(text) {
		value := values[text[i]]
		if i+1 < len(text) && value < values[text[i+1]] {
			value = -value
		}
		total += value
	}
	return total
}

// roman reads a Roman numeral after a word that calls for one: "Chapter IV" is four, "Henry VIII" the eighth.
func (s *scanner) roman(text string) []string {
	stem, ending := strings.CutSuffix(text, "'s")
	value := romanValue(stem)
	if value == 0 || len(s.tokens) == 0 {
		return nil
	}
	previous := s.previous(1)
	lower := strings.ToLower(previous)
	counter, ruler := romanCounters[lower], regnalNames[lower] && isUpper(rune(previous[0]))
	if stem == "I" {
		rest := s.rest()[len(text):]
		next := strings.ToLower(nextWord(rest))
		if next != "" && strings.HasPrefix(rest, " ") && !regnalFollowers[next] {
			return nil // the pronoun
		}
	}
	if stem == "I" || stem == "C" || stem == "D" || stem == "M" || stem == "L" {
		if !counter && !ruler || stem != "I" && !counter {
			return nil
		}
	}
	digits := cardinalText(value)
	var words []string
	switch {
	case ruler:
		words = append([]string{"the"}, ordinal(digits)...)
	case counter:
		words = cardinal(digits)
	case len(stem) > 1 && strings.Trim(stem, "IVX") == "" && previous != "" && isUpper(rune(previous[0])) && previous != "I":
		words = cardinal(digits)
	default:
		return nil
	}
	if ending {
		words[len(words)-1] += "'s"
	}
	return words
}

var regnalFollowers = wordSet("of was is had died reigned ruled became and to in who married")
