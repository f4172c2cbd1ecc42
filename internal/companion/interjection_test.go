package companion

import "testing"

func TestInterjectionsAreNotRead(t *testing.T) {
	for _, test := range []struct {
		name, words string
		cut         bool
		want        string
	}{
		{"in the middle", "It was a dark night. " + LostThread + " The wind rose.", false, "It was a dark night. The wind rose."},
		{"twice", LostThread + " " + LostThread + " Yes.", false, "Yes."},
		{"alone", NoThought, false, ""},
		{"cut in it", "It was a dark night. Sorry, something in me just st", true, "It was a dark night."},
		{"too little to know it", "It was a dark night. Sorry,", true, "It was a dark night. Sorry,"},
		{"words that only resemble it", "Sorry, something in me laughed.", false, "Sorry, something in me laughed."},
		{"not cut", "Sorry, something in me", false, "Sorry, something in me"},
		{"none", "Good morning.", true, "Good morning."},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := withoutInterjections(test.words, test.cut); got != test.want {
				t.Errorf("%q, not %q", got, test.want)
			}
		})
	}
}
