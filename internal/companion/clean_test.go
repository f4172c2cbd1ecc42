package companion

import (
	"strings"
	"testing"

	"twombly/internal/care"
)

// clean runs a whole answer through a cleaner in pieces of n bytes.
func clean(answer string, n, sentences int, name string) string {
	c := cleaner{sentences: sentences, name: name}
	var out strings.Builder
	for i := 0; i < len(answer); i += n {
		text, done := c.push(answer[i:min(len(answer), i+n)])
		out.WriteString(text)
		if done {
			return out.String()
		}
	}
	return out.String() + c.flush()
}

func TestClean(t *testing.T) {
	cases := map[string]struct {
		answer, want string
		sentences    int
		name         string
	}{
		"plain":              {answer: "Oh no. What happened?", want: "Oh no. What happened?"},
		"markdown":           {answer: "**Bold** and _soft_ and `code`.", want: "Bold and soft and code."},
		"heading and bullet": {answer: "# Title\n* one\n", want: "Title one "},
		"stage direction":    {answer: "*smiles warmly* Hello you.", want: "Hello you."},
		"aside":              {answer: "Well (laughs) that was odd.", want: "Well that was odd."},
		"emoji":              {answer: "Lovely 😀 day ☀️!", want: "Lovely day !"},
		"own name":           {answer: "Ada: Hi there.", want: "Hi there.", name: "Ada"},
		"she":                {answer: "She: Hi there.", want: "Hi there."},
		"she is a word":      {answer: "She said so.", want: "She said so."},
		"servile end":        {answer: "That is sad. How can I assist you today?", want: "That is sad. "},
		"servile middle":     {answer: "Hm. Feel free to ask me. What next?", want: "Hm. What next?"},
		"claims to be human": {answer: "I'm a human being, you know. Really.", want: care.HonestAnswer + " Really."},
		"at most two":        {answer: "One. Two! Three? Four.", want: "One. Two! ", sentences: 2},
		"mister":             {answer: "Mr. Dash and Dr. No came. They left.", want: "Mr. Dash and Dr. No came. ", sentences: 1},
		"decimal":            {answer: "It is 3.5 miles. Far.", want: "It is 3.5 miles. ", sentences: 1},
		"line breaks":        {answer: "One line.\n\nAnother.", want: "One line. Another."},
		"quotation":          {answer: `He said "go" twice.`, want: "He said go twice."},
		"unclosed aside":     {answer: "Well (laughs", want: "Well "},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{1, 2, 3, 7, 1000} {
				if got := clean(c.answer, n, c.sentences, c.name); got != c.want {
					t.Errorf("in pieces of %d: %q, want %q", n, got, c.want)
				}
			}
		})
	}
}

// However the answer is cut into pieces, the same comes out, and none of what is not spoken.
func FuzzClean(f *testing.F) {
	f.Add("Hello *waves* there. I'm a human. (no) é 😀", 3)
	f.Fuzz(func(t *testing.T, answer string, n int) {
		if n < 1 || n > 50 {
			n = 1
		}
		whole, pieces := clean(answer, len(answer)+1, 0, "Ada"), clean(answer, n, 0, "Ada")
		if whole != pieces {
			t.Fatalf("whole %q, in pieces of %d %q", whole, n, pieces)
		}
		if strings.ContainsAny(whole, "*_`#()[]<>\n\r\t") {
			t.Fatalf("%q holds what is not spoken", whole)
		}
	})
}
