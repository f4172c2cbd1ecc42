package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"twombly/internal/audio"
	"twombly/internal/audio/cancel"
	"twombly/internal/audio/soundcard"
	"twombly/internal/realtime/client"
)

const (
	// mouthBegins is how much of her voice waits before it begins to sound, so that what comes late leaves no hole.
	mouthBegins = 2 * soundcard.PlayedSamples
	// mouthHolds is how much may wait before silence in it is left out: the server's clock and the microphone's differ.
	mouthHolds = 15 * soundcard.PlayedSamples
	// outputLatency is from the arrival of her voice to its sound.
	outputLatency = soundcard.Latency + mouthBegins*time.Second/soundcard.PlayRate
	// quietSample is what counts as silence between her words.
	quietSample = 0.001
)

// mouth is what of her voice is still to sound.
type mouth struct {
	lock    sync.Mutex
	waiting []float32 // at soundcard.PlayRate
	begun   bool
	item    string // the item that came last
	hushed  string // the item of which no more is to sound
}

// add takes sound that arrived.
func (m *mouth) add(sound client.Sound) {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.item = sound.Item
	if sound.Item != "" && sound.Item == m.hushed {
		return
	}
	m.waiting = append(m.waiting, sound.Samples...)
}

// take fills a step with what is next, as far as there is something.
func (m *mouth) take(played []float32) {
	m.lock.Lock()
	defer m.lock.Unlock()
	for len(m.waiting) > mouthHolds && audio.Peak(m.waiting[:len(played)]) < quietSample {
		m.waiting = m.waiting[:copy(m.waiting, m.waiting[len(played):])]
	}
	if m.begun = m.begun && len(m.waiting) > 0 || len(m.waiting) >= mouthBegins; !m.begun {
		return
	}
	n := copy(played, m.waiting)
	m.waiting = m.waiting[:copy(m.waiting, m.waiting[n:])]
}

// hush drops what waits, and what still comes of the same item.
func (m *mouth) hush() {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.waiting, m.begun, m.hushed = m.waiting[:0], false, m.item
}

// micLine joins the microphone and the loudspeaker of this machine with a call.
type micLine struct {
	canceller *cancel.Canceller // nil where there is none
	mouth     mouth
	muted     atomic.Bool
	level     atomic.Int64 // of what was heard last, in thousandths of dBFS

	call atomic.Pointer[client.Client] // nil until she is called

	toHers, toCall *audio.Resampler
	hers           []float32 // what is played, as the canceller takes it
	sent           []float32 // what waits to be a frame of the call
}

func newMicLine(canceller *cancel.Canceller) (*micLine, error) {
	toHers, err := audio.NewResampler(soundcard.PlayRate, cancel.Rate)
	if err != nil {
		return nil, err
	}
	// A resampler gives its first samples late: silence before them keeps whole frames ready.
	return &micLine{canceller: canceller, toHers: toHers, hers: make([]float32, cancel.FrameSamples)}, nil
}

// step is one of soundcard.Card.Run.
func (l *micLine) step(ctx context.Context, heard, played []float32) error {
	l.mouth.take(played)
	l.hers = l.toHers.Process(l.hers, played)
	if l.canceller != nil {
		l.canceller.Process(heard, l.hers[:cancel.FrameSamples])
	}
	l.hers = l.hers[:copy(l.hers, l.hers[cancel.FrameSamples:])]
	if l.muted.Load() {
		clear(heard)
	}
	l.level.Store(int64(1000 * audio.Level(heard)))
	call := l.call.Load()
	if call == nil {
		return nil
	}
	if l.toCall == nil {
		toCall, err := audio.NewResampler(cancel.Rate, call.MicrophoneRate())
		if err != nil {
			return err
		}
		l.toCall = toCall
	}
	l.sent = l.toCall.Process(l.sent, heard)
	for frame := call.MicrophoneRate() / 50; len(l.sent) >= frame; l.sent = l.sent[:copy(l.sent, l.sent[frame:])] {
		if err := call.Hear(ctx, l.sent[:frame]); err != nil {
			if ended := call.Err(); ended != nil {
				return nil // who waits for the call hears of it
			}
			return fmt.Errorf("send what the microphone hears: %w", err)
		}
	}
	return nil
}

// The rustle at the beginning of a call: what comes back of it tells how late an echo is before she has said a word.
const (
	rustleLength = 1200 * time.Millisecond
	rustleLevel  = -34.0 // dBFS
	rustlePeriod = 400 * time.Millisecond
)

// rustle is noise that swells and fades, as a sheet of paper would.
func rustle() []float32 {
	random := rand.New(rand.NewPCG(2, 7))
	samples := make([]float32, int(rustleLength.Seconds()*soundcard.PlayRate))
	low := 0.0
	for i := range samples {
		low += 0.5 * (random.NormFloat64() - low) // softer towards hissing
		swell := math.Sin(math.Pi * float64(i) / (rustlePeriod.Seconds() * soundcard.PlayRate))
		samples[i] = float32(low * swell * swell)
	}
	gain := float32(math.Pow(10, (rustleLevel-audio.Level(samples))/20))
	for i := range samples {
		samples[i] *= gain
	}
	return samples
}

// dial calls her over WebRTC, without a microphone of the client's own.
func (l *micLine) dial(ctx context.Context, options client.Options) (*client.Client, error) {
	options.Silent, options.ReportPlayback, options.OutputLatency, options.OnSound = true, true, outputLatency, l.mouth.add
	dialled, err := client.DialWebRTC(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("call her: %w", err)
	}
	err = dialled.Send(ctx, map[string]any{
		"type": "twombly.client", "device": "terminal", "zone": localZone(), "transport": "webrtc",
		"echo_cancellation": l.canceller != nil, "output_latency_ms": outputLatency.Milliseconds(),
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("call her: %w", err), dialled.Close())
	}
	l.call.Store(dialled)
	return dialled, nil
}
