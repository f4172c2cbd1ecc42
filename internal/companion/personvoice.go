package companion

import (
	"context"

	"twombly/internal/journal"
)

// PersonVoice is the person's own voice as calls have learnt it, so that another's can be told from it: from how many turns, and a print of it
// that only its maker reads. It is as much the person's as their words, lies sealed in the journal, and is told to nobody.
type PersonVoice struct {
	Turns int    `json:"turns"`
	Print []byte `json:"print,omitempty"`
}

// PersonVoice is the person's; of no turns while nothing is known.
func (c *Companion) PersonVoice() PersonVoice {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.profile.PersonVoice
}

// KeepPersonVoice keeps what a call has learnt for the next one.
func (c *Companion) KeepPersonVoice(ctx context.Context, voice PersonVoice) error {
	return c.decide(ctx, journal.Companion, madeDecision{decidePersonVoice, voice})
}

// ForgetPersonVoice forgets the voice, by the person's wish. What the journal holds of it counts no more.
func (c *Companion) ForgetPersonVoice(ctx context.Context) error {
	return c.decide(ctx, journal.Person, madeDecision{decidePersonVoice, PersonVoice{}})
}
