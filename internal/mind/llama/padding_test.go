package llama

import (
	"strings"
	"testing"

	"twombly/internal/mind"
)

func TestPadded(t *testing.T) {
	for _, c := range []struct {
		padding padding
		want    map[int]int
	}{
		{padding{}, map[int]int{1: 0, 7: 0, 15: 0}},
		{padding{whole: true}, map[int]int{1: 0, 7: 0, 9: 0, 10: 6, 15: 1, 16: 0, 17: 0, 25: 0, 26: 6, 31: 1, 32: 0}},
		{padding{half: true}, map[int]int{1: 0, 4: 0, 5: 3, 7: 1, 8: 0, 12: 0, 13: 3, 24: 0, 31: 1, 32: 0}},
		{padding{whole: true, half: true}, map[int]int{4: 0, 5: 3, 7: 1, 8: 0, 9: 0, 10: 6, 15: 1, 20: 0, 21: 3, 32: 0}},
	} {
		for n, want := range c.want {
			if got := c.padding.padded(n); got != want {
				t.Errorf("%+v: %d tokens are filled up with %d, want %d", c.padding, n, got, want)
			}
		}
		for n := range microBatch {
			if n+c.padding.padded(n) > microBatch {
				t.Errorf("%+v: %d tokens are filled up beyond the batch", c.padding, n)
			}
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
		for j, padding := range []padding{{}, {whole: true, half: true}} {
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
