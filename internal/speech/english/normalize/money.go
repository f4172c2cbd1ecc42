package normalize

import (
	"strconv"
	"strings"
)

var currencies = map[string]struct{ one, many, cent, cents string }{
	"$": {"dollar", "dollars", "cent", "cents"}, "US$": {"dollar", "dollars", "cent", "cents"},
	"C$": {"Canadian dollar", "Canadian dollars", "cent", "cents"},
	"A$": {"Australian dollar", "Australian dollars", "cent", "cents"},
	"£":  {"pound", "pounds", "penny", "pence"}, "€": {"euro", "euros", "cent", "cents"},
	"¥": {"yen", "yen", "sen", "sen"}, "₹": {"rupee", "rupees", "paisa", "paise"},
}

func readMoney(s *scanner, m []string) bool {
	if !s.ends(len(m[0])) {
		return false
	}
	sign, currency, amount, scale := m[1], currencies[m[2]], m[3], scaleNames[m[4]]
	words := signed(sign, number(amount))
	name := currency.many
	if last := m[6]; last != "" {
		words = append(append(words, scaleWords(scale)...), "to")
		words = append(words, number(last)...)
		scale = scaleNames[m[7]]
	} else if whole, cents, ok := strings.Cut(amount, "."); ok && len(cents) == 2 && scale == "" && scaleAhead.FindString(window(s.rest()[len(m[0]):])) == "" {
		s.emit(len(m[0]), signed(sign, dollarsAndCents(whole, cents, m[2]))...)
		return true
	} else if amount == "1" && scale == "" {
		name = currency.one
	}
	if s.isAttribute(len(m[0])) {
		name = currency.one
	}
	words = append(words, scaleWords(scale)...)
	if ahead := scaleAhead.FindStringSubmatch(window(s.rest()[len(m[0]):])); ahead != nil && scale == "" {
		if name == currency.one && !s.isAttribute(len(m[0])+len(ahead[0])) {
			name = currency.many
		} else if s.isAttribute(len(m[0]) + len(ahead[0])) {
			name = currency.one
		} else {
			name = currency.many
		}
		s.emit(len(m[0]), words...)
		s.gap(len(ahead[1]))
		s.emit(len(ahead[2]), append([]string{ahead[2]}, strings.Fields(name)...)...)
		return true
	}
	s.emit(len(m[0]), append(words, strings.Fields(name)...)...)
	return true
}

func scaleWords(scale string) []string {
	if scale == "" {
		return nil
	}
	return []string{scale}
}

// dollarsAndCents reads an amount with two decimals.
func dollarsAndCents(whole, cents, symbol string) []string {
	currency := currencies[symbol]
	whole = strings.ReplaceAll(whole, ",", "")
	n, _ := strconv.Atoi(cents)
	var words []string
	if whole != "" && strings.Trim(whole, "0") != "" {
		name := currency.many
		if whole == "1" {
			name = currency.one
		}
		words = append(cardinal(whole), strings.Fields(name)...)
		if n > 0 {
			words = append(words, "and")
		}
	}
	switch {
	case n == 1:
		words = append(words, "one", currency.cent)
	case n > 0:
		words = append(append(words, belowHundred(n)...), currency.cents)
	case len(words) == 0:
		words = append([]string{"zero"}, strings.Fields(currency.many)...)
	}
	return words
}
