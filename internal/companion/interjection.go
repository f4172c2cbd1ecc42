package companion

import "strings"

// What she says when something in her stops: plain, and honest about being a machine. No mind wrote these sentences, and
// none reads them later: a small one takes them for her manner and says them again.
const (
	LostThread = "Sorry, something in me just stopped. Give me a moment."
	VoiceLost  = "Sorry, my voice just went. One moment."
	NoThought  = "I can't think right now. Please try me again in a little while."
	StillHere  = "I'm still here. This takes me longer than usual."
)

// leastInterjection is how many bytes of such a sentence, cut by an interruption, are known for it.
const leastInterjection = 12

// withoutInterjections returns her words without those sentences; with cut, their end may be missing.
func withoutInterjections(words string, cut bool) string {
	for _, said := range []string{LostThread, VoiceLost, NoThought, StillHere} {
		for {
			before, after, found := strings.Cut(words, said)
			if !found {
				break
			}
			words = join(before, after)
		}
		if !cut {
			continue
		}
		for length := len(said) - 1; length >= leastInterjection; length-- {
			if before, found := strings.CutSuffix(words, said[:length]); found {
				words = strings.TrimSpace(before)
				break
			}
		}
	}
	return words
}

// join puts two stretches of words together with one space between them.
func join(before, after string) string {
	return strings.TrimSpace(strings.TrimSpace(before) + " " + strings.TrimSpace(after))
}
