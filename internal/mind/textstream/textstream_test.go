package textstream

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPush(t *testing.T) {
	for _, test := range []struct {
		name    string
		stops   []string
		pushes  []string
		want    []string // what each push gives, then what Flush gives
		stopped bool
	}{
		{"plain", nil, []string{"Hel", "lo"}, []string{"Hel", "lo", ""}, false},
		{"half a rune waits", nil, []string{"a\xc3", "\xa9b"}, []string{"a", "éb", ""}, false},
		{"four bytes one by one", nil, []string{"\xf0", "\x9f", "\x9a", "\x80"}, []string{"", "", "", "🚀", ""}, false},
		{"an unfinished rune is dropped", nil, []string{"a\xf0\x9f"}, []string{"a", ""}, false},
		{"what is no rune is shown as such", nil, []string{"a\xffb", "\x80"}, []string{"a\uFFFDb", "\uFFFD", ""}, false},
		{"stop in one push", []string{"END"}, []string{"one ENDtwo"}, []string{"one "}, true},
		{"stop over pushes", []string{"END"}, []string{"one E", "N", "D two"}, []string{"one ", "", ""}, true},
		{"not the stop after all", []string{"END"}, []string{"one E", "N", "OUGH"}, []string{"one ", "", "ENOUGH", ""}, false},
		{"held to the end", []string{"END"}, []string{"one EN"}, []string{"one ", "EN"}, false},
		{"the first stop counts", []string{"b", "a"}, []string{"xaxb"}, []string{"x"}, true},
		{"a stop begins anew within itself", []string{"aab"}, []string{"aa", "ab"}, []string{"", "a"}, true},
		{"empty stops are none", []string{""}, []string{"x"}, []string{"x", ""}, false},
		{"stop that ends in a rune", []string{"né"}, []string{"n\xc3", "\xa9"}, []string{"", ""}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			stream := New(test.stops)
			var got []string
			stopped := false
			for _, push := range test.pushes {
				var text string
				text, stopped = stream.Push([]byte(push))
				got = append(got, text)
				if stopped {
					break
				}
			}
			if !stopped {
				got = append(got, stream.Flush())
			}
			if strings.Join(got, "|") != strings.Join(test.want, "|") || stopped != test.stopped {
				t.Errorf("got %q, stopped %v; want %q, stopped %v", got, stopped, test.want, test.stopped)
			}
		})
	}
}

func FuzzPush(f *testing.F) {
	f.Add([]byte("one END two"), "END", uint8(3))
	f.Add([]byte("a\xc3\xa9\xf0\x9f\x9a\x80"), "é", uint8(1))
	f.Add([]byte("aaaab"), "aab", uint8(2))
	f.Fuzz(func(t *testing.T, text []byte, stop string, size uint8) {
		stream := New([]string{stop})
		var given strings.Builder
		stopped := false
		step := int(size)%7 + 1
		for rest := text; len(rest) > 0 && !stopped; {
			n := min(step, len(rest))
			var part string
			part, stopped = stream.Push(rest[:n])
			given.WriteString(part)
			if !utf8.ValidString(part) {
				t.Fatalf("%q is not UTF-8", part)
			}
			rest = rest[n:]
		}
		if !stopped {
			given.WriteString(stream.Flush())
		}
		before, _, found := strings.Cut(string(text), stop)
		if stop == "" || !utf8.ValidString(stop) {
			before, found = string(text), false
		}
		if found != stopped {
			t.Fatalf("stopped %v, but the stop string is there: %v", stopped, found)
		}
		if utf8.ValidString(before) && given.String() != before {
			t.Fatalf("gave %q of %q", given.String(), before)
		}
	})
}
