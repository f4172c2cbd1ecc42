package call

import (
	"strings"
	"time"

	"twombly/internal/companion"
	"twombly/internal/speech"
)

// sayStillHereAfter is how long somebody waits in silence for an answer before they are told that it is still coming.
const sayStillHereAfter = 10 * time.Second

// watchSilence says that she is still there when no clause of a spoken response came for long.
func (c *Call) watchSilence(r *response) {
	if !r.audible || len(r.clauses) > 0 || r.draft.ended {
		return
	}
	c.work.Go(func() {
		timer := time.NewTimer(sayStillHereAfter)
		defer timer.Stop()
		select {
		case <-timer.C:
			c.post(func() {
				if c.response == r && !r.ended && len(r.clauses) == 0 && r.apology == nil {
					c.interject(r, companion.StillHere, nil)
				}
			})
		case <-c.ctx.Done():
		}
	})
}

// apologise says, in the running response, that the thread was lost. The next draft waits until it is said.
func (c *Call) apologise() {
	r := c.response
	if r == nil {
		return
	}
	r.apology = c.interject(r, companion.LostThread, nil)
}

// giveUp says that no answer will come, and ends the response.
func (c *Call) giveUp(reason Reason) {
	r := c.response
	if r == nil {
		return
	}
	r.failure = "Her mind could not answer (" + string(reason) + ")."
	c.tell(Failure{Code: string(reason), Message: r.failure})
	c.interject(r, companion.NoThought, func() {
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
			utterance = c.sayNow(text)
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

// sayNow is the sound of a sentence that somebody waits for.
func (c *Call) sayNow(text string) speech.Utterance {
	if utterance, prepared := c.phrases.find(c.voice(), text); prepared {
		return utterance
	}
	utterance, err := c.synthesise(c.ctx, text, true)
	if err != nil {
		c.log.Warn("she could not say what happened", "error", err)
	}
	return utterance
}

// shift moves the byte offsets of words by n.
func shift(words []speech.WordTime, n int) {
	for i := range words {
		words[i].Start += n
		words[i].End += n
	}
}
