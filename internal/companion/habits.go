package companion

import (
	"context"

	"twombly/internal/journal"
)

// Habits is how a person takes turns, as far as calls have learnt it: how many of their turns she took for over, and how many of these were not, because they
// went on. Older turns count less.
type Habits struct {
	Turns float64 `json:"turns"`
	Cut   float64 `json:"cut"`
}

// Habits are those of the person; all zero while nothing is known.
func (c *Companion) Habits() Habits {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.profile.Habits
}

// KeepHabits keeps what a call has learnt for the next one.
func (c *Companion) KeepHabits(ctx context.Context, habits Habits) error {
	return c.decide(ctx, journal.Companion, madeDecision{decideHabits, habits})
}
