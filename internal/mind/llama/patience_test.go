package llama

import (
	"testing"
	"time"
)

func TestPatience(t *testing.T) {
	const ms = time.Millisecond
	began := time.Now()
	type told struct {
		after   time.Duration
		threads int
	}
	for _, c := range []struct {
		name  string
		told  []told
		n     int
		after time.Duration
		want  time.Duration
	}{
		{"nothing was taken", nil, 8, 0, 0},
		{"reading", []told{{0, 1}}, 8, 20 * ms, 130 * ms},
		{"writing", []told{{0, 1}}, 1, 20 * ms, 0},
		{"the core is back", []told{{0, 1}, {80 * ms, 2}}, 8, 90 * ms, 0},
		{"it does not come back", []told{{0, 1}}, 8, 150 * ms, 0},
		{"nor after long", []told{{0, 1}}, 8, time.Minute, 0},
		{"it is taken again", []told{{0, 1}, {80 * ms, 2}, {400 * ms, 1}}, 8, 410 * ms, 140 * ms},
		{"all are taken", []told{{0, 0}}, 8, 10 * ms, 0},
		{"one comes back of two", []told{{0, 0}, {50 * ms, 1}}, 8, 60 * ms, 90 * ms},
	} {
		var p patience
		threads := 2
		for _, told := range c.told {
			p.told(threads, told.threads, began.Add(told.after))
			threads = told.threads
		}
		if got := p.wait(c.n, threads, began.Add(c.after)); got != c.want {
			t.Errorf("%s: waits %v, want %v", c.name, got, c.want)
		}
	}
}
