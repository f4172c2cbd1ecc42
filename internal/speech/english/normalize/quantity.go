package normalize

import (
	"regexp"
	"strconv"
	"strings"
)

const (
	numberPattern   = `\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+`
	currencyPattern = `US\$|C\$|A\$|[$£€¥₹]`
)

// quantityRules read figures, from the most particular form to the plainest.
var quantityRules = []rule{
	newRule(`['’](\d0)s\b`, readShortDecade),
	newRule(`['’](\d\d)\b`, func(s *scanner, m []string) bool {
		s.emit(len(m[0]), spokenYear(m[1])...)
		return true
	}),
	newRule(`(\d+)['’′](?:\s?(\d{1,2})(?:["”″]|''))`, readFeetAndInches),
	newRule(`(\d{1,4})(st|nd|rd|th|ST|ND|RD|TH)`, readOrdinal),
	newRule(`(\d+)( ?)(½|⅓|⅔|¼|¾|⅛|⅜|⅝|⅞|⅕)`, readMixedGlyph),
	newRule(`(½|⅓|⅔|¼|¾|⅛|⅜|⅝|⅞|⅕)`, readFractionGlyph),
	newRule(`(\d+)( |-)(\d)/(\d{1,2})`, readMixedFraction),
	newRule(`(\d{1,4})/(\d{1,4})`, readFraction),
	newRule(`(\d{2,4})['’]?s\b`, readDecade),
	newRule(`(\d{1,3})((?:[ \x{00a0}\x{202f}]\d{3})+)`, readSpacedThousands),
	newRule(`50[-–]50`, func(s *scanner, m []string) bool {
		s.emitWithHyphen(len(m[0]), []string{"fifty", "fifty"})
		return true
	}),
	newRule(`([-−+±~≈]?)(`+currencyPattern+`)\s?(`+numberPattern+`)(k|K|m|M|mn|bn|B|tn|T)?(?:(\s?[-–—]\s?)(?:`+
		currencyPattern+`)?(`+numberPattern+`)(k|K|m|M|mn|bn|B|tn|T)?)?`, readMoney),
	newRule(`([-−+±~≈]{0,2})(`+numberPattern+`)(?:(\s?[–—]\s?|-|\s-\s)(`+numberPattern+`))?`, readNumber),
}

var scaleNames = map[string]string{
	"k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million", "bn": "billion", "B": "billion",
	"tn": "trillion", "T": "trillion",
}

var signWords = map[string]string{"-": "minus", "−": "minus", "+": "plus", "±": "plus or minus", "~": "about", "≈": "about"}

var scaleAhead = regexp.MustCompile(`^( )(hundred|thousand|million|billion|trillion|dozen)\b`)

// signed puts the words of signs before a reading.
func signed(signs string, words []string) []string {
	var all []string
	for _, r := range signs {
		all = append(all, strings.Fields(signWords[string(r)])...)
	}
	return append(all, words...)
}

// isAttribute reports whether a quantity that is n bytes long stands before a noun, as in "a $5 bill" or "a 5 km run":
// its unit is then said in the singular.
func (s *scanner) isAttribute(n int) bool {
	rest := s.rest()[n:]
	if strings.HasPrefix(rest, "-") && len(rest) > 1 && isASCIILetter(rune(rest[1])) {
		return true
	}
	switch strings.ToLower(s.previous(1)) {
	case "a", "an", "another", "this", "that":
	default:
		return false
	}
	word := nextWord(rest)
	if !strings.HasPrefix(rest, " ") || word == "" || !isASCIILetter(rune(word[0])) {
		return false
	}
	switch word {
	case "in", "on", "at", "for", "from", "is", "was", "per", "to", "and", "or", "away", "an", "a", "each", "of", "when":
		return false
	}
	return true
}

