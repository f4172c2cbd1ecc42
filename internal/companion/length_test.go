package companion

import (
	"strings"
	"testing"

	"twombly/internal/journal"
)

func TestAsksForLength(t *testing.T) {
	long := strings.Repeat("and the sea was calm ", 20)
	for _, test := range []struct {
		words, hers string
		want        bool
	}{
		{words: "Tell me a story about a fox.", want: true},
		{words: "Could you read me a fairy tale?", want: true},
		{words: "I'd like to hear the legend of the lake.", want: true},
		{words: "Please explain at length how the seasons come about.", want: true},
		{words: "Tell me everything you know about whales.", want: true},
		{words: "Describe the harbour to me, and take your time.", want: true},
		{words: "So, walk me through it step by step.", want: true},
		{words: "Just keep talking.", want: true},
		{words: "Just keep talking for a while.", want: true},
		{words: "Go on.", hers: long, want: true},
		{words: "And then?", hers: long, want: true},
		{words: "Okay, and what happened next?", hers: long, want: true},
		{words: "Go on.", hers: "Mm. What did he say?", want: false},
		{words: "Tell me something interesting.", want: false},
		{words: "It's a long story.", want: false},
		{words: "She told me everything at work today.", want: false},
		{words: "I had a long day and I want to take a bath.", want: false},
		{words: "How long does it take to get there?", want: false},
		{words: "Tell me a short story.", want: false},
		{words: "Don't tell me the whole story.", want: false},
		{words: "Can you explain to me what a tide is?", want: false},
		{words: "", hers: long, want: false},
	} {
		if got := asksForLength(test.words, test.hers); got != test.want {
			t.Errorf("asksForLength(%q) after %d words of hers: %v", test.words, len(strings.Fields(test.hers)), got)
		}
	}
}

// What was asked for at length is read the same way in the turn and in every later one, so that what a mind has read stays the beginning.
func TestAtLengthInThePrompt(t *testing.T) {
	c := &Companion{person: "p"}
	opening := []Message{{Role: RoleSystem, Content: "who she is"}, {Role: RoleSystem, Content: "who they are"}}
	var spoken history
	asked := "Tell me a long story about a fox."
	first := c.promptOf(Turn{Words: asked, Channel: ByVoice}, opening, &spoken)
	if first.MaxTokens != lengthyTokens || first.Sentences != lengthySentences {
		t.Errorf("a story may have %d tokens and %d sentences", first.MaxTokens, first.Sentences)
	}
	spoken.take(journal.Moment{ID: "1", Kind: journal.Said, Speaker: journal.Person, Words: asked})
	for _, turn := range []Turn{{Channel: ByVoice}, {Channel: ByVoice, Words: "What was its name?"}} {
		next := c.promptOf(turn, opening, &spoken)
		for i, message := range first.Messages {
			if next.Messages[i].Content != message.Content {
				t.Errorf("message %d was %q and is %q", i, message.Content, next.Messages[i].Content)
			}
		}
		if want := turn.Words == ""; want != (next.MaxTokens == lengthyTokens) {
			t.Errorf("%q may have %d tokens", turn.Words, next.MaxTokens)
		}
	}
	unprompted := c.promptOf(Turn{Channel: ByVoice, Unprompted: true}, opening, &spoken)
	if unprompted.MaxTokens != spokenTokens || unprompted.Sentences != spokenSentences {
		t.Errorf("what she says into a silence may have %d tokens", unprompted.MaxTokens)
	}
}
