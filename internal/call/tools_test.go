package call

import (
	"errors"
	"testing"
	"time"

	"twombly/internal/companion"
)

// TestInstructed: a client's word to her is the last thing that the next answer knows, and that answer's alone.
func TestInstructed(t *testing.T) {
	s := perform(t, nil, func(s *stage) {
		s.call.Instruct("Say good night.")
		if err := s.call.Respond(); err != nil {
			t.Fatal(err)
		}
		s.hear(false, 5*time.Second)
		if err := s.call.Respond(); err != nil {
			t.Fatal(err)
		}
		s.hear(false, 5*time.Second)
	})
	turns := s.talker.turns
	if len(turns) != 2 || len(turns[0].Exchange) != 1 || turns[0].Exchange[0].Role != companion.RoleSystem ||
		turns[0].Exchange[0].Content != "Say good night." || len(turns[1].Exchange) != 0 {
		t.Errorf("what the answers knew: %+v", turns)
	}
}

// TestAFunctionCall: she has a client's tool called instead of answering; the call comes as items of the response, nothing is
// heard or journaled of it, its output is taken once, and the answer after it knows both. With that the exchange is over.
func TestAFunctionCall(t *testing.T) {
	s := perform(t, func(s *stage) {
		s.talker.answers = []string{"", "It is raining."}
		s.talker.calls = [][]companion.ToolCall{{{Name: "weather", Arguments: []byte(`{"city":"Lisbon"}`)}}}
	}, func(s *stage) {
		settings := s.call.Settings()
		settings.Tools = []companion.Tool{{Name: "weather", Parameters: []byte(`{"type":"object"}`)}}
		if err := s.call.Configure(settings); err != nil {
			t.Fatal(err)
		}
		s.engine.say("How is the weather in Lisbon?")
		s.hear(true, time.Second)
		s.hear(false, 3*time.Second)
		done := eventsOf[ResponseDone](s.mouth)
		if len(done) != 1 || done[0].Status != "completed" || done[0].Text != "" || len(done[0].Calls) != 1 {
			t.Fatalf("the response: %+v", done)
		}
		made := done[0].Calls[0]
		if made.Name != "weather" || made.Arguments != `{"city":"Lisbon"}` || made.CallID == "" || made.ItemID == "" {
			t.Errorf("the call: %+v", made)
		}
		if err := s.call.Answer("", "call_other", "?"); !errors.Is(err, ErrUnknownCall) {
			t.Errorf("an output that nobody waits for: %v", err)
		}
		if err := s.call.Answer("item_out", made.CallID, `{"sky":"rain"}`); err != nil {
			t.Fatal(err)
		}
		if answered := eventsOf[CallAnswered](s.mouth); len(answered) != 1 || answered[0].ItemID != "item_out" || answered[0].PreviousItemID != made.ItemID {
			t.Errorf("the output's item: %+v", answered)
		}
		if err := s.call.Answer("", made.CallID, "again"); !errors.Is(err, ErrUnknownCall) {
			t.Errorf("a second output: %v", err)
		}
		if err := s.call.Respond(); err != nil {
			t.Fatal(err)
		}
		s.hear(false, 5*time.Second)
		if len(s.call.turnOf("", companion.ByVoice).Exchange) != 0 {
			t.Error("after the answer the exchange goes on")
		}
	})
	if done := eventsOf[ResponseDone](s.mouth); len(done) != 2 || done[1].Text != "It is raining." || len(done[1].Calls) != 0 {
		t.Errorf("the answer: %+v", done)
	}
	exchange := s.talker.turns[len(s.talker.turns)-1].Exchange
	if len(exchange) != 2 || exchange[0].ToolCalls[0].Name != "weather" || exchange[1].Content != `{"sky":"rain"}` ||
		exchange[1].ToolCallID != exchange[0].ToolCalls[0].ID {
		t.Errorf("the second answer knew %+v", exchange)
	}
	want := "person: How is the weather in Lisbon?\nplanned: It is raining.\nheard heard_to_end: It is raining."
	if got := s.talker.recorded(); got != want {
		t.Errorf("recorded\n%s\nwant\n%s", got, want)
	}
}

// TestSilenceTimesOut: after her answer nobody speaks for the idle timeout; the silence becomes an item and she speaks, once.
func TestSilenceTimesOut(t *testing.T) {
	s := perform(t, func(s *stage) { s.talker.answers = []string{"Hm, tell me.", "Still thinking?"} }, func(s *stage) {
		settings := s.call.Settings()
		settings.Detection, settings.IdleTimeout = ServerVAD, 6*time.Second
		if err := s.call.Configure(settings); err != nil {
			t.Fatal(err)
		}
		s.hear(false, 10*time.Second)
		if timeouts := eventsOf[SilenceTimedOut](s.mouth); len(timeouts) != 0 {
			t.Errorf("before she has said anything: %+v", timeouts)
		}
		s.engine.say("Well.")
		s.hear(true, time.Second)
		s.hear(false, 12*time.Second)
	})
	timeouts := eventsOf[SilenceTimedOut](s.mouth)
	if len(timeouts) != 1 || timeouts[0].To-timeouts[0].From < 6*time.Second || timeouts[0].ItemID == "" {
		t.Errorf("timeouts %+v", timeouts)
	}
	if last := s.talker.turns[len(s.talker.turns)-1]; !last.Unprompted || last.Words != "" {
		t.Errorf("she spoke to %+v", last)
	}
	if done := eventsOf[ResponseDone](s.mouth); len(done) != 2 || done[1].Text != "Still thinking?" {
		t.Errorf("done %+v", done)
	}
}

// TestSilenceIsBroken: who speaks in time is answered, and nobody else.
func TestSilenceIsBroken(t *testing.T) {
	s := perform(t, nil, func(s *stage) {
		settings := s.call.Settings()
		settings.Detection, settings.IdleTimeout = ServerVAD, 6*time.Second
		if err := s.call.Configure(settings); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			s.engine.say("Well.")
			s.hear(true, time.Second)
			s.hear(false, 5*time.Second)
		}
	})
	if timeouts := eventsOf[SilenceTimedOut](s.mouth); len(timeouts) != 0 {
		t.Errorf("timeouts %+v", timeouts)
	}
}
