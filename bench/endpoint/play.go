package endpoint

import (
	"cmp"
	"context"
	"slices"
	"time"

	"twombly/bench/duplex"
	"twombly/internal/call"
	"twombly/internal/speech"
)

// Pace is how long things take in a call, in audio time, and what it knows.
type Pace struct {
	// Recognition is from a pause to its words, Detection from asking turn detection to its verdict, Thinking from the words to
	// the first of the answer, Voice from there to its sound.
	Recognition, Detection, Thinking, Voice time.Duration
	// Words is true where they are judged for the end of a turn too, and not their sound alone.
	Words bool
}

// prefix is how much sound before the first voiced frame belongs to a turn, as in a call.
const prefix = 300 * time.Millisecond

// Played is what came of a take: when turns were committed, and why. Times are those of the take.
type Played struct {
	Commits []Commit
	// Pauses are what was recognised in each.
	Pauses []Recognised
}

// Recognised are the words up to a pause.
type Recognised struct {
	At         time.Duration
	Words      string
	Confidence float32
}

// Commit is the end of a turn as she took it.
type Commit struct {
	At     time.Duration
	Reason call.Reason
	Words  string
}

// player is a call's loop without a call.
type player struct {
	*Hearing
	machine *call.Machine
	pace    Pace
	before  time.Duration // the length of the takes before this one
	now     time.Duration // in this take
	turn    int           // its first sample
	words   string        // those of the pause
	soon    []due
	played  Played
}

// due is an input that comes later.
type due struct {
	at    time.Duration
	draft int
	input call.Input
}

// frameLength is the length of a frame.
const frameLength = speech.FrameSamples * time.Second / duplex.Rate

// Play lets a machine with these rules listen to a take. She says nothing: what is of interest is over when she would begin.
func Play(ctx context.Context, heard *Hearing, rules call.Rules, pace Pace) (Played, error) {
	played, err := PlayCalls(ctx, []*Hearing{heard}, rules, pace)
	return played[0], err
}

// PlayCalls lets machines with these rules listen to takes, a machine to those of one call: so it knows the person by the later ones.
func PlayCalls(ctx context.Context, heard []*Hearing, rules call.Rules, pace Pace) ([]Played, error) {
	all := make([]Played, len(heard))
	var p *player
	for i, hearing := range heard {
		if i == 0 || hearing.Call != heard[i-1].Call {
			p = &player{machine: call.NewMachine(rules), pace: pace}
		}
		p.Hearing, p.now, p.turn, p.words, p.soon, p.played = hearing, 0, 0, "", nil, Played{}
		if err := p.play(ctx); err != nil {
			return all, err
		}
		all[i] = p.played
	}
	return all, nil
}

// play lets the machine listen to one take.
func (p *player) play(ctx context.Context) error {
	for _, frame := range p.frames {
		p.now += frameLength
		for len(p.soon) > 0 && p.soon[0].at <= p.now {
			next := p.soon[0]
			p.soon = p.soon[1:]
			if err := p.step(ctx, next.input); err != nil {
				return err
			}
		}
		if err := p.step(ctx, call.Frame{Speech: frame.speech, Level: frame.level}); err != nil {
			return err
		}
	}
	err := p.step(ctx, call.ClearAudio{}) // a turn that is still open ends with its take
	p.before += p.now
	return err
}

// step gives the machine an input, and does what it wants as far as that decides about turns.
func (p *player) step(ctx context.Context, input call.Input) error {
	for _, intent := range slices.Clone(p.machine.Step(p.before+p.now, input)) {
		switch intent.Action {
		case call.StartHearing:
			p.turn = max(0, samplesOf(p.now-intent.Back-prefix))
		case call.Recognise:
			words, err := p.wordsIn(ctx, p.sinceTurn())
			if err != nil {
				return err
			}
			p.words = words.Text
			p.later(p.pace.Recognition, 0, call.WordsAs(intent.Pause, words))
			p.played.Pauses = append(p.played.Pauses, Recognised{At: p.now, Words: words.Text, Confidence: words.Confidence})
		case call.DetectTurnEnd:
			probability, err := p.endIn(ctx, p.sinceTurn())
			if err != nil {
				return err
			}
			finished, err := p.judge(ctx, p.words)
			if err != nil {
				return err
			}
			if p.pace.Words {
				p.later(p.pace.Detection, 0, call.Finished{Pause: intent.Pause, Probability: finished})
			}
			p.later(p.pace.Detection, 0, call.TurnEnd{Pause: intent.Pause, Probability: probability})
		case call.Draft:
			p.later(intent.Delay+p.pace.Thinking, intent.Draft, call.DraftBegun{Draft: intent.Draft})
			p.later(intent.Delay+p.pace.Thinking+p.pace.Voice, intent.Draft, call.ClauseReady{Draft: intent.Draft})
		case call.DropDraft:
			p.soon = slices.DeleteFunc(p.soon, func(d due) bool { return d.draft == intent.Draft })
		case call.CommitTurn:
			p.played.Commits = append(p.played.Commits, Commit{At: p.now, Reason: intent.Reason, Words: intent.Words})
		case call.Speak:
			// Her voice would be heard now, and what follows would be an overlap: here it is another turn.
			p.later(0, 0, call.CancelResponse{})
		}
	}
	return nil
}

// sinceTurn is the open turn so far.
func (p *player) sinceTurn() stretch { return stretch{p.turn, min(len(p.Samples), samplesOf(p.now))} }

func (p *player) later(after time.Duration, draft int, input call.Input) {
	p.soon = append(p.soon, due{at: p.now + after, draft: draft, input: input})
	slices.SortStableFunc(p.soon, func(a, b due) int { return cmp.Compare(a.at, b.at) })
}

func samplesOf(d time.Duration) int { return int(d * duplex.Rate / time.Second) }
