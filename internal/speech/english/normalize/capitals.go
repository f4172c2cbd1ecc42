package normalize

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

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
