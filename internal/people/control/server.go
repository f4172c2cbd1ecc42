package control

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"twombly/internal/people"
)

// maxBodyBytes bounds a request and an answer.
const maxBodyBytes = 1 << 20

// shutdownGrace is how long a request may still take when the server ends.
const shutdownGrace = 2 * time.Second

// readPatience is how long one write of a route may wait for the client.
const readPatience = 30 * time.Second

// Route is something more that the command line can read from a running server.
type Route struct {
	// Name is what Client.Read asks for.
	Name string
	// Write writes it; argument is the client's.
	Write func(ctx context.Context, argument string, to io.Writer) error
}

// tokenRequest asks for a token.
type tokenRequest struct {
	Name string `json:"name"`
}

// tokenAnswer is a new token with its secret.
type tokenAnswer struct {
	Secret string       `json:"secret"`
	Token  people.Token `json:"token"`
}

// problem is an error on the wire. Code is one of codes, or empty.
type problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// codes name the errors of package people that the other end tells apart.
var codes = map[string]error{
	"bad_name":   people.ErrBadName,
	"name_taken": people.ErrNameTaken,
	"no_token":   people.ErrNoToken,
	"full":       people.ErrFull,
}

// Serve answers at the folder's socket until ctx ends, and returns when nothing of it is left, the socket's file
// included. The caller owns the folder (vault.ClaimFolder), so a socket found there is a dead server's and is replaced.
// ready, if not nil, is called once the socket listens. more are what else can be asked for (see Client.Read).
func Serve(ctx context.Context, folder string, keys Keys, status func() Status, log *slog.Logger, ready func(), more ...Route) error {
	listener, err := listen(ctx, folder)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           handler(keys, status, log, more),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if ready != nil {
		ready()
	}
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer cancel()
	err = server.Shutdown(grace)
	if err != nil {
		err = errors.Join(err, server.Close())
	}
	if served := <-served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

func handler(keys Keys, status func() Status, log *slog.Logger, more []Route) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, log, http.StatusOK, status())
	})
	mux.HandleFunc("POST /owner-links", func(w http.ResponseWriter, r *http.Request) {
		link, err := keys.OwnerLink(r.Context())
		respond(w, log, link, err)
	})
	mux.HandleFunc("GET /tokens", func(w http.ResponseWriter, r *http.Request) {
		tokens, err := keys.Tokens(r.Context())
		respond(w, log, tokens, err)
	})
	mux.HandleFunc("POST /tokens", func(w http.ResponseWriter, r *http.Request) {
		var request tokenRequest
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBodyBytes)).Decode(&request); err != nil {
			answer(w, log, http.StatusBadRequest, problem{Message: "the request is not what this program sends"})
			return
		}
		secret, token, err := keys.CreateToken(r.Context(), request.Name)
		respond(w, log, tokenAnswer{Secret: secret, Token: token}, err)
	})
	mux.HandleFunc("DELETE /tokens/{token}", func(w http.ResponseWriter, r *http.Request) {
		respond(w, log, struct{}{}, keys.RevokeToken(r.Context(), r.PathValue("token")))
	})
	for _, route := range more {
		mux.HandleFunc("GET /read/"+route.Name, func(w http.ResponseWriter, r *http.Request) {
			read(w, r, log, route)
		})
	}
	return mux
}

// read lets a route write as long as it takes, as long as what it writes is taken. An error after the first byte can only
// cut the answer off, which the client notices.
func read(w http.ResponseWriter, r *http.Request, log *slog.Logger, route Route) {
	w.Header().Set("Content-Type", "application/octet-stream")
	out := &patientWriter{writer: w, control: http.NewResponseController(w)}
	err := route.Write(r.Context(), r.URL.Query().Get("argument"), out)
	switch {
	case err == nil:
	case out.begun:
		log.Error("what was asked for at the private socket could not be written to its end", "name", route.Name, "error", err)
		panic(http.ErrAbortHandler)
	default:
		respond(w, log, nil, err)
	}
}

// patientWriter gives each write its own time.
type patientWriter struct {
	writer  io.Writer
	control *http.ResponseController
	begun   bool
}

func (p *patientWriter) Write(bytes []byte) (int, error) {
	p.begun = true
	if err := p.control.SetWriteDeadline(time.Now().Add(readPatience)); err != nil {
		return 0, err
	}
	return p.writer.Write(bytes)
}

// respond answers a value or, when there is one, the error. Errors of known kinds travel as their code; others are the
// house's own trouble and go to the log as well.
func respond(w http.ResponseWriter, log *slog.Logger, value any, err error) {
	if err == nil {
		answer(w, log, http.StatusOK, value)
		return
	}
	for code, known := range codes {
		if errors.Is(err, known) {
			answer(w, log, http.StatusUnprocessableEntity, problem{Code: code, Message: err.Error()})
			return
		}
	}
	log.Error("the private socket could not do what was asked", "error", err)
	answer(w, log, http.StatusInternalServerError, problem{Message: err.Error()})
}

func answer(w http.ResponseWriter, log *slog.Logger, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(value); err != nil {
		log.Debug("an answer at the private socket was not read", "error", err)
	}
}
