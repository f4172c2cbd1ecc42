package duplex

import (
	"fmt"
	"strings"
)

// Kind is what an event is.
type Kind string

// The kinds of events.
const (
	// Turn is a whole turn while she is silent: she is to answer, within five seconds.
	Turn Kind = "turn"
	// Pausing is a turn with pauses in it, in which she is not to begin.
	Pausing Kind = "pausing"
	// Interruption is said to her while she speaks: she is to yield, within two seconds.
	Interruption Kind = "interruption"
	// Stop asks for silence while she speaks.
	Stop Kind = "stop"
	// Backchannel shows that the person listens; she is to go on.
	Backchannel Kind = "backchannel"
	// Tic is a cough, a laugh, a filler: not speech for anybody.
	Tic Kind = "vocal_tic"
	// Aside is speech that is not meant for her: to another person, by another person, by a television.
	Aside Kind = "non_directed"
)

// Event is one thing that a person does.
type Event struct {
	Kind Kind `json:"kind"`
	// During is true when it happens while she speaks, Delay seconds after she began or was last left in peace.
	During bool    `json:"during"`
	Delay  float64 `json:"delay_s,omitempty"`
	// Prompt is what is typed to make her speak.
	Prompt string  `json:"prompt,omitempty"`
	Sounds []Sound `json:"sounds"`
}

// Sound is a recording, or part of one, or words in a synthetic voice, and the pause after it.
type Sound struct {
	// File in the corpus's folder; From and To cut it, in seconds (To 0 is its end).
	File string  `json:"file,omitempty"`
	From float64 `json:"from_s,omitempty"`
	To   float64 `json:"to_s,omitempty"`
	// Voice says Text, or Phonemes where spelling would not do.
	Voice    string `json:"voice,omitempty"`
	Text     string `json:"text,omitempty"`
	Phonemes string `json:"phonemes,omitempty"`
	// Gain in dB, 0 for the person at the microphone, less for whom is further away.
	Gain float64 `json:"gain_db,omitempty"`
	// Pause in seconds after it.
	Pause float64 `json:"pause_s,omitempty"`
}

// Human says whether all of the event's sounds were recorded of people.
func (e Event) Human() bool {
	for _, sound := range e.Sounds {
		if sound.Voice != "" {
			return false
		}
	}
	return true
}

// String names an event for people.
func (e Event) String() string {
	var parts []string
	for _, sound := range e.Sounds {
		switch {
		case sound.Voice != "":
			parts = append(parts, fmt.Sprintf("%s: %q", sound.Voice, sound.Text))
		default:
			parts = append(parts, sound.File)
		}
	}
	return string(e.Kind) + " (" + strings.Join(parts, ", ") + ")"
}

// Call is one call: one person's voice in one kind of noise.
type Call struct {
	Name   string `json:"name"`
	Person string `json:"person"`
	// Noise is a file of the corpus that is heard all the time, SNR how many dB the person's voice is above it; empty is
	// a quiet room.
	Noise  string  `json:"noise,omitempty"`
	SNR    float64 `json:"snr_db,omitempty"`
	Events []Event `json:"events"`
}

// Level names the call's noise: "clean" or "10 dB".
func (c Call) Level() string {
	if c.Noise == "" {
		return "clean"
	}
	return fmt.Sprintf("%.0f dB", c.SNR)
}

// Scenario is all of a run.
type Scenario struct {
	Seed  uint64 `json:"seed"`
	Calls []Call `json:"calls"`
}

// Events is how many events there are.
func (s Scenario) Events() int {
	n := 0
	for _, call := range s.Calls {
		n += len(call.Events)
	}
	return n
}
