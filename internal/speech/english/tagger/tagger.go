// Package tagger guesses the part of speech of a word whose sound depends on it: "to record", "a record".
//
// It is not a general tagger: it answers for one word at a time, from the few words around it, by rules that a reader
// can check. Words of closed classes (determiners, pronouns, auxiliaries, prepositions) decide most cases; a few
// heteronyms have a rule of their own ([special.go]). When nothing speaks for a part, the answer is [Unknown] and the
// dictionary's default stands.
package tagger

import "strings"

// Part is a part of speech, named as the dictionaries do.
type Part string

// The parts that dictionaries tell apart.
const (
	Unknown    Part = ""
	Noun       Part = "NOUN"
	Verb       Part = "VERB"
	Adjective  Part = "ADJ"
	Adverb     Part = "ADV"
	Determiner Part = "DT"
	Past       Part = "VBD"
	Participle Part = "VBN"
	Present    Part = "VBP"
)

func set(words string) map[string]bool {
	table := make(map[string]bool)
	for word := range strings.FieldsSeq(words) {
		table[word] = true
	}
	return table
}

var (
	determiners = set(`a an the this these those my your his her its our their some any no every each another what
		which whose both all one two three four five six seven eight nine ten many few several much more most`)
	subjects = set("i you we they who i've we've you've they've y'all people")
	thirds   = set("he she it who that which everyone everybody someone somebody nobody this")
	objects  = set("me him her it us them you myself yourself everything something anything this that these those")
	modals   = set(`to will would can could should may might must shall cannot can't won't wouldn't couldn't shouldn't
		don't doesn't didn't do does did let's let please gonna wanna gotta i'll you'll he'll she'll it'll we'll they'll
		i'd you'd he'd she'd we'd they'd that'll not never help helps`)
	questions = set("do does did don't doesn't didn't can could will would should may might must shall won't can't")
	beings    = set(`is are was were be been being am i'm you're he's she's it's we're they're that's there's isn't aren't
		wasn't weren't who's what's feel feels felt seem seems seemed look looks looked sound sounds sounded stay stays
		become becomes became keep keeps kept`)
	havings      = set("have has had having i've you've we've they've haven't hasn't hadn't get gets got getting")
	prepositions = set(`of in on at for with by from about into like as than over under without between through during
		against within per via behind beyond near across after before since until despite onto upon`)
	adverbs = set(`not never always also just really already still often even ever usually sometimes probably actually
		only almost now then soon again today simply mostly largely well better`)
	adjectives = set(`new old good bad great big small little first last next best own same other whole recent high low
		long short full free public private real true local social current previous early late main major minor huge
		better worse personal daily simple strong young open criminal world double single final different popular nice
		second third written printed digital online annual official medical young whole entire certain`)
	adjectiveEndings = []string{"ous", "ful", "ive", "able", "ible", "ical", "less", "ial", "ish", "est", "ern"}
)

// Of guesses the part of words[i]. The words are in small letters, in order; an empty string stands for a mark between
// them, which ends what they can tell about each other.
func Of(words []string, i int) Part {
	c := context{words, i}
	if rule, ok := special[words[i]]; ok {
		return rule(c)
	}
	return c.general()
}

// context is a word with its neighbours.
type context struct {
	words []string
	i     int
}

func (c context) word() string { return c.words[c.i] }

// at returns the word n places on (or back), empty past an end.
func (c context) at(n int) string {
	if j := c.i + n; j >= 0 && j < len(c.words) {
		return c.words[j]
	}
	return ""
}

// before returns the nth word before that is not an adverb ("not", "really", "slowly").
func (c context) before(n int) string {
	for j := c.i - 1; j >= 0; j-- {
		word := c.words[j]
		if adverbs[word] || len(word) > 4 && strings.HasSuffix(word, "ly") && word != "family" {
			continue
		}
		if n--; n == 0 || word == "" {
			return word
		}
	}
	return ""
}

// anyOf reports whether the text holds one of the words.
func (c context) anyOf(words map[string]bool) bool {
	for _, word := range c.words {
		if words[word] {
			return true
		}
	}
	return false
}

func isAdjective(word string) bool {
	if adjectives[word] {
		return true
	}
	for _, ending := range adjectiveEndings {
		if len(word) > len(ending)+2 && strings.HasSuffix(word, ending) {
			return true
		}
	}
	return false
}

// startsObject reports whether a word begins what a verb acts on.
func startsObject(word string) bool { return determiners[word] && word != "no" || objects[word] }

func (c context) plural() bool {
	word := c.word()
	return strings.HasSuffix(word, "s") && !strings.HasSuffix(word, "ss")
}

// general serves every word without a rule of its own.
func (c context) general() Part {
	previous, next := c.before(1), c.at(1)
	immediate := c.at(-1)
	switch {
	case immediate == "" && previous == "":
		if startsObject(next) {
			return Verb
		}
		return Unknown
	case immediate == "not" && beings[previous]:
		return Adjective
	case modals[immediate] || modals[previous]:
		return Verb
	case determiners[immediate]:
		return Noun
	case questions[c.before(2)] && (subjects[previous] || thirds[previous]):
		return Verb
	case immediate == "very" || immediate == "so" || immediate == "too" || immediate == "quite":
		return Adjective
	case subjects[previous]:
		return Verb
	case thirds[previous] && c.plural():
		return Verb
	case previous == "that" || previous == "this":
		return Noun
	case havings[previous]:
		return Participle
	case beings[previous]:
		return Adjective
	case prepositions[previous], isAdjective(previous), strings.HasSuffix(previous, "'s"):
		return Noun
	case previous == "and" || previous == "or" || previous == "but" || previous == "then":
		if startsObject(next) {
			return Verb
		}
		return c.likePartner()
	case startsObject(next) && (c.plural() || strings.HasSuffix(previous, "s")):
		return Verb
	case strings.HasSuffix(previous, "s") && !strings.HasSuffix(previous, "ss") && !c.plural():
		return Verb // "prices increase"
	case previous != "":
		return Noun // "a world record"
	}
	return Unknown
}

// likePartner guesses from the word before a conjunction: "to wash and record", "a wash and a record".
func (c context) likePartner() Part {
	if c.i < 2 {
		return Unknown
	}
	if partner := (context{c.words, c.i - 2}); partner.word() != "" {
		if part := partner.general(); part == Verb || part == Noun {
			return part
		}
	}
	return Unknown
}
