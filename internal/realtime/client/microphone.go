package client

import (
	"context"
	"sync"
	"time"

	"twombly/internal/audio"
)

const frameDuration = 20 * time.Millisecond

// microphone gives a frame every 20 ms: what is said, or the background, or silence.
type microphone struct {
	rate int
	room *room

	lock       sync.Mutex
	queue      []*saying
	background loop // where nothing is said
	noise      loop // everywhere
}

// loop is sound that is heard over and over.
type loop struct {
	samples []float32
	place   int
}

// next is the next sample, and 0 of an empty loop.
func (l *loop) next() float32 {
	if len(l.samples) == 0 {
		return 0
	}
	sample := l.samples[l.place]
	l.place = (l.place + 1) % len(l.samples)
	return sample
}

// saying is a clip on its way.
type saying struct {
	samples []float32
	begun   chan time.Time // gets the time of its first sample
	said    chan struct{}  // closed after its last
	started bool
}

func newMicrophone(rate int, room *room) *microphone { return &microphone{rate: rate, room: room} }

// speak queues a clip and waits until it was said.
func (m *microphone) speak(ctx, life context.Context, samples []float32, rate int) (time.Time, error) {
	resampled, err := audio.Resample(samples, rate, m.rate)
	if err != nil {
		return time.Time{}, err
	}
	clip := &saying{samples: resampled, begun: make(chan time.Time, 1), said: make(chan struct{})}
	m.lock.Lock()
	m.queue = append(m.queue, clip)
	m.lock.Unlock()
	select {
	case <-clip.said:
		return <-clip.begun, nil
	case <-ctx.Done():
		return time.Time{}, ctx.Err()
	case <-life.Done():
		return time.Time{}, context.Cause(life)
	}
}

func (m *microphone) setBackground(samples []float32, rate int) error {
	return m.set(&m.background, samples, rate)
}

func (m *microphone) setNoise(samples []float32, rate int) error {
	return m.set(&m.noise, samples, rate)
}

func (m *microphone) set(to *loop, samples []float32, rate int) error {
	resampled, err := audio.Resample(samples, rate, m.rate)
	if err != nil {
		return err
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	*to = loop{samples: resampled}
	return nil
}

// run sends frames at the pace of real time until the context ends. A frame that is sent at an instant holds the sound
// of the 20 ms before it.
func (m *microphone) run(ctx context.Context, to transport) error {
	timer := time.NewTimer(frameDuration)
	defer timer.Stop()
	began := time.Now()
	frame := make([]float32, m.rate/50)
	for number := 1; ; number++ {
		at := began.Add(time.Duration(number) * frameDuration)
		timer.Reset(time.Until(at))
		select {
		case <-timer.C:
		case <-ctx.Done():
			return nil
		}
		for _, clip := range m.fill(frame, at.Add(-frameDuration)) {
			close(clip.said)
		}
		if err := to.frame(ctx, frame); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// fill takes the next frame, whose sound begins at a time, and returns the clips that ended in it.
func (m *microphone) fill(frame []float32, at time.Time) (ended []*saying) {
	m.lock.Lock()
	defer m.lock.Unlock()
	n := 0
	for n < len(frame) && len(m.queue) > 0 {
		clip := m.queue[0]
		if !clip.started {
			clip.started = true
			clip.begun <- at.Add(time.Duration(n) * time.Second / time.Duration(m.rate))
		}
		taken := copy(frame[n:], clip.samples)
		clip.samples = clip.samples[taken:]
		n += taken
		if len(clip.samples) == 0 {
			ended = append(ended, clip)
			m.queue = m.queue[1:]
		}
	}
	for ; n < len(frame); n++ {
		frame[n] = m.background.next()
	}
	for i := range frame {
		frame[i] += m.noise.next()
	}
	m.room.mix(frame, m.rate, at)
	return ended
}
