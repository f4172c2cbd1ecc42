package llama

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	yzma "github.com/hybridgroup/yzma/pkg/llama"

	"twombly/internal/mind"
)

// politeBatch is how many tokens of a prompt are read in a step while another conversation's answer is being written,
// so that the answer doesn't stutter.
const politeBatch = 16

// smallBatch is how many of a few tokens are read ahead in a step: the words that a person is just saying, while their sound is
// recognised every now and then. A step that has to give up its cores for that is lost, and a short one is mostly done before.
// Groups of four are what llama.cpp's matrix kernels work on at least.
const smallBatch = 4

// share is a job's part of a step: count entries from start on.
type share struct {
	job          *job
	start, count int
}

// step is one batch for llama.cpp and whose it is.
type step struct {
	entries []entry
	shares  []share
}

// reap lets go of jobs whose callers no longer want them.
func (l *loop) reap() {
	for _, job := range slices.Concat(l.active, l.waiting) {
		if err := job.ctx.Err(); err != nil {
			l.finish(job, "", err)
		}
	}
}

// finish ends a job and takes it out of the lists.
func (l *loop) finish(finished *job, reason string, err error) {
	same := func(job *job) bool { return job == finished }
	l.active = slices.DeleteFunc(l.active, same)
	l.waiting = slices.DeleteFunc(l.waiting, same)
	if finished.slot != nil {
		err = errors.Join(err, l.slots.release(finished.slot))
	}
	finished.finish(reason, err)
}

// finishWhere ends jobs without an error.
func (l *loop) finishWhere(where func(*job) bool) {
	for _, job := range slices.Concat(l.active, l.waiting) {
		if where(job) {
			l.finish(job, "", nil)
		}
	}
}

func (l *loop) failAll(err error) {
	for _, job := range slices.Concat(l.active, l.waiting, l.arrived) {
		l.finish(job, "", err)
	}
}

// admit gives slots to waiting jobs: answers first, in the order they came, then reading ahead.
func (l *loop) admit() {
	slices.SortStableFunc(l.waiting, func(a, b *job) int { return cmp.Compare(a.urgency(), b.urgency()) })
	for _, candidate := range slices.Clone(l.waiting) {
		admitted := l.tryAdmit(candidate)
		if !admitted && candidate.answer && slices.ContainsFunc(l.active, readsAhead) {
			l.finishWhere(func(other *job) bool { return readsAhead(other) && other.slot != nil })
			admitted = l.tryAdmit(candidate)
		}
		if !admitted && !l.conversationBusy(candidate) {
			return // nobody overtakes a job that waits for room
		}
	}
}

func readsAhead(job *job) bool { return !job.answer }

func (l *loop) conversationBusy(waiting *job) bool {
	return slices.ContainsFunc(l.active, waiting.sameConversation)
}

// tryAdmit gives a job a slot if there is one and the cache can hold what all active jobs may come to need.
func (l *loop) tryAdmit(candidate *job) bool {
	cells := candidate.cells()
	for _, other := range l.active {
		cells += other.cells()
	}
	if cells > l.budget && len(l.active) > 0 {
		return false
	}
	if l.conversationBusy(candidate) {
		return false
	}
	slot := l.slots.claim(candidate.request.Conversation)
	if slot == nil {
		return false
	}
	l.waiting = slices.DeleteFunc(l.waiting, func(other *job) bool { return other == candidate })
	l.active = append(l.active, candidate)
	slot.busy = true
	candidate.slot = slot
	if err := l.start(candidate); err != nil {
		l.finish(candidate, "", err)
	}
	return true
}

// start prepares an admitted job: its sampler, and all that is already known of its prompt.
func (l *loop) start(job *job) error {
	if err := l.findPersona(job); err != nil {
		return err
	}
	limit := len(job.prompt.tokens)
	if job.answer {
		limit-- // the last token is always computed: what follows it is what is wanted
	}
	kept, err := l.slots.keep(job.slot, job.prompt.tokens, limit)
	if err != nil {
		return err
	}
	job.usage.CachedTokens = kept
	if err := l.holdPersona(job); err != nil {
		return err
	}
	if job.unread() == 0 {
		l.finish(job, "", nil)
	}
	return nil
}

