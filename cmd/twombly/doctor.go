package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"twombly/internal/config"
	"twombly/internal/native"
	"twombly/internal/people/control"
)

// doctorCommand checks each part of her.
type doctorCommand struct {
	JSON          bool `name:"json" help:"Print the findings as JSON."`
	Full          bool `help:"Also hash every model file and verify the whole journal."`
	config.Config `embed:""`
}

// Help implements kong.HelpProvider.
func (doctorCommand) Help() string {
	return `Each part is tried, and what is broken is said together with how to mend it. While a server runs on the data folder,
its parts are asked instead of being started a second time. It ends with status 1 if something is broken.

Examples:

  twombly doctor
  twombly doctor --full
  twombly doctor --json | jq '.findings[] | select(.state=="broken")'`
}

// findingState is how a part is.
type findingState string

const (
	fine   findingState = "fine"
	note   findingState = "note"   // worth knowing; she works all the same
	broken findingState = "broken" // something does not work
)

// finding is what was found out about one part.
type finding struct {
	Part     string       `json:"part"`
	State    findingState `json:"state"`
	Sentence string       `json:"sentence"`
	// Mend says what to do, where something is to be done.
	Mend string `json:"mend,omitempty"`
	// Milliseconds is how long the part took to show that it works, where that says something.
	Milliseconds int64 `json:"ms,omitempty"`
}

// errBroken means that the doctor found something to mend.
var errBroken = errors.New("something is broken; see above")

// examination is one visit to the doctor.
type examination struct {
	settings config.Config
	full     bool
	term     terminal
	log      *slog.Logger
	store    *native.Store
	server   *control.Client // nil when none runs on the data folder
	findings []finding
	show     io.Writer // nil when nothing is shown before the end
}

func (d *doctorCommand) Run(ctx context.Context, term terminal) error {
	e := &examination{settings: d.Config, full: d.Full, term: term, log: slog.New(slog.DiscardHandler)}
	if !d.JSON {
		e.show = term.out
	}
	store, err := openStore(d.Cache, e.log)
	if err != nil {
		return err
	}
	e.store = store
	if err := e.all(ctx); err != nil {
		return err
	}
	bad := 0
	for _, found := range e.findings {
		if found.State == broken {
			bad++
		}
	}
	if d.JSON {
		err = printJSON(term.out, struct {
			Sound    bool      `json:"sound"`
			Findings []finding `json:"findings"`
		}{bad == 0, e.findings})
	} else if bad == 0 {
		_, err = fmt.Fprintln(term.out, "\nEverything she needs works.")
	}
	if err == nil && bad > 0 {
		err = errBroken
	}
	return err
}

// all examines every part, those first that others hang on.
func (e *examination) all(ctx context.Context) error {
	client, err := control.Dial(ctx, e.settings.Data)
	switch {
	case err == nil:
		e.server = client
		defer client.Close()
	case !errors.Is(err, control.ErrNoServer):
		e.found(finding{Part: "server", State: broken, Sentence: err.Error(), Mend: "stop it and start it again: twombly serve"})
	}
	for _, part := range []func(context.Context){
		e.program, e.processor, e.memory, e.disk, e.configuration, e.page, e.door, e.data, e.models, e.opus, e.voices, e.body, e.otherMinds,
	} {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		part(ctx)
	}
	return ctx.Err()
}

// found notes a finding and shows it.
func (e *examination) found(f finding) {
	e.findings = append(e.findings, f)
	if e.show == nil {
		return
	}
	took := ""
	if f.Milliseconds > 0 {
		took = fmt.Sprintf(" (%.1f s)", float64(f.Milliseconds)/1000)
	}
	_, _ = fmt.Fprintf(e.show, "%-7s %-14s %s%s\n", f.State, f.Part, f.Sentence, took)
	if f.Mend != "" {
		_, _ = fmt.Fprintf(e.show, "%-22s -> %s\n", "", f.Mend)
	}
}

// timed says in a finding how long it took.
func (f finding) timed(since time.Time) finding {
	f.Milliseconds = max(1, time.Since(since).Milliseconds())
	return f
}
