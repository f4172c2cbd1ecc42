package normalize

import (
	"regexp"
	"strconv"
	"strings"
)

const (
	monthPattern = `(January|February|March|April|May|June|July|August|September|October|November|December|` +
		`Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)`
	dayPattern = `(Mon|Tues|Tue|Wed|Thurs|Thur|Thu|Fri|Sat|Sun)`
)

var monthNames = strings.Fields(`January February March April May June July August September October November December`)

var dayNames = strings.Fields("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")

// dateRules read dates that begin with a figure.
var dateRules = []rule{
	newRule(`(\d{4})-(\d{2})-(\d{2})(?:([T ])(\d{2}):(\d{2})(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?`, readISODate),
	newRule(`(\d{4})/(\d{1,2})/(\d{1,2})`, func(s *scanner, m []string) bool {
		return s.emitDate(len(m[0]), m[1], m[2], m[3])
	}),
	newRule(`(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})`, readSlashDate),
	newRule(`(\d{1,2})\.(\d{1,2})\.(\d{4})`, func(s *scanner, m []string) bool {
		return s.emitDate(len(m[0]), m[3], m[2], m[1])
	}),
	newRule(`(\d{1,2})(?:st|nd|rd|th)?(?:\s+(of))?[ -]`+monthPattern+`\b`, readDayBeforeMonth),
}

// monthRules read month and weekday names, and the day that follows a month.
var monthRules = []rule{
	newRule(monthPattern+`(\.?)`, readMonth),
	newRule(dayPattern+`(\.?)`, readWeekday),
}

// monthOf returns the full name of a month, given by name, abbreviation or number; empty for anything else.
func monthOf(text string) string {
	if n, err := strconv.Atoi(text); err == nil {
		if n >= 1 && n <= 12 {
			return monthNames[n-1]
		}
		return ""
	}
	text = strings.TrimSuffix(text, ".")
	for _, name := range monthNames {
		if name == text || len(text) >= 3 && strings.HasPrefix(name, text) && len(text) <= 4 {
			return name
		}
	}
	return ""
}

func isDay(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 1 && n <= 31
}

// spokenYear reads the year of a date, of two or four digits.
func spokenYear(text string) []string {
	if n, ok := isYear(text); ok {
		return year(n)
	}
	if n, err := strconv.Atoi(text); err == nil && len(text) == 2 && n < 10 {
		return []string{"oh", units[n]}
	}
	return cardinal(text)
}

// emitDate emits "November twenty fourth, twenty twenty six" over n bytes.
func (s *scanner) emitDate(n int, yearText, monthText, dayText string) bool {
	month := monthOf(monthText)
	if month == "" || !isDay(dayText) || !s.ends(n) {
		return false
	}
	words := append([]string{month}, ordinal(dayText)...)
	s.emit(n, append(append(words, Pause), spokenYear(yearText)...)...)
	return true
}

func readISODate(s *scanner, m []string) bool {
	dateLength := len(m[1]) + len(m[2]) + len(m[3]) + 2
	if m[4] == "" {
		return s.emitDate(dateLength, m[1], m[2], m[3])
	}
	month := monthOf(m[2])
	if month == "" || !isDay(m[3]) || !s.ends(len(m[0])) {
		return false
	}
	words := append(append([]string{month}, ordinal(m[3])...), Pause)
	words = append(words, spokenYear(m[1])...)
	clock := hourAndMinute(m[5], m[6], true)
	if m[4] == " " {
		s.emit(dateLength, words...)
		s.gap(1)
		s.emit(len(m[0])-dateLength-1, append([]string{"at"}, clock...)...)
		return true
	}
	s.emit(len(m[0]), append(append(words, Pause, "at"), clock...)...)
	return true
}

// readSlashDate reads 11/24/2026 the American way, month first, unless that cannot be.
func readSlashDate(s *scanner, m []string) bool {
	if first, _ := strconv.Atoi(m[1]); first > 12 {
		return s.emitDate(len(m[0]), m[3], m[2], m[1])
	}
	return s.emitDate(len(m[0]), m[3], m[1], m[2])
}

