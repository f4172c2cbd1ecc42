// Package openaiserver serves minds over the OpenAI chat completions protocol: POST chat/completions, streaming or
// not, and GET models. It knows nothing of who may ask; that is for whoever mounts it.
//
// It takes what a mind can do: messages with text and images, tools, a JSON schema, temperature, top_p, seed, stop,
// max_tokens, and prompt_cache_key as the name of the conversation. Fields it doesn't know are ignored, as the protocol's
// servers do; n above 1 is refused, because a client that asks for three answers must not get one.
package openaiserver

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"twombly/internal/mind"
)

// maxBody bounds a request, in bytes: a few pictures fit.
const maxBody = 32 << 20

// Model is a mind under the name that clients ask for.
type Model struct {
	ID   string
	Mind mind.Mind
}

// Server serves some minds.
type Server struct {
	models []Model
	log    *slog.Logger
}

// New makes a server of minds. Requests for any other model are refused.
func New(log *slog.Logger, models ...Model) *Server { return &Server{models: models, log: log} }

// Handler serves under /v1/.
func (s *Server) Handler() http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /v1/models", s.listModels)
	routes.HandleFunc("GET /v1/models/{id}", s.showModel)
	routes.HandleFunc("POST /v1/chat/completions", s.complete)
	return routes
}

func (s *Server) listModels(w http.ResponseWriter, _ *http.Request) {
	listed := make([]any, len(s.models))
	for i, model := range s.models {
		listed[i] = modelBody(model)
	}
	s.write(w, http.StatusOK, map[string]any{"object": "list", "data": listed})
}

func (s *Server) showModel(w http.ResponseWriter, r *http.Request) {
	model, problem := s.find(r.PathValue("id"))
	if problem != nil {
		s.fail(w, problem)
		return
	}
	s.write(w, http.StatusOK, modelBody(model))
}

func modelBody(model Model) any {
	return map[string]any{"id": model.ID, "object": "model", "created": 0, "owned_by": "twombly"}
}

// find returns the model of a name.
func (s *Server) find(id string) (Model, *problemError) {
	for _, model := range s.models {
		if model.ID == id {
			return model, nil
		}
	}
	return Model{}, &problemError{http.StatusNotFound, "invalid_request_error", "model", "model_not_found", "there is no such model here"}
}

// complete answers a chat.
func (s *Server) complete(w http.ResponseWriter, r *http.Request) {
	request, options, problem := decodeRequest(http.MaxBytesReader(w, r.Body, maxBody))
	if problem != nil {
		s.fail(w, problem)
		return
	}
	model, problem := s.find(options.Model)
	if problem != nil {
		s.fail(w, problem)
		return
	}
	completion := newCompletion(model.ID, time.Now())
	if options.Stream {
		s.stream(w, r, model.Mind, request, completion, options.StreamOptions.IncludeUsage)
		return
	}
	usage, err := model.Mind.Generate(r.Context(), request, completion.collect)
	if err != nil {
		s.fail(w, problemOf(err))
		return
	}
	s.write(w, http.StatusOK, completion.whole(usage))
}

// stream sends each piece as an event as soon as it is there. Until the first, a failure is still a proper status.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, answering mind.Mind, request mind.Request, completion *completion, withUsage bool) {
	control := http.NewResponseController(w)
	begun := false
	send := func(event any) error {
		if !begun {
			begun = true
			w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
			w.Header().Set("Cache-Control", "no-store")
			w.WriteHeader(http.StatusOK)
		}
		text, err := json.Marshal(event)
		if err != nil {
			return err
		}
		if _, err := w.Write([]byte("data: " + string(text) + "\n\n")); err != nil {
			return err
		}
		return control.Flush()
	}
	usage, err := answering.Generate(r.Context(), request, func(delta mind.Delta) error {
		return send(completion.piece(delta))
	})
	if r.Context().Err() != nil {
		return // nobody listens any more
	}
	if err != nil {
		problem := problemOf(err)
		if !begun {
			s.fail(w, problem)
		} else if err := send(problem.body()); err != nil {
			s.log.Info("a client went away", "error", err)
		}
		return
	}
	events := []any{completion.last(usage)}
	if withUsage {
		events = append(events, completion.cost(usage))
	}
	for _, event := range events {
		if err := send(event); err != nil {
			s.log.Info("a client went away", "error", err)
			return
		}
	}
	if _, err := w.Write([]byte("data: [DONE]\n\n")); err != nil {
		s.log.Info("a client went away", "error", err)
	}
}

// problemError is a failure as the protocol says it.
type problemError struct {
	status                     int
	kind, param, code, message string
}

func (p *problemError) body() any {
	optional := func(text string) any {
		if text == "" {
			return nil
		}
		return text
	}
	return map[string]any{"error": map[string]any{"message": p.message, "type": p.kind, "param": optional(p.param), "code": optional(p.code)}}
}

func invalid(param, message string) *problemError {
	return &problemError{http.StatusBadRequest, "invalid_request_error", param, "", message}
}

// problemOf says a mind's error in the protocol's words.
func problemOf(err error) *problemError {
	switch {
	case errors.Is(err, mind.ErrTooLong):
		return &problemError{http.StatusBadRequest, "invalid_request_error", "messages", "context_length_exceeded", err.Error()}
	case errors.Is(err, mind.ErrInvalid):
		return invalid("", err.Error())
	case errors.Is(err, mind.ErrNoConsent):
		return &problemError{http.StatusForbidden, "invalid_request_error", "", "no_consent", err.Error()}
	case errors.Is(err, mind.ErrUnavailable):
		return &problemError{http.StatusServiceUnavailable, "server_error", "", "unavailable", err.Error()}
	}
	return &problemError{http.StatusInternalServerError, "server_error", "", "", err.Error()}
}

func (s *Server) fail(w http.ResponseWriter, problem *problemError) {
	s.write(w, problem.status, problem.body())
}

func (s *Server) write(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		s.log.Error("an answer can't be written as JSON", "error", err)
		status, text = http.StatusInternalServerError, []byte(`{"error":{"message":"internal error","type":"server_error"}}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if _, err := w.Write(text); err != nil {
		s.log.Info("a client went away", "error", err)
	}
}
