package endpoint

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"twombly/bench/duplex"
	"twombly/internal/audio"
	"twombly/internal/speech"
)

// lead is the quiet, or the noise, before a turn, and tail after it: more than any rule waits.
const (
	lead = time.Second
	tail = 3500 * time.Millisecond
)

// Take is a turn of a person as the microphone hears it.
type Take struct {
	// Call names the one it is from; takes of one call are of one person, in order.
	Call  string
	Event duplex.Event
	Level string
	// Samples at duplex.Rate; Voiced are the stretches of voice in them, in order.
	Samples []float32
	Voiced  []duplex.Stretch
}

// NewTake puts a rendered event into a room. noise is heard all the time, over and over; empty is a quiet room.
func NewTake(event duplex.Event, level string, rendered duplex.Rendered, noise []float32) Take {
	before, after := int(lead.Seconds()*duplex.Rate), int(tail.Seconds()*duplex.Rate)
	take := Take{Event: event, Level: level, Samples: make([]float32, before+len(rendered.Samples)+after)}
	copy(take.Samples[before:], rendered.Samples)
	for i := range take.Samples {
		if len(noise) > 0 {
			take.Samples[i] += noise[i%len(noise)]
		}
	}
	for _, stretch := range rendered.Voiced {
		take.Voiced = append(take.Voiced, duplex.Stretch{From: stretch.From + lead, To: stretch.To + lead})
	}
	return take
}

// Spoken ends an event where voice activity is last heard in it before there is any noise, when that is long before what is loud enough
// to be voice: a click behind the last word, or a breath, is nothing by which anybody could tell that the turn went on.
func Spoken(ctx context.Context, rendered duplex.Rendered, nets Nets) (duplex.Rendered, error) {
	var state speech.VoiceActivityState
	var at, run, heard time.Duration
	for samples := range slices.Chunk(rendered.Samples, speech.FrameSamples) {
		if len(samples) < speech.FrameSamples {
			break
		}
		probability, err := nets.VoiceActivity(ctx, &state, samples)
		if err != nil {
			return rendered, fmt.Errorf("judge what is said: %w", err)
		}
		at += frameLength
		run += frameLength
		if probability < 0.5 {
			run = 0
		}
		if run >= shortestSpoken {
			heard = at
		}
	}
	rendered.Voiced = slices.Clone(rendered.Voiced)
	for n := len(rendered.Voiced); n > 0; n-- {
		last := &rendered.Voiced[n-1]
		if heard > last.From || n == 1 {
			if heard > last.From && last.To-heard > longestBreath {
				last.To = heard
			}
			break
		}
		rendered.Voiced = rendered.Voiced[:n-1]
	}
	return rendered, nil
}

const (
	// shortestSpoken is the least unbroken voice that is speech.
	shortestSpoken = 96 * time.Millisecond
	// longestBreath is how long a word may die away without being heard as voice.
	longestBreath = 600 * time.Millisecond
)

// Pauses are the silences between its stretches that are long enough to be taken for an end.
func (t Take) Pauses() (pauses []duplex.Stretch) {
	for i := range t.Voiced[:len(t.Voiced)-1] {
		if from, to := t.Voiced[i].To, t.Voiced[i+1].From; to-from >= shortestPause {
			pauses = append(pauses, duplex.Stretch{From: from, To: to})
		}
	}
	return pauses
}

// shortestPause is the shortest pause that is counted.
const shortestPause = 300 * time.Millisecond

// End is where its voice ends.
func (t Take) End() time.Duration { return t.Voiced[len(t.Voiced)-1].To }

// Nets are what a call asks about the person's sound.
type Nets interface {
	VoiceActivity(ctx context.Context, state *speech.VoiceActivityState, frame []float32) (float32, error)
	TurnEnd(ctx context.Context, samples []float32) (float32, error)
	Transcribe(ctx context.Context, samples []float32) (speech.Transcript, error)
	EndOfTurn(ctx context.Context, words string) (float32, error)
}

// frame is what is known of 32 ms of sound.
type frame struct{ speech, level float32 }

// Hearing is a Take with what the nets say of it.
type Hearing struct {
	Take
	nets   Nets
	frames []frame
	words  map[stretch]speech.Transcript
	ends   map[stretch]float32
	judged map[string]float32
}

// stretch is a part of a take, in samples.
type stretch struct{ from, to int }

// Hear has voice activity judged in every frame of a take.
func Hear(ctx context.Context, take Take, nets Nets) (*Hearing, error) {
	h := &Hearing{Take: take, nets: nets, words: map[stretch]speech.Transcript{}, ends: map[stretch]float32{}, judged: map[string]float32{}}
	var state speech.VoiceActivityState
	for samples := range slices.Chunk(take.Samples, speech.FrameSamples) {
		if len(samples) < speech.FrameSamples {
			break
		}
		probability, err := nets.VoiceActivity(ctx, &state, samples)
		if err != nil {
			return nil, fmt.Errorf("judge %s: %w", take.Event, err)
		}
		h.frames = append(h.frames, frame{speech: probability, level: float32(math.Max(-100, audio.Level(samples)))})
	}
	return h, nil
}

// wordsIn are the words of a part of it.
func (h *Hearing) wordsIn(ctx context.Context, part stretch) (speech.Transcript, error) {
	if words, known := h.words[part]; known {
		return words, nil
	}
	samples := h.Samples[part.from:part.to]
	transcript, err := h.nets.Transcribe(ctx, samples[max(0, len(samples)-longestWindow):])
	if err != nil {
		return transcript, fmt.Errorf("recognise %s: %w", h.Event, err)
	}
	h.words[part] = transcript
	return transcript, nil
}

// longestWindow is the most that is recognised at once, 30 s.
const longestWindow = 30 * duplex.Rate

// endIn is turn detection's probability that a part of it is a whole turn.
func (h *Hearing) endIn(ctx context.Context, part stretch) (float32, error) {
	if probability, known := h.ends[part]; known {
		return probability, nil
	}
	probability, err := h.nets.TurnEnd(ctx, h.Samples[max(part.from, part.to-turnEndSamples):part.to])
	if err != nil {
		return 0, fmt.Errorf("detect the end of %s: %w", h.Event, err)
	}
	h.ends[part] = probability
	return probability, nil
}

// judge is how likely words are all of the turn.
func (h *Hearing) judge(ctx context.Context, words string) (float32, error) {
	if probability, known := h.judged[words]; known {
		return probability, nil
	}
	probability, err := h.nets.EndOfTurn(ctx, words)
	if err != nil {
		return 0, fmt.Errorf("judge the words of %s: %w", h.Event, err)
	}
	h.judged[words] = probability
	return probability, nil
}

// turnEndSamples is how much turn detection listens to, 8 s, as in a call.
const turnEndSamples = 8 * duplex.Rate
