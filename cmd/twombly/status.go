package main

import (
	"context"

	"twombly/internal/mind"
	"twombly/internal/native/worker"
	"twombly/internal/web"
)

// status says how each part of her is and where it runs.
type status struct {
	body  *body
	rooms *rooms
}

var _ web.Status = (*status)(nil)

// speechParts are the parts that the ears-and-voice worker runs.
var speechParts = []web.PartReport{
	{ID: "ears", Name: "Notices that you speak", Model: "Silero VAD"},
	{ID: "turns", Name: "Knows when you have finished", Model: "Smart Turn v3.2"},
	{ID: "words", Name: "Understands your words", Model: "Moonshine tiny (English)"},
	{ID: "voice", Name: "Speaks", Model: "Kokoro-82M"},
}

const thisMachine = "this machine"

// Status implements web.Status.
func (s *status) Status(ctx context.Context, person string) (web.StatusReport, error) {
	opened, err := s.rooms.room(ctx, person)
	if err != nil {
		return web.StatusReport{}, err
	}
	state, detail := "missing", s.body.why
	if s.body.ears != nil {
		state, detail = partState(s.body.ears.State())
	}
	report := web.StatusReport{Leaves: []string{}}
	for _, part := range speechParts {
		part.Place, part.Local, part.State, part.Detail = thisMachine, true, state, detail
		report.Parts = append(report.Parts, part)
	}
	description, speed := s.mindPart(ctx, opened, &report)
	report.Mind = web.MindSpeed{
		Model: description.Model, Place: description.Place, Local: description.Local,
		PromptTokensPerSecond: speed.prompt, GenerateTokensPerSecond: speed.generate,
	}
	report.Parts = append(report.Parts, web.PartReport{
		ID: "journal", Name: "Keeps what was said", Model: "a sealed journal", Place: thisMachine, Local: true, State: "ready",
	})
	return report, nil
}

func (s *status) mindPart(ctx context.Context, opened *room, report *web.StatusReport) (mind.Description, speed) {
	part := web.PartReport{ID: "mind", Name: "Thinks", State: "ready"}
	description, err := opened.mind.Describe(ctx)
	if err != nil {
		part.State, part.Detail = "missing", err.Error()
	}
	if local, ok := opened.mind.Current().(interface{ State() worker.State }); ok {
		part.State, part.Detail = partState(local.State())
	}
	part.Model, part.Place, part.Local = description.Model, description.Place, description.Local
	report.Parts = append(report.Parts, part)
	if err == nil && !description.Local {
		report.Leaves = append(report.Leaves, "talk")
	}
	return description, opened.thinking.lately()
}

// partState is a worker's state in the words of the API.
func partState(state worker.State) (name, detail string) {
	switch state.Phase {
	case worker.Running:
		return "ready", ""
	case worker.Starting:
		return "loading", ""
	case worker.Restarting:
		return "restarting", state.Reason
	case worker.Stopped, worker.Closed:
	}
	return "stopped", state.Reason
}
