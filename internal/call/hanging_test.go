package call

import "testing"

func TestHangs(t *testing.T) {
	for text, want := range map[string]bool{
		"And so my fellow Americans.":         true,
		"And so, my fellow Americans":         true,
		"Because of the weather":              true,
		"I went to the":                       true,
		"I went to the.":                      true,
		"She left because":                    true,
		"It was, um":                          true,
		"Good morning. And then my brother":   true,
		"And what about you?":                 false,
		"And so my fellow Americans, ask not": false,
		"And then she laughed.":               false,
		"But it's late.":                      false,
		"So I’m home.":                        false,
		"So?":                                 false,
		"And":                                 true,
		"Yes.":                                false,
		"Two tickets, please.":                false,
		"Turn it off.":                        false,
		"Is it an A or a B, or the?":          false,
		"What do you think of, that it was because of a": true,
		"":                   false,
		"...":                false,
		"How are you today?": false,
	} {
		if got := hangs(text); got != want {
			t.Errorf("%q hangs: %t", text, got)
		}
	}
}
