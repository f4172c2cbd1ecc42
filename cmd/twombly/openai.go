package main

import (
	"context"
	"log/slog"
	"net/http"

	"twombly/internal/audio/opus"
	"twombly/internal/companion"
	"twombly/internal/mind"
	mindserver "twombly/internal/mind/openaiserver"
	"twombly/internal/people"
	"twombly/internal/speech"
	speechserver "twombly/internal/speech/openaiserver"
)

// herModel is the name under which programs ask for herself; under its own name they get the bare mind.
const herModel = "twombly"

// openAI serves OpenAI's REST API: to each caller their own companion's mind and voice. What is said there is not part
// of the conversation and not journaled: such programs send all of theirs with every request.
type openAI struct {
	rooms *rooms
	body  *body
	opus  *opus.Library // nil when it is not there
	log   *slog.Logger
}

// ServeHTTP implements http.Handler. The caller must be in the request's context.
func (o *openAI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	caller, ok := people.CallerFrom(r.Context())
	if !ok {
		http.Error(w, "nobody is signed in", http.StatusUnauthorized)
		return
	}
	opened, err := o.rooms.room(r.Context(), caller.Person.ID)
	if err != nil {
		o.log.Error("a room could not be opened", "error", err)
		http.Error(w, "her store could not be opened", http.StatusInternalServerError)
		return
	}
	models := []mindserver.Model{{ID: herModel, Mind: herself{Mind: opened.mind, companion: opened.companion}}}
	if description, err := opened.mind.Describe(r.Context()); err == nil {
		models = append(models, mindserver.Model{ID: description.Model, Mind: opened.mind})
	}
	routes := http.NewServeMux()
	routes.Handle("/v1/", mindserver.New(o.log, models...).Handler())
	routes.Handle("/v1/audio/", speechserver.New(speechserver.Options{
		Engine: o.body.engine(), Opus: o.opus, Log: o.log,
		Voice: func() speech.Voice { return speech.Voice(opened.companion.Voice()) },
	}).Handler())
	routes.ServeHTTP(w, r)
}

// herself is a mind that knows who it is before it reads a request: her persona, and the person whom she talks to.
type herself struct {
	mind.Mind
	companion *companion.Companion
}

// Generate implements mind.Mind.
func (h herself) Generate(ctx context.Context, request mind.Request, emit func(mind.Delta) error) (mind.Usage, error) {
	return h.Mind.Generate(ctx, h.knowing(request), emit)
}

// knowing puts who she is before what is asked.
func (h herself) knowing(request mind.Request) mind.Request {
	opening, persona := h.companion.Opening("")
	messages := make([]mind.Message, 0, len(opening)+len(request.Messages))
	for _, message := range opening {
		messages = append(messages, mind.Message{Role: mind.Role(message.Role), Content: message.Content})
	}
	request.Messages, request.PersonaMessages = append(messages, request.Messages...), persona
	return request
}
