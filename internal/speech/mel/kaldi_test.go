package mel

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"
)

// kaldiSound is the sound of testdata/kaldi.json: a chirp that swells, and a little noise of a linear congruential generator.
func kaldiSound() []float32 {
	sound := make([]float32, 3*Rate/10)
	state := int64(12345)
	for i := range sound {
		t := float64(i) / Rate
		state = (1103515245*state + 12345) % (1 << 31)
		noise := float64(state)/(1<<31) - 0.5
		sound[i] = float32(0.3*math.Sin(2*math.Pi*(200*t+4000*t*t))*(0.5+0.5*math.Sin(2*math.Pi*3*t)) + 0.02*noise)
	}
	return sound
}

// TestKaldi compares with features that kaldi-native-fbank 1.23.0 (PyPI) made of the same sound: dither 0, Hamming window, 80 bands, samples
// times 32768.
func TestKaldi(t *testing.T) {
	text, err := os.ReadFile("testdata/kaldi.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Columns int
		Rows    map[string][]float64
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	features := NewKaldi().Features(kaldiSound())
	if len(features) != want.Columns*Bands || len(want.Rows) == 0 {
		t.Fatalf("%d features, not %d columns", len(features), want.Columns)
	}
	for name, row := range want.Rows {
		column, err := strconv.Atoi(name)
		if err != nil {
			t.Fatal(err)
		}
		for band, value := range row {
			if got := float64(features[column*Bands+band]); math.Abs(got-value) > 2e-3 {
				t.Errorf("column %d, band %d: %.4f, not %.4f", column, band, got, value)
			}
		}
	}
}

// TestKaldiShort: what is shorter than a piece has no column.
func TestKaldiShort(t *testing.T) {
	for samples, columns := range map[int]int{0: 0, 399: 0, 400: 1, 559: 1, 560: 2} {
		if got := len(NewKaldi().Features(make([]float32, samples))); got != columns*Bands {
			t.Errorf("%d samples: %d features, not %d columns", samples, got, columns)
		}
	}
}
