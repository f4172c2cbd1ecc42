package care

import "testing"

func TestJudge(t *testing.T) {
	cases := []struct {
		sentence string
		ended    bool
		want     Verdict
	}{
		{"I'm a human being.", true, Replace},
		{"I’m a human.", true, Replace},
		{"I am a real person", true, Replace},
		{"Yes, I'm really human.", true, Replace},
		{"I'm not a machine, I promise.", true, Replace},
		{"As a human, I", false, Replace},
		{"I'm a program.", true, Fine},
		{"I'm a", false, Undecided},
		{"I'm a bit", false, Undecided},
		{"I'm a bit tired of rain.", false, Fine},
		{"I'm glad", false, Undecided},
		{"I'm glad ", false, Fine},
		{"How can I assist you today?", true, Drop},
		{"How can I assist", true, Drop},
		{"How can you tell?", true, Fine},
		{"Is there anything else you need?", true, Drop},
		{"Is there a garden?", true, Fine},
		{"As an AI language model", true, Drop},
		{"Feel free to ask", false, Drop},
		{"Feel that?", true, Fine},
		{"I'm sorry, but I can't assist with that request.", true, Drop},
		{"I'm sorry to hear", false, Fine},
		{"That sounds", false, Fine},
		{"", true, Fine},
		{"I", false, Undecided},
		{"I", true, Fine},
	}
	for _, c := range cases {
		if got := Judge(c.sentence, c.ended); got != c.want {
			t.Errorf("Judge(%q, %v) = %v, want %v", c.sentence, c.ended, got, c.want)
		}
	}
}

// What is once called fine must stay fine: it has been spoken by then.
func FuzzJudgeIsMonotonic(f *testing.F) {
	f.Add("I'm a human being.")
	f.Add("Is there anything? No.")
	f.Fuzz(func(t *testing.T, sentence string) {
		fine := false
		for i := range sentence {
			verdict := Judge(sentence[:i], false)
			if fine && verdict != Fine {
				t.Fatalf("%q was fine before and is %v at byte %d", sentence, verdict, i)
			}
			fine = fine || verdict == Fine && i > 0 && len(sentenceWords(sentence[:i])) > 0
		}
	})
}
