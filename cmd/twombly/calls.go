package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"twombly/internal/call"
	"twombly/internal/companion"
	"twombly/internal/native/worker"
	"twombly/internal/realtime"
	"twombly/internal/speech"
)

// calls makes the calls of all transports, and waits for them at the end.
type calls struct {
	body   *body
	rooms  *rooms
	traces *traces
	// phrases are what she says in trouble, prepared once for all calls.
	phrases *call.Phrases
	// without are layers of turn-taking that a benchmark has left out.
	without call.Layers
	log     *slog.Logger
	work    sync.WaitGroup
}

var _ realtime.Calls = (*calls)(nil)

// Open implements realtime.Calls.
func (c *calls) Open(ctx context.Context, who realtime.Caller, mouth call.Mouth, settings call.Settings) (call.Line, error) {
	opened, err := c.rooms.room(ctx, who.PersonID)
	if err != nil {
		return nil, err
	}
	if c.body.ears == nil {
		settings.Audio = false
	}
	trace, err := c.traces.begin(opened)
	if err != nil {
		return nil, fmt.Errorf("begin the call's trace: %w", err)
	}
	options := call.Options{
		Engine: c.body.engine(), Talker: opened.companion, Mouth: mouth, Settings: settings, Log: c.log,
		Greets: who.Page && !opened.companion.Met(), Meets: who.Page, Phrases: c.phrases,
		EndOfTurn: c.body.endOfTurn(), Speakers: c.body.speakers(), Without: c.without,
	}
	if trace != nil {
		options.Trace = trace.Trace
	}
	running := call.New(options)
	forget := c.tell(mouth, opened)
	c.work.Go(func() {
		defer forget()
		// It always ends with its context, whose cause says why.
		_ = running.Run(ctx)
		if trace != nil {
			if err := trace.end(); err != nil {
				c.log.Error("a call's trace could not be kept", "error", err)
			} else {
				c.log.Info("the call's trace was kept", "trace", trace.name)
			}
		}
	})
	c.work.Go(func() { c.warm(ctx, opened) })
	return line{running}, nil
}

// line is a call that takes notice of what a client says about itself: one that does is ours and can hold the first
// meeting.
type line struct{ *call.Call }

var _ realtime.ClientReporter = line{}

// Client implements realtime.ClientReporter.
func (l line) Client(realtime.ClientReport) { l.HoldMeetings() }

// tell keeps a client told of what happens outside its call: the first meeting moves on, a worker dies. The returned
// function ends it.
func (c *calls) tell(mouth call.Mouth, opened *room) (forget func()) {
	teller, ok := mouth.(realtime.Teller)
	if !ok {
		return func() {}
	}
	stops := []func(){opened.companion.OnChange(teller.MeetingMoved)}
	for part, watch := range c.body.workers() {
		stops = append(stops, watch(func(state worker.State) {
			if state.Phase == worker.Restarting || state.Phase == worker.Stopped {
				teller.Notice(part+"_"+state.Phase.String(), state.Reason)
			}
		}))
	}
	return func() {
		for _, stop := range stops {
			stop()
		}
	}
}

// foresee has her voice say ahead of time what may have to be said at once.
func (c *calls) foresee(ctx context.Context, opened *room) {
	if c.body.ears == nil {
		return
	}
	err := c.phrases.Prepare(ctx, c.body.engine(), speech.Voice(opened.companion.Voice()), nil)
	if err != nil && ctx.Err() == nil {
		c.log.Warn("what she says in trouble was not prepared", "error", err)
	}
}

// warm has the mind read the persona and the conversation so far before the person has said anything.
func (c *calls) warm(ctx context.Context, opened *room) {
	if err := opened.companion.Prepare(ctx, companion.Turn{Channel: companion.ByVoice}); err != nil && ctx.Err() == nil {
		c.log.Warn("reading the conversation ahead failed", "error", err)
	}
}
