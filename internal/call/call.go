package call

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"twombly/internal/companion"
	"twombly/internal/speech"
)

// Options is what a call needs. Engine, Talker and Mouth are required.
type Options struct {
	Engine   speech.Engine
	Talker   Talker
	Mouth    Mouth
	Settings Settings
	// Greets makes her speak first when the call begins.
	Greets bool
	// Meets lets the first meeting be held in this call: our own page and command line can.
	Meets bool
	// Phrases, when not nil, keeps the sound of what she says when something in her stops, for all calls.
	Phrases *Phrases
	// EndOfTurn, when not nil, judges words at pauses.
	EndOfTurn EndOfTurn
	// Speakers, when not nil, tells voices apart.
	Speakers Speakers
	// Without are layers of turn-taking that are left out, to measure what each gives.
	Without Layers
	// Trace, when not nil, receives every input and intent.
	Trace *Trace
	// Log receives what went wrong, never words.
	Log *slog.Logger
}

// Call is one live call. Make it with New and give it life with Run; its Line methods may be used from any goroutine
// while it runs.
type Call struct {
	engine  speech.Engine
	talker  Talker
	mouth   Mouth
	ends    EndOfTurn // nil where words are not judged
	trace   *Trace
	log     *slog.Logger
	greets  bool
	meets   atomic.Bool
	phrases *Phrases
	without Layers

	begun    time.Time
	inbox    chan func()
	recorder chan func(context.Context)
	sound    *soundQueue
	begins   chan struct{} // closed when Run has begun
	done     chan struct{} // closed when Run ends
	work     sync.WaitGroup
	ctx      context.Context // of the run; set before anything else starts

	settingsLock sync.Mutex
	settings     Settings

	// Everything below belongs to the loop.
	machine       *Machine
	hearing       hearing
	drafts        map[int]*draft
	response      *response
	past          []*response         // the last few, for a client's late truncation
	writtenOver   *response           // a message was written while this one was in the making or being heard
	respondAfter  bool                // an answer was asked for while the last one was still being heard
	exchange      []companion.Message // calls of tools since the last answer, and what came of them
	previousItem  string
	state         string
	renewing      bool            // the opening of what the mind reads is being renewed
	whenQuiet     []chan struct{} // closed when nobody waits for the mind
	acknowledging acknowledging
	overhearings  []*overhearing // those that run, in order
	own           *OwnVoice
	voices        voices
	pace          pace
	murmurs       murmurs
}

// pastResponses is how many responses a client can still truncate after they ended.
const pastResponses = 16

// New prepares a call.
func New(options Options) *Call {
	log := options.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	c := &Call{
		engine:   options.Engine,
		talker:   options.Talker,
		mouth:    options.Mouth,
		ends:     options.EndOfTurn,
		trace:    options.Trace,
		log:      log,
		greets:   options.Greets,
		settings: options.Settings,
		inbox:    make(chan func(), 64),
		recorder: make(chan func(context.Context), 256),
		sound:    newSoundQueue(),
		begins:   make(chan struct{}),
		done:     make(chan struct{}),
		machine:  NewMachine(rulesOf(options.Settings).LeaveOut(options.Without)),
		drafts:   map[int]*draft{},
		own:      NewOwnVoice(),
		phrases:  options.Phrases,
		without:  options.Without,
	}
	if c.voices.net = options.Speakers; c.voices.net != nil {
		c.machine, c.voices.heard = NewMachine(c.rules(options.Settings)), &VoicedSound{}
	}
	c.meets.Store(options.Meets)
	return c
}

// HoldMeetings lets the first meeting be held in this call from now on.
func (c *Call) HoldMeetings() { c.meets.Store(true) }

// Run holds the call until the context ends, then records what was heard of a running response, and returns when
// everything that it started has ended.
func (c *Call) Run(ctx context.Context) error {
	runContext, cancel := context.WithCancel(ctx)
	defer cancel()
	c.ctx, c.begun = runContext, time.Now()
	close(c.begins)
	c.trace.begin(c.machine.rules)

	recorded := make(chan struct{})
	go func() {
		defer close(recorded)
		// What was said must reach the disk also when the call ends.
		for job := range c.recorder {
			job(context.WithoutCancel(ctx))
		}
	}()
	c.work.Go(func() { c.listen(runContext) })
	if c.Settings().Audio {
		c.work.Go(func() { c.preparePhrases(runContext) })
	}
	known := c.talker.Habits()
	c.acquaint(known)
	if c.greets {
		c.step(Opening{})
	}
	c.setState("listening")
	c.loop(runContext)

	unfinished := c.hearing.turn
	if c.response != nil {
		unfinished = nil
	}
	c.hangUp()
	cancel()
	close(c.done)
	c.sound.close()
	c.work.Wait()
	c.keepUnfinished(context.WithoutCancel(ctx), unfinished)
	c.keepHabits(known)
	c.keepPersonVoice()
	close(c.recorder)
	<-recorded
	c.written()
	return context.Cause(ctx)
}

// loop runs what others post, and the machine's deadlines.
func (c *Call) loop(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Stop()
		var deadline <-chan time.Time
		if at, due := c.nextWake(); due {
			timer.Reset(max(time.Millisecond, at-c.now()))
			deadline = timer.C
		}
		select {
		case job := <-c.inbox:
			job()
		case <-deadline:
			c.checkSpoken()
			c.step(Tick{})
		case <-ctx.Done():
			return
		}
	}
}

// nextWake is the nearer of the machine's deadline and the response's.
func (c *Call) nextWake() (time.Duration, bool) {
	at, due := c.machine.Wake()
	if spoken, waiting := c.spokenDeadline(); waiting && (!due || spoken < at) {
		return spoken, true
	}
	return at, due
}

// post hands a job to the loop; false when the call has ended.
func (c *Call) post(job func()) bool {
	<-c.begins // a client can be faster than the goroutine that runs its call
	select {
	case c.inbox <- job:
		return true
	case <-c.done:
		return false
	case <-c.ctx.Done():
		return false
	}
}

// now is real time since the call began, never 0.
func (c *Call) now() time.Duration { return max(1, time.Since(c.begun)) }

// step gives the machine an input and carries out what it wants.
func (c *Call) step(input Input) {
	at := c.now().Truncate(time.Microsecond)
	intents := c.machine.Step(at, input)
	c.trace.step(at, input, intents)
	// The slice is the machine's; carrying out may step it again.
	todo := make([]Intent, len(intents))
	copy(todo, intents)
	for _, intent := range todo {
		c.carryOut(intent)
	}
	c.tellQuiet()
}

// setState reports what she is doing when it changed.
func (c *Call) setState(state string) {
	if state == c.state {
		return
	}
	c.state = state
	c.tell(StateChanged{State: state})
}

func (c *Call) voice() speech.Voice {
	if settings := c.Settings(); len(settings.Voice.Blend) > 0 {
		return settings.Voice
	}
	return speech.Voice(c.talker.Voice())
}

// newID makes an identifier of the protocol's form.
func newID(prefix string) string {
	var random [10]byte
	// Reading from crypto/rand never fails (its documentation since Go 1.24).
	_, _ = rand.Read(random[:])
	return prefix + hex.EncodeToString(random[:])
}
