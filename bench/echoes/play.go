package echoes

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"twombly/bench/duplex"
	"twombly/internal/audio"
	"twombly/internal/call"
	"twombly/internal/speech"
)

// Pace is how long things take in a call, in audio time.
type Pace struct {
	// Recognition is from asking for words to having them, Detection the same of turn detection, Thinking from the words to the first of the
	// answer, Voice from there to its sound.
	Recognition, Detection, Thinking, Voice time.Duration
}

// Nets are what a call asks about the person's sound.
type Nets interface {
	VoiceActivity(ctx context.Context, state *speech.VoiceActivityState, frame []float32) (float32, error)
	Transcribe(ctx context.Context, samples []float32) (speech.Transcript, error)
}

const (
	// frameLength is the length of a frame.
	frameLength = speech.FrameSamples * time.Second / duplex.Rate
	// prefix is how much sound before the first voiced frame belongs to what is said, as in a call.
	prefix = 300 * time.Millisecond
	// between is how long nobody speaks before she begins again.
	between = 2500 * time.Millisecond
	// unevenly is by how much her position is looked at too late: packets are 20 ms long.
	unevenly = 20 * time.Millisecond
	// longestWindow is the most that is recognised at once, 30 s.
	longestWindow = 30 * duplex.Rate
)

// player is a call's loop without a call.
type player struct {
	ctx     context.Context
	take    Take
	nets    Nets
	pace    Pace
	without Without

	machine *call.Machine
	own     *call.OwnVoice
	line    *line
	back    Codec
	random  *rand.Rand
	state   speech.VoiceActivityState
	beside  speech.VoiceActivityState // of what is left without her
	now     time.Duration
	heard   []float32 // all that met the microphone
	soon    []due

	replies  int // that were begun
	response int // the draft that is or will be heard, 0 for none
	ready    bool
	quiet    time.Duration // since when nobody has spoken

	event  int // the next of the take's
	told   int // the event before which she said what it asks for, and one
	passed int // replies since the last event
	ended  time.Duration
	began  time.Duration
	saying *saying
	turn   turn
	played Played
}

// due is an input that comes later.
type due struct {
	at    time.Duration
	draft int
	input call.Input
}

// saying is an event that is happening.
type saying struct{ at int }

// turn is the open turn.
type turn struct {
	from  time.Duration
	words string
}

// Play holds a call.
func Play(ctx context.Context, take Take, nets Nets, rules call.Rules, pace Pace, without Without) (Played, error) {
	p := &player{
		ctx: ctx, take: take, nets: nets, pace: pace, without: without, machine: call.NewMachine(rules), own: call.NewOwnVoice(),
		random: rand.New(rand.NewPCG(take.Seed, 11)),
	}
	var err error
	if p.line, err = newLine(take); err != nil {
		return p.played, err
	}
	if take.Codec != nil {
		if p.back, err = take.Codec(duplex.Rate); err != nil {
			return p.played, err
		}
	}
	p.played.Outcomes = make([]Outcome, len(take.Events))
	for p.event < len(take.Events) || p.saying != nil || p.now < p.played.ends+after {
		if err := p.frame(); err != nil {
			return p.played, fmt.Errorf("%s: %w", take.Name, err)
		}
		if p.now > take.Most {
			break // she never gets to it
		}
	}
	p.judge()
	return p.played, nil
}

// after is how long a call goes on after the last that the person does.
const after = 5 * time.Second

// frame lets 32 ms pass.
func (p *player) frame() error {
	echo, level, err := p.line.next()
	if err != nil {
		return err
	}
	p.now += frameLength
	p.noteHer(level)
	samples, err := p.microphone(echo)
	if err != nil {
		return err
	}
	for len(p.soon) > 0 && p.soon[0].at <= p.now {
		next := p.soon[0]
		p.soon = p.soon[1:]
		if err := p.step(next.input); err != nil {
			return err
		}
	}
	if err := p.listen(samples); err != nil {
		return err
	}
	if p.line.over() && p.response != 0 {
		if err := p.step(call.Spoken{Draft: p.response}); err != nil {
			return err
		}
	}
	return p.goOn()
}

// noteHer keeps when she was to be heard.
func (p *player) noteHer(level float64) {
	if level < -50 {
		return
	}
	p.played.Voice += frameLength
	p.played.audible = append(p.played.audible, p.now-frameLength)
}

