package call

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"twombly/internal/speech"
)

// ownWords are the words that she was heard saying lately, and when. Times are audio times.
type ownWords struct {
	ahead []aheadWord // of the item, not heard yet
	heard []ownWord
}

// aheadWord is a word of the item that is being heard, and where it begins in it, in samples.
type aheadWord struct {
	text     string
	from, to int
}

// ownWord is a word that was heard.
type ownWord struct {
	text     string
	from, to time.Duration
}

// ownWordsKept is how long a word is kept after it was heard.
const ownWordsKept = 10 * time.Second

// begin forgets what was to be heard, for another item is.
func (o *ownWords) begin() { o.ahead = o.ahead[:0] }

// plays notes the words of a clause that begins at a sample of the item.
func (o *ownWords) plays(at int, clause string, words []speech.WordTime) {
	for _, word := range words {
		o.ahead = append(o.ahead, aheadWord{lettersOf(clause[word.Start:word.End]), at + word.From, at + word.To})
	}
}

// reach notes that the item was heard up to a sample at an audio time, and goes on.
func (o *ownWords) reach(at int, clock time.Duration) {
	n := 0
	for n < len(o.ahead) && o.ahead[n].from <= at {
		word := o.ahead[n]
		begins := clock - samplesDuration(at-word.from)
		o.heard = append(o.heard, ownWord{word.text, begins, begins + samplesDuration(word.to-word.from)})
		n++
	}
	o.ahead = slices.Delete(o.ahead, 0, n)
	for len(o.heard) > 0 && o.heard[0].to < clock-ownWordsKept {
		o.heard = o.heard[1:]
	}
}

// said tells whether words are those that were heard from about the time at which they would have to begin, in order. A recogniser mangles what a room
// has blurred, and parts words where there is no border: so letters are compared.
func (o *ownWords) said(words string, earliest, latest, until time.Duration) bool {
	wanted := lettersOf(words)
	if wanted == "" {
		return false
	}
	for first, word := range o.heard {
		if word.to < earliest {
			continue // over before
		}
		if word.from > latest+wordSlack {
			break
		}
		var said strings.Builder
		for _, next := range o.heard[first:] {
			if next.from > until+wordSlack {
				break
			}
			said.WriteString(next.text)
		}
		if unlike := beginsUnlike(wanted, said.String()); float64(unlike) <= mangled*float64(len(wanted)) {
			return true
		}
	}
	return false
}

const (
	// mangled is the share of letters that a recogniser gets wrong of a voice from a loudspeaker, at most.
	mangled = 0.4
	// wordSlack is how far the recogniser's first word may be from where the voice was found to begin.
	wordSlack = 200 * time.Millisecond
)

// lettersOf is a text without anything but its letters and digits, in small letters.
func lettersOf(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// beginsUnlike is how many letters must be put in, left out or changed to make of a text the beginning of another.
func beginsUnlike(text, other string) int { return slices.Min(changes(text, other)) }
