package companion

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"twombly/internal/journal"
)

// memoryJournal keeps moments in memory; the real journal passes the same calls in the end-to-end tests.
type memoryJournal struct {
	lock    sync.Mutex
	moments []journal.Moment
	refuse  error
}

func (j *memoryJournal) Append(_ context.Context, moments ...journal.Moment) ([]journal.Moment, error) {
	j.lock.Lock()
	defer j.lock.Unlock()
	if j.refuse != nil {
		return nil, j.refuse
	}
	j.moments = append(j.moments, moments...)
	return moments, nil
}

func (j *memoryJournal) Each(_ context.Context, _ journal.Query, visit func(journal.Moment) error) error {
	for _, moment := range j.moments {
		if err := visit(moment); err != nil {
			return err
		}
	}
	return nil
}

// scriptedMind answers with fixed text and remembers what it was asked.
type scriptedMind struct {
	lock    sync.Mutex
	answer  string
	err     error
	prompts []Prompt
	// prefill, if set, is what happens while it reads ahead.
	prefill func(Prompt) error
}

func (m *scriptedMind) Generate(_ context.Context, prompt Prompt, emit Emit) error {
	m.lock.Lock()
	m.prompts = append(m.prompts, prompt)
	answer, err := m.answer, m.err
	m.lock.Unlock()
	if err := emit.Say(answer); err != nil {
		return err
	}
	return err
}

func (m *scriptedMind) Prefill(_ context.Context, prompt Prompt) error {
	if m.prefill != nil {
		return m.prefill(prompt)
	}
	return nil
}

