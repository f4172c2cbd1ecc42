package llama

import yzma "github.com/hybridgroup/yzma/pkg/llama"

// A small model can fall into saying the same thing for ever. The answer ends when its last loopTokens tokens or more
// are one phrase of at most loopPhrase tokens said at least loopTimes times over.
const (
	loopTokens = 24
	loopPhrase = 40
	loopTimes  = 3
)

// loops reports whether an answer has fallen into a loop.
func loops(tokens []yzma.Token) bool {
	for phrase := 1; phrase <= loopPhrase; phrase++ {
		length := max(loopTokens, phrase*loopTimes)
		if length > len(tokens) {
			return false
		}
		tail := tokens[len(tokens)-length:]
		same := true
		for i := phrase; i < length; i++ {
			if tail[i] != tail[i-phrase] {
				same = false
				break
			}
		}
		if same {
			return true
		}
	}
	return false
}
