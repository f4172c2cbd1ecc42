package companion

import (
	"context"
	"fmt"
	"time"
)

// stretch is how many characters are read in one go, less than two seconds on two cores: in between somebody may have begun
// to speak.
const stretch = 500

// renewal is the end of the name under which the mind reads ahead what is to take a conversation's place.
const renewal = "/renewal"

// Renew keeps the date and the part of day of today in what the mind reads: they come before the conversation, so that all of it
// must be read again when they change. When the opening has become old, a shorter conversation with a new one is read in the
// background, with what is said meanwhile, and takes its place when nothing of it is unread: so nobody waits for a
// thousand tokens in the middle of a conversation. It returns at once when there is nothing to do or another call is at it. Before each stretch it waits for quiet, which returns when nobody waits for the
// mind. An error of the mind's leaves everything as it was.
func (c *Companion) Renew(ctx context.Context, turn Turn, quiet func(context.Context) error) error {
	c.lock.Lock()
	due := c.opening != nil && c.now().Sub(c.openedAt) > openingAge
	if !due || c.renewing {
		c.lock.Unlock()
		return nil
	}
	c.renewing = true
	next, opening, openedAt := c.history.shortened(), c.newOpening(turn), c.now()
	c.lock.Unlock()
	defer func() {
		c.lock.Lock()
		defer c.lock.Unlock()
		c.renewing = false
	}()
	for {
		prompt := c.promptOf(turn, opening, &next)
		prompt.Conversation += renewal
		for _, end := range stretches(prompt.Messages, len(opening)) {
			part := prompt
			part.Messages = prompt.Messages[:end]
			if err := quiet(ctx); err != nil {
				return err
			}
			if err := c.mind.Prefill(ctx, part); err != nil {
				return fmt.Errorf("read a shorter conversation ahead: %w", err)
			}
		}
		if c.takeRenewed(&next, opening, openedAt) {
			return nil
		}
	}
}

// stretches are the ends of the stretches in which the messages are read; the first holds the opening.
func stretches(messages []Message, opening int) []int {
	var ends []int
	size := 0
	for i := opening; i < len(messages); i++ {
		if size += len(messages[i].Content); size >= stretch && i+1 < len(messages) {
			ends = append(ends, i+1)
			size = 0
		}
	}
	return append(ends, len(messages))
}

// takeRenewed puts the renewed conversation in the place of the old one, unless something was said since it was read: that
// is then added to it.
func (c *Companion) takeRenewed(next *history, opening []Message, openedAt time.Time) bool {
	c.lock.Lock()
	defer c.lock.Unlock()
	if news := c.history.since(next.taken); len(news) > 0 {
		for _, moment := range news {
			next.take(moment)
		}
		return false
	}
	c.history = *next
	if c.opening != nil { // else something was decided meanwhile, and it is written anew
		c.opening, c.openedAt = opening, openedAt
	}
	return true
}

// refresh has an old opening written anew: for when a call begins, and nobody waits for it yet.
func (c *Companion) refresh() {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.now().Sub(c.openedAt) > openingAge && c.history.quiet(c.now()) > openingAge {
		c.opening = nil
	}
}
