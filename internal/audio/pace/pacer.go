// Package pace sends sound at the speed at which it will be heard.
//
// A voice is made faster than it is spoken, and what was handed to the network can't be taken back. A [Pacer] holds it
// and gives away one frame of 20 ms at a time, [Options.Ahead] before it is to be heard: far enough that a busy machine
// makes no gap, near enough that [Pacer.Hush] is silence. It counts what was sent of every item, and when each sample
// was to be heard, so that a transport can tell how far a listener is ([Pacer.Position]).
//
// Its clock runs on through silence: a frame's Timestamp is its place in real time, whatever was sent before it, as RTP
// wants it (RFC 3550, section 5.1). After the last sound [Options.Tail] of silence is sent, so that the other side's
// concealment has nothing to draw out; then nothing at all until there is sound again.
//
// Sound that ends in mid-wave clicks. Where the Pacer cuts (a Hush) or must pause because more is not there yet, it ends
// in a fade of 5 ms, and begins again in one.
package pace

import (
	"context"
	"sync"
	"time"

	"twombly/internal/audio"
)

// FrameDuration is the length of a frame.
const FrameDuration = 20 * time.Millisecond

// MaxAhead is the most that a Pacer sends before its time.
const MaxAhead = 200 * time.Millisecond

// fadeMilliseconds is the length of the ramps at cuts.
const fadeMilliseconds = 5

// Frame is 20 ms to be sent.
type Frame struct {
	// Samples at the Pacer's rate; they are overwritten after Send returns.
	Samples []float32
	// Timestamp is the frame's place on the Pacer's clock, in samples.
	Timestamp int64
	// Begins is true for the first frame after a time in which nothing was sent.
	Begins bool
	// Item is what the sound belongs to; empty for silence.
	Item string
}

// Options say how to pace. Rate and Send are required. The functions are called one after the other by Run.
type Options struct {
	// Rate of the samples in Hz.
	Rate int
	// Ahead is how long before its time a frame is sent: 40 ms unless said, MaxAhead at most.
	Ahead time.Duration
	// Tail is how much silence is sent after sound: 200 ms unless said.
	Tail time.Duration
	// Send takes a frame.
	Send func(Frame)
	// Started is told when the first frame of an item is about to be sent, with that frame's timestamp; Stopped when all
	// of it was sent and should have been heard, or was cut.
	Started func(item string, timestamp int64)
	Stopped func(item string, cut bool)
	// Paused is told when an item falls silent in the middle, after so many samples, because the next are not there yet or it is
	// held; Resumed when it goes on with sample number offset, at a timestamp.
	Paused  func(item string, after int64)
	Resumed func(item string, offset, timestamp int64)
}

// item is what is known of one item.
type item struct {
	id      string
	queue   []float32
	head    int // samples of the queue before it were sent
	sent    int64
	ended   bool  // no more will come
	cut     bool  // by Hush
	begun   bool  // its first frame was sent
	resumes bool  // it paused, for want of sound or because it is held
	hold    int64 // the sample before which it stops, noHold for none
	ducked  bool
	lowered float32 // how far down it is: 0 as it came, 1 all the way
}

// mark says that from at on, n samples of an item were to be heard, the first being its sample number offset.
type mark struct {
	at     time.Time
	item   string
	offset int64
	n      int
}

// keptMarks is how many frames back a position can be told, 4 s; keptItems how many items are remembered.
const (
	keptMarks = 200
	keptItems = 16
)

// Pacer is a queue of sound with a clock. Make it with New, and let it send with Run. All methods are safe for
// concurrent use, and none but Run blocks.
type Pacer struct {
	options Options
	samples int // of a frame
	wake    chan struct{}

	lock    sync.Mutex
	items   []*item // in order of playing; done ones first
	current int     // index of the item that plays
	marks   []mark
	tail    int // frames of silence yet to be sent
	last    string
}

// New makes a Pacer.
func New(options Options) *Pacer {
	if options.Ahead == 0 {
		options.Ahead = 2 * FrameDuration
	}
	options.Ahead = min(options.Ahead, MaxAhead)
	if options.Tail == 0 {
		options.Tail = 200 * time.Millisecond
	}
	if options.Started == nil {
		options.Started = func(string, int64) {}
	}
	if options.Stopped == nil {
		options.Stopped = func(string, bool) {}
	}
	if options.Paused == nil {
		options.Paused = func(string, int64) {}
	}
	if options.Resumed == nil {
		options.Resumed = func(string, int64, int64) {}
	}
	return &Pacer{
		options: options, samples: options.Rate / int(time.Second/FrameDuration), wake: make(chan struct{}, 1),
	}
}

