package offline

import (
	"time"

	"twombly/bench/duplex"
	"twombly/bench/endpoint"
)

// Times of a call that is laid out.
const (
	// before is the quiet before what a person does, and before she begins to speak for it.
	before = time.Second
	// endless is how long she would speak if nobody stopped her.
	endless = time.Hour
)

// Call is a call as the microphone hears it.
type Call struct {
	duplex.Call
	Events []Placed
	take   endpoint.Take
}

// Placed is an event in it.
type Placed struct {
	duplex.Event
	// From is when she falls silent for it, or begins to speak. Voiced are its stretches of voice.
	From   time.Duration
	Voiced []duplex.Stretch
}

// Lay lays the events of a call out one after the other, as far apart as each must be listened to. noise is heard all the time, over and over; empty is a
// quiet room.
func Lay(call duplex.Call, rendered []duplex.Rendered, noise []float32) Call {
	laid := Call{Call: call, take: endpoint.Take{Level: call.Level()}}
	var samples []float32
	silence := func(d time.Duration) { samples = append(samples, make([]float32, samplesIn(d))...) }
	for i, event := range call.Events {
		placed := Placed{Event: event, From: timeOf(len(samples))}
		silence(before)
		if event.During {
			silence(time.Duration(event.Delay * float64(time.Second)))
		}
		at := timeOf(len(samples))
		for _, stretch := range rendered[i].Voiced {
			placed.Voiced = append(placed.Voiced, duplex.Stretch{From: at + stretch.From, To: at + stretch.To})
		}
		samples = append(samples, rendered[i].Samples...)
		silence(duplex.Listen(event))
		laid.Events = append(laid.Events, placed)
	}
	for i := range samples {
		if len(noise) > 0 {
			samples[i] += noise[i%len(noise)]
		}
	}
	laid.take.Samples = samples
	return laid
}

func samplesIn(d time.Duration) int { return int(d * duplex.Rate / time.Second) }

func timeOf(samples int) time.Duration { return time.Duration(samples) * time.Second / duplex.Rate }
