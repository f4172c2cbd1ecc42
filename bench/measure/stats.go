package measure

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Interval is where a value lies with 95 % confidence, and how many observations say so.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	N    int     `json:"n"`
}

// resamples is how often a bootstrap draws; its seed is fixed, so that equal observations give equal intervals.
const resamples = 2000

// Percentile is the value that a share p (0 to 1) of the values do not exceed, interpolated between neighbours
// (Hyndman and Fan's type 7, as R and NumPy do). NaN without values.
func Percentile(values []float64, p float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	place := p * float64(len(sorted)-1)
	below := int(math.Floor(place))
	above := min(below+1, len(sorted)-1)
	return sorted[below] + (place-float64(below))*(sorted[above]-sorted[below])
}

// Median is the 50th percentile.
func Median(values []float64) float64 { return Percentile(values, 0.5) }

// PercentileInterval is the bootstrap interval of a percentile: the middle 95 % of the percentiles of samples drawn from
// the values with replacement (Efron 1979).
func PercentileInterval(values []float64, p float64) Interval {
	return bootstrap(len(values), func(draw func() int) float64 {
		drawn := make([]float64, len(values))
		for i := range drawn {
			drawn[i] = values[draw()]
		}
		return Percentile(drawn, p)
	})
}

// Share is one unit of a rate: so many of so many, such as the word errors in one sentence.
type Share struct {
	Of  float64 `json:"of"`
	All float64 `json:"all"`
}

// Rate is the sum of all Of over the sum of all All. NaN when there is nothing.
func Rate(shares []Share) float64 {
	var of, all float64
	for _, share := range shares {
		of, all = of+share.Of, all+share.All
	}
	return of / all
}

// RateInterval is the bootstrap interval of Rate over whole units, because errors in one sentence are not independent.
func RateInterval(shares []Share) Interval {
	return bootstrap(len(shares), func(draw func() int) float64 {
		drawn := make([]Share, len(shares))
		for i := range drawn {
			drawn[i] = shares[draw()]
		}
		return Rate(drawn)
	})
}

// bootstrap draws n of n units many times and takes the middle 95 % of a statistic.
func bootstrap(n int, statistic func(draw func() int) float64) Interval {
	if n == 0 {
		return Interval{}
	}
	random := rand.New(rand.NewPCG(20261124, uint64(n)))
	outcomes := make([]float64, resamples)
	for i := range outcomes {
		outcomes[i] = statistic(func() int { return random.IntN(n) })
	}
	return Interval{Low: Percentile(outcomes, 0.025), High: Percentile(outcomes, 0.975), N: n}
}

// Proportion is the interval of a share of independent yes-or-no outcomes (Wilson 1927), which also says something when
// none or all of them happened.
func Proportion(happened, n int) Interval {
	if n == 0 {
		return Interval{}
	}
	const z = 1.959963985
	share, count := float64(happened)/float64(n), float64(n)
	middle := share + z*z/(2*count)
	spread := z * math.Sqrt(share*(1-share)/count+z*z/(4*count*count))
	scale := 1 + z*z/count
	return Interval{Low: max(0, (middle-spread)/scale), High: min(1, (middle+spread)/scale), N: n}
}
