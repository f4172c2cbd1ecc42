package offline

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"twombly/bench/duplex"
	"twombly/bench/endpoint"
	"twombly/internal/call"
	"twombly/internal/speech"
)

// Pace is how long things take in a call, in audio time.
type Pace struct {
	endpoint.Pace
	// Overhearing is from asking what is said over her voice to knowing it, Transport from a decision to the client's loudspeaker.
	Overhearing, Transport time.Duration
	// Names are what she and the person are called.
	Names []string
}

// Played is what came of a call.
type Played struct {
	Call     Call
	Outcomes []Outcome
}

// Outcome is what came of an event, and why.
type Outcome struct {
	duplex.Outcome
	// PausesMS are those that she made because of it, and went on.
	PausesMS []float64 `json:"pauses_ms,omitempty"`
}

// prefix is how much sound before the first voiced frame belongs to a turn, and overhearMost the most that is recognised over her voice,
// as in a call.
const (
	prefix       = 300 * time.Millisecond
	overhearMost = 2 * time.Second
	frameLength  = speech.FrameSamples * time.Second / speech.HearingRate
)

// player is a call's loop without a call.
type player struct {
	Call
	*endpoint.Hearing
	machine *call.Machine
	voices  Voices
	voiced  call.VoicedSound
	rules   call.Rules
	pace    Pace
	her     her
	now     time.Duration
	turn    int    // its first sample
	words   string // those of the pause
	soon    []due
	notes   []duplex.Note // AtMS is in audio time
	pauses  []duplex.Note // those that she made, when they were over
	commits []time.Duration
}

// due is an input that comes later.
type due struct {
	at    time.Duration
	draft int
	input call.Input
}

// Play lets a machine with these rules hold a call, and judges what came of its events.
func Play(ctx context.Context, laid Call, nets endpoint.Nets, rules call.Rules, pace Pace, voice speech.Utterance, voices Voices) (Played, error) {
	played := Played{Call: laid}
	heard, err := endpoint.Hear(ctx, laid.take, nets)
	if err != nil {
		return played, err
	}
	p := &player{Call: laid, Hearing: heard, machine: call.NewMachine(rules), rules: rules, pace: pace, voices: voices, her: her{voice: voice, places: call.Places(voice)}}
	if err := p.step(ctx, call.Acquainted{VoiceTurns: voices.Known.Turns}); err != nil {
		return played, err
	}
	next := 0
	for frame := range heard.Frames() {
		if next < len(laid.Events) && p.now >= laid.Events[next].From {
			if err := p.begin(ctx, laid.Events[next]); err != nil {
				return played, err
			}
			next++
		}
		p.now += frameLength
		if err := p.hear(ctx, frame); err != nil {
			return played, err
		}
		p.her.sound(p.now + pace.Transport)
	}
	for i, event := range laid.Events {
		outcome := p.judge(event)
		outcome.ID = fmt.Sprintf("%s/%d", laid.Name, i+1)
		played.Outcomes = append(played.Outcomes, outcome)
	}
	return played, nil
}

// begin has her silent for an event, or speaking.
func (p *player) begin(ctx context.Context, event Placed) error {
	if err := p.step(ctx, call.HardStop{}); err != nil {
		return err
	}
	if !event.During {
		return nil
	}
	return p.step(ctx, call.Typed{Words: event.Prompt})
}

// hear gives the machine what is due, and a frame.
func (p *player) hear(ctx context.Context, frame call.Frame) error {
	for len(p.soon) > 0 && p.soon[0].at <= p.now {
		next := p.soon[0]
		p.soon = p.soon[1:]
		if err := p.step(ctx, next.input); err != nil {
			return err
		}
	}
	if frame.Speech >= p.rules.SpeechProbability {
		to := samplesIn(p.now)
		p.voiced.Add(p.Samples[to-speech.FrameSamples:to], p.machine.Position()+frameLength)
	}
	return p.step(ctx, frame)
}

// step gives the machine an input, and does what it wants.
func (p *player) step(ctx context.Context, input call.Input) error {
	if made, ok := input.(call.ClauseReady); ok {
		p.her.made(made.Draft, p.now)
	}
	for _, intent := range slices.Clone(p.machine.Step(p.now, input)) {
		if err := p.carryOut(ctx, intent); err != nil {
			return err
		}
	}
	return nil
}

