package normalize

import (
	"strings"
	"testing"
)

func TestReading(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "",
		"   ":                       "",
		"Mon. 5 Jan.":               "Monday the fifth of January",
		"I may go in May.":          "I may go in May",
		"March on the 3rd of March": "March on the third of March",
		"J.R.R. Tolkien wrote it. In the U.S. The sun rose.": "J R R Tolkien wrote it In the U S The sun rose",
		"A plan, plan A, a B, and A":                         "a plan plan A a B and A",
		"Charles I think, Charles I.":                        "Charles I think Charles the first",
		"It is 5 m. Then 5 min. more":                        "It is five meters Then five minutes more",
		"5 in the morning":                                   "five in the morning",
		"I have 2 c's and 3 x's":                             "I have two C's and three X's",
		"20-30 people, 1-2-3":                                "twenty to thirty people one two three",
		"Q3 2025 and H1":                                     "Q three twenty twenty five and H one",
		"10 000 or 10,000":                                   "ten thousand or ten thousand",
		"0.5% of 1.5m":                                       "zero point five percent of one point five meters",
		"the 70B model":                                      "the seventy B model",
		"$5m–$10m":                                           "five million to ten million dollars",
		"a $2 billion company":                               "a two billion dollar company",
		"She's 5′10″.":                                       "She's five foot ten",
		"(see [1])":                                          "see one",
		"word[1] and word":                                   "word and word",
		"---\ntitle\n---":                                    "title",
		"| a | b |\n|---|---|\n| c | d |":                    "a B C D",
		"```go\nx := 1\n```\nDone.":                          "Done",
		"I'm :) fine ;-)":                                    "I'm fine",
		"go to x.com.":                                       "go to X dot com",
		"end.It begins":                                      "end It begins",
		"snake_case and kebab-case":                          "snake case and kebab-case",
		"McDonald and YouTube":                               "McDonald and You-Tube",
		"WHO says IT is US policy":                           "W H O says I T is U S policy",
		"WHAT IS IT?":                                        "what is it",
		"Привет αβ π":                                        "Привет αβ pi",
		"１２ and ٣":                                           "twelve and three",
		"1234567890123456789":                                "one two three four five six seven eight nine zero one two three four five six seven eight nine",
		"101 1001 1100 110,011":                              "one hundred one one thousand one eleven hundred one hundred ten thousand eleven",
		"1st-class 2nd":                                      "first class second",
		"4/5 and 3/8 and 7/20":                               "four fifths and three eighths and seven out of twenty",
		"9 a.m.":                                             "nine A M",
		"24:00 and 00:00 and 13:05":                          "twenty four hundred and midnight and thirteen oh five",
		"2026-11-24T07:45:00Z":                               "November twenty fourth twenty twenty six at seven forty five",
	} {
		if got := Reading(Text(text)); got != want {
			t.Errorf("%q:\n  %q, want\n  %q", text, got, want)
		}
	}
}

// TestTokens checks that each written word keeps its place.
func TestTokens(t *testing.T) {
	text := "On 24 Nov. 2026, $2 billion!"
	var got []string
	for _, token := range Text(text) {
		got = append(got, text[token.Start:token.End]+"="+strings.Join(token.Words, " ")+token.Mark)
	}
	want := "On=On|24=the twenty fourth of|Nov.=November|2026=twenty twenty six|,=,|$2=two|billion=billion dollars|!=!"
	if joined := strings.Join(got, "|"); joined != want {
		t.Errorf("%s, want\n%s", joined, want)
	}
}

func TestStressed(t *testing.T) {
	for text, want := range map[string]string{
		"it is NOT so": "NOT", "it is *not* so": "not", "it is **not so** now": "not so", "NASA is": "NASA", "a * b * c": "",
		"my_var_name": "", "5*6*7": "",
	} {
		var got []string
		for _, token := range Text(text) {
			if token.Stressed {
				got = append(got, text[token.Start:token.End])
			}
		}
		if joined := strings.Join(got, " "); joined != want {
			t.Errorf("%q: stressed %q, want %q", text, joined, want)
		}
	}
}

func TestMarks(t *testing.T) {
	for text, want := range map[string]string{
		"a, b; c: d. e! f? g… h — i": ",;:.!?…—",
		"wait...what?!":              "…?",
		`"yes" (no)`:                 "“”()",
		"# Title\n\nText":            ".",
		"- one\n- two\n- three":      "..",
		"line one\nline two":         "",
		"well-known – word--word -x": "——",
		"はい。そう，か":                    ".,",
	} {
		got := ""
		for _, token := range Text(text) {
			got += token.Mark
		}
		if got != want {
			t.Errorf("%q: marks %q, want %q", text, got, want)
		}
	}
}

// TestLongTexts reads 5 kB of what makes careless scanners quadratic; the test's own time limit is the check.
func TestLongTexts(t *testing.T) {
	for _, piece := range []string{"a.", "*a ", "[a", "```\n", "<!--", "1.", "1-", "/a", "\"5'", "_", "`", "a@", "Jan ", " ", "x", "№", "😀\u200d", "(1"} {
		text := strings.Repeat(piece, 5_000/len(piece))
		tokens := Text(text)
		if n := len(tokens); n > 0 && tokens[n-1].End > len(text) {
			t.Errorf("%q: a token ends at %d", piece, tokens[n-1].End)
		}
	}
}