func readNumber(s *scanner, m []string) bool {
	signs, amount, dash, last := m[1], m[2], m[3], m[4]
	if signs != "" && s.before() != ' ' && !strings.ContainsRune("(\n\t\"“[=", s.before()) && signs != "~" && signs != "≈" {
		return false
	}
	length := len(m[0])
	head := length - len(dash) - len(last)
	if last != "" && (!s.rangeFits(m) || !s.ends(length) && !s.unitFits(length)) {
		length, last = head, ""
	}
	if last == "" && !s.ends(length) && !s.unitFits(length) {
		return s.readFigureAndLetters(signs, amount, head)
	}
	space, unitName := s.unitAhead(length)
	words := signed(signs, s.figure(amount, unitName, last))
	if last != "" {
		words = append(append(words, "to"), s.figure(last, unitName, amount)...)
	}
	switch {
	case unitName != "" && s.unitMeant(length, space, unitName):
		s.emitUnit(length, space, unitName, amount, last, words)
	case last == "" && strings.HasPrefix(s.rest()[length:], "-"):
		s.emitWithHyphen(length, words)
	default:
		s.emit(length, words...)
	}
	return true
}

// unitFits reports whether letters that touch a figure of n bytes are its unit.
func (s *scanner) unitFits(n int) bool {
	space, name := s.unitAhead(n)
	return name != "" && space == 0
}

// unitMeant refuses letters that look like a unit and are none.
func (s *scanner) unitMeant(n, space int, name string) bool {
	if name == "%" || space == 0 {
		return true
	}
	rest := s.rest()[n+space+len(name):]
	switch name {
	case "m", "l", "mi", "ha", "ms":
		return !strings.HasPrefix(rest, ".") || s.endsSentence(n+space+len(name)+1)
	}
	return true
}

// rangeFits reports whether two figures with a dash are a range or a score, and not a code or a sum.
func (s *scanner) rangeFits(m []string) bool {
	amount, dash, last := m[2], m[3], m[4]
	if dash == " - " {
		rest := strings.TrimLeft(s.rest()[len(m[0]):], " ")
		return !strings.HasPrefix(rest, "=")
	}
	if strings.HasPrefix(s.rest()[len(m[0]):], "-") || s.before() == '-' {
		return false // 1-2-3
	}
	return len(amount) < 8 && len(last) < 8 && (amount[0] != '0' || len(amount) == 1 || amount[1] == '.')
}

// roomWords come before numbers that are read in pairs.
var roomWords = wordSet("room flight route highway apartment apt suite gate bus interstate unit")

// codeWords come before numbers that are read digit by digit.
var codeWords = wordSet("pin code zip extension ext passcode password")

// figure reads one figure of a quantity, as a year where it looks like one.
func (s *scanner) figure(amount, unitName, other string) []string {
	previous := strings.ToLower(s.previous(1))
	if previous == "is" || previous == "number" {
		previous = strings.ToLower(s.previous(2))
	}
	digits := strings.Trim(amount, "0123456789") == ""
	switch {
	case digits && codeWords[previous] && len(amount) > 2:
		return spellDigits(amount)
	case amount == "007":
		return []string{"double", "oh", "seven"}
	case digits && roomWords[previous]:
		return pairs(amount)
	case digits && unitName == "p" && len(amount) > 2:
		return pairs(amount)
	case digits && len(amount) == 5 && isState(s.previous(1)):
		return spellDigits(amount) // a zip code
	case digits && len(amount) == 4 && amount[:2] == "10" && amount[2] != '0' && yearWords[previous]:
		n, _ := strconv.Atoi(amount)
		return year(n) // "in 1066"
	case unitName != "" || other != "" && len(other) > 4:
		return number(amount)
	}
	if n, ok := isYear(amount); ok {
		return year(n)
	}
	return number(amount)
}

// yearWords come before years, so that also the eleventh century's are read as such.
var yearWords = wordSet("in since until by of year before after circa")

func isState(text string) bool {
	return len(text) == 2 && isUpper(rune(text[0])) && isUpper(rune(text[1])) && text != "US" && text != "UK"
}

