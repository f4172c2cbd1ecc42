package call

import (
	"context"
	"strings"
	"time"

	"twombly/internal/companion"
)

// speak makes a draft the response, or lets the response go on with another draft after a loss.
func (c *Call) speak(intent Intent) {
	d := c.drafts[intent.Draft]
	if d == nil {
		return
	}
	close(d.spoken)
	c.tellTokens(d)
	if intent.Reason == MindLost && c.response != nil {
		c.response.draft = d
		return
	}
	r := &response{
		id: newID("resp_"), itemID: newID("item_"), draft: d, channel: d.turn.Channel, audible: d.audible,
		answers: c.hearing.lastRecording, cutAt: -1,
	}
	c.response = r
	c.setState("thinking")
	c.tell(ResponseStarted{ResponseID: r.id, ItemID: r.itemID, PreviousItemID: c.previousItem})
	c.previousItem = r.itemID
	for _, made := range d.clauses {
		c.deliver(made)
	}
	d.clauses = nil
	if d.ended && d.err == nil {
		c.generated()
	}
	c.watchSilence(r)
}

// deliver puts a clause on disk as planned and then hands it to the transport.
func (c *Call) deliver(made spokenClause) {
	r := c.response
	position := r.position(c.now())
	_, heard := r.heardWords(position)
	clause := companion.Clause{
		ReplyID: r.itemID, Index: len(r.clauses), Text: made.text, HeardWords: heard, Channel: r.channel,
	}
	first := !made.interjected && !r.answering
	r.answering = r.answering || first
	r.add(made.text, made.utterance)
	planned := c.now()
	c.recorder <- func(ctx context.Context) {
		if r.answers != nil {
			clause.TurnID = r.answers.id
		}
		err := c.talker.RecordClause(ctx, clause)
		c.post(func() { c.play(r, made, first, planned, err) })
	}
	if first || len(r.clauses) == 1 {
		c.step(ClauseReady{Draft: made.draft.number, Interjected: made.interjected})
	}
}

// play sends a recorded clause, unless she has yielded in the meantime.
func (c *Call) play(r *response, made spokenClause, first bool, planned time.Duration, err error) {
	if r.ended {
		return
	}
	if err != nil {
		// Promise 1: what is not on disk is not said.
		c.log.Error("a clause could not be written", "error", err)
		c.tell(Failure{Code: "journal", Message: "She can't write down what she says: " + plain(err)})
		c.step(HardStop{})
		return
	}
	if r.audible {
		if r.startAt == 0 {
			r.startAt = c.now()
		}
		c.setState("speaking")
	}
	c.tell(ReplyText{
		ResponseID: r.id, ItemID: r.itemID, Delta: made.text, Duration: made.utterance.Duration(),
	})
	if r.audible {
		c.own.Plays(r.itemID, made.text, made.utterance)
		c.mouth.Play(r.itemID, made.utterance.Samples)
	}
	r.delivered++
	if first {
		c.reportTimings(r, made.draft, planned)
	}
	c.completeIfDelivered(r)
}

// generated notes that no more clauses will come.
func (c *Call) generated() {
	c.response.generated = true
	c.completeIfDelivered(c.response)
	c.tellQuiet()
}

// completeIfDelivered reports the response as done once all of it was handed over, and as heard when it has no sound.
func (c *Call) completeIfDelivered(r *response) {
	if !r.generated || r.reported || r.ended || r.delivered < len(r.clauses) {
		return
	}
	r.reported = true
	if r.samples > 0 || r.audible && len(r.clauses) > 0 {
		c.inOrder(func() { c.mouth.PlayEnd(r.itemID) })
	}
	status, reason := "completed", ""
	if r.failure != "" {
		status, reason = "failed", r.failure
	}
	calls := c.takeCalls(r)
	c.tell(ResponseDone{
		ResponseID: r.id, ItemID: r.itemID, Status: status, Reason: reason, Text: r.text.String(), Calls: calls,
	})
	c.checkSpoken()
}

// spokenGrace is how long after its sound should have ended a response counts as heard although the transport has not
// reported so.
const spokenGrace = 3 * time.Second

