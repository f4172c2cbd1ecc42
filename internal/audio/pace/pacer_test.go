package pace_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"twombly/internal/audio/pace"
)

const (
	rate        = 24000
	millisecond = time.Millisecond
)

// sent is a frame as it left.
type sent struct {
	pace.Frame
	at time.Duration
}

// recorder collects what a Pacer does, in a synctest bubble.
type recorder struct {
	*pace.Pacer
	began  time.Time
	frames []sent
	events []string
}

// start runs a Pacer until the test's bubble is done with it; stop waits for its end.
func start(t *testing.T, options pace.Options) (r *recorder, stop func()) {
	r = &recorder{began: time.Now()}
	options.Rate = rate
	options.Send = func(f pace.Frame) {
		f.Samples = slices.Clone(f.Samples)
		r.frames = append(r.frames, sent{f, time.Since(r.began)})
	}
	options.Started = func(item string, timestamp int64) {
		r.events = append(r.events, fmt.Sprintf("%s started at %d", item, timestamp))
	}
	options.Stopped = func(item string, cut bool) { r.events = append(r.events, fmt.Sprintf("%s stopped %v", item, cut)) }
	options.Paused = func(item string, after int64) {
		r.events = append(r.events, fmt.Sprintf("%s paused after %d", item, after))
	}
	options.Resumed = func(item string, offset, timestamp int64) {
		r.events = append(r.events, fmt.Sprintf("%s resumed with %d at %d", item, offset, timestamp))
	}
	r.Pacer = pace.New(options)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	return r, func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run: %v", err)
		}
	}
}

// tone is n samples of a sine at half scale.
func tone(n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(0.5 * math.Sin(float64(i)*0.05))
	}
	return out
}

// roughest is the largest step between neighbouring samples over all frames, as they would be heard one after another
// with silence between.
func (r *recorder) roughest() (worst float32) {
	var before float32
	expected := int64(-1)
	for _, f := range r.frames {
		if f.Timestamp != expected {
			worst = max(worst, before, -before)
			before = 0
		}
		for _, sample := range f.Samples {
			worst = max(worst, sample-before, before-sample)
			before = sample
		}
		expected = f.Timestamp + int64(len(f.Samples))
	}
	return max(worst, before, -before)
}

func TestPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, stop := start(t, pace.Options{})
		defer stop()
		time.Sleep(500 * millisecond) // the clock runs on through silence
		samples := tone(rate + 100)   // 50 frames and a bit
		r.Play("a", samples)
		r.End("a")
		time.Sleep(3 * time.Second)
		synctest.Wait()

		if len(r.frames) != 51+10 {
			t.Fatalf("%d frames, want 51 of sound and 10 of silence", len(r.frames))
		}
		var heard []float32
		for i, f := range r.frames {
			if want := int64(25+i) * 480; f.Timestamp != want {
				t.Fatalf("frame %d: timestamp %d, want %d", i, f.Timestamp, want)
			}
			sounds := time.Duration(f.Timestamp) * time.Second / rate
			if early := sounds - f.at; early < 0 || early > 40*millisecond {
				t.Errorf("frame %d was sent %v before its time", i, early)
			}
			if f.Begins != (i == 0) || (f.Item == "a") != (i < 51) {
				t.Errorf("frame %d: begins %v, item %q", i, f.Begins, f.Item)
			}
			heard = append(heard, f.Samples...)
		}
		if !slices.Equal(heard[:len(samples)], samples) {
			t.Error("the sound was changed on its way")
		}
		if want := []string{"a started at 12000", "a stopped false"}; !slices.Equal(r.events, want) {
			t.Errorf("events %q, want %q", r.events, want)
		}
		if got := r.Sent("a"); got != int64(len(samples)) {
			t.Errorf("sent %d", got)
		}
	})
}

// TestAhead never sends more than it may, however much there is.
func TestAhead(t *testing.T) {
	for _, ahead := range []time.Duration{20 * millisecond, 100 * millisecond, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			r, stop := start(t, pace.Options{Ahead: ahead})
			defer stop()
			r.Play("a", tone(10*rate))
			time.Sleep(5 * time.Second)
			synctest.Wait()
			for i, f := range r.frames {
				if early := time.Duration(i)*20*millisecond - f.at; early > min(ahead, pace.MaxAhead) || early < 0 && i > 0 {
					t.Fatalf("frame %d left %v before its time", i, early)
				}
			}
		})
	}
}

func TestPosition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, stop := start(t, pace.Options{})
		defer stop()
		began := time.Now()
		r.Play("a", tone(rate/2)) // half a second, then a wait of 300 ms for the next half
		time.Sleep(800 * millisecond)
		r.Play("a", tone(rate/2))
		r.End("a")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		for at, want := range map[time.Duration]time.Duration{
			-100 * millisecond: 0, 0: 0, 250 * millisecond: 250 * millisecond, 500 * millisecond: 500 * millisecond,
			700 * millisecond: 500 * millisecond, 810 * millisecond: 510 * millisecond,
			1200 * millisecond: 900 * millisecond, 1300 * millisecond: time.Second, 2500 * millisecond: time.Second,
		} {
			if got := r.Position("a", began.Add(at)); got != want {
				t.Errorf("at %v: position %v, want %v", at, got, want)
			}
		}
		if got := r.Position("b", time.Now()); got != 0 {
			t.Errorf("position of nothing: %v", got)
		}
	})
}

