package audio

import (
	"errors"
	"math"
	"testing"
)

func TestPCM16(t *testing.T) {
	for _, test := range []struct {
		in   float32
		want int16
	}{
		{0, 0}, {1, 32767}, {-1, -32768}, {2, 32767}, {-7, -32768}, {0.5, 16384}, {float32(math.NaN()), 0},
		{float32(math.Inf(1)), 32767}, {float32(math.Inf(-1)), -32768}, {0.99999, 32767},
	} {
		if got := ToInt16(test.in); got != test.want {
			t.Errorf("ToInt16(%v) = %d, want %d", test.in, got, test.want)
		}
	}
	every := make([]byte, 0, 1<<17)
	for value := math.MinInt16; value <= math.MaxInt16; value++ {
		every = append(every, byte(uint16(value)), byte(uint16(value)>>8))
	}
	samples, err := DecodePCM16(nil, every)
	if err != nil {
		t.Fatal(err)
	}
	if back := AppendPCM16(nil, samples); string(back) != string(every) {
		t.Error("16-bit values do not survive the way to float and back")
	}
	kept := []float32{1}
	if got, err := DecodePCM16(kept, []byte{1, 2, 3}); !errors.Is(err, ErrOddLength) || len(got) != 1 {
		t.Errorf("odd length: %v, %v", got, err)
	}
}