// Play queues a copy of the samples after what is queued for the item. An item that was hushed stays silent.
func (p *Pacer) Play(id string, samples []float32) {
	p.lock.Lock()
	defer p.lock.Unlock()
	it := p.find(id)
	if it == nil {
		it = p.add(id)
	}
	if it.ended {
		return
	}
	if it.head > 0 && it.head >= len(it.queue)/2 {
		it.queue = it.queue[:copy(it.queue, it.queue[it.head:])]
		it.head = 0
	}
	it.queue = append(it.queue, samples...)
	p.rouse()
}

// End says that no more samples of the item will come.
func (p *Pacer) End(id string) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if it := p.find(id); it != nil {
		it.ended = true
		p.rouse()
	}
}

// Hush drops what was not yet sent of the item, but for a fade of 5 ms.
func (p *Pacer) Hush(id string) {
	p.lock.Lock()
	defer p.lock.Unlock()
	it := p.find(id)
	if it == nil {
		it = p.add(id)
	}
	if it.ended && it.head == len(it.queue) {
		return
	}
	rest := it.queue[it.head:]
	if !it.begun || it.resumes {
		rest = nil
	}
	rest = rest[:min(len(rest), p.fade())]
	audio.FadeOut(rest, p.fade())
	it.queue, it.head, it.ended, it.cut, it.hold = rest, 0, true, true, noHold
	p.rouse()
}

// Sent is how many samples of the item were sent.
func (p *Pacer) Sent(id string) int64 {
	p.lock.Lock()
	defer p.lock.Unlock()
	if it := p.find(id); it != nil {
		return it.sent
	}
	return 0
}

// Done says whether no more of the item will be sent.
func (p *Pacer) Done(id string) bool {
	p.lock.Lock()
	defer p.lock.Unlock()
	it := p.find(id)
	return it == nil || it.ended && it.head == len(it.queue)
}

// Position is how much of an item was due to be heard at a time, for a listener without any delay.
func (p *Pacer) Position(id string, at time.Time) time.Duration {
	p.lock.Lock()
	defer p.lock.Unlock()
	var oldest *mark
	for i := len(p.marks) - 1; i >= 0; i-- {
		m := &p.marks[i]
		if m.item != id {
			continue
		}
		if !m.at.After(at) {
			n := min(int64(at.Sub(m.at))*int64(p.options.Rate)/int64(time.Second), int64(m.n))
			return p.duration(m.offset + n)
		}
		oldest = m
	}
	if oldest != nil { // earlier than is remembered, or than it began
		return p.duration(oldest.offset)
	}
	if it := p.find(id); it != nil {
		return p.duration(it.sent)
	}
	return 0
}

