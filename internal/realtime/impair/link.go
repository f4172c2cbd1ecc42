// Package impair is a bad network in user space, for tests and benchmarks: packets go in, and come out late, out of order
// or not at all, by a seeded chance.
package impair

import (
	"container/heap"
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// Options say how bad the network is. The zero value passes everything on at once.
type Options struct {
	// Loss is the share of packets that are lost, 0 to 1.
	Loss float64
	// Jitter is the most that a packet is late; each is late by a time evenly spread from 0 to it. From 20 ms on packets
	// overtake each other.
	Jitter time.Duration
	// Seed of the chance.
	Seed uint64
}

// None says whether nothing is impaired.
func (o Options) None() bool { return o.Loss == 0 && o.Jitter == 0 }

// Stats counts packets.
type Stats struct{ Passed, Lost int }

// Link is one direction of a bad network. Make it with New and give it life with Run.
type Link struct {
	options Options
	deliver func([]byte)
	wake    chan struct{}

	lock   sync.Mutex
	random *rand.Rand
	flying flight
	serial uint64
	stats  Stats
}

// New makes a link that hands packets to deliver, one after the other, on the goroutine of Run.
func New(options Options, deliver func([]byte)) *Link {
	return &Link{
		options: options, deliver: deliver, wake: make(chan struct{}, 1),
		random: rand.New(rand.NewPCG(options.Seed, 0x7477)),
	}
}

// Send takes a copy of a packet.
func (l *Link) Send(packet []byte) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.random.Float64() < l.options.Loss {
		l.stats.Lost++
		return
	}
	l.stats.Passed++
	l.serial++
	late := time.Duration(l.random.Float64() * float64(l.options.Jitter))
	heap.Push(&l.flying, flying{at: time.Now().Add(late), serial: l.serial, packet: append([]byte(nil), packet...)})
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Stats returns the counts so far.
func (l *Link) Stats() Stats {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.stats
}

// Run delivers until the context ends.
func (l *Link) Run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		packet, wait := l.due(time.Now())
		if packet != nil {
			l.deliver(packet)
			continue
		}
		timer.Reset(wait)
		select {
		case <-timer.C:
		case <-l.wake:
		case <-ctx.Done():
			return
		}
	}
}

// due takes the packet that has arrived by now, or says how long until one will have.
func (l *Link) due(now time.Time) ([]byte, time.Duration) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if len(l.flying) == 0 {
		return nil, time.Hour
	}
	if wait := l.flying[0].at.Sub(now); wait > 0 {
		return nil, wait
	}
	return heap.Pop(&l.flying).(flying).packet, 0
}

// flying is a packet under way.
type flying struct {
	at     time.Time
	serial uint64
	packet []byte
}

// flight orders packets by their arrival.
type flight []flying

func (f flight) Len() int { return len(f) }
func (f flight) Less(i, j int) bool {
	return f[i].at.Before(f[j].at) || f[i].at.Equal(f[j].at) && f[i].serial < f[j].serial
}
func (f flight) Swap(i, j int) { f[i], f[j] = f[j], f[i] }
func (f *flight) Push(x any)   { *f = append(*f, x.(flying)) }
func (f *flight) Pop() any {
	last := len(*f) - 1
	x := (*f)[last]
	*f = (*f)[:last]
	return x
}
