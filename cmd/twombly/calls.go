package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"twombly/internal/call"
	"twombly/internal/companion"
	"twombly/internal/realtime"
)

// calls makes the calls of all transports, and waits for them at the end.
type calls struct {
	body   *body
	rooms  *rooms
	traces *traces
	log    *slog.Logger
	work   sync.WaitGroup
}

var _ realtime.Calls = (*calls)(nil)

// Open implements realtime.Calls.
func (c *calls) Open(ctx context.Context, who realtime.Caller, mouth call.Mouth, settings call.Settings) (call.Line, error) {
	opened, err := c.rooms.room(ctx, who.PersonID)
	if err != nil {
		return nil, err
	}
	settings.Meeting = who.Page
	if c.body.ears == nil {
		settings.Audio = false
	}
	trace, err := c.traces.begin(opened)
	if err != nil {
		return nil, fmt.Errorf("begin the call's trace: %w", err)
	}
	options := call.Options{
		Engine: c.body.engine(), Talker: opened.companion, Mouth: mouth, Settings: settings, Log: c.log,
		Greets: who.Page && !opened.companion.Met(),
	}
	if trace != nil {
		options.Trace = trace.Trace
	}
	running := call.New(options)
	c.work.Go(func() {
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
	return running, nil
}

// warm has the mind read the persona and the conversation so far before the person has said anything.
func (c *calls) warm(ctx context.Context, opened *room) {
	if err := opened.companion.Prepare(ctx, companion.Turn{Channel: companion.ByVoice}); err != nil && ctx.Err() == nil {
		c.log.Warn("reading the conversation ahead failed", "error", err)
	}
}
