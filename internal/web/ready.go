package web

import (
	"fmt"
	"net/http"
)

// Ready says which parts of her are not there now; empty when a conversation can begin.
type Ready interface {
	Ready() (missing []string)
}

// ready answers 200 when a conversation can begin, and 503 while a part of her is being loaded or is gone. It says which,
// and nothing else: anybody may ask.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	var missing []string
	if s.options.Ready != nil {
		missing = s.options.Ready.Ready()
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if len(missing) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	for _, part := range missing {
		_, _ = fmt.Fprintf(w, "%s is not ready\n", part) // a client that went away hears nothing anyway
	}
	if len(missing) == 0 {
		_, _ = w.Write([]byte("ready\n"))
	}
}

// Well says whether the server still answers, by asking it as a client would, without the socket.
func (s *Server) Well() error {
	request, err := http.NewRequest(http.MethodGet, s.options.Site.Origin()+"/healthz", nil)
	if err != nil {
		return fmt.Errorf("ask how the server is: %w", err)
	}
	answer := verdict{header: http.Header{}, code: http.StatusOK}
	s.handler.ServeHTTP(&answer, request)
	if answer.code != http.StatusOK {
		return fmt.Errorf("the server answers the question how it is with status %d", answer.code)
	}
	return nil
}

// verdict is an answer of which only the status matters.
type verdict struct {
	header http.Header
	code   int
}

func (v *verdict) Header() http.Header            { return v.header }
func (v *verdict) Write(text []byte) (int, error) { return len(text), nil }
func (v *verdict) WriteHeader(code int)           { v.code = code }
