package client

import (
	"sync"
	"time"
)

// Tap is one way from the loudspeaker to the microphone.
type Tap struct {
	Delay time.Duration
	Gain  float32
}

// roomSeconds is how much of what comes back is kept.
const roomSeconds = 4

// room is where the loudspeaker and the microphone stand: what is played comes back by every tap.
type room struct {
	taps []Tap

	lock    sync.Mutex
	began   time.Time
	samples []float32 // a ring at VoiceRate
	cleared int64     // samples before it, counted from the beginning, were taken
}

func newRoom(taps []Tap) *room {
	return &room{taps: taps, began: time.Now(), samples: make([]float32, roomSeconds*VoiceRate)}
}

// index is a time as a sample number.
func (r *room) index(at time.Time) int64 {
	return int64(at.Sub(r.began)) * VoiceRate / int64(time.Second)
}

// play has sound leave the loudspeaker at a time.
func (r *room) play(at time.Time, samples []float32) {
	if len(r.taps) == 0 {
		return
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	for _, tap := range r.taps {
		from := r.index(at.Add(tap.Delay))
		for i, s := range samples {
			place := from + int64(i)
			if place >= r.cleared && place < r.cleared+int64(len(r.samples)) {
				r.samples[place%int64(len(r.samples))] += tap.Gain * s
			}
		}
	}
}

// mix adds what comes back to a frame of the microphone at a rate, whose first sample meets it at a time.
func (r *room) mix(frame []float32, rate int, at time.Time) {
	if len(r.taps) == 0 {
		return
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	first := r.index(at)
	n := int64(len(frame)) * VoiceRate / int64(rate)
	for i := range frame {
		place := float64(i) * VoiceRate / float64(rate)
		whole := int64(place)
		part := float32(place - float64(whole))
		frame[i] += (1-part)*r.at(first+whole) + part*r.at(first+whole+1)
	}
	for ; r.cleared < first+n; r.cleared++ {
		r.samples[(r.cleared)%int64(len(r.samples))] = 0
	}
}

func (r *room) at(place int64) float32 {
	if place < r.cleared || place >= r.cleared+int64(len(r.samples)) {
		return 0
	}
	return r.samples[place%int64(len(r.samples))]
}