func (p *player) carryOut(ctx context.Context, intent call.Intent) error {
	switch intent.Action {
	case call.StartHearing:
		p.turn = max(0, samplesIn(p.now-intent.Back-prefix))
	case call.Recognise:
		return p.recognise(ctx, intent)
	case call.DetectTurnEnd:
		return p.detect(ctx, intent)
	case call.Overhear:
		return p.overhear(ctx, intent)
	case call.CompareVoice:
		return p.compare(ctx, intent)
	case call.LearnVoice:
		return p.learn(ctx, intent)
	case call.Draft:
		p.later(intent.Delay+p.pace.Thinking, intent.Draft, call.DraftBegun{Draft: intent.Draft})
		p.later(intent.Delay+p.pace.Thinking+p.pace.Voice, intent.Draft, call.ClauseReady{Draft: intent.Draft})
	case call.DropDraft:
		p.soon = slices.DeleteFunc(p.soon, func(d due) bool { return d.draft == intent.Draft })
	case call.CommitTurn:
		p.commits = append(p.commits, p.now)
		p.note(string(intent.Action)+": "+string(intent.Reason), intent.Words)
	case call.Speak:
		p.her.speak(intent.Draft, p.now)
	case call.Yield:
		p.her.stop(p.now + p.pace.Transport)
		p.note(string(intent.Action)+": "+string(intent.Reason), "")
	case call.Hesitate:
		p.her.hesitate()
		p.note(string(intent.Action), "")
	case call.Resume, call.GoOn:
		if stood := p.her.goOn(); stood > 0 {
			p.pauses = append(p.pauses, duplex.Note{AtMS: milliseconds(p.now), LastsMS: milliseconds(stood)})
		}
		p.note(string(intent.Action)+": "+string(intent.Reason), "")
	}
	return nil
}

func (p *player) recognise(ctx context.Context, intent call.Intent) error {
	from, to := p.sinceTurn()
	words, err := p.WordsIn(ctx, from, to)
	if err != nil {
		return err
	}
	p.words = words.Text
	p.later(p.pace.Recognition, 0, call.WordsAs(intent.Pause, words, p.pace.Names...))
	return nil
}

func (p *player) detect(ctx context.Context, intent call.Intent) error {
	from, to := p.sinceTurn()
	probability, err := p.EndIn(ctx, from, to)
	if err != nil {
		return err
	}
	if p.pace.Words {
		finished, err := p.Judged(ctx, p.words)
		if err != nil {
			return err
		}
		p.later(p.pace.Detection, 0, call.Finished{Pause: intent.Pause, Probability: finished})
	}
	p.later(p.pace.Detection, 0, call.TurnEnd{Pause: intent.Pause, Probability: probability})
	return nil
}

func (p *player) overhear(ctx context.Context, intent call.Intent) error {
	to := min(len(p.Samples), samplesIn(p.now))
	words, err := p.WordsIn(ctx, max(0, to-samplesIn(min(intent.Back+prefix, overhearMost))), to)
	if err != nil {
		return err
	}
	heard := call.OverheardAs(intent, p.machine.Position(), words.Text, p.pace.Names...)
	p.later(p.pace.Overhearing, 0, heard)
	p.note(fmt.Sprintf("overheard: %s %.2f", heard.Remark, words.Confidence), words.Text)
	return nil
}

// sinceTurn is the open turn so far, in samples.
func (p *player) sinceTurn() (from, to int) { return p.turn, min(len(p.Samples), samplesIn(p.now)) }

func (p *player) later(after time.Duration, draft int, input call.Input) {
	p.soon = append(p.soon, due{at: p.now + after, draft: draft, input: input})
	slices.SortStableFunc(p.soon, func(a, b due) int { return cmp.Compare(a.at, b.at) })
}

func (p *player) note(what, said string) {
	p.notes = append(p.notes, duplex.Note{AtMS: milliseconds(p.now), What: what, Said: said})
}

// judge says what came of an event.
func (p *player) judge(event Placed) Outcome {
	performed := duplex.Performed{Event: event.Event, Voiced: event.Voiced}
	until := event.Voiced[len(event.Voiced)-1].To + duplex.Listen(event.Event)
	for _, at := range p.commits {
		if at >= event.From && at < until {
			performed.Commits = append(performed.Commits, at)
		}
	}
	o := Outcome{Outcome: duplex.Judge(performed, &p.her.heard, p.her.replies)}
	o.Call, o.Level = p.Name, p.Call.Level()
	begins := milliseconds(event.Voiced[0].From)
	for _, note := range p.notes {
		if note.AtMS >= milliseconds(event.From) && note.AtMS < milliseconds(until) {
			note.AtMS -= begins
			o.Notes = append(o.Notes, note)
		}
	}
	for _, pause := range p.pauses {
		if pause.AtMS >= begins && pause.AtMS < milliseconds(until) {
			o.PausesMS = append(o.PausesMS, pause.LastsMS)
		}
	}
	return o
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
