package rooms

import (
	"fmt"
	"math"
)

// soundSpeed is in metres a second.
const soundSpeed = 343.0

// Point is a place in a room, in metres from one of its corners.
type Point [3]float64

// Box is a room of six walls that reflect alike.
type Box struct {
	// Size is its length, width and height in metres.
	Size Point
	// Reverberation is in how many seconds sound in it dies away by 60 dB.
	Reverberation float64
}

// reflection is the share of a sound's pressure that a wall gives back, by Eyring's formula.
func (b Box) reflection() float64 {
	volume := b.Size[0] * b.Size[1] * b.Size[2]
	surface := 2 * (b.Size[0]*b.Size[1] + b.Size[1]*b.Size[2] + b.Size[0]*b.Size[2])
	// 24 ln 10 / c: the energy that is left after a second is e^(c S ln(1-a) / 4V).
	return math.Sqrt(math.Exp(-24 * math.Ln10 / soundSpeed * volume / (surface * b.Reverberation)))
}

// Response is what a microphone hears of a click of a loudspeaker, so many samples of it, at a rate in Hz. A sound at one metre has its own
// level, without the way to there: the first sample of the direct sound is at distance / 343 m/s.
func (b Box) Response(loudspeaker, microphone Point, rate, samples int) ([]float32, error) {
	for axis, size := range b.Size {
		for _, place := range []Point{loudspeaker, microphone} {
			if place[axis] <= 0 || place[axis] >= size {
				return nil, fmt.Errorf("a place %v is not in a room of %v metres", place, b.Size)
			}
		}
	}
	response := make([]float64, samples)
	walls := b.reflection()
	reach := float64(samples) / float64(rate) * soundSpeed
	var most [3]int
	for axis, size := range b.Size {
		most[axis] = int(math.Ceil(reach/(2*size))) + 1
	}
	for x := -most[0]; x <= most[0]; x++ {
		for y := -most[1]; y <= most[1]; y++ {
			for z := -most[2]; z <= most[2]; z++ {
				for mirrored := range 8 {
					distance, bounces := b.image(loudspeaker, microphone, [3]int{x, y, z}, mirrored)
					if distance < reach {
						add(response, distance/soundSpeed*float64(rate), math.Pow(walls, float64(bounces))/max(distance, nearest))
					}
				}
			}
		}
	}
	return highPassed(response, rate), nil
}

// nearest keeps a loudspeaker beside the microphone from being endlessly loud, in metres.
const nearest = 0.05

// image is how far one of the mirror images of the loudspeaker is, and how often its sound meets a wall.
func (b Box) image(loudspeaker, microphone Point, room [3]int, mirrored int) (distance float64, bounces int) {
	var square float64
	for axis, size := range b.Size {
		flip := mirrored >> axis & 1
		place := float64(1-2*flip)*loudspeaker[axis] + 2*float64(room[axis])*size
		away := place - microphone[axis]
		square += away * away
		bounces += abs(room[axis]-flip) + abs(room[axis])
	}
	return math.Sqrt(square), bounces
}

func abs(n int) int { return max(n, -n) }

// add puts a click between two samples (Peterson 1986), as a windowed sinc.
func add(response []float64, at, height float64) {
	const half = 8
	first := int(math.Floor(at)) - half + 1
	for i := max(0, first); i < min(len(response), first+2*half); i++ {
		away := float64(i) - at
		value := height * 0.5 * (1 + math.Cos(math.Pi*away/half))
		if away != 0 {
			value *= math.Sin(math.Pi*away) / (math.Pi * away)
		}
		response[i] += value
	}
}

// highPassed takes away what lies below speech: images that are all of one sign add up to a push that no loudspeaker makes.
func highPassed(response []float64, rate int) []float32 {
	const corner = 100 // Hz
	keep := math.Exp(-2 * math.Pi * corner / float64(rate))
	out := make([]float32, len(response))
	before, value := 0.0, 0.0
	for i, sample := range response {
		value = keep * (value + sample - before)
		before = sample
		out[i] = float32(value)
	}
	return out
}
