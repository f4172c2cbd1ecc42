package progress

import (
	"io"
	"sync"
	"testing"
	"time"
)

// Drawing and updating at the same time, as they are in life: once the one waited for the other.
func TestBarsUnderLoad(t *testing.T) {
	bars := newBars(io.Discard, time.Millisecond)
	var all sync.WaitGroup
	for range 4 {
		bar := bars.Begin("load")
		all.Go(func() {
			for i := range int64(20_000) {
				bar.Update(i, 20_000+i/5000) // the total changes now and then
			}
			bar.Done(nil)
		})
	}
	all.Wait()
	bars.Wait()
}
