package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"twombly/internal/people"
)

// StatusReport is where she runs: each part, its model, its place and its state.
type StatusReport struct {
	Parts []PartReport `json:"parts" nullable:"false"`
	Mind  MindSpeed    `json:"mind"`
	// Leaves are the kinds of words that leave this machine.
	Leaves []string `json:"leaves" nullable:"false" doc:"Kinds of what leaves this machine: talk, memories, mail, pictures. Empty when nothing does."`
}

// PartReport is one part of her.
type PartReport struct {
	ID     string `json:"id" enum:"ears,turns,words,voice,mind,journal"`
	Name   string `json:"name" doc:"What the part is, in plain words."`
	Model  string `json:"model"`
	Place  string `json:"place" doc:"\"this machine\", or the address of a server."`
	Local  bool   `json:"local" doc:"Whether nothing leaves this machine."`
	State  string `json:"state" enum:"ready,loading,missing,restarting,stopped"`
	Detail string `json:"detail,omitempty" doc:"A sentence where the state needs one."`
}

// MindSpeed is which mind she thinks with, and how fast it was lately; 0 is not measured yet.
type MindSpeed struct {
	Model                   string  `json:"model"`
	Place                   string  `json:"place"`
	Local                   bool    `json:"local"`
	PromptTokensPerSecond   float64 `json:"promptTokensPerSecond"`
	GenerateTokensPerSecond float64 `json:"generateTokensPerSecond"`
}

func (a *api) registerStatus() {
	huma.Register(a, operation("get-status", http.MethodGet, "/api/status", "Where she runs, and how each part is"), a.getStatus)
}

func (a *api) getStatus(ctx context.Context, _ *struct{}) (*answer[StatusReport], error) {
	caller, _ := people.CallerFrom(ctx)
	report, err := a.options.Status.Status(ctx, caller.Person.ID)
	if err != nil {
		return nil, failure(a.options.Log, "asking how she is", err)
	}
	report.Parts, report.Leaves = orEmpty(report.Parts), orEmpty(report.Leaves)
	return &answer[StatusReport]{report}, nil
}

// orEmpty makes a list of nothing empty rather than null in JSON.
func orEmpty[Element any](list []Element) []Element {
	if list == nil {
		return []Element{}
	}
	return list
}