// findPersona looks for the job's persona in the slots and on disk.
func (l *loop) findPersona(job *job) error {
	if job.prompt.persona == 0 {
		job.personaHeld = true
		return nil
	}
	job.personaKey = l.states.key(job.prompt.tokens[:job.prompt.persona])
	if l.slots.persona(job.personaKey) != nil {
		job.personaHeld = true
		return nil
	}
	state := l.states.load(job.personaKey)
	if state == nil {
		return nil
	}
	slot, err := l.slots.newPersona(job.personaKey)
	if err != nil {
		return err
	}
	if err := l.engine.restoreState(slot.sequence, state); err != nil {
		// The file was whole, so another engine wrote it, or there is no room: compute the persona anew.
		l.states.remove(job.personaKey)
		return l.slots.empty(slot)
	}
	slot.tokens = append(slot.tokens[:0], job.prompt.tokens[:job.prompt.persona]...)
	slot.saved = true
	job.personaHeld = true
	return nil
}

// holdPersona copies the persona into a slot of its own as soon as the job's slot holds it.
func (l *loop) holdPersona(job *job) error {
	if job.personaHeld || len(job.slot.tokens) < job.prompt.persona {
		return nil
	}
	job.personaHeld = true
	slot, err := l.slots.newPersona(job.personaKey)
	if err != nil {
		return err
	}
	return l.slots.copy(job.slot, slot, job.prompt.persona)
}

// plan makes the next step: one token of every answer that is being written, and a piece of one prompt.
func (l *loop) plan() step {
	var step step
	var reader *job
	answers := slices.ContainsFunc(l.active, func(job *job) bool { return job.answer })
	for _, job := range l.active {
		switch {
		case len(job.answered) > 0:
			step.add(job, job.answered[len(job.answered)-1:], true)
		case answers && !job.answer:
			// Reading ahead waits for answers.
		case reader == nil || job.before(reader):
			reader = job
		}
	}
	if reader == nil {
		return step
	}
	l.clock++
	reader.served = l.clock
	size := microBatch
	if len(step.entries) > 0 {
		size = politeBatch
	}
	unread := reader.prompt.tokens[len(reader.slot.tokens):]
	if !reader.answer && len(unread) <= politeBatch {
		size = smallBatch
	}
	size = min(size, len(unread))
	step.add(reader, unread[:size], reader.answer && size == len(unread))
	return step
}

// add puts tokens of a job into the step; wantsNext asks for what follows the last of them.
func (s *step) add(job *job, tokens []yzma.Token, wantsNext bool) {
	s.shares = append(s.shares, share{job: job, start: len(s.entries), count: len(tokens)})
	for i, token := range tokens {
		s.entries = append(s.entries, entry{
			sequence: job.slot.sequence, position: len(job.slot.tokens) + i, token: token,
			wantsNext: wantsNext && i == len(tokens)-1,
		})
	}
}

// settle writes down what a step achieved.
func (l *loop) settle(step step, err error) {
	if err == nil {
		for _, share := range step.shares {
			l.advance(share, step.entries[share.start:share.start+share.count])
		}
		return
	}
	for _, share := range step.shares {
		if cutErr := l.slots.cut(share.job.slot, len(share.job.slot.tokens)); cutErr != nil {
			err = errors.Join(cutErr, err)
		}
	}
	switch {
	case err == errAborted:
	case err == errNoRoom:
		l.makeRoom(step)
	default:
		l.recover(step, err)
	}
}

// advance moves one job on after its share of a step was computed.
func (l *loop) advance(share share, entries []entry) {
	job := share.job
	for _, entry := range entries {
		job.slot.tokens = append(job.slot.tokens, entry.token)
	}
	if err := l.holdPersona(job); err != nil {
		l.finish(job, "", err)
		return
	}
	last := share.start + share.count - 1
	switch {
	case entries[len(entries)-1].wantsNext:
		token, err := job.sampler.next(last, job.barred)
		if err != nil {
			l.finish(job, "", err)
			return
		}
		if reason := job.take(token, l.engine); reason != "" {
			l.finish(job, reason, nil)
		}
	case job.unread() == 0:
		l.finish(job, "", nil) // read ahead
	}
}

// makeRoom frees cells after a step found none. Admission counts cells, so idle slots are what fills the cache.
func (l *loop) makeRoom(step step) {
	made, err := l.slots.makeRoom()
	if err != nil {
		l.recover(step, err)
		return
	}
	if !made {
		job := step.shares[len(step.shares)-1].job
		l.finish(job, "", fmt.Errorf("%w: no room is left beside the other conversations", mind.ErrTooLong))
	}
}

// recover is for failures of the engine: the jobs of the step fail, and nothing that it holds is trusted any more.
func (l *loop) recover(step step, err error) {
	err = fmt.Errorf("%w: %w", mind.ErrUnavailable, err)
	for _, job := range slices.Clone(l.active) {
		l.finish(job, "", err)
	}
	if clearErr := l.engine.clear(); clearErr != nil {
		return // every following step fails the same way and says so
	}
	for _, slot := range l.slots.all {
		*slot = resetSlot(slot)
	}
}
