package llama

import (
	"errors"
	"fmt"
	"slices"

	yzma "github.com/hybridgroup/yzma/pkg/llama"
)

// memory is the part of the engine that slots need.
type memory interface {
	cut(sequence, start int) error
	share(from, to, n int) error
	// shift removes positions from start to end and moves what follows to their place.
	shift(sequence, start, end int) error
	canShift() bool
}

// slot is one sequence of the key-value cache and what it holds.
type slot struct {
	sequence int
	// conversation is who it is kept for; empty when for nobody.
	conversation string
	// persona is the key of the persona that it holds; empty for conversations.
	persona string
	// saved: the persona is on disk.
	saved bool
	// tokens are exactly what the sequence holds.
	tokens []yzma.Token
	// fixed is how many of the first tokens can't be moved: other sequences may hold their cells too, or they are what is
	// left of another conversation, and what follows knows its words.
	fixed int
	// busy: a job is using it.
	busy bool
	// forgotten: it is emptied as soon as it is idle.
	forgotten bool
	// used is the clock of its last use.
	used uint64
}

// slots are all sequences: the first few for personas, the others for conversations.
type slots struct {
	memory memory
	all    []*slot
	clock  uint64
}

func newSlots(memory memory, sequences int) *slots {
	s := &slots{memory: memory, all: make([]*slot, sequences)}
	for i := range s.all {
		s.all[i] = &slot{sequence: i}
	}
	return s
}

func (s *slots) personas() []*slot      { return s.all[:personaSequences] }
func (s *slots) conversations() []*slot { return s.all[personaSequences:] }

// commonPrefix is how many first tokens two lists share.
func commonPrefix(a, b []yzma.Token) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// claim gives a conversation its slot, or the least recently used idle one; nil when all are busy. An empty name is a
// conversation of its own.
func (s *slots) claim(conversation string) *slot {
	if conversation != "" {
		for _, slot := range s.conversations() {
			if slot.conversation == conversation {
				if slot.busy {
					return nil
				}
				return s.touch(slot)
			}
		}
	}
	var oldest *slot
	for _, slot := range s.conversations() {
		if !slot.busy && (oldest == nil || slot.used < oldest.used) {
			oldest = slot
		}
	}
	if oldest == nil {
		return nil
	}
	oldest.conversation, oldest.fixed = conversation, len(oldest.tokens)
	return s.touch(oldest)
}

func (s *slots) touch(slot *slot) *slot {
	s.clock++
	slot.used = s.clock
	return slot
}

// persona finds the slot that holds a persona.
func (s *slots) persona(key string) *slot {
	for _, slot := range s.personas() {
		if slot.persona == key {
			return s.touch(slot)
		}
	}
	return nil
}

// newPersona empties the least recently used persona slot for another persona.
func (s *slots) newPersona(key string) (*slot, error) {
	oldest := s.personas()[0]
	for _, slot := range s.personas() {
		if slot.used < oldest.used {
			oldest = slot
		}
	}
	if err := s.empty(oldest); err != nil {
		return nil, err
	}
	oldest.persona = key
	return s.touch(oldest), nil
}

// keep makes a slot hold the longest beginning of tokens that it can without computing, at most limit tokens, and returns
// how long that is. It takes what any slot holds; what the slot itself holds further back is moved to the front.
func (s *slots) keep(target *slot, tokens []yzma.Token, limit int) (int, error) {
	best, longest := target, min(commonPrefix(target.tokens, tokens), limit)
	gaps, moved := []gap(nil), longest
	if s.memory.canShift() {
		gaps, moved = gapsBefore(target.tokens, tokens, longest, limit)
	}
	for _, other := range s.all {
		if n := min(commonPrefix(other.tokens, tokens), limit); n > longest {
			best, longest = other, n
		}
	}
	if moved > longest && gaps[0].start >= target.fixed {
		return moved, s.close(target, gaps, moved)
	}
	if best == target {
		return longest, s.cut(target, longest)
	}
	if err := s.cut(target, 0); err != nil {
		return 0, err
	}
	return longest, s.copy(best, target, longest)
}

// close removes gaps from a slot, moves what follows each to the front, and cuts it to n tokens.
func (s *slots) close(slot *slot, gaps []gap, n int) error {
	for _, gap := range gaps {
		if err := s.memory.shift(slot.sequence, gap.start, gap.end); err != nil {
			return errors.Join(fmt.Errorf("llama: dropping the middle of a conversation: %w", err), s.cut(slot, 0))
		}
		slot.tokens = slices.Delete(slot.tokens, gap.start, gap.end)
	}
	return s.cut(slot, n)
}

// copy shares the first n tokens of one slot with an empty one.
func (s *slots) copy(from, to *slot, n int) error {
	if err := s.memory.share(from.sequence, to.sequence, n); err != nil {
		return fmt.Errorf("llama: sharing a prefix: %w", err)
	}
	to.tokens = append(to.tokens[:0], from.tokens[:n]...)
	from.fixed, to.fixed = max(from.fixed, n), n
	return nil
}

// cut drops what a slot holds from token n on, also what was computed and not yet written down.
func (s *slots) cut(slot *slot, n int) error {
	if err := s.memory.cut(slot.sequence, n); err != nil {
		return err
	}
	slot.tokens, slot.fixed = slot.tokens[:n], min(slot.fixed, n)
	return nil
}

// empty frees a slot and its cells.
func (s *slots) empty(slot *slot) error {
	slot.conversation, slot.persona, slot.saved, slot.forgotten = "", "", false, false
	return s.cut(slot, 0)
}

// forget empties the slot of a conversation, now or when its job ends.
func (s *slots) forget(conversation string) error {
	for _, slot := range s.conversations() {
		if conversation == "" || slot.conversation != conversation {
			continue
		}
		slot.forgotten = true
		if !slot.busy {
			return s.empty(slot)
		}
	}
	return nil
}

// release makes a slot idle.
func (s *slots) release(slot *slot) error {
	slot.busy = false
	if slot.forgotten || slot.conversation == "" && slot.persona == "" {
		return s.empty(slot)
	}
	return nil
}

// makeRoom empties the least recently used idle slot that holds anything, conversations before personas, and reports
// whether there was one.
func (s *slots) makeRoom() (bool, error) {
	for _, group := range [][]*slot{s.conversations(), s.personas()} {
		var oldest *slot
		for _, slot := range group {
			if !slot.busy && len(slot.tokens) > 0 && (oldest == nil || slot.used < oldest.used) {
				oldest = slot
			}
		}
		if oldest != nil {
			return true, s.empty(oldest)
		}
	}
	return false, nil
}

// resetSlot is a slot that holds nothing, and is as busy as it was.
func resetSlot(old *slot) slot { return slot{sequence: old.sequence, busy: old.busy, used: old.used} }
