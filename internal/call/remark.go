package call

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// Remark is what the words of somebody who speaks over her seem to be.
type Remark string

// Remarks.
const (
	// Unclear: no words yet, or too few to tell.
	Unclear Remark = "unclear"
	// Backchannel: a word of assent, a sound: she is listened to, and goes on.
	Backchannel Remark = "backchannel"
	// ForAnother: words to somebody else in the room.
	ForAnother Remark = "for_another"
	// OwnWords: her own voice that came back.
	OwnWords Remark = "own_words"
	// Interruption: words of somebody who wants to speak, it seems: in noise a recogniser makes such words of anything.
	Interruption Remark = "interruption"
	// CutsIn: words with which one interrupts ("wait", "no", "what", her name).
	CutsIn Remark = "cuts_in"
	// AsksForSilence: nothing but a wish for silence.
	AsksForSilence Remark = "asks_for_silence"
)

// passes is the reason to let a remark pass.
func (r Remark) passes() Reason {
	switch r {
	case Backchannel:
		return Backchannelled
	case ForAnother:
		return SaidToAnother
	case OwnWords:
		return SaidByHer
	case Unclear, Interruption, CutsIn, AsksForSilence:
	}
	return NoWords
}

// OverheardAs is what the machine is told when what an Overhear asked for, up to an audio time, was recognised as a text. known are
// the names of her and of the person.
func OverheardAs(asked Intent, until time.Duration, text string, known ...string) Overheard {
	return Overheard{
		Overlap: asked.Overlap, Until: until, Remark: RemarkOf(text, known...), Words: strings.Join(spokenWords(text), " "),
	}
}

// spokenWords are the words of a text in small letters.
func spokenWords(text string) []string {
	text = strings.ReplaceAll(strings.ToLower(text), "’", "'")
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' })
}

// RemarkOf says what words over her voice seem to be. The recogniser writes short sounds as it can: a cough is "You", a
// hum "Um"; so a single weak word tells nothing yet, and neither does what may be a name, until it is known to whom one goes on
// to speak. English only; known are the names of her and of the person.
func RemarkOf(text string, known ...string) Remark {
	words := spokenWords(text)
	switch {
	case isForAnother(text, known...):
		return ForAnother
	case stammers(words):
		if soundsLikeStop(words[:1]) {
			return AsksForSilence // "Stah, stah, stah"
		}
		return Unclear
	case asksForSilence(plainWords(text)), soundsLikeStop(words):
		return AsksForSilence
	case mayCallAnother(text, known...):
		return Unclear
	case interrupts(words, known):
		return CutsIn
	}
	assent, weak, other := countWords(words)
	switch {
	case len(words) == 1 && other == 1:
		return Unclear // a cough is "Two", and who has more to say goes on
	case other > 0:
		return Interruption
	case assent > 0:
		// "So, yeah", "I, okay": who only agrees does not begin anew.
		return Backchannel
	case weak > 2:
		return Interruption
	}
	return Unclear
}

// soundsLikeStop says whether a word, perhaps after one that tells nothing, may be a "stop" that noise has changed: "This stop", "The stump",
// "Stuff". Hardly anybody says such a word alone over her voice, unless to interrupt her.
func soundsLikeStop(words []string) bool {
	if len(words) == 2 && weakAlone[words[0]] {
		words = words[1:]
	}
	if len(words) != 1 || len(words[0]) > longestLikeStop || unlikeStop[words[0]] {
		return false
	}
	word := words[0]
	return stopWords[word] || len(word) > 2 && strings.HasPrefix(word, "st") && strings.ContainsRune("aeiou", rune(word[2]))
}

// longestLikeStop is the length of "stomach".
const longestLikeStop = 7

// countWords counts words of assent, words that tell nothing, and others.
func countWords(words []string) (assent, weak, other int) {
	for i, word := range words {
		switch {
		case assents[word], i > 0 && assents[words[i-1]+" "+word]:
			assent++
		case i+1 < len(words) && assents[word+" "+words[i+1]]:
			assent++
		case len(word) == 1 || weakAlone[word]:
			weak++
		default:
			other++
		}
	}
	return assent, weak, other
}

// interrupts says whether words are such with which one interrupts: they begin with one, or hold nothing but weak words before it, or are her name.
func interrupts(words []string, known []string) bool {
	if len(words) == 0 {
		return false
	}
	if len(words) == 1 && calls(words[0], known) {
		return true
	}
	text := strings.Join(words, " ")
	if assents[text] || len(words) > 1 && assents[words[0]+" "+words[1]] {
		return false // "No way", "How nice"
	}
	for len(words) > 1 && (assents[words[0]] || len(words[0]) == 1 && words[0] != "i") {
		words = words[1:] // "Okay, but how long"
	}
	text = strings.Join(words, " ")
	return cutsIn[words[0]] || slices.ContainsFunc(cutIn, func(beginning string) bool { return strings.HasPrefix(text+" ", beginning+" ") })
}

// stammers says whether a recogniser lost itself in words: the same again and again, as it writes noise.
func stammers(words []string) bool {
	for i := 2; i < len(words); i++ {
		if words[i] == words[i-1] && words[i] == words[i-2] && !assents[words[i]] {
			return true
		}
	}
	for i := 5; i < len(words); i++ {
		if words[i] == words[i-2] && words[i] == words[i-4] && words[i-1] == words[i-3] && words[i-1] == words[i-5] && !assents[words[i]] {
			return true // "come here, come here, come here"
		}
	}
	return false
}

// calls says whether a word may be one of the names.
func calls(word string, known []string) bool {
	return slices.ContainsFunc(known, func(name string) bool { return resemble(word, strings.ToLower(name)) })
}

var (
	// cutsIn are words that interrupt alone.
	cutsIn = wordSet(`wait stop no nope never enough quiet hush shush silence hey hello hi sorry pardon excuse what why who when where how which
		but actually listen look please help again louder slower next skip careful later continue repeat`)
	// cutIn are beginnings with which one interrupts.
	cutIn = []string{
		"hold on", "hang on", "let me", "can you", "can we", "can i", "could you", "could we", "could i", "tell me", "one moment", "one second",
	}
	assents = phraseSet(`yeah, yes, yep, yup, ya, right, okay, ok, sure, really, wow, oh, ah, aha, mm, mmm, hm, hmm, hum, uh, um, er, huh,
		ha, mhm, uhhuh, cool, nice, great, good, true, exactly, indeed, definitely, absolutely, totally, lovely, gosh, interesting,
		i see, all right, alright, oh wow, of course, i know, you know, i mean, no way, got it, fair enough, go on, that's right, that's it, that's true, that's good, that's nice, that's great,
		that's cool, that's lovely, that's funny, that's interesting, that's sad, how nice, how lovely, how funny, how sad, oh no, thank you, i guess, my goodness`)
	unlikeStop = wordSet(`story stories start starts started starting stay stays state station study student
		stan stacy stacey stanley stuart steve steven stephen stella`)
	weakAlone = phraseSet(`the, an, you, it, so, and, to, of, in, is, that, this, for, we, he, she, my, at, uhm`)
)

// phraseSet makes a set of words and phrases that commas part.
func phraseSet(phrases string) map[string]bool {
	set := make(map[string]bool)
	for phrase := range strings.SplitSeq(phrases, ",") {
		set[strings.Join(strings.Fields(phrase), " ")] = true
	}
	return set
}
