package llama

import (
	"fmt"
	"time"

	yzma "github.com/hybridgroup/yzma/pkg/llama"
)

// llama.cpp's fast matrix kernels work on whole groups of tokens; what is left over goes through slower ones. On a processor
// with AVX-512 a group is 16: of the 1.5B model, 16 tokens take 364 ms on one core, and 12 take 436; behind a long conversation, 8 take
// 281 ms on two cores of a Xeon, and 7 take 506. The few words between the last partial transcript and the end of a sentence are just
// that many, and somebody is waiting for them. So a step that is nearly a whole group is filled up with tokens that nobody reads,
// in a sequence of their own that is emptied at once. Whether that pays on this processor is measured when the model is opened.
const (
	group     = 16
	halfGroup = 8
	// leastPadded is the least rest that is filled up to a group, leastHalfPadded to half of one.
	leastPadded     = 10
	leastHalfPadded = 5
)

// padding says which steps are faster when they are filled up.
type padding struct{ whole, half bool }

// padded is how many tokens to add to a step of n.
func (p padding) padded(n int) int {
	if rest := n % group; p.whole && rest >= leastPadded {
		return group - rest
	}
	if rest := n % halfGroup; p.half && rest >= leastHalfPadded {
		return halfGroup - rest
	}
	return 0
}

// pad fills up the batch if that makes it faster.
func (e *engine) pad(entries []entry) error {
	token := entries[len(entries)-1].token
	for i := range e.padding.padded(len(entries)) {
		if err := e.add(entry{sequence: e.sequences, position: i, token: token}); err != nil {
			return err
		}
	}
	return nil
}

// emptyPadding drops what was filled up with. Removing a whole sequence never fails.
func (e *engine) emptyPadding() {
	_, _ = yzma.MemorySeqRm(e.memory, yzma.SeqId(e.sequences), -1, -1)
}

// calibrate warms the model up and measures whether filling up pays.
func (e *engine) calibrate() error {
	tokens := e.tokenize("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen", false, false)
	run := func(n int) (time.Duration, error) {
		entries := make([]entry, n)
		for i := range entries {
			entries[i] = entry{position: i, token: tokens[i%len(tokens)]}
		}
		entries[n-1].wantsNext = true
		before, known := coresUsed()
		if err := e.decode(entries); err != nil {
			return 0, fmt.Errorf("llama: warming up: %w", err)
		}
		after, _ := coresUsed()
		if !known {
			return 0, e.clear()
		}
		return after - before, e.clear()
	}
	if _, err := run(group); err != nil { // brings the weights into memory
		return err
	}
	faster := func(whole, part int) (bool, error) {
		of, err := run(whole)
		if err != nil {
			return false, err
		}
		than, err := run(part)
		return of < than, err
	}
	var measured padding
	var err error
	if measured.whole, err = faster(group, (group+leastPadded)/2); err != nil {
		return err
	}
	if measured.half, err = faster(halfGroup, halfGroup-1); err != nil {
		return err
	}
	e.padding = measured
	return nil
}

// add puts an entry into the batch.
func (e *engine) add(entry entry) error {
	sequences := [1]yzma.SeqId{yzma.SeqId(entry.sequence)}
	if err := e.batch.Add(entry.token, yzma.Pos(entry.position), sequences[:], entry.wantsNext); err != nil {
		return fmt.Errorf("llama: filling a batch: %w", err)
	}
	return nil
}