func TestHush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, stop := start(t, pace.Options{})
		defer stop()
		r.Play("a", tone(5*rate))
		time.Sleep(1010 * millisecond)
		r.Hush("a")
		hushed := time.Since(r.began)
		r.Play("a", tone(rate)) // comes too late
		r.End("a")
		time.Sleep(time.Second)
		synctest.Wait()

		var last time.Duration
		var samples int64
		for _, f := range r.frames {
			if f.Item == "a" {
				last = time.Duration(f.Timestamp)*time.Second/rate + 20*millisecond
				samples++
			}
		}
		if last-hushed > 80*millisecond {
			t.Errorf("she sounds until %v, hushed at %v", last, hushed)
		}
		if got := r.Sent("a"); got != (samples-1)*480+120 {
			t.Errorf("sent %d samples in %d frames", got, samples)
		}
		if want := []string{"a started at 0", "a stopped true"}; !slices.Equal(r.events, want) {
			t.Errorf("events %q", r.events)
		}
		if rough := r.roughest(); rough > 0.05 {
			t.Errorf("a click: the signal jumps by %.2f", rough)
		}

		// What was hardly heard is forgotten (its first frame may have left before the hush), and the next item is heard from
		// its beginning.
		r.events, r.frames = nil, nil
		r.Play("b", tone(rate))
		r.Hush("b")
		r.Hush("never seen")
		r.Play("never seen", tone(rate))
		r.Play("c", tone(rate/10))
		r.End("c")
		time.Sleep(time.Second)
		synctest.Wait()
		heard := strings.Join(r.events, ", ")
		if strings.Contains(heard, "never seen") || !strings.HasSuffix(heard, "c stopped false") || r.Sent("b") > rate/10 ||
			r.Sent("c") != rate/10 {
			t.Errorf("events %q, sent %d and %d", r.events, r.Sent("b"), r.Sent("c"))
		}
	})
}

func TestDuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, stop := start(t, pace.Options{})
		sound := make([]float32, 2*rate)
		for i := range sound {
			sound[i] = 0.5
		}
		r.Duck("nobody", true)
		r.Play("a", sound)
		r.End("a")
		time.Sleep(510 * millisecond) // between two frames
		r.Duck("a", true)
		time.Sleep(500 * millisecond)
		r.Duck("a", false)
		time.Sleep(2 * time.Second)
		stop()
		sentBy := func(at time.Duration) int {
			return slices.IndexFunc(r.frames, func(f sent) bool { return f.at > at })
		}
		ducked, back := sentBy(510*millisecond), sentBy(1010*millisecond)
		level := func(frame int) float32 { return r.frames[frame].Samples[len(r.frames[frame].Samples)-1] }
		for frame, want := range map[int]float32{ducked - 1: 0.5, ducked + 2: 0.125, back - 1: 0.125, back + 2: 0.5} {
			if got := level(frame); math.Abs(float64(got-want)) > 1e-4 {
				t.Errorf("frame %d is at %v, not %v", frame, got, want)
			}
		}
		var heard int
		for _, f := range r.frames {
			for i, sample := range f.Samples {
				if f.Item == "a" && sample > 0 {
					heard++
				}
				if i > 0 && f.Item == "a" && sample > 0 && math.Abs(float64(sample-f.Samples[i-1])) > 0.002 {
					t.Fatalf("a step from %v to %v", f.Samples[i-1], sample)
				}
			}
		}
		if heard != len(sound) {
			t.Errorf("%d samples of %d were sent", heard, len(sound))
		}
	})
}

// TestScarce gives sound in pieces that come too late: pauses instead of clicks, and nothing lost.
func TestScarce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, stop := start(t, pace.Options{})
		defer stop()
		samples := tone(3 * rate)
		for start := 0; start < len(samples); start += 7000 {
			r.Play("a", samples[start:min(start+7000, len(samples))])
			time.Sleep(400 * millisecond) // 292 ms of sound each
		}
		r.End("a")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if r.Sent("a") != int64(len(samples)) {
			t.Errorf("sent %d of %d", r.Sent("a"), len(samples))
		}
		if rough := r.roughest(); rough > 0.05 {
			t.Errorf("a click: the signal jumps by %.2f", rough)
		}
		for i := 1; i < len(r.frames); i++ {
			if r.frames[i].Timestamp <= r.frames[i-1].Timestamp {
				t.Fatalf("the clock stands at frame %d", i)
			}
		}
	})
}

// TestPieces joins pieces of any size without a seam when they come in time.
func TestPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, stop := start(t, pace.Options{})
		defer stop()
		samples := tone(2 * rate)
		for start := 0; start < len(samples); start += 1234 {
			r.Play("a", samples[start:min(start+1234, len(samples))])
			time.Sleep(30 * millisecond)
		}
		r.End("a")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		var heard []float32
		for _, f := range r.frames {
			if f.Item == "a" {
				heard = append(heard, f.Samples...)
			}
		}
		if !slices.Equal(heard[:len(samples)], samples) {
			t.Error("the sound was changed on its way")
		}
	})
}
