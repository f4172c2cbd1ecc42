package endtoend

import (
	"strings"
	"testing"
	"time"
)

// TestProgramAsItComes lets clients of every kind at one program with the embedded mind.
func TestProgramAsItComes(t *testing.T) {
	s := start(t, t.TempDir()+"/data")
	t.Run("foreigners", func(t *testing.T) { foreigners(t, s) })
	t.Run("openai for Python", func(t *testing.T) { pythonClient(t, s) })
	t.Run("openai for Python, REST", func(t *testing.T) { restClient(t, s) })
	if long() { // reading as much as its context holds takes the embedded mind a minute
		t.Run("a book", func(t *testing.T) { aBook(t, s) })
	}
}

// aBook is typed, or pasted, into a conversation with the embedded mind, whose context is far smaller: she answers or says
// that she can't, and goes on afterwards.
func aBook(t *testing.T, s *server) {
	k := s.write(t)
	ctx := within(t, 6*time.Minute)
	done := k.typed(t, ctx, strings.Repeat("All work and no play. ", 4600))
	t.Logf("to a book: %q (%s)", done.words, done.status)
	if done.words == "" {
		t.Errorf("%+v", done)
	}
	after := k.typed(t, ctx, "Never mind. Say hello to me, please.")
	t.Logf("afterwards: %q (%s)", after.words, after.status)
	if after.status != "completed" || strings.TrimSpace(after.words) == "" {
		t.Errorf("afterwards: %+v", after)
	}
}
