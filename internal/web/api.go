package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"twombly/internal/people"
)

// api is the JSON API: one file a subject, each registering its operations.
type api struct {
	*Server
	huma.API
}

// public marks an operation that nobody needs to be signed in for.
const public = "public"

// newAPI registers every operation on the mux and serves their description at /api/openapi.json.
func newAPI(server *Server, mux *http.ServeMux) *api {
	config := huma.DefaultConfig("Twombly", server.options.Version)
	config.Info.Description = "What the web app uses beside the OpenAI Realtime protocol. Errors are RFC 9457 problems. " +
		"Programs send a token (twombly token create); the page sends its cookie, and its exact Origin with every change."
	config.OpenAPIPath = "/api/openapi"
	config.DocsPath, config.SchemasPath = "", ""
	config.CreateHooks = nil // no $schema links in answers
	config.Transformers = []huma.Transformer{hideValues}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer", Description: "A token made with \"twombly token create\"."},
		"session": {Type: "apiKey", In: "cookie", Name: server.guard.cookie, Description: "The cookie of the page, named by this instance."},
	}
	config.Security = []map[string][]string{{"token": {}}, {"session": {}}}
	a := &api{Server: server, API: humago.New(mux, config)}
	a.UseMiddleware(a.requireCaller)
	a.registerSession()
	a.registerMeeting()
	a.registerVoices()
	a.registerHistory()
	a.registerStatus()
	a.registerMind()
	a.registerSettings()
	return a
}

// operation fills in what all operations share. The guard has bounded and read the body already; a deadline set again
// here would end the context of a slow answer.
func operation(id, method, path, summary string) huma.Operation {
	return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, BodyReadTimeout: -1, MaxBodyBytes: maxBodyBytes + 1,
		Errors: []int{http.StatusUnauthorized, http.StatusForbidden}}
}

// requireCaller refuses operations to strangers, except public ones.
func (a *api) requireCaller(ctx huma.Context, next func(huma.Context)) {
	if ctx.Operation().Metadata[public] == true {
		next(ctx)
		return
	}
	if _, known := people.CallerFrom(ctx.Context()); !known {
		r, w := humago.Unwrap(ctx)
		refuse(w, r, http.StatusUnauthorized, notSignedIn)
		return
	}
	next(ctx)
}

const notSignedIn = "Nobody is signed in here. Make a link with: twombly owner-link."

// hideValues takes the values out of validation errors: they are a person's words, or a secret.
func hideValues(_ huma.Context, _ string, value any) (any, error) {
	if problem, ok := value.(*huma.ErrorModel); ok {
		for _, detail := range problem.Errors {
			detail.Value = nil
		}
	}
	return value, nil
}

// room opens the caller's room. requireCaller has made sure that there is a caller.
func (a *api) room(ctx context.Context) (Room, people.Caller, func(), error) {
	caller, _ := people.CallerFrom(ctx)
	room, release, err := a.options.Rooms.Open(ctx, caller.Person.ID)
	if err != nil {
		return Room{}, caller, nil, failure(a.options.Log, "opening your store", err)
	}
	return room, caller, release, nil
}

// answer is an answer with a JSON body.
type answer[Body any] struct{ Body Body }
