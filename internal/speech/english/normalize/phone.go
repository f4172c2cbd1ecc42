package normalize

import (
	"regexp"
	"strings"
)

// phoneRules read telephone numbers digit by digit, with a pause between their groups.
var phoneRules = []rule{
	newRule(`\+\d{1,3}(?:[ .-]?\(?\d{1,4}\)?){2,5}`, readPhone),
	newRule(`(?:1[ .-])?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}`, readPhone),
	newRule(`\(\d{3,5}\)[ .-]?\d{3,4}[ .-]?\d{3,4}`, readPhone),
	newRule(`\d{3}-\d{4}`, readPhone),
	newRule(`0\d{2,4} \d{3,4} \d{3,4}`, readPhone),
	newRule(`911|999`, readEmergency),
}

var digitGroup = regexp.MustCompile(`\d+`)

func readPhone(s *scanner, m []string) bool {
	if !s.ends(len(m[0])) {
		return false
	}
	var words []string
	if strings.HasPrefix(m[0], "+") {
		words = []string{"plus"}
	}
	for i, group := range digitGroup.FindAllString(m[0], -1) {
		if i > 0 {
			words = append(words, Pause)
		}
		if group == "800" {
			words = append(words, "eight", "hundred")
			continue
		}
		words = append(words, spellDigits(group)...)
	}
	s.emit(len(m[0]), words...)
	return true
}

// readEmergency reads the numbers everybody calls digit by digit, after a word for calling.
func readEmergency(s *scanner, m []string) bool {
	switch strings.ToLower(s.previous(1)) {
	case "call", "called", "calling", "dial", "dialed", "phone", "ring":
	default:
		return false
	}
	if !s.ends(len(m[0])) || strings.HasPrefix(s.rest()[len(m[0]):], ",0") {
		return false
	}
	s.emit(len(m[0]), spellDigits(m[0])...)
	return true
}
