package normalize

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// namedSymbols are read by name wherever they stand.
var namedSymbols = map[rune]string{
	'=': "equals", '×': "times", '÷': "divided by", '±': "plus or minus", '≈': "about", '≤': "at most", '≥': "at least",
	'≠': "is not equal to", '→': "to", '⇒': "so", '%': "percent", '@': "at", '§': "section", '√': "the square root of",
	'∞': "infinity", '°': "degrees", '€': "euro", '£': "pound", '$': "dollar", '&': "and", '²': "squared", '³': "cubed",
	'№': "number", '−': "minus",
}

var (
	markRun   = regexp.MustCompile(`^[.,;:!?…。，！？；：、]+`)
	emoticon  = regexp.MustCompile(`^(?:[:;=8][-']?[)(\]DPpOo3|/\\]|<3|\^_\^|¯\\_\(ツ\)_/¯|[xX]D)(?:\s|$|[.,!?])`)
	arrow     = regexp.MustCompile(`^(?:-+>|=+>|<-+)`)
	dashes    = regexp.MustCompile(`^[-–—―]+`)
	wideMarks = strings.NewReplacer("。", ".", "，", ",", "！", "!", "？", "?", "；", ";", "：", ":", "、", ",")
)

// symbol reads one sign, mark or emoji; it always moves on.
func (s *scanner) symbol() bool {
	rest := s.ahead()
	if match := emoticon.FindString(rest); match != "" && (s.before() == ' ' || s.before() == '\n') {
		return s.skip(len(strings.TrimRight(match, " \t\n.,!?")))
	}
	if match := arrow.FindString(rest); match != "" {
		return s.name(len(match), "to")
	}
	if match := markRun.FindString(rest); match != "" {
		s.mark(len(match), strongest(wideMarks.Replace(match)))
		return true
	}
	r, size := utf8.DecodeRuneInString(rest)
	switch r {
	case '"', '“', '”', '„', '«', '»':
		return s.quotation(r, size)
	case '(', ')':
		s.mark(size, string(r))
		return true
	case '-', '–', '—', '―':
		return s.dash(rest)
	case '+':
		return s.name(size, "plus")
	case '&':
		return s.name(size, "and")
	case '/':
		return s.slash(size)
	case '×':
		return s.name(size, s.product(size))
	case '*':
		if s.betweenFigures(size) {
			return s.name(size, "times")
		}
		return s.skip(size)
	case '<', '>':
		if s.space && strings.HasPrefix(rest[size:], " ") || s.betweenFigures(size) {
			return s.name(size, map[rune]string{'<': "is less than", '>': "is greater than"}[r])
		}
		return s.skip(size)
	case '°':
		if len(rest) > size && (rest[size] == 'C' || rest[size] == 'F') && s.ends(size+1) {
			return s.name(size+1, map[byte]string{'C': "degrees Celsius", 'F': "degrees Fahrenheit"}[rest[size]])
		}
	}
	if name, ok := namedSymbols[r]; ok {
		return s.name(size, name)
	}
	if isEmoji(r) {
		return s.emoji(rest)
	}
	return s.skip(size)
}

func (s *scanner) skip(n int) bool {
	s.at += n
	return true
}

func (s *scanner) name(n int, words string) bool {
	s.emit(n, strings.Fields(words)...)
	return true
}

// strongest reduces a run of marks to the one that is heard.
func strongest(run string) string {
	switch {
	case strings.Contains(run, "?"):
		return "?"
	case strings.Contains(run, "!"):
		return "!"
	case strings.Contains(run, "…"), strings.Contains(run, ".."):
		return "…"
	}
	r, _ := utf8.DecodeRuneInString(run)
	return string(r)
}

func (s *scanner) quotation(r rune, size int) bool {
	opens := r == '“' || r == '„' || r == '«' || r == '"' && !s.quoting
	s.quoting = opens
	if opens {
		s.mark(size, "“")
	} else {
		s.mark(size, "”")
	}
	return true
}

// dash reads dashes: a pause between words, silent inside and at the ends of words.
func (s *scanner) dash(rest string) bool {
	run := dashes.FindString(rest)
	if next := rest[len(run):]; !s.space && next != "" && strings.ContainsRune("0123456789$£€", rune(next[0])) && s.afterFigure(1) && !s.inCode() {
		return s.name(len(run), "to")
	}
	after, _ := utf8.DecodeRuneInString(rest[len(run):])
	if run == "-" && !(s.space && (unicode.IsSpace(after) || len(run) == len(rest))) {
		return s.skip(1)
	}
	if !s.lastIsWord() {
		return s.skip(len(run))
	}
	s.mark(len(run), "—")
	return true
}

var (
	codeAhead  = regexp.MustCompile(`^-\d+-\d`)
	codeBehind = regexp.MustCompile(`\d-\d{1,9}$`)
)

// inCode reports whether the hyphen ahead is one of several between figures: 1-2-3 is a code, not a range.
func (s *scanner) inCode() bool {
	return codeAhead.MatchString(s.ahead()) || codeBehind.MatchString(s.text[max(0, s.at-12):s.at])
}

