package echoes

import (
	"fmt"
	"slices"

	"twombly/internal/call"
)

// step gives the machine an input, and does what it wants.
func (p *player) step(input call.Input) error {
	if ready, ok := input.(call.ClauseReady); ok {
		p.ready = true
		defer p.soundIfReady(ready.Draft)
	}
	for _, intent := range slices.Clone(p.machine.Step(p.now, input)) {
		if err := p.carryOut(intent); err != nil {
			return err
		}
	}
	return nil
}

// soundIfReady begins her reply when its sound is there and it is her turn.
func (p *player) soundIfReady(draft int) {
	if draft == p.response && p.ready && !p.line.on {
		p.sound()
	}
}

// carryOut does what the machine wants, as far as it is heard.
func (p *player) carryOut(intent call.Intent) error {
	switch intent.Action {
	case call.StartHearing:
		p.turn = turn{from: p.now - intent.Back}
		p.note("turn opens", string(intent.Reason), "")
	case call.Recognise:
		return p.recognise(intent.Pause)
	case call.DetectTurnEnd:
		p.detectEnd(intent.Pause)
	case call.Overhear:
		return p.overhear(intent)
	case call.CommitTurn:
		p.note("turn", string(intent.Reason), intent.Words)
		p.played.commits = append(p.played.commits, commit{p.turn.from, p.now, intent.Words})
	case call.DropTurn:
		p.note("turn dropped", string(intent.Reason), p.turn.words)
		p.played.drops = append(p.played.drops, commit{p.turn.from, p.now, p.turn.words})
	case call.Draft:
		p.ready = false
		p.later(intent.Delay+p.pace.Thinking, intent.Draft, call.DraftBegun{Draft: intent.Draft})
		p.later(intent.Delay+p.pace.Thinking+p.pace.Voice, intent.Draft, call.ClauseReady{Draft: intent.Draft})
	case call.DropDraft:
		p.soon = slices.DeleteFunc(p.soon, func(d due) bool { return d.draft == intent.Draft })
	case call.Speak:
		p.response = intent.Draft
		p.soundIfReady(intent.Draft)
	case call.Yield:
		if p.line.on {
			p.played.yields = append(p.played.yields, p.now)
		}
		p.silence("yields", string(intent.Reason))
	case call.Finish:
		p.silence("has ended", "")
	case call.Duck:
		p.line.soft = !p.without.Duck
		p.played.ducks = append(p.played.ducks, p.now-intent.Back)
		p.note("ducks", string(intent.Reason), "")
	case call.Hesitate:
		p.line.hold()
		p.played.hesitations = append(p.played.hesitations, p.now)
		p.note("hesitates", string(intent.Reason), "")
	case call.Resume:
		p.line.release()
		p.note("resumes", string(intent.Reason), "")
	case call.GoOn:
		p.line.release()
		p.line.soft = false
		p.note("goes on", string(intent.Reason), "")
	}
	return nil
}

// recognise has the words of the open turn, as a call does.
func (p *player) recognise(pause int) error {
	samples := p.since(p.turn.from - prefix)
	transcript, err := p.nets.Transcribe(p.ctx, samples[max(0, len(samples)-longestWindow):])
	if err != nil {
		return fmt.Errorf("recognise a turn: %w", err)
	}
	p.turn.words = transcript.Text
	words := call.WordsAs(pause, transcript)
	if !p.without.Words && p.own.Said(transcript.Text, p.turn.from, p.now) {
		words.Bearing = call.HerWords
	}
	p.later(p.pace.Recognition, 0, words)
	return nil
}

// overhear has the words over her voice.
func (p *player) overhear(intent call.Intent) error {
	transcript, err := p.nets.Transcribe(p.ctx, p.since(p.now-min(intent.Back+prefix, call.OverhearMost)))
	if err != nil {
		return fmt.Errorf("recognise what is said over her: %w", err)
	}
	told := call.OverheardAs(intent, p.now, transcript.Text)
	if !p.without.Words {
		told = p.own.Overheard(intent, told, transcript.Text)
	}
	p.note("overheard", string(told.Remark), transcript.Text)
	p.later(p.pace.Recognition, 0, told)
	return nil
}

// detectEnd says that a turn is over, by its sound and its words: how well its end is found is measured elsewhere, and what is heard too soon as a
// turn of hers is the worse for her here.
func (p *player) detectEnd(pause int) {
	p.later(p.pace.Detection, 0, call.Finished{Pause: pause, Probability: surelyOver})
	p.later(p.pace.Detection, 0, call.TurnEnd{Pause: pause, Probability: surelyOver})
}

// surelyOver is a probability that a turn is over.
const surelyOver = 0.9
