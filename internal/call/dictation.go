package call

import (
	"strings"
	"time"
	"unicode"
)

// readsOut says whether somebody is reading a number or a name out: who does has said how far it goes only when a long silence follows. A
// year, a price and a time of day are numbers that are said, not read out; two single digits on end are read out, as two letters are.
func readsOut(text string) bool {
	r := reading(text)
	return r.items >= 3 || r.items >= 2 && (r.count >= 3 || r.single) || r.letters || r.joined
}

// readings is what a text ends in.
type readings struct {
	items, count int  // numbers or letters, and the digits and letters of all of them
	single       bool // each of them is a single digit
	letters      bool // two letters or more, and nothing else
	joined       bool // a number so long that it must be several, written as one
}

// reading looks at the end of a text.
func reading(text string) (r readings) {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return unicode.IsSpace(r) || r == '-' || r == '–' || r == '/' })
	for i := range words {
		words[i] = strings.TrimFunc(words[i], func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	}
	if n := len(words); n > 1 && words[n-1] == "m" && (words[n-2] == "a" || words[n-2] == "p") {
		return readings{} // a time of day
	}
	r.single = true
	letters := 0
	for i := len(words) - 1; i >= 0; i-- {
		word := words[i]
		digits := countDigits(word)
		switch {
		case word == "":
			continue
		case numbers[word]:
			r.count++
			r.single = r.single && digitWords[word]
		case digits > 0 && strings.Trim(word, "0123456789.,") == "":
			r.count += digits
			r.single = r.single && digits == 1
			r.joined = r.joined || digits > 4 && digits == len(word)
		case len(word) == 1 && letters == r.items: // nothing but letters so far
			r.count++
			letters++
			r.single = false
		case months[word] && r.items == 2:
			return readings{} // "May 5, 2024"
		default:
			i = 0
			continue
		}
		r.items++
	}
	r.letters = letters >= 2
	return r
}

// countDigits counts the digits of a word.
func countDigits(word string) (n int) {
	for _, r := range word {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// The word lists are data that nothing changes.
var (
	digitWords = wordSet(`zero oh one two three four five six seven eight nine double triple`)
	numbers    = wordSet(`zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
		eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety double triple`)
	months = wordSet(`january february march april may june july august september october november december`)
)

// DigitsIn counts the digits in a text, as figures and as words.
func DigitsIn(text string) (n int) {
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if numbers[word] {
			n++
		} else {
			n += countDigits(word)
		}
	}
	return n
}

// dictation is what a call has learnt of how a person reads numbers out: how long the last ones were, and the pauses between the groups of digits.
type dictation struct {
	lengths [2]int // of the last whole numbers, in digits
	part    bool   // the open turn goes on with the last one
	learnt  bool   // the last turn was one of lengths
	turns   int    // for how many turns more numbers are expected
	forgets bool   // nothing is learnt
	// groups is how many pauses there were between groups; the others are the shortest and the longest of them.
	groups            int
	shortest, longest time.Duration
}

const (
	// leastNumber is how many digits a number has that was read out and may come again: shorter ones are too often a part of another.
	leastNumber = 6
	// numbersExpected is for how many turns after one with a number another is expected.
	numbersExpected = 3
	// knownGroups is after how many pauses between groups their rhythm is known, if the longest is no longer than rhythmSpread times the shortest.
	// A silence that is longer than rhythmSlack times the longest is none of them; leastRhythm is the least that this may come to.
	knownGroups  = 4
	rhythmSpread = 1.6
	rhythmSlack  = 1.3
	leastRhythm  = 800 * time.Millisecond
)

// expects says whether a turn with digits in it is likely another number that is read out.
func (d *dictation) expects() bool { return d.turns > 0 }

// knows says whether a number so long was read out before, as a whole: what is shorter than another is likely a part of one.
func (d *dictation) knows(digits int) bool {
	return digits >= leastNumber && digits == max(d.lengths[0], d.lengths[1])
}

// wentOn notes a pause between groups.
func (d *dictation) wentOn(pause time.Duration) {
	if d.forgets {
		return
	}
	if d.groups == 0 || pause < d.shortest {
		d.shortest = pause
	}
	d.groups++
	d.longest = max(d.longest, pause)
}

// ends notes a turn's end; digits is 0 where none were read out.
func (d *dictation) ends(digits int) {
	d.learnt = false
	if d.forgets {
		return
	}
	if digits < leastNumber {
		d.turns = max(0, d.turns-1)
		return
	}
	d.turns = numbersExpected
	if !d.part {
		d.lengths, d.learnt = [2]int{digits, d.lengths[0]}, true
	}
}

// forget takes back that the last number was whole.
func (d *dictation) forget() {
	if d.learnt {
		d.lengths, d.learnt = [2]int{d.lengths[1], 0}, false
	}
}

// hold is the silence that ends a number: for somebody who reads in a rhythm what does not fit it, else the usual one, and never less than the pauses
// that they made.
func (d *dictation) hold(usual time.Duration) time.Duration {
	if d.forgets {
		return usual
	}
	rhythm := max(leastRhythm, time.Duration(rhythmSlack*float64(d.longest)))
	if d.groups >= knownGroups && float64(d.longest) <= rhythmSpread*float64(d.shortest) {
		return rhythm
	}
	return max(usual, rhythm)
}
