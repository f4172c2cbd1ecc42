package echoes

import (
	"fmt"
	"time"

	"twombly/bench/duplex"
	"twombly/internal/speech"
)

// Clause is a clause of hers with its sound, and the rest behind it.
type Clause struct {
	Text      string
	Utterance speech.Utterance
}

// Reply is what she says without a pause.
type Reply []Clause

// Kind is what a person does.
type Kind string

// The kinds of events.
const (
	// Interruption is said over her voice, After she began.
	Interruption Kind = "interruption"
	// Repetition is said After her reply's end, and repeats the last words of it.
	Repetition Kind = "repetition"
)

// Event is one thing that a person does.
type Event struct {
	Kind Kind
	// Skip is how many replies pass undisturbed before it.
	Skip  int
	After time.Duration
	// Reply is what she says then; nil is the next of the take's.
	Reply    Reply
	Rendered duplex.Rendered
	// Said tells people what is said, Words is how many words of hers it repeats.
	Said  string
	Words int
	Human bool
}

// Conditions are the room of a take.
type Conditions struct {
	// Below is by how many dB the active level of her echo is below the person's, DelayMS how late its direct sound is.
	Below   float64 `json:"below_db"`
	DelayMS int     `json:"delay_ms"`
	Room    string  `json:"room"`
	// Noise is its level, "clean" or "10 dB"; Opus is true where both ways go through the codec.
	Noise string `json:"noise"`
	Opus  bool   `json:"opus"`
}

func (c Conditions) String() string {
	return fmt.Sprintf("%.0f dB below, %d ms late, %s, %s", c.Below, c.DelayMS, c.Room, c.Noise)
}

// Take is a call as it is to be.
type Take struct {
	Name       string
	Conditions Conditions
	Replies    []Reply
	Events     []Event
	// Response is what the microphone hears of a click of the loudspeaker, without the delay; Noise is heard all the time, over and over.
	Response []float32
	Noise    []float32
	Seed     uint64
	// Most bounds it: who interrupts herself all the time gets nowhere.
	Most time.Duration
	// Codec, when not nil, is made for each of both ways.
	Codec func(rate int) (Codec, error)
}

// Codec takes sound through a network.
type Codec interface {
	// Through returns as many samples as it is given, later.
	Through(samples []float32) ([]float32, error)
}

// Without names the layers that are turned off.
type Without struct {
	Envelope, Words, Echo bool
	// Duck: she goes on at her full level while somebody is heard over her.
	Duck bool
}
