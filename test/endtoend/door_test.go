package endtoend

import (
	"context"
	"net/http"
	"net/http/cookiejar"
	"testing"
	"time"

	"twombly/internal/realtime/client"
)

// pageClient is a browser's part of a conversation, without the browser: a cookie, and the page's own origin on every request.
type pageClient struct {
	server *server
	http   *http.Client
}

// originTripper puts an Origin header on every request, as a browser does.
type originTripper struct{ origin string }

// RoundTrip implements http.RoundTripper.
func (o originTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	if o.origin != "" {
		r = r.Clone(r.Context())
		r.Header.Set("Origin", o.origin)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// comeIn signs the owner in by an owner link, as the page does after the click.
func (s *server) comeIn(t testing.TB) *pageClient {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &pageClient{server: s, http: &http.Client{Jar: jar, Transport: originTripper{s.address}}}
	link, err := s.control.OwnerLink(within(t, time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if status, text := p.ask(t, http.MethodPost, "/api/owner-link", map[string]string{"secret": link.Secret}, nil); status != http.StatusNoContent {
		t.Fatalf("coming in: %d %s", status, text)
	}
	return p
}

// ask sends a request with the cookie.
func (p *pageClient) ask(t testing.TB, method, path string, body, into any) (status int, text string) {
	t.Helper()
	return ask(t, p.http, method, p.server.address+path, "", body, into)
}

// call begins a conversation with the cookie.
func (p *pageClient) call(t testing.TB, over transport) *talk {
	t.Helper()
	k := p.server.callWith(t, over, client.Options{HTTP: p.http, ReportPlayback: true})
	if err := k.Send(context.WithoutCancel(t.Context()), map[string]any{
		"type": "twombly.client", "device": "computer", "zone": "Europe/Berlin", "transport": string(over),
	}); err != nil {
		t.Fatal(err)
	}
	return k
}
