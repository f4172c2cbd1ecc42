package clause

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A word is a run of text that is never cut inside: what stands between white space, or up to a dash or a full-width
// mark that separates without white space.
type word struct {
	start, end int  // bytes of the word itself, marks included
	after      int  // where the next word starts: a cut here leaves the white space with this word
	spoken     int  // 1 when it holds a letter or a digit
	open       bool // the text ends in it: more of it may come
	newline    bool // a line ends after it
	inside     bool // it ends inside [brackets] or `code`
}

func separates(r rune) bool {
	switch r {
	case '—', '。', '！', '？', '，', '、', '；':
		return true
	}
	return false
}

// scan cuts the text into words. With final, nothing follows the text any more.
func scan(text string, final bool) []word {
	var words []word
	brackets, ticks := 0, 0
	at := 0
	for at < len(text) && isSpaceAt(text, at) > 0 {
		at += isSpaceAt(text, at)
	}
	if at == len(text) {
		return nil
	}
	for at < len(text) {
		current := word{start: at}
		separated := false
		for at < len(text) && isSpaceAt(text, at) == 0 {
			r, size := utf8.DecodeRuneInString(text[at:])
			at += size
			switch {
			case r == '[':
				brackets++
			case r == ']' && brackets > 0:
				brackets--
			case r == '`':
				ticks++
			case unicode.IsLetter(r) || unicode.IsNumber(r):
				current.spoken = 1
			}
			if separates(r) && !(r == '—' && digitAt(text, at) && lastIsDigit(text[:at-size])) {
				separated = true
				break
			}
		}
		current.end = at
		current.inside = brackets > 0 || ticks%2 == 1
		for at < len(text) {
			size := isSpaceAt(text, at)
			if size == 0 {
				break
			}
			current.newline = current.newline || text[at] == '\n'
			at += size
		}
		current.after = at
		current.open = !final && at == len(text) && current.end == at && !separated && !isEager(text[current.start:current.end])
		words = append(words, current)
	}
	return words
}

func isSpaceAt(text string, at int) int {
	r, size := utf8.DecodeRuneInString(text[at:])
	if unicode.IsSpace(r) {
		return size
	}
	return 0
}

func digitAt(text string, at int) bool { return at < len(text) && text[at] >= '0' && text[at] <= '9' }

func lastIsDigit(text string) bool { return text != "" && digitAt(text, len(text)-1) }

// The kinds of border between a word and the next, the better the higher.
const (
	undecided         = iota - 1
	noBorder          // the words belong together
	plain             // nothing speaks against it
	beforeDeterminer  // of what follows: "They moved | the old clock", not "They moved the old | clock"
	beforePreposition //
	beforeOpener      // a conjunction or a new subject follows
	afterMark         // , ; : — …
	sentenceEnd       // . ? ! or the end of a line
)

// border judges the place after word i. It is undecided when what follows may still change the answer.
func border(text string, words []word, i int) int {
	current := words[i]
	body := strings.TrimRightFunc(text[current.start:current.end], isCloser)
	bare := strings.TrimLeftFunc(body, isOpener)
	last, _ := utf8.DecodeLastRuneInString(body)
	before := strings.TrimRightFunc(bare, isMark)

	if current.open {
		return undecided
	}
	if current.newline && !current.inside {
		return sentenceEnd
	}
	if current.inside {
		return noBorder
	}
	var next *word
	if i+1 < len(words) {
		next = &words[i+1]
	}
	switch last {
	case '.':
		return afterDot(text, words, i, bare, next)
	case '!', '?', '。', '！', '？':
		return sentenceEnd
	case '…':
		return afterEllipsis(text, next)
	case ',', ';', ':', '，', '、', '；':
		if !lastIsDigit(before) {
			return afterMark
		}
		if next == nil {
			return undecided
		}
		if digitAt(text, next.start) {
			return noBorder // "24, 2026"
		}
		return afterMark
	case '—', '–', '-':
		if last == '—' || current.spoken == 0 {
			return afterMark
		}
	}
	if current.end < len(text) && strings.ContainsAny(text[current.end-1:current.end], `)]"`) || strings.HasSuffix(body, "”") {
		// A closed bracket or quotation is a fair place, unless a mark follows it.
		return borderBetween(text, bare, next, plain)
	}
	return borderBetween(text, bare, next, noBorder)
}

