package clause

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// byToken cuts a text as language models do: a word with the space before it, marks apart.
func byToken(text string) []string {
	var tokens []string
	start := 0
	for i, r := range text {
		if i > start && (r == ' ' || strings.ContainsRune(",;:?!", r)) {
			tokens = append(tokens, text[start:i])
			start = i
		}
	}
	return append(tokens, text[start:])
}

func split(s *Splitter, pieces []string) []string {
	var clauses []string
	for _, piece := range pieces {
		clauses = append(clauses, s.Push(piece)...)
	}
	return append(clauses, s.Flush()...)
}

// TestClauses holds texts with | where they are cut.
func TestClauses(t *testing.T) {
	for _, want := range []string{
		"Yes.",
		"Yes. |I do.",
		"I think |we should leave |before the rain comes.",
		"I think |that the weather |will be lovely tomorrow.",
		"The weather |in Lisbon is lovely |at this time of year.",
		"Well, that sounds |like a wonderful plan, |and I would love to hear |more about it.",
		"Oh, how lovely! |Tell me more about her.",
		"Good morning, |Ada. |Did you sleep well?",
		"Dr. Smith called |at 7:45 p.m. and asked |for you.",
		"It costs $3.50 |at the shop.",
		"We met |on Nov. 24, 2026, |in Lisbon.",
		"No. |I never said so.",
		"No. 5 is alive.",
		"Call me |at (555) 123-4567 |when you can.",
		"My favourite |is Leonardo da Vinci |because he never finished anything.",
		"Have a look |at https://example.com/a,b?c=d when you can.",
		"She said |\"I am here\" and smiled.",
		"First line\n|Second line here\n|Third",
		"I waited—|and then he came.",
		"One moment—|let me look.",
		"Well… |I don't know.",
		"It was J. R. R. Tolkien |who wrote it.",
		"1. Open the lid. |2. Pour the water.",
		"About 5 km |from here |there is a lovely old mill |that was built in 1820.",
		"I love the sea.",
		"Of course! |I can help |you with that.",
		"Hm, that's a lovely way |to put it.",
		"Mm. Go on.",
		"Oh. Oh, um, really?",
		"Hm.",
		"I know. |Hm. |Let me think.",
	} {
		t.Run(want, func(t *testing.T) {
			text := strings.ReplaceAll(want, "|", "")
			got := strings.Join(split(&Splitter{}, byToken(text)), "|")
			got = strings.ReplaceAll(got, "| ", " |") // on which side of the cut the space is does not matter
			if got != want {
				t.Errorf("cut as\n  %q, want\n  %q", got, want)
			}
		})
	}
}

func TestCut(t *testing.T) {
	for _, want := range []string{
		"", "\"", "Yes.", "I think |that the weather |will be lovely tomorrow. \"", " and then he came—|\"so late.\" |And went.",
	} {
		clauses := Cut(strings.ReplaceAll(want, "|", ""))
		if got := strings.Join(clauses, "|"); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

// TestDecidedEarly checks after which token the first clause is known.
func TestDecidedEarly(t *testing.T) {
	for _, test := range []struct {
		text   string
		tokens int
		clause string
	}{
		{"Sure thing, I will look", 3, "Sure thing,"},
		{"Really? That is new", 2, "Really?"},
		{"Sure. I will", 2, "Sure. "},
		{"I think that it rains", 4, "I think "},
	} {
		s := &Splitter{}
		for i, token := range byToken(test.text) {
			got := s.Push(token)
			if len(got) == 0 {
				continue
			}
			if i+1 != test.tokens || got[0] != test.clause {
				t.Errorf("%q: clause %q after %d tokens, want %q after %d", test.text, got[0], i+1, test.clause, test.tokens)
			}
			break
		}
	}
}

func TestFirstAtPunctuation(t *testing.T) {
	s := &Splitter{FirstAtPunctuation: 1}
	if got := s.Push("Well, I"); !slices.Equal(got, []string{"Well, "}) {
		t.Errorf("got %q", got)
	}
}

func TestFlushStartsAnew(t *testing.T) {
	s := &Splitter{}
	text := "I think that the weather will be lovely tomorrow, and the day after."
	first := split(s, byToken(text))
	if second := split(s, byToken(text)); !slices.Equal(first, second) {
		t.Errorf("second text cut as %q, first as %q", second, first)
	}
}

// TestNeverInside cuts texts whose inner parts belong together, at every pair of pieces.
func TestNeverInside(t *testing.T) {
	for _, whole := range []string{
		"1,234,567.89", "3.14", "7:45 pm", "7:45 p.m.", "24 Nov 2026", "Nov. 24, 2026", "$2 billion", "20 °C",
		"e.g. apples", "Dr. Smith", "St. Mary", "New York City", "University of Oxford", "ada@example.com",
		"https://example.com/a,b;c?d=e!f", "U.S. economy", "555 123 4567", "No. 10", "twenty five", "half past seven",
	} {
		text := "Yesterday I told you about " + whole + " and about many other things."
		inside := strings.Index(text, whole)
		for size := 1; size <= len(text); size++ {
			var pieces []string
			for rest := text; rest != ""; {
				n := min(size, len(rest))
				pieces = append(pieces, rest[:n])
				rest = rest[n:]
			}
			at := 0
			for _, clause := range split(&Splitter{}, pieces) {
				at += len(clause)
				if at > inside && at < inside+len(whole) {
					t.Errorf("pieces of %d bytes: %q was cut after %q", size, whole, text[:at])
				}
			}
		}
	}
}

func TestLongTextWithoutBordersIsBounded(t *testing.T) {
	s := &Splitter{}
	for range 100_000 {
		for _, clause := range s.Push("é,"[:2]) {
			if len(clause) > maxBytes || !utf8.ValidString(clause) {
				t.Fatalf("clause of %d bytes, valid %v", len(clause), utf8.ValidString(clause))
			}
		}
	}
	if held := len(s.pending); held > maxBytes {
		t.Errorf("holds back %d bytes", held)
	}
}

func FuzzSplitter(f *testing.F) {
	f.Add("Hello there, I am here. Are you — perhaps — well?", 3)
	f.Add("1. **Bold** [a link](http://x.y/z) `code here`\n- item", 1)
	f.Add("\xff\xfe é 日本語。はい，そう", 2)
	f.Add(" \n\t ", 1)
	f.Fuzz(func(t *testing.T, text string, size int) {
		size = max(1, size%50)
		s := &Splitter{}
		var all strings.Builder
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			for _, clause := range s.Push(rest[:n]) {
				if clause == "" || len(clause) > maxBytes {
					t.Fatalf("clause of %d bytes", len(clause))
				}
				all.WriteString(clause)
			}
			rest = rest[n:]
		}
		for _, clause := range s.Flush() {
			all.WriteString(clause)
		}
		if all.String() != text {
			t.Fatalf("concatenated %q, want %q", all.String(), text)
		}
		if left := s.Flush(); left != nil {
			t.Fatalf("a second Flush gave %q", left)
		}
	})
}

// BenchmarkWorst pushes marks that never end a clause, a byte at a time.
func BenchmarkWorst(b *testing.B) {
	s := &Splitter{}
	for b.Loop() {
		s.Push("*")
	}
}

// BenchmarkProse pushes a token of ordinary text.
func BenchmarkProse(b *testing.B) {
	s := &Splitter{}
	tokens := byToken("I think that the weather will be lovely tomorrow, and the day after it may rain a little. ")
	for i := 0; b.Loop(); i++ {
		s.Push(tokens[i%len(tokens)])
	}
}
