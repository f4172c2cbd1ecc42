// Package openaiserver serves speech as OpenAI's REST API does: POST /v1/audio/transcriptions turns a recording into words,
// POST /v1/audio/speech turns words into her voice. It knows nothing of who may ask; that is for whoever mounts it.
//
// Recordings may be WAV, FLAC or MP3. She speaks WAV, Opus (in Ogg) or bare PCM; other formats are refused with a sentence, and
// who asks for none gets WAV.
package openaiserver

import (
	"encoding/json"
	"log/slog"
	"net/http"

	"twombly/internal/audio/opus"
	"twombly/internal/speech"
)

// Options are what a Server needs. Engine is required.
type Options struct {
	Engine speech.Engine
	// Voice is hers: what is spoken with when the request names no voice that there is.
	Voice func() speech.Voice
	// Opus encodes her voice as Opus; without it that format is refused.
	Opus *opus.Library
	Log  *slog.Logger
}

// Server serves one engine.
type Server struct{ options Options }

// New makes a server.
func New(options Options) *Server { return &Server{options: options} }

// Handler serves under /v1/audio/.
func (s *Server) Handler() http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("POST /v1/audio/transcriptions", s.transcribe)
	routes.HandleFunc("POST /v1/audio/speech", s.speak)
	return routes
}

// problem is a failure as the protocol says it.
type problem struct {
	status         int
	param, message string
}

func (p *problem) Error() string { return p.message }

// wrong is a fault of the request.
func wrong(param, message string) *problem { return &problem{http.StatusBadRequest, param, message} }

// fail answers with a problem.
func (s *Server) fail(w http.ResponseWriter, p *problem) {
	kind := "invalid_request_error"
	if p.status >= http.StatusInternalServerError {
		kind = "server_error"
	}
	var param any
	if p.param != "" {
		param = p.param
	}
	s.write(w, p.status, map[string]any{"error": map[string]any{"message": p.message, "type": kind, "param": param, "code": nil}})
}

func (s *Server) write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		s.options.Log.Info("a client went away", "error", err)
	}
}
