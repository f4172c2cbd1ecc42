package cores_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"twombly/internal/native/cores"
)

func TestMindHearsEveryChange(t *testing.T) {
	for _, test := range []struct {
		name      string
		total, n  int
		exclusive bool
		want      []int
	}{
		{"one of two", 2, 1, false, []int{2, 1, 2}},
		{"both of two still leave the mind one", 2, 2, false, []int{2, 1, 2}},
		{"more than there are", 2, 9, false, []int{2, 1, 2}},
		{"exclusive pauses it", 2, 2, true, []int{2, 0, 2}},
		{"one exclusive core pauses it too", 4, 1, true, []int{4, 0, 4}},
		{"one of four", 4, 1, false, []int{4, 3, 4}},
		{"a machine with one core", 1, 1, false, []int{1}},
		{"a machine with one core, exclusively", 1, 1, true, []int{1, 0, 1}},
		{"nonsense counts as one", 2, -3, false, []int{2, 1, 2}},
	} {
		t.Run(test.name, func(t *testing.T) {
			budget := cores.New(test.total)
			var heard []int
			budget.OnMind(func(threads int) { heard = append(heard, threads) })
			release, err := budget.Acquire(t.Context(), test.n, test.exclusive)
			if err != nil {
				t.Fatal(err)
			}
			release()
			release() // harmless
			if !slices.Equal(heard, test.want) {
				t.Errorf("the mind heard %v, want %v", heard, test.want)
			}
		})
	}
}

func TestPausingTheMindTakesNoCore(t *testing.T) {
	budget := cores.New(2)
	var heard []int
	budget.OnMind(func(threads int) { heard = append(heard, threads) })
	holder, err := budget.Acquire(t.Context(), 2, false)
	if err != nil {
		t.Fatal(err)
	}
	resume := budget.PauseMind() // doesn't wait for the holder
	holder()
	second, err := budget.Acquire(t.Context(), 2, false)
	if err != nil {
		t.Fatal(err)
	}
	second()
	resume()
	resume() // harmless
	if want := []int{2, 1, 0, 2}; !slices.Equal(heard, want) {
		t.Errorf("the mind heard %v, want %v", heard, want)
	}
}

func TestFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		budget := cores.New(2)
		var order []string
		var mu sync.Mutex
		var all sync.WaitGroup
		work := func(name string, n int, arrives, takes time.Duration) {
			all.Go(func() {
				time.Sleep(arrives)
				release, err := budget.Acquire(t.Context(), n, false)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				order = append(order, name)
				mu.Unlock()
				time.Sleep(takes)
				release()
			})
		}
		work("first", 1, 0, 10*time.Second)
		work("large", 2, 1*time.Second, time.Second)
		// One core is free when these arrive; they must not overtake the large one.
		work("small", 1, 2*time.Second, time.Second)
		work("last", 2, 3*time.Second, time.Second)
		all.Wait()
		if want := []string{"first", "large", "small", "last"}; !slices.Equal(order, want) {
			t.Errorf("served %v, want %v", order, want)
		}
	})
}

func TestGivingUpLetsTheOthersPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		budget := cores.New(2)
		hold, err := budget.Acquire(t.Context(), 1, false)
		if err != nil {
			t.Fatal(err)
		}
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := budget.Acquire(impatient, 2, true); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want the deadline", err)
			}
		})
		synctest.Wait()
		start := time.Now()
		all.Go(func() {
			release, err := budget.Acquire(t.Context(), 1, false)
			if err != nil {
				t.Error(err)
				return
			}
			if waited := time.Since(start); waited != time.Second {
				t.Errorf("waited %v behind the one that gave up, want 1s", waited)
			}
			release()
		})
		all.Wait()
		hold()
		if held, waiting := budget.Held(); held != 0 || waiting != 0 {
			t.Errorf("%d cores held and %d waiting at the end", held, waiting)
		}
	})
}

func TestCancelledBeforeAsking(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	budget := cores.New(1)
	if release, err := budget.Acquire(ctx, 1, false); !errors.Is(err, context.Canceled) || release != nil {
		t.Errorf("got a release: %v and error %v", release != nil, err)
	}
	if held, _ := budget.Held(); held != 0 {
		t.Errorf("%d cores held by nobody", held)
	}
}

// A thousand askers of all kinds, some of whom give up: the cores are never oversubscribed, everybody is served or told
// why not, and at the end the mind has all of them.
func TestCrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const total = 3
		budget := cores.New(total)
		threads := 0
		var mu sync.Mutex
		budget.OnMind(func(n int) { mu.Lock(); threads = n; mu.Unlock() })
		random := rand.New(rand.NewPCG(1, 2))
		busy, served, gaveUp := 0, 0, 0
		var all sync.WaitGroup
		for range 1000 {
			n, exclusive := 1+random.IntN(total), random.IntN(4) == 0
			arrives := time.Duration(random.IntN(10_000)) * time.Millisecond
			patience := time.Duration(1+random.IntN(400_000)) * time.Millisecond
			takes := time.Duration(random.IntN(600)) * time.Millisecond
			all.Go(func() {
				time.Sleep(arrives)
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				release, err := budget.Acquire(ctx, n, exclusive)
				mu.Lock()
				if err != nil {
					gaveUp++
					mu.Unlock()
					return
				}
				busy += n
				served++
				if busy > total {
					t.Errorf("%d of %d cores in use", busy, total)
				}
				if exclusive && threads != 0 {
					t.Errorf("the mind has %d threads beside an exclusive holder", threads)
				}
				mu.Unlock()
				time.Sleep(takes)
				mu.Lock()
				busy -= n
				mu.Unlock()
				release()
			})
		}
		all.Wait()
		if served == 0 || gaveUp == 0 || served+gaveUp != 1000 {
			t.Errorf("served %d, gave up %d", served, gaveUp)
		}
		if threads != total {
			t.Errorf("the mind ended with %d threads, want %d", threads, total)
		}
	})
}
