package call

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestNothingIsAcknowledgedBeforeItIsWritten has a slow disk: the device is told of words, and of all that follows them,
// only when they are on it.
func TestNothingIsAcknowledgedBeforeItIsWritten(t *testing.T) {
	const writing = 700 * time.Millisecond
	s := perform(t, func(s *stage) { s.talker.writing = writing }, func(s *stage) {
		before := time.Now()
		if _, err := s.call.Type("item_typed", "Hello by hand", true); err != nil {
			t.Error(err)
		}
		time.Sleep(writing - time.Millisecond)
		synctest.Wait()
		if got := eventsOf[Message](s.mouth); len(got) != 0 {
			t.Errorf("acknowledged after %s: %+v", time.Since(before), got)
		}
		time.Sleep(4 * time.Second)
		s.engine.say("Tell me about it.")
		s.hear(true, time.Second)
		s.hear(false, 5*time.Second)
	})
	if got := eventsOf[PersonFinal](s.mouth); len(got) != 1 || got[0].Text != "Tell me about it." {
		t.Errorf("final words %+v", got)
	}
	// The order is the one in which it happened: the words, and then her answer.
	message := slices.IndexFunc(s.mouth.events, func(e Event) bool { _, ok := e.(Message); return ok })
	started := slices.IndexFunc(s.mouth.events, func(e Event) bool { _, ok := e.(ResponseStarted); return ok })
	if message < 0 || started < message {
		t.Errorf("the message is event %d, the answer begins with %d", message, started)
	}
}

// TestWordsThatCouldNotBeWrittenAreNotAcknowledged has a disk that takes nothing.
func TestWordsThatCouldNotBeWrittenAreNotAcknowledged(t *testing.T) {
	s := perform(t, func(s *stage) { s.talker.cannotWrite = errors.New("no space left") }, func(s *stage) {
		if _, err := s.call.Type("item_typed", "Hello by hand", false); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
	})
	if got := eventsOf[Message](s.mouth); len(got) != 0 {
		t.Errorf("acknowledged: %+v", got)
	}
	if got := eventsOf[Failure](s.mouth); len(got) != 1 || got[0].Code != "journal" {
		t.Errorf("failures %+v", got)
	}
}
