package call

import (
	"context"

	"twombly/internal/companion"
)

// renew has the opening of what the mind reads renewed if it became old: now that a reply has ended, there is time.
func (c *Call) renew() {
	if c.renewing {
		return
	}
	c.renewing = true
	turn := c.turnOf("", companion.ByVoice)
	c.work.Go(func() {
		if err := c.talker.Renew(c.ctx, turn, c.waitForQuiet); err != nil && c.ctx.Err() == nil {
			c.log.Warn("renewing the opening of the conversation failed", "error", err)
		}
		c.post(func() { c.renewing = false })
	})
}

// quiet says whether nobody waits for the mind: the person doesn't speak, and of what she says all words are there.
func (c *Call) quiet() bool {
	return c.machine.person == silent && c.machine.draft == 0 && (c.response == nil || c.response.generated)
}

// waitForQuiet waits, outside the loop, until nobody waits for the mind.
func (c *Call) waitForQuiet(ctx context.Context) error {
	quiet := make(chan struct{})
	c.post(func() {
		c.whenQuiet = append(c.whenQuiet, quiet)
		c.tellQuiet()
	})
	select {
	case <-quiet:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tellQuiet lets those go on who wait for quiet, if it is quiet.
func (c *Call) tellQuiet() {
	if len(c.whenQuiet) == 0 || !c.quiet() {
		return
	}
	for _, waiting := range c.whenQuiet {
		close(waiting)
	}
	c.whenQuiet = nil
}
