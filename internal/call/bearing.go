package call

import (
	"strings"
	"unicode"
)

// Bearing is what a turn's words mean for whose turn it is.
type Bearing string

// Bearings.
const (
	// Plain: nothing in particular.
	Plain Bearing = ""
	// Hanging: they cannot be all of what the person wants to say.
	Hanging Bearing = "hanging"
	// Pondering: the person asks for time.
	Pondering Bearing = "pondering"
	// Hesitating: nothing but sounds of thinking, "um".
	Hesitating Bearing = "hesitating"
	// Meaningless: sounds of assent, or words that mean nothing by themselves, as the recogniser writes a cough; they answer a question of hers and else
	// nothing.
	Meaningless Bearing = "meaningless"
	// Stopping: the person asks for silence, and for nothing else.
	Stopping Bearing = "stopping"
	// Elsewhere: the person speaks to somebody else.
	Elsewhere Bearing = "elsewhere"
	// HerWords: nobody has spoken; her own voice came back.
	HerWords Bearing = "her_words"
)

// answered says whether a turn with this bearing is one to answer, and to think of an answer for.
func (b Bearing) answered() bool {
	return b != Stopping && b != Pondering && b != Elsewhere && b != Hesitating && b != Meaningless && b != HerWords
}

// BearingOf reads the words of a turn; known are the names of her and of the person. English only. Only whole sentences count: "stop" is a wish,
// "stop the music" another one.
func BearingOf(text string, known ...string) Bearing {
	last := plainWords(lastSentence(text))
	switch {
	case isForAnother(text, known...):
		return Elsewhere
	case strings.HasSuffix(strings.TrimSpace(text), "?") && (!hesitates(text) || asksAgain(text)):
		return Plain
	case asksForSilence(plainWords(text)):
		return Stopping
	case hesitates(text):
		return Hesitating
	case meansNothing(text):
		return Meaningless
	case asksForTime(last):
		return Pondering
	case hangs(text):
		return Hanging
	}
	return Plain
}

// plainWords are the words of a text in small letters, without those that only make it polite or hesitant.
func plainWords(text string) []string {
	text = strings.ReplaceAll(strings.ToLower(text), "’", "'")
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' })
	plain := words[:0]
	for _, word := range words {
		if !asides[word] {
			plain = append(plain, word)
		}
	}
	return plain
}

// asksForSilence says whether a turn is nothing but a wish for silence, once or more often, perhaps after a name.
func asksForSilence(words []string) bool {
	if len(words) == 0 || len(words) > 6 {
		return false
	}
	if allOf(words, besideStop) && anyOf(words, stopWords) {
		return true
	}
	// "Orla, stop." But no word that makes a sentence of it: "don't stop", "the stop", "to stop".
	return len(words) == 2 && stopWords[words[1]] && words[1] != "enough" && !beforeStop[words[0]]
}

// hesitates says whether there is nothing in a text but sounds that say nothing. "Mm-hm" and "uh-huh" say yes.
func hesitates(text string) bool {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && r != '-' })
	return len(words) > 0 && allOf(words, sounds)
}

// asksAgain says whether a text is a sound with which one asks for something to be said again.
func asksAgain(text string) bool {
	words := spokenWords(text)
	return len(words) == 1 && againSounds[words[0]]
}

// meansNothing says whether a turn is a sound of assent ("Mm-hm"), or a few words that mean nothing by themselves ("You", "And", "It's a"): nothing to answer, unless
// she had asked something. A cough is such words to a recogniser, or some that it knows from the ends of films.
func meansNothing(text string) bool {
	words := spokenWords(text)
	if len(words) > longestMeaningless {
		return false
	}
	return meaningless[strings.Join(words, " ")] || len(words) > 0 && (allOf(words, assentSounds) || allOf(words, incomplete) || !isLatin(text))
}

// isLatin says whether there is a letter in a text as English has them. A recogniser of English that writes others has heard noise.
func isLatin(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Latin, r) })
}

// longestMeaningless is how many words such a turn has at most.
const longestMeaningless = 4

func asksForTime(words []string) bool {
	text := strings.Join(words, " ")
	for _, wish := range timeWishes {
		if text == wish {
			return true
		}
	}
	return len(words) > 0 && len(words) <= 3 && allOf(words, waitWords)
}

func allOf(words []string, set map[string]bool) bool {
	for _, word := range words {
		if !set[word] {
			return false
		}
	}
	return true
}

func anyOf(words []string, set map[string]bool) bool {
	for _, word := range words {
		if set[word] {
			return true
		}
	}
	return false
}

// The lists are data that nothing changes.
var (
	sounds       = wordSet(`um uhm uh er erm eh ah ahh oh ooh ugh hm hmm hum mm mmm huh ha`)
	againSounds  = wordSet(`huh eh hm hmm`)
	assentSounds = wordSet(`mm mmm hm hmm mhm uh huh um uhhuh mhmm`)
	incomplete   = wordSet(`the a an and but so of to in my for at it's that's i'm`)
	meaningless  = phraseSet(`you, but you, thank you for watching, thanks for watching`)
	asides       = wordSet(`please okay ok oh hm hmm um uh er well now just yes no yeah right so`)
	stopWords    = wordSet(`stop quiet hush shush shh silence enough shut`)
	besideStop   = wordSet(`stop quiet hush shush shh silence enough shut be that's it talking up`)
	beforeStop   = wordSet(`don't not never can't cannot won't didn't doesn't couldn't wouldn't the a an this that my your his her
		their our to i you he she we they it who bus train full last first next one will would can could did does do must should may
		might let me and or but then when if non`)
	waitWords  = wordSet(`wait`)
	timeWishes = []string{
		"let me think", "let me think about it", "let me think about that", "let me see", "let me think for a moment",
		"let me think for a second", "let me think for a minute", "give me a second", "give me a moment", "give me a minute",
		"give me a sec", "one moment", "one second", "one sec", "one minute", "a moment", "a second", "a minute", "hold on", "hang on",
		"hold on a second", "hold on a moment", "hold on a minute", "hang on a second", "hang on a minute", "wait a moment",
		"wait a minute", "wait a second", "i'm thinking", "i need to think", "i have to think", "where was i",
	}
)