// Run sends until the context ends, and returns its error.
func (p *Pacer) Run(ctx context.Context) error {
	epoch := time.Now()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	slot, idle := int64(0), true
	frame := make([]float32, p.samples)
	for {
		working, hurry := p.state()
		if !working {
			idle = true
			select {
			case <-p.wake:
				continue
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		now := time.Now()
		// The clock runs on while nothing is sent, and when this machine was held up.
		if real := int64((now.Sub(epoch) + FrameDuration - 1) / FrameDuration); idle || real-slot > int64(MaxAhead/FrameDuration) {
			slot = max(slot, real)
		}
		sounds := epoch.Add(time.Duration(slot) * FrameDuration)
		due := sounds
		if !hurry {
			due = due.Add(-p.options.Ahead)
		}
		if wait := due.Sub(now); wait > 0 {
			timer.Reset(wait)
			select {
			case <-timer.C:
			case <-p.wake:
			case <-ctx.Done():
				return ctx.Err()
			}
			continue
		}
		p.step(frame, slot, sounds, idle)
		idle = false
		slot++
	}
}

// state says whether there is something to send, and whether it would be cut short if it were sent now.
func (p *Pacer) state() (working, scarce bool) {
	p.lock.Lock()
	defer p.lock.Unlock()
	it := p.playing()
	if it == nil {
		return p.tail > 0 || p.last != "", false
	}
	if available := it.available(); !it.more() && available < p.samples {
		return available > 0 || p.tail > 0, true
	}
	return true, false
}

// playing is the item to send from, nil when none is left.
func (p *Pacer) playing() *item {
	if p.current < len(p.items) {
		return p.items[p.current]
	}
	return nil
}

// step fills and sends one frame and tells what it means.
func (p *Pacer) step(frame []float32, slot int64, sounds time.Time, begins bool) {
	timestamp := slot * int64(p.samples)
	var stopped []func()
	resumed, paused := int64(-1), int64(-1)
	p.lock.Lock()
	if last := p.find(p.last); last != nil {
		// The item before ended with the frame before this one.
		cut := last.cut
		id := last.id
		stopped = append(stopped, func() { p.options.Stopped(id, cut) })
	}
	p.last = ""
	for it := p.playing(); it != nil && it.ended && it.head == len(it.queue); it = p.playing() {
		p.current++ // nothing of it is left, or ever was
		if it.begun {
			id, cut := it.id, it.cut
			stopped = append(stopped, func() { p.options.Stopped(id, cut) })
		}
	}
	it := p.playing()
	clear(frame)
	id, first := "", false
	if it != nil {
		resumes := it.resumes
		if n := p.fill(frame, it); n > 0 {
			if resumes {
				resumed = it.sent
			}
			id, first = it.id, !it.begun
			it.begun = true
			p.marks = append(p.marks, mark{at: sounds, item: it.id, offset: it.sent, n: n})
			if len(p.marks) > 2*keptMarks {
				p.marks = append(p.marks[:0], p.marks[len(p.marks)-keptMarks:]...)
			}
			it.sent += int64(n)
			resumes = false
			p.tail = int(p.options.Tail / FrameDuration)
			if it.ended && it.head == len(it.queue) {
				p.current++
				p.last = it.id
			}
		}
		if it.resumes && !resumes {
			paused = it.sent
		}
	}
	silence := p.tail > 0
	if id == "" && silence {
		p.tail--
	}
	p.lock.Unlock()

	for _, tell := range stopped {
		tell()
	}
	switch {
	case first:
		p.options.Started(id, timestamp)
	case resumed >= 0:
		p.options.Resumed(id, resumed, timestamp)
	}
	if paused >= 0 {
		p.options.Paused(it.id, paused)
	}
	if id != "" || silence {
		p.options.Send(Frame{Samples: frame, Timestamp: timestamp, Begins: begins, Item: id})
	}
}

// fill takes a frame of the item's sound, or what there is of it, and returns its length.
func (p *Pacer) fill(frame []float32, it *item) int {
	available := it.available()
	n := copy(frame, it.queue[it.head:it.head+available])
	it.head += n
	if n == 0 {
		it.resumes = it.begun
		return 0
	}
	if it.resumes {
		audio.FadeIn(frame[:n], p.fade())
		it.resumes = false
	}
	if n == available && !it.more() && (n < len(frame) || it.hold != noHold) {
		audio.FadeOut(frame[:n], p.fade())
		it.resumes = true
	}
	p.lower(frame[:n], it)
	return n
}

// find returns an item by its name. The caller holds the lock.
func (p *Pacer) find(id string) *item {
	for i := len(p.items) - 1; i >= 0; i-- {
		if p.items[i].id == id {
			return p.items[i]
		}
	}
	return nil
}

// add remembers a new item and forgets very old ones. There is one voice: nothing more comes of the items before it.
// The caller holds the lock.
func (p *Pacer) add(id string) *item {
	for _, before := range p.items {
		before.ended, before.hold = true, noHold
	}
	if excess := len(p.items) - keptItems; excess > 0 && p.current >= excess {
		p.items = append(p.items[:0], p.items[excess:]...)
		p.current -= excess
	}
	it := &item{id: id, hold: noHold}
	p.items = append(p.items, it)
	return it
}

// rouse wakes Run.
func (p *Pacer) rouse() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func (p *Pacer) fade() int { return p.options.Rate * fadeMilliseconds / 1000 }

func (p *Pacer) duration(samples int64) time.Duration {
	return time.Duration(samples) * time.Second / time.Duration(p.options.Rate)
}
