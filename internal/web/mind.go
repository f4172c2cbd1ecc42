package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"twombly/internal/people"
)

// MindReport is what she thinks with, what else was found here, and what the person agreed to send.
type MindReport struct {
	Current  MindDescription `json:"current"`
	Found    []FoundServer   `json:"found" nullable:"false"`
	Consents Consents        `json:"consents"`
}

// MindDescription is one mind, in the words of package mind.
type MindDescription struct {
	Model         string `json:"model"`
	Place         string `json:"place"`
	Local         bool   `json:"local"`
	Images        bool   `json:"images"`
	Tools         bool   `json:"tools"`
	ContextTokens int    `json:"contextTokens"`
}

// FoundServer is a server of language models that answers on this machine.
type FoundServer struct {
	Kind    string   `json:"kind" enum:"ollama,lmstudio,llama-server,vllm,other"`
	Address string   `json:"address"`
	Models  []string `json:"models" nullable:"false"`
}

// Consents say which kinds of words may be sent to the chosen server.
type Consents struct {
	Talk     bool `json:"talk"`
	Memories bool `json:"memories"`
	Mail     bool `json:"mail"`
	Pictures bool `json:"pictures"`
}

// MindChoice is the person's wish for another mind.
type MindChoice struct {
	Kind     string   `json:"kind" enum:"embedded,openai"`
	Address  string   `json:"address,omitempty" maxLength:"2000" doc:"Base address of an OpenAI-compatible server."`
	Model    string   `json:"model,omitempty" maxLength:"500"`
	Key      string   `json:"key,omitempty" maxLength:"4096" doc:"The server's API key; kept sealed and never shown again."`
	Consents []string `json:"consents,omitempty" nullable:"false" maxItems:"4" enum:"talk,memories,mail,pictures" doc:"Kinds of words that may be sent there."`
}

func (a *api) registerMind() {
	huma.Register(a, operation("get-mind", http.MethodGet, "/api/mind", "The mind she thinks with, and others that were found"), a.getMind)
	put := operation("choose-mind", http.MethodPut, "/api/mind", "Choose the mind she thinks with")
	put.Description = "422 with a sentence when it cannot be reached or does not speak the protocol."
	put.DefaultStatus = http.StatusNoContent
	huma.Register(a, put, a.chooseMind)
}

func (a *api) getMind(ctx context.Context, _ *struct{}) (*answer[MindReport], error) {
	caller, _ := people.CallerFrom(ctx)
	report, err := a.options.Minds.Mind(ctx, caller.Person.ID)
	if err != nil {
		return nil, failure(a.options.Log, "asking about her mind", err)
	}
	report.Found = orEmpty(report.Found)
	for index := range report.Found {
		report.Found[index].Models = orEmpty(report.Found[index].Models)
	}
	return &answer[MindReport]{report}, nil
}

func (a *api) chooseMind(ctx context.Context, input *answer[MindChoice]) (*struct{}, error) {
	choice := input.Body
	if choice.Kind == "openai" && choice.Address == "" {
		return nil, huma.Error422UnprocessableEntity("A server's address is needed, as in http://127.0.0.1:11434/v1.")
	}
	caller, _ := people.CallerFrom(ctx)
	if err := a.options.Minds.ChooseMind(ctx, caller.Person.ID, choice); err != nil {
		return nil, failure(a.options.Log, "changing her mind's place", err)
	}
	return nil, nil
}
