package realtime

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"twombly/internal/audio/opus"
)

// Options are what a Server needs. Calls is required.
type Options struct {
	// Calls makes the calls.
	Calls Calls
	// Model is the name that sessions show; "twombly" unless said.
	Model string
	// Voices are the names that a client may choose; any other leaves her own voice.
	Voices []string
	// Quiet keeps her from sounds that are no words, unless a client says otherwise.
	Quiet bool
	// OnlyMyVoice has her answer the person's own voice alone, unless a client says otherwise.
	OnlyMyVoice bool
	// Opus is needed for WebRTC; without it those calls are refused with a sentence.
	Opus *opus.Library
	// UDP is the one socket of all WebRTC calls; nil means no WebRTC. The Server closes it.
	UDP net.PacketConn
	// LostAfter is how long a WebRTC client may be silent before its call ends; 20 s unless said.
	LostAfter time.Duration
	// MaxSessions at once; 64 unless said.
	MaxSessions int
	// Log receives what went wrong, never words.
	Log *slog.Logger
}

// Server holds the sessions of all clients. Make it with New.
type Server struct {
	options     Options
	log         *slog.Logger
	buffers     pool
	webrtc      *peers // nil without WebRTC
	credentials credentials
	secrets     secrets

	ctx   context.Context
	close context.CancelCauseFunc
	work  sync.WaitGroup

	lock     sync.Mutex
	sessions int
	closed   bool
}

// ErrClosing is why sessions end when the program does.
var ErrClosing = errors.New("the program is closing")

// errFull means that no more sessions are held.
var errFull = errors.New("too many conversations are open")

// New makes a server. It takes over options.UDP.
func New(options Options) (*Server, error) {
	if options.Model == "" {
		options.Model = "twombly"
	}
	if options.LostAfter == 0 {
		options.LostAfter = 20 * time.Second
	}
	if options.MaxSessions == 0 {
		options.MaxSessions = 64
	}
	s := &Server{options: options, log: options.Log}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.buffers.New = func() any { return &buffers{} }
	s.ctx, s.close = context.WithCancelCause(context.Background())
	if options.UDP != nil {
		peers, err := newPeers(s, options.UDP)
		if err != nil {
			return nil, err
		}
		s.webrtc = peers
	}
	return s, nil
}

// Close ends all sessions and waits for them.
func (s *Server) Close() error {
	s.lock.Lock()
	s.closed = true
	s.lock.Unlock()
	s.close(ErrClosing)
	s.work.Wait()
	if s.webrtc != nil {
		return s.webrtc.close()
	}
	return nil
}

// Handler serves all of the protocol's paths, under /v1/realtime.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /v1/realtime", s.WebSocket())
	mux.Handle("POST /v1/realtime/client_secrets", s.CreateSecret())
	mux.Handle("POST /v1/realtime/calls", s.CreateCall())
	mux.Handle("POST /v1/realtime/calls/{id}/hangup", s.Hangup())
	return mux
}

// enter counts a session in; leave must be called after it. It fails when the server is full or closing.
func (s *Server) enter() (leave func(), err error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.closed {
		return nil, ErrClosing
	}
	if s.sessions >= s.options.MaxSessions {
		return nil, errFull
	}
	s.sessions++
	s.work.Add(1)
	return func() {
		s.lock.Lock()
		s.sessions--
		s.lock.Unlock()
		s.work.Done()
	}, nil
}

// refuse answers a request with OpenAI's form of an error.
func refuse(w http.ResponseWriter, status int, code, message string) {
	kind := "invalid_request_error"
	if status >= 500 {
		kind = "server_error"
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A client that is gone can't be told.
	_ = json.NewEncoder(w).Encode(object{"error": object{"type": kind, "code": code, "message": message, "param": nil}})
}

// refuseEntry says why no session can begin.
func refuseEntry(w http.ResponseWriter, err error) {
	w.Header().Set("Retry-After", "5")
	refuse(w, http.StatusServiceUnavailable, "unavailable", "A conversation can't begin now: "+err.Error()+".")
}

// buffers are what decoding one event of audio needs.
type buffers struct {
	text      []byte
	pcm       []byte
	samples   []float32
	resampled []float32
}

// keptBufferBytes bounds what is kept of a buffer for the next event.
const keptBufferBytes = 256 << 10

// pool lends buffers.
type pool struct{ sync.Pool }

func (p *pool) put(b *buffers) {
	if cap(b.text) <= keptBufferBytes && cap(b.pcm) <= keptBufferBytes && cap(b.samples) <= keptBufferBytes {
		p.Put(b)
	}
}

// grow returns a slice of length n, the given one if it is large enough.
func grow(slice []byte, n int) []byte {
	if cap(slice) < n {
		return make([]byte, n, n+n/4)
	}
	return slice[:n]
}
