package call

import (
	"context"
	"errors"
	"fmt"
	"time"

	"twombly/internal/companion"
	"twombly/internal/speech"
)

// carryOut does what the machine wants. It belongs to the loop.
func (c *Call) carryOut(intent Intent) {
	switch intent.Action {
	case StartHearing:
		c.startHearing(intent)
	case StopHearing:
		c.stopHearing(intent)
	case Recognise:
		c.recogniseTurn(intent.Pause)
	case DetectTurnEnd:
		c.detectTurnEnd(intent.Pause)
	case DropTurn:
		c.dropHeard()
	case CommitTurn:
		c.commitTurn(intent)
	case CommitSilence:
		c.commitSilence(intent)
	case Draft:
		c.startDraft(intent)
	case Greet:
		c.startGreeting(intent)
	case DropDraft:
		c.dropDraft(intent.Draft)
	case Speak:
		c.speak(intent)
	case Duck:
		c.duck()
	case Overhear:
		c.overhear(intent)
	case CompareVoice:
		c.compareVoice(intent)
	case LearnVoice:
		c.learnVoice(intent)
	case Hesitate:
		c.hesitate()
	case Resume:
		c.resume()
	case GoOn:
		c.goOn()
		if intent.Reason == OtherVoice {
			c.tellUnanswered()
		}
	case Open:
		c.open()
	case GiveBackchannel:
		c.giveBackchannel()
	case StopBackchannel:
		c.stopBackchannel()
	case Yield:
		c.yield(intent.Reason)
		c.learnKept()
	case Finish:
		c.finish(intent.Reason)
		c.learnKept()
	case Apologise:
		c.apologise()
	case GiveUp:
		c.giveUp(intent.Reason)
	}
}

// commitTurn makes a conversation item of what the person said: on disk before anything of the answer is heard.
func (c *Call) commitTurn(intent Intent) {
	itemID, seconds := c.closeHeard(intent.Reason)
	committed := TurnCommitted{ItemID: itemID, PreviousItemID: c.previousItem}
	final := PersonFinal{ItemID: itemID, Text: intent.Words, AudioSeconds: seconds}
	c.previousItem = itemID
	if intent.Words == "" {
		c.tell(committed)
		c.tell(final)
		return
	}
	c.recordPerson(c.turnOf(intent.Words, companion.ByVoice), committed, final)
	if intent.Reason == OtherVoice {
		c.tellUnanswered()
	}
}

// commitSilence makes an item of a silence.
func (c *Call) commitSilence(intent Intent) {
	itemID, now := newID("item_"), c.machine.Position()
	c.tell(SilenceTimedOut{ItemID: itemID, From: max(0, now-intent.Back), To: now})
	c.tell(TurnCommitted{ItemID: itemID, PreviousItemID: c.previousItem})
	c.tell(PersonFinal{ItemID: itemID, AudioSeconds: intent.Back.Seconds()})
	c.previousItem = itemID
}

// turnOf describes words of the person for the companion.
func (c *Call) turnOf(words string, channel companion.Channel) companion.Turn {
	settings := c.Settings()
	turn := companion.Turn{
		Words: words, Channel: channel, Device: settings.Device, Zone: settings.Zone, Instructions: settings.Instructions,
		Meeting: c.meets.Load(), Tools: settings.Tools, ToolChoice: settings.ToolChoice, Exchange: c.exchange,
	}
	if len(turn.Tools) == 0 {
		turn.ToolChoice = ""
	}
	return turn
}

// recordPerson puts the person's words on disk and tells the events then; the turn's moment becomes what the next response
// answers.
func (c *Call) recordPerson(turn companion.Turn, then ...Event) {
	recorded := &recording{done: make(chan struct{})}
	c.hearing.lastRecording = recorded
	c.acknowledge(recorded, then...)
	c.recorder <- func(ctx context.Context) {
		id, err := c.talker.RecordPerson(ctx, turn)
		recorded.id, recorded.err = id, err
		close(recorded.done)
		c.post(c.written)
		if err != nil {
			c.log.Error("the person's words could not be written", "error", err)
			c.mouth.Report(Failure{Code: "journal", Message: "What you said could not be written down: " + plain(err)})
		}
	}
}

// recording is a moment on its way to the disk. Its id and error may be read once done is closed.
type recording struct {
	done chan struct{}
	id   string
	err  error
}

