package measure

import (
	"strings"
	"testing"
)

func TestFindSeam(t *testing.T) {
	const said = "the old lighthouse stood on the rock and nobody knew who had built it"
	for name, c := range map[string]struct {
		before, after string
		want          Seam
	}{
		"nothing is amiss":          {"the old lighthouse stood", "on the rock and nobody knew who had built it", Seam{Heard: 14}},
		"a word is repeated":        {"the old lighthouse stood", "stood on the rock and nobody knew who had built it", Seam{Repeated: 1, Heard: 14}},
		"a word is lost":            {"the old lighthouse stood", "the rock and nobody knew who had built it", Seam{Lost: 1, Heard: 14}},
		"two are lost":              {"the old lighthouse stood", "rock and nobody knew who had built it", Seam{Lost: 2, Heard: 14}},
		"a word is misheard":        {"the old light stood", "on the rock and nobody knew who had built it", Seam{Heard: 14}},
		"lost, but somewhere else":  {"the old lighthouse stood", "on the rock and nobody who had built it", Seam{Heard: 14}},
		"the rest was not said":     {"the old lighthouse", "stood on the rock", Seam{Heard: 7}},
		"the pause is at the end":   {"the old lighthouse", "", Seam{Heard: 3}},
		"the pause is at the start": {"", "the old lighthouse", Seam{Heard: 3}},
		"nothing was heard":         {"", "", Seam{}},
	} {
		got := FindSeam(strings.Fields(said), strings.Fields(c.before), strings.Fields(c.after))
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
