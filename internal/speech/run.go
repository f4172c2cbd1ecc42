package speech

import "strings"

// spelledWord is a word of a text as its phonemes.
type spelledWord struct {
	start, end int    // bytes of the text
	before     string // marks and spaces between the word before and this one, in Kokoro's alphabet
	phonemes   string
}

// speller turns text to phonemes.
type speller interface {
	// spell returns every word of the text in order, and the marks after the last.
	spell(text string) (words []spelledWord, after string, err error)
}

// runTokens is how many tokens are spoken at once at most, about 12 s. The net takes up to 508, but memory
// grows with the length and nobody should wait for so much.
const runTokens = 240

// mostMarks is how many marks between two words are spoken at most.
const mostMarks = 8

const (
	strongMarks = ".!?…"
	weakMarks   = ",;:—"
	strongPause = VoiceRate * 300 / 1000
	weakPause   = VoiceRate * 150 / 1000
)

// run is a piece of text that the net speaks at once.
type run struct {
	tokens []int64
	words  []wordTokens
	tail   int // how many of the tokens are marks after the last word
	pause  int // samples of silence between this run and the next
}

// wordTokens says which tokens of a run are of a word: from first up to, not including, last. A word may have none, and
// a very long one may go on in the next run.
type wordTokens struct {
	word, first, last int
}

// limits are the frames that each token may last, the pads at both ends among them.
func (r run) limits() []float32 {
	limits := make([]float32, len(r.tokens)+2)
	for i := range limits {
		limits[i] = longestFrame
	}
	for i := range r.tail {
		limits[len(limits)-2-i] = markFrames
	}
	limits[len(limits)-1] = tailFrames
	return limits
}

// planner divides words into runs.
type planner struct {
	vocabulary map[rune]int64
	runs       []run
	current    run
}

// planRuns divides words into runs of at most runTokens tokens, at marks where there are some, else between words, and
// inside a word only if it alone is longer.
func planRuns(words []spelledWord, after string, vocabulary map[rune]int64) []run {
	p := planner{vocabulary: vocabulary}
	border := 0 // the next run ends before this word
	for i, word := range words {
		if i == border {
			if i > 0 {
				p.close(word.before)
			}
			border = i + p.wordsInRun(words[i:])
		}
		p.word(i, word)
	}
	p.close(after)
	return p.runs
}

// tokens returns the tokens of the characters that the vocabulary has.
func (p *planner) tokens(text string) []int64 {
	var tokens []int64
	for _, character := range text {
		if token, known := p.vocabulary[character]; known {
			tokens = append(tokens, token)
		}
	}
	return tokens
}

// wordsInRun says how many of the words, at least one, make the next run.
func (p *planner) wordsInRun(words []spelledWord) int {
	total, best, bestRank := 0, 1, -1
	for i, word := range words {
		total += len(p.tokens(word.before)) + len(p.tokens(word.phonemes))
		if total > runTokens {
			return best
		}
		if i+1 == len(words) {
			break
		}
		// The border after this word is the better the stronger its mark, and among equals the later; but a run should
		// not be a scrap.
		rank := 0
		if total > runTokens/3 {
			rank = 1 + markRank(words[i+1].before)
		}
		if rank >= bestRank {
			best, bestRank = i+1, rank
		}
	}
	return len(words)
}

func markRank(marks string) int {
	switch {
	case strings.ContainsAny(marks, strongMarks):
		return 2
	case strings.ContainsAny(marks, weakMarks):
		return 1
	}
	return 0
}

// word adds a word to the current run.
func (p *planner) word(index int, word spelledWord) {
	before := word.before
	if len(p.current.words) == 0 {
		before = strings.TrimLeft(before, " "+strongMarks+weakMarks) // it closed the run before
	}
	marks := p.tokens(before)
	p.current.tokens = append(p.current.tokens, marks[:min(len(marks), mostMarks)]...)
	phonemes := p.tokens(word.phonemes)
	for len(phonemes) > runTokens {
		p.take(index, phonemes[:runTokens])
		phonemes = phonemes[runTokens:]
		p.close("")
	}
	p.take(index, phonemes)
}

func (p *planner) take(index int, phonemes []int64) {
	first := len(p.current.tokens)
	p.current.tokens = append(p.current.tokens, phonemes...)
	p.current.words = append(p.current.words, wordTokens{word: index, first: first, last: len(p.current.tokens)})
}

// close ends the current run with the marks.
func (p *planner) close(marks string) {
	if len(p.current.words) == 0 {
		return
	}
	tail := p.tokens(strings.TrimRight(marks, " "))
	tail = tail[:min(len(tail), mostMarks)]
	p.current.tokens = append(p.current.tokens, tail...)
	p.current.tail = len(tail)
	p.current.pause = [...]int{0, weakPause, strongPause}[markRank(marks)]
	p.runs = append(p.runs, p.current)
	p.current = run{}
}
