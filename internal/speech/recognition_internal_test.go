package speech

import (
	"strings"
	"testing"
)

func TestSeam(t *testing.T) {
	for name, test := range map[string]struct {
		settled, words string
		dropped        int
	}{
		"exact":             {"we had nothing before us", "before us we were all going", 2},
		"marks and case":    {"It was the age of wisdom.", "Of wisdom, it was the age of foolishness", 2},
		"repeated phrase":   {"it was the age of wisdom", "age of wisdom it was the age of foolishness it was", 3},
		"first word cut":    {"so far like the present period", "zent period that some of its noisiest", 2},
		"last word cut":     {"that some of its noi", "of its noisiest authorities insisted on being", 3},
		"nothing in common": {"the epoch of incredulity", "it seemed a season", 0},
		"nothing settled":   {"", "it was a season", 0},
		"nothing new":       {"it was a season", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			words := strings.Fields(test.words)
			if got := seam(strings.Fields(test.settled), words, len(words)*HearingRate/3); got != test.dropped {
				t.Errorf("%d words dropped, not %d", got, test.dropped)
			}
		})
	}
}

func TestLocalAgreement(t *testing.T) {
	var r Recognition
	r.Add(make([]float32, HearingRate))
	for _, step := range []struct{ text, stable, whole string }{
		{"I want.", "", "I want."},
		{"I want to go", "I want", "I want to go"},
		{"I want to grow tomatoes", "I want to", "I want to grow tomatoes"},
		{"i want to grow Tomatoes in", "I want to grow Tomatoes", "I want to grow Tomatoes in"},
		// The net changes its mind about a stable word: it stays, and nothing is doubled or lost behind it.
		{"I went to grow tomatoes in May and", "I want to grow Tomatoes in", "I want to grow Tomatoes in May and"},
		{"I want grow tomatoes in May and June", "I want to grow Tomatoes in May and", "I want to grow Tomatoes in May and June"},
	} {
		if window, settles := r.Window(); len(window) != HearingRate || settles {
			t.Fatalf("%d samples asked, settling %v", len(window), settles)
		}
		r.Take(step.text)
		if r.Stable() != step.stable || r.Whole() != step.whole {
			t.Errorf("after %q: stable %q, whole %q; want %q and %q", step.text, r.Stable(), r.Whole(), step.stable, step.whole)
		}
	}
	r.Pause(false)
	if _, settles := r.Window(); settles {
		t.Error("a pause after one second settled the window")
	}
	r.Pause(true)
	if window, settles := r.Window(); len(window) != HearingRate || !settles {
		t.Fatalf("the end: %d samples asked, settling %v", len(window), settles)
	}
	r.Take("I want to grow tomatoes in May, and June.")
	if want := "I want to grow Tomatoes in May and June."; r.Whole() != want || r.Stable() != want || r.Open() != 0 {
		t.Errorf("the end: %q, stable %q, %d samples open", r.Whole(), r.Stable(), r.Open())
	}
	if window, _ := r.Window(); len(window) != 0 {
		t.Errorf("behind the end %d samples are asked", len(window))
	}
}

func TestWindowsStayShort(t *testing.T) {
	var r Recognition
	total, settled := 0, 0
	for range 100 {
		r.Add(make([]float32, HearingRate/2))
		total += HearingRate / 2
		for {
			window, settles := r.Window()
			if len(window) > windowLongest {
				t.Fatalf("a window of %d samples", len(window))
			}
			before := r.Open()
			r.Take("word")
			settled += before - r.Open()
			if !settles {
				break
			}
		}
	}
	if settled+r.Open() != total || r.Open() > windowLongest {
		t.Errorf("%d samples settled and %d open of %d", settled, r.Open(), total)
	}
}

func TestLoopLength(t *testing.T) {
	for name, test := range map[string]struct {
		tokens []int
		want   int
	}{
		"none":        {[]int{1, 2, 3, 4, 5}, 0},
		"three times": {[]int{9, 7, 7, 7}, 0},
		"four times":  {[]int{9, 7, 7, 7, 7}, 3},
		"a phrase":    {[]int{9, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3}, 9},
		"not the end": {[]int{7, 7, 7, 7, 8}, 0},
	} {
		if got := loopLength(test.tokens); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}

func FuzzTokenizer(f *testing.F) {
	f.Add([]byte{1, 'a', 0, 2, 'b', 'c'})
	f.Add([]byte{128, 1, 'x'})
	f.Add([]byte{200})
	f.Add([]byte{6, '<', '0', 'x', '4', '1', '>'})
	f.Fuzz(func(t *testing.T, data []byte) {
		tokens, err := parseTokenizer(data)
		if err != nil {
			return
		}
		ids := []int{-1, len(tokens.pieces)}
		for i := range tokens.pieces {
			ids = append(ids, i)
		}
		if text := tokens.text(ids); text != strings.TrimSpace(text) {
			t.Errorf("%q is not trimmed", text)
		}
	})
}
