package endpoint

import (
	"context"
	"iter"

	"twombly/internal/call"
	"twombly/internal/speech"
)

// Frames are the verdicts on its sound, in order.
func (h *Hearing) Frames() iter.Seq[call.Frame] {
	return func(yield func(call.Frame) bool) {
		for _, frame := range h.frames {
			if !yield(call.Frame{Speech: frame.speech, Level: frame.level}) {
				return
			}
		}
	}
}

// WordsIn are the words in samples [from, to), and how sure the recogniser is of them.
func (h *Hearing) WordsIn(ctx context.Context, from, to int) (speech.Transcript, error) {
	return h.wordsIn(ctx, stretch{from, to})
}

// EndIn is turn detection's probability that samples [from, to) are a whole turn.
func (h *Hearing) EndIn(ctx context.Context, from, to int) (float32, error) {
	return h.endIn(ctx, stretch{from, to})
}

// Judged is how likely words are all of a turn.
func (h *Hearing) Judged(ctx context.Context, words string) (float32, error) {
	return h.judge(ctx, words)
}
