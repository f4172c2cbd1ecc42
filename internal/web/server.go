package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"twombly/internal/people"
	"twombly/internal/realtime"
)

const (
	// headerTime is how long the header of a request may take to arrive; a slower client is cut off.
	headerTime = 5 * time.Second
	// idleTime is how long a connection may rest between two requests.
	idleTime = 2 * time.Minute
	// maxHeaderBytes bounds the header of a request.
	maxHeaderBytes = 32 << 10
	// shutdownGrace is how long answers in the making may still take when the server ends.
	shutdownGrace = 5 * time.Second
)

// Options of New. Everything but Realtime, App and Missing is needed.
type Options struct {
	// Site is the names the server answers for.
	Site Site
	// House knows who may enter.
	House *people.House
	// Version of the program, shown on the page.
	Version string

	Rooms   Rooms
	Samples Samples
	Status  Status
	Minds   Minds

	// Realtime serves /v1/realtime and what is below it, for callers only; realtime.CallerOf says who it is. Its
	// requests end when the server is asked to. Nil leaves the protocol out.
	Realtime http.Handler
	// Secrets says who comes with a client secret of the protocol's; nil when there are none.
	Secrets func(value string) (realtime.Caller, bool)
	// OpenAI serves OpenAI's REST routes beside it, for callers only; people.CallerFrom says who it is. Nil leaves them out.
	OpenAI http.Handler

	// Ready says what is missing for a conversation; nil when nothing ever is.
	Ready Ready

	// App is the built web app and Missing the page shown when App is nil.
	App     fs.FS
	Missing []byte

	// Metrics is where the server's own are registered and what /metrics shows.
	Metrics *prometheus.Registry
	// Log gets routes and faults, and never anybody's words.
	Log *slog.Logger
}

// Server is the front door.
type Server struct {
	options Options
	guard   *guard
	handler http.Handler
	api     *api

	// ending is closed when the server is asked to end: calls end at once, other answers have their grace.
	ending  chan struct{}
	endOnce sync.Once
	// open counts requests being answered, also those whose connection became a WebSocket.
	open sync.WaitGroup
}

// New builds the server's routes. Serve starts it.
func New(options Options) (*Server, error) {
	app, err := newApp(options.App, options.Missing)
	if err != nil {
		return nil, err
	}
	counted, err := newMetrics(options.Metrics)
	if err != nil {
		return nil, err
	}
	s := &Server{options: options, ending: make(chan struct{})}
	s.guard = &guard{site: options.Site, house: options.House, cookie: "twombly_" + options.House.Instance(), log: options.Log, secrets: options.Secrets}

	mux := http.NewServeMux()
	s.api = newAPI(s, mux)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n")) // a client that went away hears nothing anyway
	})
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /metrics", owner(promhttp.HandlerFor(options.Metrics, promhttp.HandlerOpts{ErrorLog: slog.NewLogLogger(options.Log.Handler(), slog.LevelError)})))
	s.routeDebug(mux)
	if options.Realtime != nil {
		calls := s.endWithServer(options.Realtime)
		calls = introduced(calls, owner(introduce(calls)))
		mux.Handle("/v1/realtime", calls)
		mux.Handle("/v1/realtime/", calls)
	}
	if options.OpenAI != nil {
		rest := owner(options.OpenAI)
		for _, route := range []string{
			"GET /v1/models", "GET /v1/models/{id...}", "POST /v1/chat/completions", "POST " + transcriptions, "POST /v1/audio/speech",
		} {
			mux.Handle(route, rest)
		}
	}
	// A pattern with a method beside "/" would conflict with these, which take every method.
	for _, known := range []string{"/api/", "/v1/", "/debug/"} {
		mux.HandleFunc(known, func(w http.ResponseWriter, r *http.Request) {
			refuse(w, r, http.StatusNotFound, "There is no such route, or not with this method.")
		})
	}
	mux.Handle("/", app)

	var inner http.Handler = routed(mux)
	for _, layer := range []func(http.Handler) http.Handler{bodies, s.guard.types, s.guard.callers, s.guard.crossOrigin, deadlines, secureHeaders, s.guard.hosts} {
		inner = layer(inner)
	}
	// Refusals of unknown hosts carry the headers too; those of known ones are made again with the page's origin.
	s.handler = observe(options.Log, counted, secureHeaders(inner))
	return s, nil
}

// Handler is the whole server without its port, for tests.
func (s *Server) Handler() http.Handler { return s.handler }

// routeDebug serves Go's own profiles to the owner.
func (s *Server) routeDebug(mux *http.ServeMux) {
	mux.Handle("GET /debug/pprof/", owner(http.HandlerFunc(pprof.Index)))
	mux.Handle("GET /debug/pprof/profile", owner(http.HandlerFunc(pprof.Profile)))
	mux.Handle("GET /debug/pprof/trace", owner(http.HandlerFunc(pprof.Trace)))
}

// owner lets only the owner of the house to a route.
func owner(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, known := people.CallerFrom(r.Context())
		switch {
		case !known:
			refuse(w, r, http.StatusUnauthorized, notSignedIn)
		case !caller.Person.Owner:
			refuse(w, r, http.StatusForbidden, "This is for the owner of the house.")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// introduced serves those whom the realtime protocol knows already, by a client secret, with the first handler, and all others
// with the second.
func introduced(known, others http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := realtime.CallerOf(r.Context()); ok {
			known.ServeHTTP(w, r)
			return
		}
		others.ServeHTTP(w, r)
	})
}

// introduce tells the realtime protocol who calls, in its own words.
func introduce(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, _ := people.CallerFrom(r.Context())
		who := realtime.Caller{PersonID: caller.Person.ID, Device: caller.Name, Page: caller.Way == people.BySession,
			CredentialID: caller.CredentialID}
		next.ServeHTTP(w, r.WithContext(realtime.WithCaller(r.Context(), who)))
	})
}

// endWithServer ends a request's context as soon as the server is asked to end, without the grace of other requests.
func (s *Server) endWithServer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		var watching sync.WaitGroup
		defer watching.Wait()
		defer cancel()
		watching.Go(func() {
			select {
			case <-s.ending:
				cancel()
			case <-ctx.Done():
			}
		})
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Serve answers at the listener until ctx ends, and returns when nothing of it runs any more: calls end at once,
// answers in the making within the grace. A server serves once.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.open.Add(1)
			defer s.open.Done()
			s.handler.ServeHTTP(w, r)
		}),
		BaseContext:       func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: headerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.options.Log.Handler(), slog.LevelDebug),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	var failed error
	select {
	case failed = <-served:
		failed = fmt.Errorf("the web server stopped: %w", failed)
	case <-ctx.Done():
	}
	s.endOnce.Do(func() { close(s.ending) })
	grace, stop := context.WithTimeout(base, shutdownGrace)
	defer stop()
	err := server.Shutdown(grace)
	cancel() // what has not ended by itself is told to
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	if failed == nil {
		<-served // always http.ErrServerClosed after Shutdown
	}
	s.open.Wait()
	return errors.Join(failed, err)
}
