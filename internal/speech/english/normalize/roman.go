package normalize

import (
	"regexp"
	"strconv"
	"strings"
)

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
	digits := strconv.Itoa(value)
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
