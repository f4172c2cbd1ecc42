package speech

import (
	"math"
	"slices"
	"strings"
	"unicode"
)

const (
	// windowLongest is the longest window that is recognised again and again: 10 s.
	windowLongest = 10 * HearingRate
	// windowSettled is how long a window must be for a pause to end it: 4 s. Shorter ones go on over the pause, because
	// a sentence is recognised better whole.
	windowSettled = 4 * HearingRate
	// seamOverlap is how much of a window is heard again in the next when it had to be cut inside speech: 1 s.
	seamOverlap = HearingRate
	// cutReach is how far from its end a full window may be cut: 4 s.
	cutReach = 4 * HearingRate
	// cutPiece is the length of the quiet piece that is looked for: 100 ms.
	cutPiece = HearingRate / 10
	// cutQuiet is the energy, as a share of the window's, under which that piece may count as a pause (-14 dB), and
	// cutFloor how far above the window's softest tenth it may lie (3 dB).
	cutQuiet, cutFloor = 0.04, 2
)

// Recognition turns the speech of one turn into text while it goes on. It is pure: it says which samples to transcribe
// next, and is given the transcripts.
//
//	r.Add(frame)                  // every frame of speech
//	r.Pause()                     // at a pause of 200 ms or more, and at the end
//	window, _ := r.Window()       // every 300 to 500 ms, at a pause, and as long as a pause is not settled
//	r.Take(transcript of window)
//
// An open window of at most 10 s is transcribed again and again. Its words are stable once two transcripts in a row
// agree on them (local agreement, https://arxiv.org/abs/2307.14743), and keep the spelling that they then have. At a
// pause, or when it is full, the window is transcribed once more and settled, and the next one begins: in the pause, or
// in the quietest moment of the last seconds, or, if there is none, with a second of overlap whose words are matched.
//
// A Recognition is not safe for concurrent use. The zero value is the start of a turn.
type Recognition struct {
	samples []float32 // from the start of the window
	overlap bool      // the window begins with sound that the settled words already cover
	ends    int       // where the window ends by a pause, if > 0
	asked   asked     // what the next transcript is of

	settled  []string // words of earlier windows
	stable   []string // words of this window that stay
	previous []string // the last transcript's words behind the stable ones
}

// asked is what Window returned last.
type asked struct {
	length int // samples; 0 means nothing is asked
	closes bool
	// slide is where the next window begins, if this one closes; overlap says whether its first words are in it too.
	slide   int
	overlap bool
}

// Add takes the next samples, at HearingRate.
func (r *Recognition) Add(samples []float32) { r.samples = append(r.samples, samples...) }

// Pause says that speech pauses here. If the window is long enough, or the turn is at its end, it ends here.
func (r *Recognition) Pause(final bool) {
	if final || len(r.samples) >= windowSettled {
		r.ends = len(r.samples)
	}
}

// Window returns the samples to transcribe next, and whether the transcript will settle them. It is empty when there is
// nothing to transcribe. The samples stay as they are also while more are added. Asking again forgets the last asking.
func (r *Recognition) Window() (samples []float32, settles bool) {
	switch {
	case r.ends > 0 && r.ends <= windowLongest:
		r.asked = asked{length: r.ends, closes: true, slide: r.ends}
	case len(r.samples) >= windowLongest:
		r.asked = r.fullWindow()
	default:
		r.asked = asked{length: len(r.samples)}
	}
	return r.samples[:r.asked.length:r.asked.length], r.asked.closes
}

// fullWindow says where to cut a window that is full: in its quietest moment of the last seconds. Where that is no
// pause, the next window hears the second before it again.
func (r *Recognition) fullWindow() asked {
	window := r.samples[:windowLongest]
	var energies []float64
	best, least := 0, math.Inf(1)
	for at := 0; at+cutPiece <= windowLongest; at += cutPiece / 4 {
		energy := meanSquare(window[at : at+cutPiece])
		energies = append(energies, energy)
		if at >= windowLongest-cutReach && energy <= least {
			best, least = at+cutPiece/2, energy
		}
	}
	slices.Sort(energies)
	if least <= cutQuiet*meanSquare(window) && least <= cutFloor*energies[len(energies)/10] {
		return asked{length: best, closes: true, slide: best}
	}
	return asked{length: best, closes: true, slide: best - seamOverlap, overlap: true}
}

func meanSquare(samples []float32) float64 {
	var sum float64
	for _, x := range samples {
		sum += float64(x) * float64(x)
	}
	return sum / float64(max(1, len(samples)))
}