// afterDot judges a full stop: the end of a sentence, of an abbreviation, or of a list marker.
func afterDot(text string, words []word, i int, bare string, next *word) int {
	stem := strings.ToLower(strings.TrimRight(bare, "."))
	dots := len(bare) - len(strings.TrimRight(bare, "."))
	if dots > 1 {
		return afterEllipsis(text, next)
	}
	switch {
	case stem != "" && strings.Trim(stem, "0123456789") == "" && firstSpoken(words, i):
		return noBorder // "1. Open the lid"
	case english.titles[stem]:
		return noBorder
	case english.numbered[stem]:
		if next == nil {
			return undecided
		}
		if digitAt(text, next.start) {
			return noBorder
		}
		return sentenceEnd
	case utf8.RuneCountInString(stem) == 1 && unicode.IsUpper(firstRune(bare)) && stem != "i", english.closing[stem]:
		if next == nil {
			return undecided
		}
		capital := unicode.IsUpper(firstRune(text[next.start:]))
		if capital && !english.closing[stem] {
			return noBorder // an initial: "J. Smith"
		}
		if capital {
			return sentenceEnd
		}
		return borderBetween(text, strings.TrimRight(bare, "."), next, noBorder)
	}
	return sentenceEnd
}

// afterEllipsis judges three dots: a hesitation, or the end of a sentence when a capital follows.
func afterEllipsis(text string, next *word) int {
	if next == nil {
		return undecided
	}
	if unicode.IsUpper(firstRune(text[next.start:])) {
		return sentenceEnd
	}
	return afterMark
}

// firstSpoken reports whether word i is the first of the clause that is spoken.
func firstSpoken(words []word, i int) bool {
	for _, earlier := range words[:i] {
		if earlier.spoken > 0 {
			return false
		}
	}
	return true
}

// borderBetween judges a place without any mark, between the word bare and the next; least is the lowest answer unless
// the two belong together.
func borderBetween(text, bare string, next *word, least int) int {
	if next == nil {
		return undecided
	}
	if next.open {
		return undecided
	}
	following := strings.TrimLeftFunc(text[next.start:next.end], isOpener)
	key := strings.ToLower(strings.ReplaceAll(strings.TrimRightFunc(following, isMark), "’", "'"))
	this := strings.ToLower(strings.ReplaceAll(bare, "’", "'"))
	switch {
	case next.spoken == 0 && strings.Trim(text[next.start:next.end], "-–—") != "":
		return noBorder // a sign, as in "A & B", or an emoji, which goes with what it follows
	case next.spoken == 0:
		return noBorder // the dash itself is the place
	case english.leaning[this], Wordless(bare):
		return noBorder
	case lastIsDigit(bare) && !english.afterNumber[key], digitAt(following, 0), strings.ContainsAny(bare[len(bare)-1:], "$/&+=@#%") && !strings.HasSuffix(bare, "%"):
		return noBorder
	case english.binding[key]:
		return noBorder
	case isCapitalised(bare) && isCapitalised(following) && !english.openers[key]:
		return noBorder // a name
	case isCapitalised(bare) && nameParticles[key], isCapitalised(following) && nameParticles[this]:
		return noBorder
	case english.openers[key]:
		return beforeOpener
	case english.prepositions[key]:
		return beforePreposition
	case english.determiners[key]:
		return max(beforeDeterminer, least)
	case strings.IndexAny(following, "$£€+(") == 0:
		return max(plain, least)
	case endsInMark(following) && least == noBorder:
		return noBorder // one last word alone would sound lost
	}
	return plain
}

// nameParticles stand inside names: "Leonardo da Vinci".
var nameParticles = set("de da di du van von der den la le del della al bin ibn y")

func endsInMark(text string) bool {
	r, _ := utf8.DecodeLastRuneInString(text)
	return isMark(r) || isCloser(r)
}

// isEager reports whether a word at the very end of what has come so far ends in a mark that can be decided on at once:
// "Sure," but not "sure." (more of an address may come), "7:" or "https:".
func isEager(text string) bool {
	before := strings.TrimRight(text, ",;?!:")
	r, _ := utf8.DecodeLastRuneInString(before)
	if len(before) == len(text) || !unicode.IsLetter(r) || strings.ContainsAny(before, ".:/@\\`[(<=&") {
		return false
	}
	switch strings.ToLower(before) {
	case "http", "https", "mailto", "file", "ftp", "tel", "c", "d":
		return text[len(before)] != ':'
	}
	return true
}

func isCapitalised(text string) bool { return unicode.IsUpper(firstRune(text)) }

func firstRune(text string) rune {
	r, _ := utf8.DecodeRuneInString(text)
	return r
}

func isMark(r rune) bool {
	switch r {
	case '.', ',', ';', ':', '!', '?', '…', '—', '。', '！', '？', '，', '、', '；':
		return true
	}
	return false
}

func isCloser(r rune) bool {
	switch r {
	case '"', '\'', ')', ']', '}', '”', '’', '»', '*', '_', '~':
		return true
	}
	return false
}

func isOpener(r rune) bool {
	switch r {
	case '"', '\'', '(', '[', '{', '“', '‘', '«', '*', '_', '~', '#', '>':
		return true
	}
	return false
}
