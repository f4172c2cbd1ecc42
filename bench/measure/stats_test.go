package measure

import (
	"math"
	"testing"
)

func TestPercentile(t *testing.T) {
	for _, test := range []struct {
		name   string
		values []float64
		p      float64
		want   float64
	}{
		{"one", []float64{7}, 0.95, 7},
		{"median of three", []float64{3, 1, 2}, 0.5, 2},
		{"median of four", []float64{4, 1, 3, 2}, 0.5, 2.5},
		{"between neighbours", []float64{0, 10, 20, 30, 40}, 0.95, 38},
		{"least", []float64{5, 4, 6}, 0, 4},
		{"most", []float64{5, 4, 6}, 1, 6},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Percentile(test.values, test.p); math.Abs(got-test.want) > 1e-9 {
				t.Errorf("%v, want %v", got, test.want)
			}
		})
	}
	if got := Percentile(nil, 0.5); !math.IsNaN(got) {
		t.Errorf("of nothing: %v, want NaN", got)
	}
	unsorted := []float64{3, 1, 2}
	Percentile(unsorted, 0.5)
	if unsorted[0] != 3 {
		t.Error("the caller's values were sorted")
	}
}

// TestProportion compares with published values of Wilson's interval (Brown, Cai and DasGupta 2001; R's prop.test without
// correction).
func TestProportion(t *testing.T) {
	for _, test := range []struct {
		happened, n int
		low, high   float64
	}{
		{0, 10, 0, 0.2775},
		{10, 10, 0.7225, 1},
		{5, 10, 0.2366, 0.7634},
		{1, 60, 0.0030, 0.0886},
	} {
		got := Proportion(test.happened, test.n)
		if math.Abs(got.Low-test.low) > 5e-4 || math.Abs(got.High-test.high) > 5e-4 || got.N != test.n {
			t.Errorf("%d of %d: %+v, want %v to %v", test.happened, test.n, got, test.low, test.high)
		}
	}
	if got := Proportion(0, 0); got != (Interval{}) {
		t.Errorf("nothing of nothing: %+v", got)
	}
}

func TestPercentileInterval(t *testing.T) {
	values := make([]float64, 101)
	for i := range values {
		values[i] = float64(i)
	}
	got := PercentileInterval(values, 0.5)
	// The order statistics that bound the median of 101 values with 95 % confidence are the 41st and the 61st.
	if math.Abs(got.Low-40) > 4 || math.Abs(got.High-60) > 4 || got.N != 101 {
		t.Errorf("median of 0 to 100: %+v, want about 40 to 60", got)
	}
	if again := PercentileInterval(values, 0.5); again != got {
		t.Errorf("drawn twice: %+v and %+v", got, again)
	}
	same := PercentileInterval([]float64{3, 3, 3}, 0.95)
	if same.Low != 3 || same.High != 3 {
		t.Errorf("of equal values: %+v", same)
	}
}

func TestRate(t *testing.T) {
	shares := []Share{{1, 10}, {0, 30}, {3, 60}}
	if got := Rate(shares); math.Abs(got-0.04) > 1e-9 {
		t.Errorf("%v, want 0.04: sums are divided, not rates averaged", got)
	}
	interval := RateInterval(shares)
	if interval.Low > 0.04 || interval.High < 0.04 || interval.High > 0.1 || interval.N != 3 {
		t.Errorf("%+v does not hold 0.04 within 0 to 0.1", interval)
	}
}
