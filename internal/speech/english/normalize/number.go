package normalize

import (
	"strconv"
	"strings"
)

var (
	units = strings.Fields(`zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
		fifteen sixteen seventeen eighteen nineteen`)
	tens   = strings.Fields("zero ten twenty thirty forty fifty sixty seventy eighty ninety")
	scales = strings.Fields(`- thousand million billion trillion quadrillion quintillion sextillion septillion
		octillion nonillion decillion`)
	irregularOrdinals = map[string]string{
		"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
		"twelve": "twelfth",
	}
)

// belowHundred reads 0 to 99.
func belowHundred(n int) []string {
	switch {
	case n < 20:
		return []string{units[n]}
	case n%10 == 0:
		return []string{tens[n/10]}
	}
	return []string{tens[n/10], units[n%10]}
}

// belowThousand reads 1 to 999, and 0 as nothing.
func belowThousand(n int) []string {
	var words []string
	if n >= 100 {
		words = append(words, units[n/100], "hundred")
		n %= 100
	}
	if n > 0 {
		words = append(words, belowHundred(n)...)
	}
	return words
}

// cardinal reads digits as a number, the American way: without "and". Digits too many to have a name, and digits with
// zeros in front, are read one by one.
func cardinal(digits string) []string {
	if digits == "0" {
		return []string{"zero"}
	}
	if digits == "" || digits[0] == '0' || len(digits) > 15 {
		return spellDigits(digits)
	}
	var words []string
	for at := 0; at < len(digits); {
		size := (len(digits)-at-1)%3 + 1
		group, _ := strconv.Atoi(digits[at : at+size])
		at += size
		words = append(words, belowThousand(group)...)
		if scale := (len(digits) - at) / 3; group > 0 && scale > 0 {
			words = append(words, scales[scale])
		}
	}
	return words
}

// ordinal reads digits as a place in a row: "twenty first".
func ordinal(digits string) []string {
	digits = strings.TrimLeft(digits, "0")
	if digits == "" {
		return []string{"zeroth"}
	}
	words := cardinal(digits)
	last := &words[len(words)-1]
	switch irregular, ok := irregularOrdinals[*last]; {
	case ok:
		*last = irregular
	case strings.HasSuffix(*last, "y"):
		*last = strings.TrimSuffix(*last, "y") + "ieth"
	default:
		*last += "th"
	}
	return words
}

// spellDigits reads digits one by one; anything else in the text is skipped.
func spellDigits(digits string) []string {
	var words []string
	for _, r := range digits {
		if r >= '0' && r <= '9' {
			words = append(words, units[r-'0'])
		}
	}
	return words
}

// year reads 1100 to 2099: "nineteen ninety nine", "two thousand seven", "twenty twenty six".
func year(n int) []string {
	century, rest := n/100, n%100
	switch {
	case n%1000 == 0:
		return cardinal(strconv.Itoa(n))
	case rest == 0:
		return append(belowHundred(century), "hundred")
	case century%10 == 0 && rest < 10:
		return cardinal(strconv.Itoa(n))
	case rest < 10:
		return append(belowHundred(century), "oh", units[rest])
	}
	return append(belowHundred(century), belowHundred(rest)...)
}

// pairs reads a number as rooms, flights and roads are called: 204 "two oh four", 1450 "fourteen fifty".
func pairs(digits string) []string {
	n, err := strconv.Atoi(digits)
	if err != nil || digits[0] == '0' || n%100 == 0 {
		return cardinal(digits)
	}
	switch len(digits) {
	case 3, 4:
		head := belowHundred(n / 100)
		if n%100 < 10 {
			return append(head, "oh", units[n%10])
		}
		return append(head, belowHundred(n%100)...)
	}
	return cardinal(digits)
}

// number reads digits with optional thousands' commas and decimals: "1,234.5".
func number(text string) []string {
	whole, decimals, hasPoint := strings.Cut(strings.ReplaceAll(text, ",", ""), ".")
	var words []string
	if whole != "" {
		words = cardinal(whole)
	}
	if hasPoint && decimals != "" {
		words = append(words, "point")
		words = append(words, spellDigits(decimals)...)
	}
	return words
}

// plural makes the last word of a reading plural, as in "the nineteen nineties".
func plural(words []string) []string {
	last := &words[len(words)-1]
	switch {
	case strings.HasSuffix(*last, "y"):
		*last = strings.TrimSuffix(*last, "y") + "ies"
	case strings.HasSuffix(*last, "x"):
		*last += "es"
	case len(*last) == 1:
		*last += "'s"
	default:
		*last += "s"
	}
	return words
}

// isYear reports whether digits are read as a year when nothing else is known about them.
func isYear(digits string) (int, bool) {
	n, err := strconv.Atoi(digits)
	return n, err == nil && len(digits) == 4 && n >= 1100 && n <= 2099
}