// microphone mixes what it hears in a frame.
func (p *player) microphone(echo []float32) ([]float32, error) {
	samples := make([]float32, speech.FrameSamples)
	for i := range samples {
		if !p.without.Echo {
			samples[i] = echo[i]
		}
		if len(p.take.Noise) > 0 {
			samples[i] += p.take.Noise[(len(p.heard)+i)%len(p.take.Noise)]
		}
	}
	if p.saying != nil {
		sound := p.take.Events[p.event].Rendered.Samples
		for i := range min(len(samples), len(sound)-p.saying.at) {
			samples[i] += sound[p.saying.at+i]
		}
		if p.saying.at += len(samples); p.saying.at >= len(sound) {
			p.saying, p.passed = nil, 0
			p.event++
			p.played.ends = p.now
		}
	}
	if p.back != nil {
		var err error
		if samples, err = p.back.Through(samples); err != nil {
			return nil, err
		}
	}
	p.heard = append(p.heard, samples...)
	return samples, nil
}

// listen judges a frame as a call does.
func (p *player) listen(samples []float32) error {
	probability, err := p.nets.VoiceActivity(p.ctx, &p.state, samples)
	if err != nil {
		return fmt.Errorf("judge a frame: %w", err)
	}
	item, position := "", time.Duration(0)
	if p.line.on {
		item = p.line.item
		position = p.line.position() - time.Duration(p.random.Int64N(int64(unevenly)))
	}
	beside, err := p.besideHer(p.own.Hears(samples, item, position), probability)
	if err != nil {
		return err
	}
	own := p.own.Whose(probability >= 0.5, beside >= 0.5)
	if p.without.Envelope {
		own, beside = call.NotHers, probability
	}
	if own == call.Hers {
		p.played.Explained++
	}
	probability = min(probability, beside)
	if probability >= 0.5 || p.line.on {
		p.quiet = p.now
	}
	return p.step(call.Frame{Speech: probability, Level: float32(max(-100, audio.Level(samples))), Doubtful: own == call.MaybeHers})
}

// besideHer is how likely there is a voice in what is left of a frame without hers, or that of the frame itself where nothing of hers comes back.
func (p *player) besideHer(left []float32, probability float32) (float32, error) {
	if left == nil {
		p.beside = speech.VoiceActivityState{}
		return probability, nil
	}
	beside, err := p.nets.VoiceActivity(p.ctx, &p.beside, left)
	if err != nil {
		return 0, fmt.Errorf("judge what is left of a frame: %w", err)
	}
	return beside, nil
}

// goOn has happen what is to happen next.
func (p *player) goOn() error {
	if p.event < len(p.take.Events) && p.saying == nil {
		event := p.take.Events[p.event]
		due := p.passed >= event.Skip
		switch event.Kind {
		case Interruption:
			due = due && p.line.on && p.now-p.began >= event.After
		case Repetition:
			due = p.told == p.event+1 && !p.line.on && p.now-p.ended >= event.After
		}
		if due {
			p.saying = &saying{}
			p.played.Outcomes[p.event].from = p.now
			p.note("person", string(event.Kind), event.Said)
		}
	}
	if p.response == 0 && p.saying == nil && p.now-p.quiet > between {
		p.quiet = p.now
		return p.step(call.Typed{Words: "Go on."})
	}
	return nil
}

// nextReply is what she says next.
func (p *player) nextReply() Reply {
	if p.event < len(p.take.Events) {
		if event := p.take.Events[p.event]; event.Reply != nil && p.passed >= event.Skip {
			p.told = p.event + 1
			return event.Reply
		}
	}
	p.replies++
	return p.take.Replies[(p.replies-1)%len(p.take.Replies)]
}

// sound begins her reply.
func (p *player) sound() {
	reply, item := p.nextReply(), "item_"+strconv.Itoa(len(p.played.Trace))
	p.line.begin(item, reply)
	for _, clause := range reply {
		p.own.Plays(item, clause.Text, clause.Utterance)
	}
	p.began = p.now
	p.note("she begins", "", "")
}

// silence ends it.
func (p *player) silence(what, reason string) {
	if p.line.on {
		p.passed++
		p.ended = p.now
		p.note(what, reason, "")
	}
	p.line.hush()
	p.line.soft = false
	p.response = 0
}

func (p *player) later(after time.Duration, draft int, input call.Input) {
	p.soon = append(p.soon, due{at: p.now + after, draft: draft, input: input})
	slices.SortStableFunc(p.soon, func(a, b due) int { return cmp.Compare(a.at, b.at) })
}

// since are the samples from a time on, as far as the microphone has heard.
func (p *player) since(from time.Duration) []float32 {
	return p.heard[max(0, min(len(p.heard), int(from*duplex.Rate/time.Second))):]
}