func open(t *testing.T, book *memoryJournal, mind *scriptedMind) *Companion {
	t.Helper()
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	c, err := Open(t.Context(), Options{Person: "p", Journal: book, Mind: mind, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// say drafts an answer to spoken words and, when spoken is true, records the exchange as a call does.
func say(t *testing.T, c *Companion, words string, spoken bool) string {
	t.Helper()
	turn := Turn{Words: words, Channel: ByVoice, Meeting: true}
	reply := c.Draft(t.Context(), turn)
	var said strings.Builder
	for text := range reply.Text {
		said.WriteString(text)
	}
	if err := reply.Wait(); err != nil {
		t.Fatal(err)
	}
	if spoken {
		id, err := c.RecordPerson(t.Context(), turn)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.RecordClause(t.Context(), Clause{ReplyID: "r" + id, TurnID: id, Text: said.String()}); err != nil {
			t.Fatal(err)
		}
		if err := c.RecordHeard(t.Context(), Heard{ReplyID: "r" + id, Words: said.String()}); err != nil {
			t.Fatal(err)
		}
	}
	return said.String()
}

func TestFirstMeeting(t *testing.T) {
	book, mind := &memoryJournal{}, &scriptedMind{answer: `{"name":"Nobody","because":"it is not on the list"}`}
	c := open(t, book, mind)
	if m := c.Meeting(); m.Done || m.Step != AskName {
		t.Fatalf("at the start: %+v", m)
	}
	if said := say(t, c, "Hm, what?", true); !strings.Contains(said, "didn't catch a name") {
		t.Errorf("no name: %q", said)
	}
	// A draft that is thrown away decides nothing.
	say(t, c, "My name is Jo", false)
	if person, _ := c.Names(); person != "" || c.Meeting().Step != AskName {
		t.Fatalf("a dropped draft decided %q", person)
	}
	say(t, c, "My name is Jonas Miller.", true)
	if person, _ := c.Names(); person != "Jonas Miller" {
		t.Errorf("name %q", person)
	}
	if said := say(t, c, "No, it's Johannes.", true); !strings.Contains(said, "Johannes, then") {
		t.Errorf("correction: %q", said)
	}
	say(t, c, "Warm is good.", true)
	// Closed in the middle and opened again, it goes on where it stopped.
	c = open(t, book, mind)
	if m := c.Meeting(); m.Step != TryVoices || len(m.Voices) < 3 {
		t.Fatalf("after opening again: %+v", m)
	}
	before, _ := c.CurrentVoice()
	say(t, c, "Next, please.", false)
	if voice := c.Voice(); voice.Speed == 0 || len(voice.Blend) == 0 {
		t.Errorf("the voice about to be heard: %+v", voice)
	}
	say(t, c, "Next, please.", true)
	if after, _ := c.CurrentVoice(); after == before {
		t.Error("the next voice is the one before")
	}
	said := say(t, c, "Keep it.", true)
	_, her := c.Names()
	if her == "" || her == "Nobody" || !strings.Contains(said, her+", because ") {
		t.Errorf("her name %q, said %q", her, said)
	}
	if !c.Met() || !open(t, book, mind).Met() {
		t.Error("the meeting is not over")
	}
}

func TestNames(t *testing.T) {
	cases := map[string]string{
		"Jonas":                            "Jonas",
		"I'm Jonas.":                       "Jonas",
		"Um, hi, my name is Anna Maria":    "Anna Maria",
		"you can call me bob":              "Bob",
		"It's Zoë.":                        "Zoë",
		"I am fine":                        "",
		"what do you mean by that exactly": "",
		"O'Brien":                          "O'Brien",
		"":                                 "",
		"Call me Al, please":               "Al",
	}
	for words, want := range cases {
		if got := nameIn(words); got != want {
			t.Errorf("nameIn(%q) = %q, want %q", words, got, want)
		}
	}
}

func TestPromptKeepsItsOrderAndItsPrefix(t *testing.T) {
	book, mind := &memoryJournal{}, &scriptedMind{answer: "Well. "}
	c := open(t, book, mind)
	if err := c.SkipMeeting(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range 120 {
		say(t, c, strings.Repeat("words and more ", 12)+string(rune('a'+i%26)), true)
	}
	mind.lock.Lock()
	defer mind.lock.Unlock()
	cuts := 0
	for i, prompt := range mind.prompts[2:] {
		before := mind.prompts[i+1]
		size := 0
		for _, message := range prompt.Messages[prompt.Persona:] {
			size += len(message.Content)
		}
		if size > historyTop+2000 {
			t.Fatalf("prompt %d holds %d characters of conversation", i, size)
		}
		for j := range prompt.Persona {
			if !reflect.DeepEqual(prompt.Messages[j], before.Messages[j]) {
				t.Fatalf("prompt %d: the persona changed", i)
			}
		}
		// All of the prompt before is a prefix of this one, but for the rare cut.
		if len(prompt.Messages) < len(before.Messages) {
			cuts++
		}
	}
	if cuts == 0 || cuts > 4 {
		t.Errorf("the conversation was cut %d times in 120 turns", cuts)
	}
}

func TestWhatWasCutIsWhatTheMindReads(t *testing.T) {
	book, mind := &memoryJournal{}, &scriptedMind{answer: "Fine."}
	c := open(t, book, mind)
	turn := Turn{Words: "Tell me.", Channel: ByVoice}
	id, err := c.RecordPerson(t.Context(), turn)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{"Well, once ", "there was a king."} {
		if err := c.RecordClause(t.Context(), Clause{ReplyID: "r", TurnID: id, Index: i, Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.RecordHeard(t.Context(), Heard{ReplyID: "r", Words: "Well, once there", Cut: true, Reason: "barge_in"}); err != nil {
		t.Fatal(err)
	}
	prompt := c.prompt(Turn{Words: "Go on.", Channel: ByVoice})
	last := prompt.Messages[len(prompt.Messages)-2:]
	if last[0].Role != RoleCompanion || last[0].Content != "Well, once there" || last[1].Content != "(I cut you off.) Go on." {
		t.Errorf("the mind reads %q", last)
	}
	// It reads the same when these words are part of the conversation.
	if _, err := c.RecordPerson(t.Context(), Turn{Words: "Go on.", Channel: ByVoice}); err != nil {
		t.Fatal(err)
	}
	if again := c.prompt(Turn{Channel: ByVoice}); !reflect.DeepEqual(again.Messages, prompt.Messages) {
		t.Errorf("later the mind reads %q", again.Messages[len(again.Messages)-2:])
	}
}

func TestALostReplyIsAnsweredAnew(t *testing.T) {
	book, mind := &memoryJournal{}, &scriptedMind{answer: "Fine."}
	c := open(t, book, mind)
	id, err := c.RecordPerson(t.Context(), Turn{Words: "Tell me a story.", Channel: ByVoice})
	if err != nil {
		t.Fatal(err)
	}
	for index, text := range []string{"Once upon a time, ", LostThread + " "} {
		clause := Clause{ReplyID: "item_1", TurnID: id, Index: index, HeardWords: 4 * index, Text: text, Channel: ByVoice}
		if err := c.RecordClause(t.Context(), clause); err != nil {
			t.Fatal(err)
		}
	}
	last := func(turn Turn) Message {
		messages := c.prompt(turn).Messages
		return messages[len(messages)-1]
	}
	if got := last(Turn{Channel: ByVoice}); got.Content != "Once upon a time," {
		t.Errorf("what she said so far is read as %q", got.Content)
	}
	if got := last(Turn{Channel: ByVoice, InPlaceOf: "item_1"}); got.Role != RolePerson || got.Content != "Tell me a story."+tellAtLength {
		t.Errorf("answered anew, the last that is read is %q", got.Content)
	}
}

func TestAFullDiskIsNotSilent(t *testing.T) {
	book, mind := &memoryJournal{}, &scriptedMind{answer: "Fine."}
	c := open(t, book, mind)
	book.refuse = errors.New("no space left")
	if _, err := c.RecordPerson(t.Context(), Turn{Words: "hello"}); !errors.Is(err, book.refuse) {
		t.Errorf("recorded with %v", err)
	}
	if messages, _ := c.history.messages(""); len(messages) != 0 {
		t.Errorf("what is not on disk is remembered: %v", messages)
	}
}

func TestVeryLongWordsAreAbridgedForTheMindOnly(t *testing.T) {
	book, mind := &memoryJournal{}, &scriptedMind{answer: "Fine."}
	c := open(t, book, mind)
	long := strings.Repeat("ä", 100_000)
	if _, err := c.RecordPerson(t.Context(), Turn{Words: long, Channel: ByText}); err != nil {
		t.Fatal(err)
	}
	if book.moments[0].Words != long {
		t.Error("the journal does not hold all of it")
	}
	prompt := c.prompt(Turn{Channel: ByText})
	if last := prompt.Messages[len(prompt.Messages)-1].Content; len(last) > longWords+200 || !strings.Contains(last, "did not read") {
		t.Errorf("the mind reads %d bytes", len(last))
	}
}
