package clause

import (
	"slices"
	"strings"
	"testing"
)

// TestBeforeDeterminer: where a clause must end and nothing better comes, what is named stays together.
func TestBeforeDeterminer(t *testing.T) {
	for text, want := range map[string]string{
		"They moved the old clock from the hall.":          "They moved|the old clock|from the hall.",
		"Please put the heavy books on the lower shelf.":   "Please put|the heavy books|on the lower shelf.",
		"Take the narrow wooden stairs up to the gallery.": "Take the narrow wooden|stairs up to the gallery.",
	} {
		var splitter Splitter
		clauses := append(splitter.Push(text), splitter.Flush()...)
		for i := range clauses {
			clauses[i] = strings.TrimSpace(clauses[i])
		}
		if got := strings.Join(clauses, "|"); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
		if slices.Contains(clauses, "") {
			t.Errorf("%q: an empty clause in %q", text, clauses)
		}
	}
}
