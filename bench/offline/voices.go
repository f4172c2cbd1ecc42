package offline

import (
	"context"
	"errors"
	"slices"
	"time"

	"twombly/bench/duplex"
	"twombly/internal/call"
	"twombly/internal/speech"
)

// Voices tells voices apart in a call; the zero value does not.
type Voices struct {
	Net call.Speakers
	// Known is the voice of the call's person, as calls before have learnt it.
	Known call.KnownVoice
	// Comparing is how long a comparison takes.
	Comparing time.Duration
}

// Learn makes a person's voice known from what they have said, as a microphone hears it over noise. What is too short to learn from is left.
func (v *Voices) Learn(ctx context.Context, activity speech.Engine, said []duplex.Rendered, noise []float32, rules call.Rules) error {
	for _, rendered := range said {
		voice, err := Voiced(ctx, activity, rendered, noise, rules)
		if err != nil {
			return err
		}
		if timeOf(len(voice)) < rules.VoiceLeast {
			continue
		}
		print, err := v.Net.VoicePrint(ctx, voice)
		if err != nil {
			return err
		}
		v.Known.Learn(&print)
	}
	return nil
}

// Voiced is the voice in what is said, as a microphone hears it over noise: the frames that hold speech, one behind the other, as far as a call keeps
// them.
func Voiced(ctx context.Context, activity speech.Engine, said duplex.Rendered, noise []float32, rules call.Rules) ([]float32, error) {
	samples := slices.Clone(said.Samples)
	for i := range samples {
		if len(noise) > 0 {
			samples[i] += noise[i%len(noise)]
		}
	}
	var heard call.VoicedSound
	var state speech.VoiceActivityState
	at := time.Duration(0)
	for frame := range slices.Chunk(samples, speech.FrameSamples) {
		if len(frame) < speech.FrameSamples {
			break
		}
		probability, err := activity.VoiceActivity(ctx, &state, frame)
		if err != nil {
			return nil, err
		}
		if at += frameLength; probability >= rules.SpeechProbability {
			heard.Add(frame, at)
		}
	}
	return heard.Since(0), nil
}

// compare answers the machine whose voice it hears.
func (p *player) compare(ctx context.Context, intent call.Intent) error {
	print, err := p.voices.Net.VoicePrint(ctx, p.voiced.Since(p.machine.Position()-intent.Back))
	if err != nil && !errors.Is(err, speech.ErrAudio) {
		return err
	}
	compared := call.Compared{Speaker: intent.Speaker, Likeness: p.voices.Known.Likeness(&print), Failed: err != nil}
	p.later(p.voices.Comparing, 0, compared)
	p.notes = append(p.notes, duplex.Note{AtMS: milliseconds(p.now), What: "compared", Likeness: compared.Likeness})
	return nil
}

// learn learns the person's voice from a turn.
func (p *player) learn(ctx context.Context, intent call.Intent) error {
	print, err := p.voices.Net.VoicePrint(ctx, p.voiced.Since(p.machine.Position()-intent.Back))
	if errors.Is(err, speech.ErrAudio) {
		return nil
	}
	if err != nil {
		return err
	}
	p.voices.Known.Learn(&print)
	p.later(p.voices.Comparing, 0, call.VoiceLearnt{Turns: p.voices.Known.Turns})
	return nil
}