// readDayBeforeMonth reads the day of "24 Nov", "24th of November": "the twenty fourth of".
func readDayBeforeMonth(s *scanner, m []string) bool {
	if !isDay(m[1]) {
		return false
	}
	words := ordinal(m[1])
	if strings.ToLower(s.previous(1)) != "the" {
		words = append([]string{"the"}, words...)
	}
	if m[2] == "" {
		words = append(words, "of")
	}
	length := len(m[1])
	for length < len(m[0]) && isASCIILetter(rune(s.rest()[length])) {
		length++ // the ending of "24th"
	}
	s.emit(length, words...)
	if s.rest()[0] == '-' {
		s.gap(1)
	}
	return true
}

// readMonth reads a month's name. An abbreviation counts when it has its dot or a figure beside it.
func readMonth(s *scanner, m []string) bool {
	length := len(m[1])
	name := monthOf(m[1])
	after := s.rest()[len(m[0]):]
	figure := strings.TrimLeft(after, " \t-")
	beforeFigure := figure != "" && len(figure) < len(after) && figure[0] >= '0' && figure[0] <= '9'
	afterFigure := len(s.tokens) > 0 && strings.ContainsAny(s.previous(1), "0123456789")
	if !s.ends(length) || len(m[1]) <= 4 && name != m[1] && m[2] == "" && !beforeFigure && !afterFigure {
		return false
	}
	if m[2] != "" {
		switch {
		case name == m[1]: // a full name: the dot ends the sentence
		case m[1] == "Mar" || m[1] == "Dec" || m[1] == "Jan" || m[1] == "Jun" || m[1] == "Sep":
			if !beforeFigure && !afterFigure {
				return false // "Jan." may be a person
			}
			fallthrough
		default:
			if !s.endsSentence(len(m[0])) {
				length++
			}
		}
	}
	s.emit(length, name)
	s.dayAfterMonth()
	return true
}

// dayAfterMonth reads the day of "November 24" and of "November 24-26".
func (s *scanner) dayAfterMonth() {
	match := dayAfterMonth.FindStringSubmatch(s.ahead())
	if match == nil || !isDay(match[2]) {
		return
	}
	end := len(match[0])
	if match[4] != "" && !isDay(match[4]) || !s.ends(end) {
		return
	}
	if rest := s.rest()[end:]; strings.HasPrefix(rest, ":") || len(rest) > 1 && (rest[0] == '.' || rest[0] == ',') &&
		rest[1] >= '0' && rest[1] <= '9' {
		return
	}
	s.gap(len(match[1]))
	words := ordinal(match[2])
	if match[4] != "" {
		words = append(append(words, "to"), ordinal(match[4])...)
	}
	s.emit(end-len(match[1]), words...)
}

var monthAhead = regexp.MustCompile(`^` + monthPattern + `\b`)

var dayAfterMonth = newRule(`([ \t-]+)(\d{1,2})(?:st|nd|rd|th)?(?:(\s?[-–]\s?)(\d{1,2})(?:st|nd|rd|th)?)?`, nil).pattern

// readWeekday reads the short names that cannot be words of their own, and the others when a date is near.
func readWeekday(s *scanner, m []string) bool {
	length := len(m[1])
	if !s.ends(length) {
		return false
	}
	dot := m[2] != "" && !s.endsSentence(len(m[0]))
	rest := strings.TrimLeft(s.rest()[length:], "., \t")
	near := rest != "" && (rest[0] >= '0' && rest[0] <= '9' || monthAhead.MatchString(window(rest)))
	switch m[1] {
	case "Mon", "Sat", "Sun", "Wed", "Fri":
		if !near {
			return false
		}
	}
	if dot {
		length++
	}
	for _, name := range dayNames {
		if strings.HasPrefix(name, m[1][:3]) {
			s.emit(length, name)
			return true
		}
	}
	return false
}
