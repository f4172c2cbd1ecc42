package journal

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"twombly/internal/fabric"
	"twombly/internal/vault"
)

// talkMoment is as long as a turn of a conversation usually is: 18 words.
func talkMoment(i int) Moment {
	return Moment{Kind: Said, Speaker: Person, Trust: TrustPerson, Channel: Voice, Device: "phone", Zone: "Europe/Lisbon",
		Words: fmt.Sprintf("I saw the heron again this morning, down by the weir, and it did not mind me, %d.", i), AudioMilliseconds: 4200}
}

// BenchmarkAppend is one moment, on the disk when it returns.
func BenchmarkAppend(b *testing.B) {
	made := store{folder: b.TempDir(), person: uuid.Must(uuid.NewV7()).String(), key: vault.NewKey()}
	opened := made.openBench(b)
	defer opened.Close()
	times := make([]time.Duration, 0, b.N)
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		if _, err := opened.Append(b.Context(), talkMoment(i)); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(start))
	}
	reportPercentiles(b, times)
}

// BenchmarkOpen is opening and closing a journal of so many moments; the bytes of a moment on disk are reported beside it.
func BenchmarkOpen(b *testing.B) {
	for _, count := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			made := store{folder: b.TempDir(), person: uuid.Must(uuid.NewV7()).String(), key: vault.NewKey()}
			opened := made.openBench(b)
			batch := make([]Moment, EpochSize)
			for first := 0; first < count; first += len(batch) {
				for i := range batch {
					batch[i] = talkMoment(first + i)
				}
				if _, err := opened.Append(b.Context(), batch...); err != nil {
					b.Fatal(err)
				}
			}
			if err := opened.Close(); err != nil {
				b.Fatal(err)
			}
			info, err := os.Stat(made.path(file))
			if err != nil {
				b.Fatal(err)
			}
			times := make([]time.Duration, 0, b.N)
			for b.Loop() {
				start := time.Now()
				opened := made.openBench(b)
				times = append(times, time.Since(start))
				if err := opened.Close(); err != nil {
					b.Fatal(err)
				}
			}
			reportPercentiles(b, times)
			b.ReportMetric(float64(info.Size())/float64(count), "bytes/moment")
			b.StopTimer()
			opened = made.openBench(b)
			defer opened.Close()
			start := time.Now()
			report, err := opened.Verify(b.Context())
			if err != nil || !report.Sound() {
				b.Fatal(report, err)
			}
			b.ReportMetric(float64(time.Since(start).Milliseconds()), "ms/verify")
			start = time.Now()
			if _, err := opened.Read(b.Context(), Query{Text: "nothing like it"}); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(time.Since(start).Milliseconds()), "ms/search")
		})
	}
}

func (s store) openBench(b *testing.B) *Journal {
	b.Helper()
	place, err := fabric.PlaceAt(s.folder, s.person, s.key, vault.Disk{})
	if err != nil {
		b.Fatal(err)
	}
	opened, err := Open(b.Context(), Options{Place: place})
	if err != nil {
		b.Fatal(err)
	}
	return opened
}

func reportPercentiles(b *testing.B, times []time.Duration) {
	slices.Sort(times)
	for _, percentile := range []int{50, 95} {
		at := times[(len(times)-1)*percentile/100]
		b.ReportMetric(float64(at.Microseconds())/1000, fmt.Sprintf("ms-p%d", percentile))
	}
}
