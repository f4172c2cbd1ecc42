package call

import (
	"strings"

	"twombly/internal/speech"
)

// What she says when something in her stops: plain, and honest about being a machine.
const (
	lostThread = "Sorry, something in me just stopped. Give me a moment."
	noThought  = "I can't think right now. Please try me again in a little while."
)

// apologise says, in the running response, that the thread was lost. The next draft waits until it is said.
func (c *Call) apologise() {
	r := c.response
	if r == nil {
		return
	}
	r.apology = c.interject(r, lostThread, nil)
}

// giveUp says that no answer will come, and ends the response.
func (c *Call) giveUp(reason Reason) {
	r := c.response
	if r == nil {
		return
	}
	r.failure = "Her mind could not answer (" + string(reason) + ")."
	c.tell(Failure{Code: string(reason), Message: r.failure})
	c.interject(r, noThought, func() {
		if c.response == r {
			c.generated()
		}
	})
}

// interject speaks a sentence that no mind wrote, in the running response. The channel is closed when it was handed
// over; after runs in the loop at that point.
func (c *Call) interject(r *response, text string, after func()) chan struct{} {
	done := make(chan struct{})
	previous := r.apology
	c.work.Go(func() {
		defer close(done)
		if previous != nil {
			<-previous
		}
		utterance := speech.Utterance{}
		if r.audible {
			var err error
			if utterance, err = c.synthesise(c.ctx, text, true); err != nil {
				c.log.Warn("she could not say what happened", "error", err)
			}
		}
		c.post(func() {
			if c.response == r {
				if before := r.text.String(); before != "" && !strings.HasSuffix(before, " ") {
					text = " " + text
					shift(utterance.Words, 1)
				}
				c.deliver(spokenClause{draft: r.draft, text: text + " ", utterance: utterance, interjected: true})
			}
			if after != nil {
				after()
			}
		})
	})
	return done
}

// shift moves the byte offsets of words by n.
func shift(words []speech.WordTime, n int) {
	for i := range words {
		words[i].Start += n
		words[i].End += n
	}
}
