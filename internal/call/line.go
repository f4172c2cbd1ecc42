package call

import (
	"fmt"
	"reflect"
	"time"

	"twombly/internal/companion"
)

// Call is what transports talk to.
var _ Line = (*Call)(nil)

// Hear implements Line. It waits only when more than 30 s of sound have not been listened to yet.
func (c *Call) Hear(samples []float32) { c.sound.push(samples, c.now()) }

// Played implements Line.
func (c *Call) Played(itemID string, played time.Duration) {
	c.post(func() {
		r := c.response
		if r == nil || r.itemID != itemID {
			return
		}
		r.played, r.playedAt = max(r.played, min(played, r.duration())), c.now()
		c.checkSpoken()
	})
}

// Type implements Line.
func (c *Call) Type(itemID, text string, respond bool) (string, error) {
	if len(text) > MaxTypedBytes {
		return "", fmt.Errorf("%w: %d bytes, at most %d", ErrTooLong, len(text), MaxTypedBytes)
	}
	clientID := itemID
	if itemID == "" {
		itemID = newID("item_")
	}
	c.post(func() {
		turn := c.turnOf(text, companion.ByText)
		turn.ClientID = clientID
		message := Message{ItemID: itemID, PreviousItemID: c.previousItem, Text: text}
		c.previousItem = itemID
		c.recordPerson(turn, message)
		if respond {
			c.step(Typed{Words: text})
		} else {
			c.writtenOver = c.response
		}
	})
	return itemID, nil
}

// ask runs a question in the loop and waits for its answer; ErrEnded when the call is over.
func ask[T any](c *Call, question func() T) (T, error) {
	answer := make(chan T, 1)
	var none T
	if !c.post(func() { answer <- question() }) {
		return none, ErrEnded
	}
	select {
	case a := <-answer:
		return a, nil
	case <-c.done:
		return none, ErrEnded
	}
}

// Commit implements Line.
func (c *Call) Commit() (string, error) {
	itemID, err := ask(c, func() string {
		if !c.hearing.anything(c.Settings().Detection) {
			return ""
		}
		id := c.hearing.ensureTurn()
		c.step(CommitAudio{})
		return id
	})
	if err == nil && itemID == "" {
		return "", ErrEmpty
	}
	return itemID, err
}

// ClearInput implements Line.
func (c *Call) ClearInput() {
	c.post(func() {
		c.step(ClearAudio{})
		c.hearing.clear()
	})
}

// Respond implements Line.
func (c *Call) Respond() error {
	busy, err := ask(c, func() bool {
		switch r := c.response; {
		case r == nil && c.machine.wantAnswer:
			return true // the words to be answered are still being recognised
		case r == nil:
			c.step(RespondNow{})
		case r == c.writtenOver:
			// A message was written since: it is what is to be answered, and what she was saying makes way.
			c.step(Typed{})
		case r.reported:
			// It was made, and is only being heard yet.
			c.respondAfter = true
		default:
			return true
		}
		return false
	})
	if err == nil && busy {
		return ErrBusy
	}
	return err
}

// Cancel implements Line.
func (c *Call) Cancel() bool {
	running, err := ask(c, func() bool {
		if c.response == nil {
			return false
		}
		c.step(CancelResponse{})
		return true
	})
	return err == nil && running
}

// HardStop makes her silent at once and drops what she was about to say; what the person says goes on being heard.
func (c *Call) HardStop() {
	c.post(func() { c.step(HardStop{}) })
}

// Truncate implements Line.
func (c *Call) Truncate(itemID string, audioEnd time.Duration) error {
	outcome, err := ask(c, func() error { return c.truncate(itemID, audioEnd) })
	if err != nil {
		return err
	}
	return outcome
}

// truncate records what a client says was heard: of the running response, or of one that ended by our own estimate.
func (c *Call) truncate(itemID string, audioEnd time.Duration) error {
	if r := c.response; r != nil && r.itemID == itemID {
		if audioEnd > r.duration()+truncateSlack {
			return ErrBeyondItem
		}
		r.cutAt = min(max(0, audioEnd), r.duration())
		c.step(Truncated{})
		return nil
	}
	for _, r := range c.past {
		if r.itemID != itemID {
			continue
		}
		if audioEnd > r.duration()+truncateSlack {
			return ErrBeyondItem
		}
		words, _ := r.heardWords(audioEnd)
		c.recordHeard(r, companion.Heard{
			ReplyID: r.itemID, Words: words, Cut: audioEnd < r.duration()-spokenSlack, Reason: string(ClientTruncated),
			AudioMilliseconds: audioEnd.Milliseconds(),
		})
		c.tell(ItemTruncated{ItemID: itemID, AudioEnd: audioEnd, Words: words})
		return nil
	}
	return ErrUnknownItem
}

// truncateSlack forgives a client's rounding.
const truncateSlack = 50 * time.Millisecond

// Configure implements Line.
func (c *Call) Configure(settings Settings) error {
	switch settings.Detection {
	case SemanticVAD, ServerVAD, Manual:
	default:
		return fmt.Errorf("no such turn detection: %q", settings.Detection)
	}
	c.settingsLock.Lock()
	before := c.settings
	c.settings = settings
	c.settingsLock.Unlock()
	c.post(func() {
		c.step(Configured{Rules: c.rules(settings)})
		c.considerMissing()
		if settings.Instructions != before.Instructions || !reflect.DeepEqual(settings.Tools, before.Tools) {
			c.readAgain()
		}
	})
	return nil
}

// Settings implements Line.
func (c *Call) Settings() Settings {
	c.settingsLock.Lock()
	defer c.settingsLock.Unlock()
	return c.settings
}

// readAgain has the mind read the conversation with other instructions and tools before anybody waits for it.
func (c *Call) readAgain() {
	turn := c.turnOf("", companion.ByVoice)
	c.work.Go(func() {
		if err := c.talker.Prepare(c.ctx, turn); err != nil && c.ctx.Err() == nil {
			c.log.Debug("reading ahead failed", "error", err)
		}
	})
}
