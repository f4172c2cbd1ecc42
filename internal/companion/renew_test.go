package companion

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// talkAtLength says turns until the conversation is longer than so many characters.
func talkAtLength(t *testing.T, c *Companion, characters int) {
	t.Helper()
	for number := 0; c.history.size <= characters; number++ {
		words := fmt.Sprintf("Turn %d. %s", number, strings.Repeat("I went on and on. ", 12))
		if _, err := c.RecordPerson(t.Context(), Turn{Words: words, Channel: ByVoice}); err != nil {
			t.Fatal(err)
		}
	}
}

// always is a call in which nobody waits for the mind.
func always(context.Context) error { return nil }

func TestRenewal(t *testing.T) {
	mind := &scriptedMind{answer: "Fine."}
	c := open(t, &memoryJournal{}, mind)
	clock := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	c.now = func() time.Time { return clock }
	turn := Turn{Channel: ByVoice}
	before := c.prompt(turn)
	var read []Prompt
	mind.prefill = func(prompt Prompt) error { read = append(read, prompt); return nil }
	if err := c.Renew(t.Context(), turn, always); err != nil || len(read) > 0 {
		t.Fatalf("a young conversation was renewed: %v, %v", read, err)
	}

	talkAtLength(t, c, historyTop-500)
	clock = clock.Add(openingAge + time.Minute)
	long := c.prompt(turn)
	said := false
	mind.prefill = func(prompt Prompt) error {
		read = append(read, prompt)
		if during := c.prompt(turn); !said && !reflect.DeepEqual(during.Messages, long.Messages) {
			t.Error("the old conversation was touched before the new one was read")
		}
		if err := c.Renew(t.Context(), turn, always); err != nil {
			t.Errorf("a second renewal: %v", err)
		}
		if !said { // the person goes on meanwhile
			said = true
			if _, err := c.RecordPerson(t.Context(), Turn{Words: "One more thing.", Channel: ByVoice}); err != nil {
				t.Fatal(err)
			}
		}
		return nil
	}
	if err := c.Renew(t.Context(), turn, always); err != nil {
		t.Fatal(err)
	}
	unread := 0
	for i := 1; i < len(read); i++ {
		if more := len(read[i].Messages) - len(read[i-1].Messages); more > 4 {
			unread = more
		}
	}
	if len(read) < 4 || unread > 0 {
		t.Errorf("it was read in %d stretches, one of %d messages", len(read), unread)
	}
	now := c.prompt(turn)
	if !reflect.DeepEqual(now.Messages, read[len(read)-1].Messages) {
		t.Error("what is said to the mind now is not what it read ahead")
	}
	if last := now.Messages[len(now.Messages)-1].Content; last != "One more thing." {
		t.Errorf("the last words are %q", last)
	}
	if c.history.size > historyBottom+300 || len(now.Messages) >= len(long.Messages) {
		t.Errorf("%d characters in %d messages are left", c.history.size, len(now.Messages))
	}
	if read[0].Conversation == now.Conversation || now.Conversation != before.Conversation {
		t.Errorf("read ahead as %q, said as %q", read[0].Conversation, now.Conversation)
	}
}

func TestRenewalOfAnOldOpening(t *testing.T) {
	mind := &scriptedMind{answer: "Fine."}
	c := open(t, &memoryJournal{}, mind)
	clock := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	c.now = func() time.Time { return clock }
	talkAtLength(t, c, 500)
	morning := c.prompt(Turn{}).Messages
	clock = clock.Add(9 * time.Hour)
	if now := c.prompt(Turn{}).Messages; !reflect.DeepEqual(now, morning) {
		t.Error("the opening changed in the middle of a conversation, and the person waits until all is read again")
	}
	if err := c.Renew(t.Context(), Turn{}, always); err != nil {
		t.Fatal(err)
	}
	evening := c.prompt(Turn{}).Messages
	if reflect.DeepEqual(evening, morning) {
		t.Error("the opening is still this morning's")
	}
	// At the beginning of a call nobody waits.
	clock = clock.Add(15 * time.Hour)
	if err := c.Prepare(t.Context(), Turn{}); err != nil {
		t.Fatal(err)
	}
	if now := c.prompt(Turn{}).Messages; reflect.DeepEqual(now, evening) {
		t.Error("a new call began with yesterday's opening")
	}
}

func TestRenewalThatFails(t *testing.T) {
	mind := &scriptedMind{answer: "Fine."}
	c := open(t, &memoryJournal{}, mind)
	clock := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	c.now = func() time.Time { return clock }
	c.prompt(Turn{})
	talkAtLength(t, c, historyTop-500)
	clock = clock.Add(openingAge + time.Minute)
	long := c.prompt(Turn{}).Messages
	mind.prefill = func(Prompt) error { return errors.New("gone") }
	if err := c.Renew(t.Context(), Turn{}, always); err == nil {
		t.Error("no error")
	}
	if now := c.prompt(Turn{}).Messages; !reflect.DeepEqual(now, long) {
		t.Error("the conversation changed")
	}
	mind.prefill = nil
	if err := c.Renew(t.Context(), Turn{}, always); err != nil || c.history.size > historyBottom {
		t.Errorf("afterwards it was not renewed: %d characters, %v", c.history.size, err)
	}
}
