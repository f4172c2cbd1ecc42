package impair_test

import (
	"context"
	"encoding/binary"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"twombly/internal/realtime/impair"
)

// TestLink counts what a link does to 10,000 packets, 20 ms apart.
func TestLink(t *testing.T) {
	for _, options := range []impair.Options{
		{}, {Loss: 0.02, Seed: 1}, {Jitter: 30 * time.Millisecond, Seed: 2}, {Loss: 0.1, Jitter: 100 * time.Millisecond, Seed: 3},
	} {
		synctest.Test(t, func(t *testing.T) {
			const count = 10000
			began := time.Now()
			var late, most time.Duration
			var arrived, overtaken int
			last := -1
			link := impair.New(options, func(packet []byte) {
				number := int(binary.BigEndian.Uint32(packet))
				after := time.Since(began) - time.Duration(number)*20*time.Millisecond
				late, most = late+after, max(most, after)
				if number < last {
					overtaken++
				}
				last = max(last, number)
				arrived++
			})
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() {
				defer close(done)
				link.Run(ctx)
			}()
			for number := range count {
				link.Send(binary.BigEndian.AppendUint32(nil, uint32(number)))
				time.Sleep(20 * time.Millisecond)
			}
			time.Sleep(time.Second)
			cancel()
			<-done
			if loss := 1 - float64(arrived)/count; math.Abs(loss-options.Loss) > 0.01 {
				t.Errorf("%+v: loss %.3f", options, loss)
			}
			if mean := late / time.Duration(arrived); most > options.Jitter || (mean-options.Jitter/2).Abs() > options.Jitter/20 {
				t.Errorf("%+v: late by %v, at most %v", options, mean, most)
			}
			if (overtaken > 0) != (options.Jitter > 20*time.Millisecond) {
				t.Errorf("%+v: %d overtaken", options, overtaken)
			}
			if s := link.Stats(); s.Passed != arrived || s.Lost != count-arrived {
				t.Errorf("%+v", s)
			}
		})
	}
}