// Take gives the transcript of the window last returned.
func (r *Recognition) Take(text string) {
	words := strings.Fields(text)
	if r.overlap {
		dropped := seam(r.settled, words, r.asked.length)
		if last := len(r.settled) - 1; dropped > 0 && isCut(r.settled[last], words[dropped-1]) {
			r.settled[last] = words[dropped-1]
		}
		words = words[dropped:]
	}
	if !r.asked.closes {
		r.agree(words)
		r.asked = asked{}
		return
	}
	words = respell(words, r.stable)
	r.settled = append(r.settled, words...)
	r.stable, r.previous = nil, nil
	r.overlap = r.asked.overlap
	r.samples = r.samples[r.asked.slide:]
	r.ends = max(0, r.ends-r.asked.slide)
	r.asked = asked{}
}

// agree compares a transcript with the one before.
func (r *Recognition) agree(words []string) {
	rest := words[covered(r.stable, words):]
	// The last word may be cut, and its closing mark is a guess.
	common := min(commonWords(r.previous, rest), max(0, len(rest)-1))
	r.stable = append(r.stable, rest[:common]...)
	r.previous = rest[common:]
}

// Stable returns the words that stay, from the start of the turn. A settled window may still change the stable words of
// its own time, if its whole says something else.
func (r *Recognition) Stable() string {
	return strings.Join(append(append([]string{}, r.settled...), r.stable...), " ")
}

// Whole returns all words heard so far, the last of which may still change.
func (r *Recognition) Whole() string {
	return strings.Join(append(append(append([]string{}, r.settled...), r.stable...), r.previous...), " ")
}

// Open returns how many samples are not settled yet.
func (r *Recognition) Open() int { return len(r.samples) }

// plain is a word as it is compared: lower case, without marks around it.
func plain(word string) string {
	return strings.ToLower(strings.TrimFunc(word, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }))
}

// commonWords counts the words at the start that are the same in both.
func commonWords(a, b []string) int {
	n := 0
	for n < len(a) && n < len(b) && plain(a[n]) == plain(b[n]) {
		n++
	}
	return n
}

// respell returns the words, with the spelling of the stable ones as far as both say the same.
func respell(words, stable []string) []string {
	words = append([]string{}, words...)
	common := commonWords(words, stable)
	if common == len(words) && common > 0 {
		common-- // the last word's mark is only known now
	}
	copy(words, stable[:common])
	return words
}

// covered returns how many words at the start of a transcript say what the stable words say.
func covered(stable, words []string) int {
	if common := commonWords(stable, words); common == len(stable) {
		return common
	}
	// costs[j] is the edit distance of all stable words so far to words[:j].
	costs := make([]int, len(words)+1)
	for j := range costs {
		costs[j] = j
	}
	for i, word := range stable {
		diagonal := costs[0]
		costs[0] = i + 1
		for j := range words {
			replaced := diagonal
			if plain(word) != plain(words[j]) {
				replaced++
			}
			diagonal = costs[j+1]
			costs[j+1] = min(replaced, costs[j]+1, costs[j+1]+1)
		}
	}
	best := 0
	distance := func(j int) int { return max(j-len(stable), len(stable)-j) }
	for j := range costs {
		if costs[j] < costs[best] || costs[j] == costs[best] && distance(j) < distance(best) {
			best = j
		}
	}
	return best
}

// seamWords is how many settled words a seam is compared with.
const seamWords = 8

// seam returns how many words at the start of a transcript were said already, in the overlap. It aligns them with the
// end of the settled words, of which the last may be cut and misheard. Only so many words are looked at as fit into the
// overlap, for people repeat themselves. Where nothing matches nothing is dropped.
func seam(settled, words []string, samples int) int {
	tail := settled[max(0, len(settled)-seamWords):]
	most := 2 + int(math.Ceil(float64(len(words))*seamOverlap/float64(max(samples, seamOverlap))))
	head := words[:min(len(words), most)]
	const match, cut, miss = 2, 1, -1
	// scores[j] is the best score of aligning the tail's words so far, from any one on, with head[:j].
	scores := make([]int, len(head)+1)
	for j := range scores {
		scores[j] = miss * j
	}
	for _, word := range tail {
		diagonal := scores[0]
		scores[0] = 0 // the alignment may begin behind any word of the tail
		for j := range head {
			step := diagonal + miss
			switch {
			case plain(word) == plain(head[j]):
				step = diagonal + match
			case isCut(word, head[j]) || isCut(head[j], word):
				step = diagonal + cut
			}
			diagonal = scores[j+1]
			scores[j+1] = max(step, scores[j]+miss, diagonal+miss)
		}
	}
	best := 0
	for j := range scores {
		if scores[j] > scores[best] {
			best = j
		}
	}
	return best
}

// isCut says whether the one word may be a piece of the other: its beginning or its end, two letters or more.
func isCut(piece, word string) bool {
	piece, word = plain(piece), plain(word)
	return len(piece) >= 2 && len(piece) < len(word) && (strings.HasPrefix(word, piece) || strings.HasSuffix(word, piece))
}
