package main

import (
	"strings"
	"testing"

	"twombly/internal/mind/discover"
)

func TestOtherMindsAreNamed(t *testing.T) {
	var out strings.Builder
	sayOtherMinds(&out, nil)
	if out.Len() > 0 {
		t.Errorf("without any, it says %q", out.String())
	}
	sayOtherMinds(&out, []discover.Server{
		{Name: "Ollama", Models: []string{"a", "b", "c", "d", "e"}},
		{Name: "LM Studio"},
	})
	for _, want := range []string{"Ollama runs on this machine, with a, b, c and 2 more.", "LM Studio runs on this machine, with no model yet.", "choose another"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in %q", want, out.String())
		}
	}
}
