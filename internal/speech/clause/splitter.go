package clause

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxBytes bounds what is held back: text without any place to cut (a data URL, a key that got stuck) is cut here.
const maxBytes = 1024

// A step of the ramp says how many words a clause needs before each kind of place may end it.
type step struct {
	punctuation int // after , ; : — …
	opener      int // before a conjunction or a new subject
	preposition int // before a preposition
	most        int // from here on, between any two words that do not lean on each other
}

// ramp holds one step a clause; the last one serves all that follow. Each is so short that it has its sound before the one in front of
// it has sounded.
var ramp = []step{
	{punctuation: 2, opener: 2, preposition: 3, most: 4},
	{punctuation: 3, opener: 4, preposition: 4, most: 5},
	{punctuation: 4, opener: 5, preposition: 6, most: 8},
	{punctuation: 4, opener: 6, preposition: 8, most: 13},
}

// Splitter cuts one streamed text into clauses. The zero value is ready for the start of a text. It is not safe for
// concurrent use.
//
// The concatenation of all clauses, of every Push and of Flush, is the pushed text byte for byte: white space stays at
// the end of the clause before it, or at the start of the text. A clause may hold nothing to say (a text of blanks, an
// emoji after the last full stop): see [Wordless].
type Splitter struct {
	// FirstAtPunctuation is the number of words after which a comma or the like ends the first clause; 0 means 2. With
	// 1, "Well," is spoken at once, at the price of a pause after it.
	FirstAtPunctuation int

	pending []byte
	emitted int
}

// Wordless reports whether a clause holds no letter and no digit, so that there is nothing to say.
func Wordless(clause string) bool {
	return !strings.ContainsFunc(clause, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
}

// Push adds the next piece of the text and returns the clauses that are decided by it, in order; often none.
// A piece may end anywhere, even inside a rune.
func (s *Splitter) Push(delta string) []string {
	s.pending = append(s.pending, delta...)
	if !mayDecide(delta) && len(s.pending) < maxBytes {
		return nil
	}
	var clauses []string
	for cut := s.decide(false); cut > 0; cut = s.decide(false) {
		clauses = append(clauses, s.take(cut))
	}
	return clauses
}

// Flush returns what is left at the end of the text, mostly one clause or none, and makes the splitter ready for the
// start of another text.
func (s *Splitter) Flush() []string {
	var clauses []string
	for cut := s.decide(true); cut > 0; cut = s.decide(true) {
		clauses = append(clauses, s.take(cut))
	}
	if len(s.pending) > 0 {
		clauses = append(clauses, s.take(len(s.pending)))
	}
	s.emitted = 0
	return clauses
}

// Cut cuts a whole text as a Splitter cuts the beginning of a reply. Every clause but an only one has a word in it.
func Cut(text string) []string {
	var s Splitter
	clauses := append(s.Push(text), s.Flush()...)
	spoken := clauses[:0]
	for _, clause := range clauses {
		if len(spoken) > 0 && Wordless(clause) {
			spoken[len(spoken)-1] += clause
		} else {
			spoken = append(spoken, clause)
		}
	}
	return spoken
}

func (s *Splitter) take(n int) string {
	clause := string(s.pending[:n])
	s.pending = append(s.pending[:0], s.pending[n:]...)
	if !Wordless(clause) {
		s.emitted++
	}
	return clause
}

// leastBefore is how many words a clause has that ends before a determiner.
const leastBefore = 2

// mayDecide reports whether a piece can bring a decision at all: only white space and marks do.
func mayDecide(delta string) bool {
	return strings.ContainsFunc(delta, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsPunct(r) || r == utf8.RuneError
	})
}

func (s *Splitter) step() step {
	current := ramp[min(s.emitted, len(ramp)-1)]
	if s.emitted == 0 && s.FirstAtPunctuation > 0 {
		current.punctuation = s.FirstAtPunctuation
	}
	return current
}

// decide returns how many bytes the next clause has, or 0 when that is not known yet. With final, nothing follows.
func (s *Splitter) decide(final bool) int {
	text := string(s.pending)
	words := scan(text, final)
	current := s.step()
	count := 0
	fallback, fallbackRank := 0, noBorder
	for i := range words {
		if s.emitted > 0 || !hesitates(text[words[i].start:words[i].end]) {
			count += words[i].spoken
		}
		if count == 0 {
			continue // nothing to say yet: a bullet, a quotation mark, a "Hm," before the first word
		}
		rank := border(text, words, i)
		if rank == beforeDeterminer && count < leastBefore {
			rank = plain // one word alone, for the sake of what it names
		}
		switch {
		case rank == undecided:
			return overlong(text)
		case rank == sentenceEnd,
			rank == afterMark && count >= current.punctuation,
			rank == beforeOpener && count >= current.opener,
			rank == beforePreposition && count >= current.preposition:
			return words[i].after
		case rank != noBorder && rank >= fallbackRank:
			fallback, fallbackRank = words[i].after, rank
		}
		if count >= current.most && fallback > 0 {
			return fallback
		}
		if count >= 2*current.most && !words[i].open {
			return words[i].after
		}
	}
	return overlong(text)
}

// hesitates reports whether a word is only a sound.
func hesitates(word string) bool {
	return english.hesitations[strings.ToLower(strings.TrimFunc(word, unicode.IsPunct))]
}

// overlong returns where to cut a text of maxBytes or more in which no place was found, without cutting a rune; 0 for
// any other.
func overlong(text string) int {
	if len(text) < maxBytes {
		return 0
	}
	for n := maxBytes; n > maxBytes-utf8.UTFMax; n-- {
		if n == len(text) || utf8.RuneStart(text[n]) {
			return n
		}
	}
	return maxBytes
}