// emitUnit emits a figure and its unit, as one token when they touch and as two when a blank parts them.
func (s *scanner) emitUnit(length, space int, name, amount, last string, words []string) {
	measure := unitNames[name]
	spoken := measure.many
	end := length + space + len(name)
	if (amount == "1" && last == "" || s.isAttribute(end)) && name != "%" {
		spoken = measure.one
	}
	dotted := 0
	if dottedUnits[name] && strings.HasPrefix(s.rest()[end:], ".") && !s.endsSentence(end+1) {
		dotted = 1
	}
	if space == 0 || s.rest()[length] == '-' {
		s.emit(end+dotted, append(words, strings.Fields(spoken)...)...)
		return
	}
	s.emit(length, words...)
	s.gap(space)
	s.emit(len(name)+dotted, strings.Fields(spoken)...)
}

var hyphenWord = regexp.MustCompile(`^(?:-[A-Za-z]+(?:['’][a-z]+)?)+`)

// emitWithHyphen emits a figure with the words that hang on it: "10-minute", "24-year-old".
func (s *scanner) emitWithHyphen(length int, words []string) {
	tail := hyphenWord.FindString(window(s.rest()[length:]))
	if tail == "" || !s.ends(length+len(tail)) {
		s.emit(length, words...)
		return
	}
	for part := range strings.SplitSeq(tail[1:], "-") {
		words = append(words, capitalsOrWord(part)...)
	}
	s.emit(length+len(tail), words...)
}

// readFigureAndLetters reads what begins with a figure and goes on with letters: "4K", "3D", "10k", "2FA", "4x4".
func (s *scanner) readFigureAndLetters(signs, amount string, head int) bool {
	rest := s.rest()
	end := head
	for end < len(rest) && (isASCIILetter(rune(rest[end])) || rest[end] >= '0' && rest[end] <= '9') {
		end++
	}
	if !s.ends(end) {
		return false
	}
	tail := rest[head:end]
	words := signed(signs, number(amount))
	switch {
	case tail == "k" || tail == "M" || tail == "bn" || tail == "tn":
		words = append(words, scaleNames[tail])
	case tail == "am" || tail == "pm" || tail == "AM" || tail == "PM":
		words = append(words, letters(tail)...)
	case crossed.MatchString(tail):
		words = append(append(words, "by"), cardinal(tail[1:])...)
	default:
		words = append(words, mixed(tail)...)
	}
	s.emit(end, words...)
	return true
}

var crossed = regexp.MustCompile(`^x\d+$`)

// readSpacedThousands reads "10 000", as much of Europe writes.
func readSpacedThousands(s *scanner, m []string) bool {
	if m[1][0] == '0' || !s.ends(len(m[0])) || !strings.HasSuffix(m[0], "00") {
		return false
	}
	s.emit(len(m[0]), cardinal(m[1]+digitsOnly(m[2]))...)
	return true
}

func digitsOnly(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
}

func readOrdinal(s *scanner, m []string) bool {
	if !s.ends(len(m[0])) {
		return false
	}
	s.emitWithHyphen(len(m[0]), ordinal(m[1]))
	return true
}

func readShortDecade(s *scanner, m []string) bool {
	n, _ := strconv.Atoi(m[1])
	s.emit(len(m[0]), plural(belowHundred(n))...)
	return true
}

// readDecade reads "1990s", "80s", "1900s".
func readDecade(s *scanner, m []string) bool {
	n, _ := strconv.Atoi(m[1])
	switch {
	case len(m[1]) == 4 && n >= 1100 && n <= 2099 && n%10 == 0:
		s.emit(len(m[0]), plural(year(n))...)
	case len(m[1]) == 2 && n%10 == 0 && n >= 20:
		s.emit(len(m[0]), plural(belowHundred(n))...)
	case strings.ContainsAny(m[0], "'’"):
		s.emit(len(m[0]), plural(cardinal(m[1]))...)
	default:
		return false
	}
	return true
}

func readFeetAndInches(s *scanner, m []string) bool {
	if s.quoting && !strings.ContainsAny(m[0], "″′") {
		return false
	}
	inches, _ := strconv.Atoi(m[2])
	words := append(cardinal(m[1]), "foot")
	if inches > 0 {
		words = append(words, belowHundred(inches)...)
	}
	s.emit(len(m[0]), words...)
	return true
}
