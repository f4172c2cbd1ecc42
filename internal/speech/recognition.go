package speech

import (
	"math"
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
	// cutQuiet is the level, as a share of the window's, under which that piece counts as a pause: -26 dB.
	cutQuiet = 0.05
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

// fullWindow says where to cut a window that is full: in its quietest moment of the last seconds.
func (r *Recognition) fullWindow() asked {
	window := r.samples[:windowLongest]
	best, least := 0, math.Inf(1)
	for at := windowLongest - cutReach; at+cutPiece <= windowLongest; at += cutPiece / 4 {
		if energy := meanSquare(window[at : at+cutPiece]); energy <= least {
			best, least = at+cutPiece/2, energy
		}
	}
	if least <= cutQuiet*cutQuiet*meanSquare(window) {
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
		words = words[seam(r.settled, words, r.asked.length):]
	}
	if !r.asked.closes {
		r.agree(words)
		r.asked = asked{}
		return
	}
	words = respell(words, r.stable)
	if r.asked.overlap {
		words = words[:max(0, len(words)-1)] // it may be cut; the overlap has it whole
	}
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

// seamWords is how many words on each side of a seam are compared.
const seamWords = 8

// seam returns how many words at the start of a transcript were said already, in the overlap. It aligns them with the
// end of the settled words: the first and the last word there may be cut and misheard. Where nothing matches it goes by
// the time.
func seam(settled, words []string, samples int) int {
	tail := settled[max(0, len(settled)-seamWords):]
	head := words[:min(len(words), seamWords)]
	const match, miss = 2, -1
	// scores[j]: the best alignment of the tail's words so far, from any one on, with head[:j].
	type alignment struct{ score, matches int }
	better := func(a, b alignment) alignment {
		if b.score > a.score {
			return b
		}
		return a
	}
	scores := make([]alignment, len(head)+1)
	for j := range scores {
		scores[j] = alignment{score: miss * j}
	}
	for _, word := range tail {
		diagonal := scores[0]
		scores[0] = alignment{} // the alignment may begin behind any word of the tail
		for j := range head {
			step := alignment{diagonal.score + miss, diagonal.matches}
			if plain(word) == plain(head[j]) {
				step = alignment{diagonal.score + match, diagonal.matches + 1}
			}
			diagonal = scores[j+1]
			step = better(step, alignment{scores[j].score + miss, scores[j].matches})
			scores[j+1] = better(step, alignment{diagonal.score + miss, diagonal.matches})
		}
	}
	best := 0
	for j := range scores {
		if scores[j].matches > 0 && (scores[best].matches == 0 || scores[j].score > scores[best].score) {
			best = j
		}
	}
	if scores[best].matches > 0 {
		return best
	}
	return min(len(words), int(math.Round(float64(len(words))*seamOverlap/float64(max(samples, seamOverlap)))))
}
