package llama

import yzma "github.com/hybridgroup/yzma/pkg/llama"

// A long conversation loses its oldest turns, and everything after them is further to the front than it was when it was
// computed. Reading it again takes ten seconds. Instead the keys of what stays are turned to their new positions, as
// llama.cpp's own server does to use its cache again; what they say of the removed words stays in them, so whoever wants
// words gone for good forgets the conversation.

// gap is a stretch of held tokens, from start to before end, that a prompt no longer has.
type gap struct{ start, end int }

// leastMoved is how many tokens must follow a gap to be worth moving. A few the same are chance: everybody's turn begins
// alike.
const leastMoved = 64

// gapsBefore compares what is held with what is to be read, which are the same up to the prefix, and returns the gaps
// to close, in their order and counted as after closing those before, and how many tokens of the prompt are then held,
// at most limit.
func gapsBefore(held, tokens []yzma.Token, prefix, limit int) (gaps []gap, moved int) {
	moved = prefix
	// skipped is how many tokens the gaps hold so far.
	for skipped := 0; moved < limit; {
		start, run := longestRun(held[moved+skipped:], tokens[moved:limit])
		if run < leastMoved {
			break
		}
		gaps = append(gaps, gap{start: moved, end: moved + start})
		skipped += start
		moved += run
	}
	return gaps, moved
}

// longestRun finds where in held the longest beginning of tokens is.
func longestRun(held, tokens []yzma.Token) (start, run int) {
	for i := range held {
		if n := commonPrefix(held[i:], tokens); n > run {
			start, run = i, n
		}
	}
	return start, run
}