func (s *scanner) betweenFigures(size int) bool {
	before := strings.TrimRight(s.text[:s.at], " ")
	after := strings.TrimLeft(s.rest()[size:], " ")
	return before != "" && after != "" && before[len(before)-1] >= '0' && before[len(before)-1] <= '9' &&
		after[0] >= '0' && after[0] <= '9'
}

// product says how a cross between two figures is read: "by" in measures, "times" in sums.
func (s *scanner) product(size int) string {
	after := strings.TrimLeft(s.rest()[size:], " ")
	after = strings.TrimLeft(strings.TrimLeft(after, "0123456789.,"), " ")
	if strings.HasPrefix(after, "=") || strings.HasPrefix(after, "is ") || !s.betweenFigures(size) {
		return "times"
	}
	return "by"
}

// eitherOr words are parted by a slash that means "or".
var eitherOr = wordSet("he she him her his hers yes no true false mr mrs s they them")

// slash reads a stroke between two words.
func (s *scanner) slash(size int) bool {
	next := nextWord(s.rest()[size:])
	previous := s.previous(1)
	if next == "" || previous == "" || s.space && !strings.HasPrefix(s.rest()[size:], " ") {
		return s.skip(size)
	}
	switch {
	case strings.EqualFold(previous, "and") && strings.EqualFold(next, "or"):
		return s.skip(size)
	case eitherOr[strings.ToLower(previous)] && eitherOr[strings.ToLower(next)]:
		return s.name(size, "or")
	case isShouted(previous) && isShouted(next):
		return s.skip(size)
	case unitNames[next].one != "" && s.afterFigure(2):
		s.emit(size+len(next), append([]string{"per"}, strings.Fields(unitNames[next].one)...)...)
		return true
	case next == "month" || next == "year" || next == "day" || next == "week" || next == "hour" || next == "minute" ||
		next == "second" || next == "person" || next == "night":
		return s.name(size, "per")
	}
	return s.name(size, "slash")
}

// afterFigure reports whether one of the last n tokens holds a digit.
func (s *scanner) afterFigure(n int) bool {
	for back := 1; back <= n; back++ {
		if strings.ContainsAny(s.previous(back), "0123456789") {
			return true
		}
	}
	return false
}

// isEmoji covers the blocks of pictures, their joiners, tones and variation selectors.
func isEmoji(r rune) bool {
	return r >= 0x1F000 && r <= 0x1FAFF || r >= 0x2600 && r <= 0x27BF || r >= 0x2B00 && r <= 0x2BFF ||
		r >= 0x2300 && r <= 0x23FF || r == 0x200D || r >= 0xFE00 && r <= 0xFE0F || r == 0x20E3
}

// emojiNouns are said where a noun is missing: "a 🍕", "some ☕", "for 🎂".
var emojiNouns = map[rune]string{
	'🍕': "pizza", '☕': "coffee", '🎂': "cake", '🍰': "cake", '🍺': "beer", '🍻': "beers", '🍷': "wine", '🍔': "burger",
	'🍎': "apple", '🌮': "taco", '🍣': "sushi", '🍦': "ice cream", '🍪': "cookie", '🍞': "bread", '🥗': "salad",
	'🚗': "car", '🚲': "bike", '✈': "plane", '🚂': "train", '🏠': "house", '🐶': "dog", '🐱': "cat", '🐦': "bird",
	'🌹': "rose", '🌳': "tree", '📖': "book", '📚': "books", '🎵': "music", '🎬': "movie", '⚽': "football", '🎁': "gift",
	'⭐': "stars", '🌟': "stars", '☀': "sun", '🌙': "moon", '🌊': "sea", '🏖': "beach", '❤': "love", '💙': "love",
}

// emoji reads one picture with its joined parts. It is spoken where the sentence needs the word, silent elsewhere.
func (s *scanner) emoji(rest string) bool {
	first, size := utf8.DecodeRuneInString(rest)
	for size < len(rest) {
		r, n := utf8.DecodeRuneInString(rest[size:])
		joined := r == 0x200D || r >= 0xFE00 && r <= 0xFE0F || r >= 0x1F3FB && r <= 0x1F3FF || r == 0x20E3
		if !joined && !strings.HasSuffix(rest[:size], "\u200d") {
			break
		}
		size += n
	}
	noun, ok := emojiNouns[first]
	if !ok || !s.nounMissing(first, rest[size:]) {
		return s.skip(size)
	}
	return s.name(size, noun)
}

// nounMissing reports whether the word before a picture needs one after it.
func (s *scanner) nounMissing(picture rune, after string) bool {
	if !s.lastIsWord() {
		return false
	}
	previous := strings.ToLower(s.previous(1))
	if picture == '❤' || picture == '💙' {
		next := nextWord(after)
		return next != "" && (previous == "i" || previous == "we" || previous == "they" || previous == "you")
	}
	switch previous {
	case "a", "an", "the", "some", "my", "your", "his", "her", "our", "more", "for", "of", "with", "any", "no", "eat",
		"get", "want", "love", "like", "this", "that":
		return true
	}
	return strings.Trim(previous, "0123456789") == "" && previous != ""
}
