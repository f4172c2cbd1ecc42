package companion

import (
	"context"
	"strings"
	"testing"
)

// refusingMind answers with a refusal, and with something else when it is not to begin so.
type refusingMind struct {
	stubborn bool
	asked    int
}

func (m *refusingMind) Generate(_ context.Context, prompt Prompt, emit Emit) error {
	m.asked++
	if len(prompt.NotBegin) > 0 && !m.stubborn {
		return emit.Say("Once there was a fox.")
	}
	return emit.Say("I'm sorry, but I can't assist with that.")
}

func (m *refusingMind) Prefill(context.Context, Prompt) error { return nil }

func TestARefusalIsAskedAgain(t *testing.T) {
	for _, test := range []struct {
		mind  refusingMind
		want  string
		asked int
	}{
		{want: "Once there was a fox.", asked: 2},
		{mind: refusingMind{stubborn: true}, want: "Mm. Go on.", asked: 2},
	} {
		c, err := Open(t.Context(), Options{Person: "p", Journal: &memoryJournal{}, Mind: &test.mind})
		if err != nil {
			t.Fatal(err)
		}
		reply := c.Draft(t.Context(), Turn{Words: "Tell me about a fox.", Channel: ByVoice})
		var said strings.Builder
		for text := range reply.Text {
			said.WriteString(text)
		}
		if err := reply.Wait(); err != nil || said.String() != test.want || test.mind.asked != test.asked {
			t.Errorf("she says %q, %v, asked %d times", said.String(), err, test.mind.asked)
		}
	}
}