// startDraft begins a draft. A draft that answers words already on disk, or on their way there, waits for them and
// answers the conversation as it stands.
func (c *Call) startDraft(intent Intent) {
	turn := c.turnOf(intent.Words, companion.ByVoice)
	var after <-chan struct{}
	switch intent.Reason {
	case TypedMessage:
		turn.Channel = companion.ByText
		fallthrough
	case ClientAsked, MindLost:
		if recording := c.hearing.lastRecording; recording != nil && (c.response != nil || intent.Reason != MindLost) {
			turn.Words, after = "", recording.done
		}
	case IdleElapsed, NoAnswer:
		turn.Unprompted = true
	}
	if intent.Reason == MindLost && c.response != nil {
		turn.InPlaceOf = c.response.itemID
		if c.response.apology != nil {
			after = c.response.apology
		}
	}
	d := c.launch(intent.Draft, turn, intent.Delay, after, func(ctx context.Context) *companion.Reply {
		return c.talker.Draft(ctx, turn)
	})
	if intent.Reason != MindLost && d.audible && turn.Channel == companion.ByVoice {
		d.opener = c.pace.opener(c.phrases, c.voice(), intent.Words)
	}
}

// startGreeting begins a draft in which she speaks first.
func (c *Call) startGreeting(intent Intent) {
	turn := c.turnOf("", companion.ByVoice)
	c.launch(intent.Draft, turn, 0, nil, func(ctx context.Context) *companion.Reply {
		return c.talker.Greet(ctx, turn)
	})
}

func (c *Call) launch(number int, turn companion.Turn, delay time.Duration, after <-chan struct{},
	start func(context.Context) *companion.Reply) *draft {
	ctx, cancel := context.WithCancel(c.ctx)
	d := &draft{
		number: number, turn: turn, audible: c.Settings().Audio, cancel: cancel, spoken: make(chan struct{}), after: after, tokens: -1,
	}
	c.drafts[number] = d
	c.work.Go(func() { c.runDraft(ctx, d, delay, start) })
	return d
}

// dropDraft throws a draft away; it leaves no trace.
func (c *Call) dropDraft(number int) {
	if d := c.drafts[number]; d != nil {
		d.cancel()
		delete(c.drafts, number)
		c.tellTokens(d)
	}
}

// draftBegun notes that the mind begins to write a draft.
func (c *Call) draftBegun(d *draft) {
	d.timings.firstToken = c.now()
	c.foresee(d)
	if c.drafts[d.number] == d {
		c.step(DraftBegun{Draft: d.number})
	}
}

// clauseMade takes a clause of a draft with its sound.
func (c *Call) clauseMade(made spokenClause) {
	d := made.draft
	if c.drafts[d.number] != d {
		return
	}
	if c.response != nil && c.response.draft == d {
		c.deliver(made)
		return
	}
	d.clauses = append(d.clauses, made)
	if len(d.clauses) == 1 {
		c.step(ClauseReady{Draft: d.number})
	}
}

// draftEnded takes the end of a draft.
func (c *Call) draftEnded(d *draft, err error) {
	if c.drafts[d.number] != d {
		return
	}
	d.ended, d.err = true, err
	speaking := c.response != nil && c.response.draft == d
	if err == nil {
		if speaking {
			c.generated()
		}
		return
	}
	if c.ctx.Err() != nil {
		return
	}
	c.log.Warn("an answer ended early", "error", err)
	delete(c.drafts, d.number)
	c.step(DraftFailed{Draft: d.number, Lost: lost(err)})
}

// lost tells errors after which trying again may help from those after which it won't.
func lost(err error) bool {
	return errors.Is(err, companion.ErrUnavailable) || errors.Is(err, speech.ErrUnavailable)
}

// plain is an error as a sentence for the person: the innermost cause is for the log.
func plain(err error) string { return fmt.Sprintf("%v.", err) }

// detectTurnEnd asks whether the person has finished: by the words, once a pause, or by their sound where these can not be judged. Both at once would only take cores
// from the mind: where the words are judged, the sound has no say.
func (c *Call) detectTurnEnd(pause int) {
	words := ""
	if c.ends != nil && c.machine.wordsKnown && !c.machine.judged {
		words = c.machine.words
	}
	if words == "" {
		c.detectBySound(pause)
		return
	}
	if c.machine.rules.Sure > 0 { // what is sure by its sound ends the turn too
		c.detectBySound(pause)
	}
	c.work.Go(func() {
		finished, err := c.ends.EndOfTurn(c.ctx, words)
		c.post(func() {
			if err == nil {
				c.step(Finished{Pause: pause, Probability: finished})
				return
			}
			c.log.Warn("words were not judged for the end of a turn", "error", err)
			if c.machine.rules.Sure == 0 {
				c.detectBySound(pause)
			}
		})
	})
}

// detectBySound asks for the verdict on the sound of the turn. Without it, and without one on the words, the hold decides.
func (c *Call) detectBySound(pause int) {
	samples := c.hearing.lastSeconds(turnEndSeconds)
	c.work.Go(func() {
		probability, err := c.engine.TurnEnd(c.ctx, samples)
		if err != nil {
			c.log.Warn("turn detection failed", "error", err)
			return
		}
		c.post(func() { c.step(TurnEnd{Pause: pause, Probability: probability}) })
	})
}

// turnEndSeconds is how much of the turn the turn detection listens to.
const turnEndSeconds = 8
