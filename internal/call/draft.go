package call

import (
	"context"
	"errors"
	"time"

	"twombly/internal/companion"
	"twombly/internal/speech"
	"twombly/internal/speech/clause"
)

// errNoAnswer means that the mind ended without a word.
var errNoAnswer = errors.New("the answer was empty")

// spokenClause is one clause of a draft with its sound.
type spokenClause struct {
	interjected bool // no mind wrote it
	draft       *draft
	text        string
	utterance   speech.Utterance
}

// draft is an answer in the making. It has one goroutine that reads her words and cuts them into clauses, and one that
// speaks them; both end with its context. Until it is spoken it makes the sound of two clauses and no more.
type draft struct {
	number  int
	turn    companion.Turn
	audible bool
	cancel  context.CancelFunc
	spoken  chan struct{} // closed when it becomes the response
	after   <-chan struct{}

	// What the loop keeps of it until it is spoken.
	clauses []spokenClause
	calls   []companion.ToolCall
	ended   bool
	err     error

	tokens  int               // what a mind wrote of it, -1 while it may write more
	opener  *speech.Utterance // what may be heard before its first clause, nil for nothing
	timings draftTimings
}

// draftTimings are real times since the call began; 0 is not yet.
type draftTimings struct {
	started, firstToken, firstClause, firstSound time.Duration
}

// unspokenClauses is how many clauses of a draft are synthesised before it is known to be spoken.
const unspokenClauses = 2

// runDraft makes a draft and posts its clauses, then its end, to the loop.
func (c *Call) runDraft(ctx context.Context, d *draft, delay time.Duration, start func(context.Context) *companion.Reply) {
	defer d.cancel()
	if err := c.waitForDraft(ctx, d, delay); err != nil {
		c.post(func() { c.draftEnded(d, err) })
		return
	}
	c.post(func() {
		d.timings.started = c.now()
		c.foresee(d)
	})
	texts := make(chan string, 256)
	synthesised := make(chan error, 1)
	go func() { synthesised <- c.speakClauses(ctx, d, texts) }()
	reply := start(ctx)
	err := c.readReply(ctx, d, reply, texts)
	close(texts)
	if synthesisError := <-synthesised; err == nil {
		err = synthesisError
	}
	c.post(func() {
		d.tokens = reply.Tokens()
		c.draftEnded(d, err)
		c.tellTokens(d)
	})
}

// tellTokens tells what was written of a draft once no more will be and it is known whether it was for nothing.
func (c *Call) tellTokens(d *draft) {
	spoken := false
	select {
	case <-d.spoken:
		spoken = true
	default:
	}
	if d.tokens < 0 || !spoken && c.drafts[d.number] == d {
		return
	}
	c.tell(DraftEnded{Spoken: spoken, Tokens: d.tokens})
}

// waitForDraft waits for the delay of a retry, and for what must be on disk before she thinks about it.
func (c *Call) waitForDraft(ctx context.Context, d *draft, delay time.Duration) error {
	if d.after != nil {
		select {
		case <-d.after:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if delay > 0 {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// readReply cuts her words into clauses as they come.
func (c *Call) readReply(ctx context.Context, d *draft, reply *companion.Reply, texts chan<- string) error {
	var splitter clause.Splitter
	anything := false
	send := func(clauses []string) {
		for _, text := range clauses {
			if clause.Wordless(text) {
				continue
			}
			if !anything {
				c.post(func() {
					d.timings.firstClause = c.now()
					c.foresee(d)
				})
			}
			anything = true
			select {
			case texts <- text:
			case <-ctx.Done():
			}
		}
	}
	first := true
	for delta := range reply.Text {
		if first {
			first = false
			c.post(func() { c.draftBegun(d) })
		}
		send(splitter.Push(delta))
	}
	err := reply.Wait()
	if err != nil {
		return err
	}
	send(splitter.Flush())
	calls := reply.Calls()
	if !anything && len(calls) == 0 {
		return errNoAnswer
	}
	c.post(func() { c.callsMade(d, calls, !anything) })
	return nil
}

// speakClauses gives each clause its sound, in order.
func (c *Call) speakClauses(ctx context.Context, d *draft, texts <-chan string) error {
	index := 0
	for text := range texts {
		if index >= unspokenClauses {
			select {
			case <-d.spoken:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		hand := func(text string, utterance speech.Utterance) {
			if index == 0 {
				c.post(func() {
					d.timings.firstSound = c.now()
					c.foresee(d)
				})
			}
			index++
			made := spokenClause{draft: d, text: text, utterance: utterance}
			c.post(func() { c.clauseMade(made) })
		}
		if !d.audible {
			hand(text, speech.Utterance{})
		} else if err := c.speakClause(ctx, text, index == 0, hand); err != nil {
			return err
		}
	}
	return nil
}