// spokenSlack is how much of the end of an item may be missing from the last report.
const spokenSlack = 30 * time.Millisecond

// checkSpoken ends the response when all of it was heard.
func (c *Call) checkSpoken() {
	r := c.response
	if r == nil || !r.reported {
		return
	}
	deadline, _ := c.spokenDeadline()
	if r.audible && r.played < r.duration()-spokenSlack && c.now() < deadline {
		return
	}
	r.played = r.duration()
	c.step(Spoken{Draft: r.draft.number, Asked: c.meets.Load() && asks(r.text.String())})
}

// asks says whether what she said ends in a question.
func asks(text string) bool { return strings.HasSuffix(strings.TrimRight(text, " \"'”’)"), "?") }

// spokenDeadline is when the response counts as heard without a report.
func (c *Call) spokenDeadline() (time.Duration, bool) {
	r := c.response
	if r == nil || !r.reported || !r.audible {
		return 0, false
	}
	return max(r.startAt+r.duration(), r.playedAt+r.duration()-r.played) + spokenGrace, true
}

// finish records a response that was heard to its end.
func (c *Call) finish(reason Reason) {
	r := c.response
	words, _ := r.heardWords(r.duration())
	delete(c.drafts, r.draft.number)
	c.end(r, companion.Heard{
		ReplyID: r.itemID, Words: words, Reason: string(reason), AudioMilliseconds: r.duration().Milliseconds(),
	})
	if r.audible {
		c.tell(PlaybackEnded{ItemID: r.itemID})
	}
	c.setState("listening")
	if c.respondAfter {
		c.respondAfter = false
		c.step(RespondNow{})
	}
}

// yield stops her at once, and records exactly what was heard.
func (c *Call) yield(reason Reason) {
	r := c.response
	if r == nil {
		return
	}
	c.respondAfter = false
	r.draft.cancel()
	delete(c.drafts, r.draft.number)
	position := r.position(c.now())
	if r.cutAt >= 0 {
		position = r.cutAt
	}
	if r.audible {
		c.mouth.Hush(r.itemID)
	}
	words, _ := r.heardWords(position)
	c.end(r, companion.Heard{
		ReplyID: r.itemID, Words: words, Cut: true, Reason: string(reason), AudioMilliseconds: position.Milliseconds(),
	})
	if !r.reported {
		r.reported = true
		c.tell(ResponseDone{
			ResponseID: r.id, ItemID: r.itemID, Status: "cancelled", Reason: protocolReason(reason), Text: r.text.String(),
		})
	}
	if len(r.clauses) > 0 || r.openedAt > 0 {
		c.tell(ItemTruncated{ItemID: r.itemID, AudioEnd: position, Words: words})
	}
	if reason == BargeIn || reason == PersonWentOn {
		c.setState("hearing")
	} else {
		c.setState("listening")
	}
}

// protocolReason is the reason in the words of the OpenAI protocol.
func protocolReason(reason Reason) string {
	switch reason {
	case BargeIn, PersonWentOn:
		return "turn_detected"
	default:
		return "client_cancelled"
	}
}

// end records how a response was heard, and keeps it for a late truncation.
func (c *Call) end(r *response, heard companion.Heard) {
	r.ended = true
	c.response = nil
	c.past = append(c.past, r)
	if len(c.past) > pastResponses {
		c.past = c.past[1:]
	}
	c.recordHeard(r, heard)
}

func (c *Call) recordHeard(r *response, heard companion.Heard) {
	if len(r.clauses) == 0 {
		return
	}
	c.recorder <- func(ctx context.Context) {
		if err := c.talker.RecordHeard(ctx, heard); err != nil {
			c.log.Error("what was heard could not be written", "error", err)
			return
		}
		c.post(c.renew)
	}
}

// hangUp ends what is running when the call does.
func (c *Call) hangUp() {
	for number := range c.drafts {
		if c.response == nil || c.response.draft.number != number {
			c.dropDraft(number)
		}
	}
	if c.response != nil {
		c.yield(CallEnded)
	}
}
