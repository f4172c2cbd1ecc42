package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics count requests by route, never by address or person.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	open     prometheus.Gauge
}

func newMetrics(registry prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "twombly_http_requests_total",
			Help: "Requests by route, method and status; route \"refused\" is those that the guard stopped."}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "twombly_http_request_seconds",
			Help: "Time from a request's arrival to the end of its answer, in seconds.", Buckets: []float64{.001, .003, .01, .03, .1, .3, 1, 3, 10, 30, 100}}, []string{"route"}),
		open: prometheus.NewGauge(prometheus.GaugeOpts{Name: "twombly_http_requests_open", Help: "Requests being answered, WebSockets included."}),
	}
	for _, collector := range []prometheus.Collector{m.requests, m.seconds, m.open} {
		if err := registry.Register(collector); err != nil {
			return nil, fmt.Errorf("registering the metrics of the web server: %w", err)
		}
	}
	return m, nil
}

type observationKey struct{}

// observation is what the inner handlers tell the outer one.
type observation struct{ route string }

// routed notes which route a request came to.
func routed(mux http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The mux writes the pattern into the request; it is read even when the route panics.
		defer func() {
			if seen, ok := r.Context().Value(observationKey{}).(*observation); ok {
				seen.route = r.Pattern
			}
		}()
		mux.ServeHTTP(w, r)
	})
}

// observe logs and counts each request, and turns a panic into an answer.
func observe(log *slog.Logger, counted *metrics, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		seen := &observation{}
		recorder := &statusRecorder{ResponseWriter: w}
		counted.open.Inc()
		defer func() {
			counted.open.Dec()
			if fault := recover(); fault != nil {
				if fault == http.ErrAbortHandler {
					panic(fault)
				}
				// The value of a panic may hold a person's words; its type and place do not.
				log.Error("a route panicked", "method", r.Method, "route", seen.route, "type", fmt.Sprintf("%T", fault), "stack", string(debug.Stack()))
				if recorder.status == 0 {
					refuse(recorder, r, http.StatusInternalServerError, "Something went wrong here. The log of the server says more.")
				}
			}
			route := seen.route
			if route == "" {
				route = "refused"
			}
			took := time.Since(start)
			counted.requests.WithLabelValues(route, knownMethod(r.Method), strconv.Itoa(recorder.code())).Inc()
			counted.seconds.WithLabelValues(route).Observe(took.Seconds())
			level := slog.LevelDebug
			if recorder.code() >= http.StatusInternalServerError {
				level = slog.LevelWarn
			}
			log.Log(r.Context(), level, "request", "method", knownMethod(r.Method), "route", route, "status", recorder.code(), "took", took.Round(time.Microsecond))
		}()
		next.ServeHTTP(recorder, r.WithContext(context.WithValue(r.Context(), observationKey{}, seen)))
	})
}

// knownMethod keeps what a stranger may write into a label or a log to a short list.
func knownMethod(method string) string {
	for _, known := range methods {
		if method == known {
			return method
		}
	}
	return "other"
}

// statusRecorder remembers the status of an answer.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader remembers the first final status.
func (s *statusRecorder) WriteHeader(status int) {
	if s.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		s.status = status
	}
	s.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController and WebSocket libraries reach the connection.
func (s *statusRecorder) Unwrap() http.ResponseWriter { return s.ResponseWriter }

func (s *statusRecorder) code() int {
	if s.status == 0 {
		return http.StatusOK
	}
	return s.status
}
