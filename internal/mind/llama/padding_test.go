package llama

import (
	"strings"
	"testing"

	"twombly/internal/mind"
)

func TestPadded(t *testing.T) {
	for n, want := range map[int]int{1: 0, 9: 0, 10: 6, 15: 1, 16: 0, 17: 0, 25: 0, 26: 6, 31: 1, 32: 0} {
		if got := padded(n); got != want {
			t.Errorf("%d tokens are filled up with %d, want %d", n, got, want)
		}
		if n <= microBatch && n+padded(n) > microBatch {
			t.Errorf("%d tokens are filled up beyond the batch", n)
		}
	}
}

// TestPaddingChangesNothing: the same is said whether steps are filled up or not, and the cache doesn't fill up.
func TestPaddingChangesNothing(t *testing.T) {
	local := open(t, tiny, func(options *Options) { options.ContextTokens = 512 })
	request := func(i int) mind.Request {
		return mind.Request{MaxTokens: 8, Messages: []mind.Message{
			{Role: mind.System, Content: "Repeat the word after me." + strings.Repeat(" again", i%16)},
			{Role: mind.User, Content: "Say: apple"}, {Role: mind.Assistant, Content: "apple"},
			{Role: mind.User, Content: "Say: lemon"}, {Role: mind.Assistant, Content: "lemon"},
			{Role: mind.User, Content: "Say: orange"},
		}}
	}
	for i := range 16 {
		var texts [2]string
		for j, padding := range []bool{false, true} {
			local.engine.padding = padding // nothing is under way
			texts[j], _ = generate(t, local, request(i))
		}
		if !strings.Contains(texts[0], "orange") || !strings.Contains(texts[1], "orange") {
			t.Errorf("with %d more words: without filling up %q, with %q", i, texts[0], texts[1])
		}
	}
	if cells, err := local.engine.cells(local.engine.sequences); err != nil || cells != 0 {
		t.Errorf("filling up left %d cells, %v", cells, err)
	}
}
