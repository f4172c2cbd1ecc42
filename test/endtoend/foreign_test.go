package endtoend

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// request sends a raw request and returns its status.
func request(t *testing.T, hc *http.Client, method, address, host, contentType, body string, header http.Header) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(within(t, time.Minute), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	if host != "" {
		r.Host = host
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	response, err := hc.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// upgrade tries to open a WebSocket and returns the status of the answer.
func upgrade(t *testing.T, hc *http.Client, address, host string, header http.Header) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience(time.Minute))
	defer cancel()
	conn, response, err := websocket.Dial(ctx, strings.Replace(address, "http", "ws", 1)+"/v1/realtime?model=twombly",
		&websocket.DialOptions{HTTPClient: hc, HTTPHeader: header, Host: host, Subprotocols: []string{"realtime"}})
	if err == nil {
		_ = conn.CloseNow()
	}
	if response == nil {
		t.Fatalf("no answer at all: %v", err)
	}
	return response.StatusCode
}

// foreigners are refused over both transports, and by the page's API.
func foreigners(t *testing.T, s *server) {
	p := s.comeIn(t)
	const sdp = "v=0\r\n"
	token := http.Header{"Authorization": {"Bearer " + s.token}}
	noOrigin := &http.Client{Jar: p.http.Jar}
	foreign := func(origin string) *http.Client {
		return &http.Client{Jar: p.http.Jar, Transport: originTripper{origin}}
	}

	for _, host := range []string{"evil.example", "localhost.evil.example", "127.0.0.1", "127.0.0.1:1", "0.0.0.0:" + port(s.address)} {
		for what, status := range map[string]int{
			"the page":  first(request(t, p.http, http.MethodGet, s.address+"/", host, "", "", nil)),
			"the API":   first(request(t, p.http, http.MethodGet, s.address+"/api/session", host, "", "", token)),
			"SDP":       first(request(t, p.http, http.MethodPost, s.address+"/v1/realtime/calls", host, "application/sdp", sdp, token)),
			"WebSocket": upgrade(t, p.http, s.address, host, token),
		} {
			if status != http.StatusMisdirectedRequest {
				t.Errorf("Host %s, %s: %d", host, what, status)
			}
		}
	}
	for name, hc := range map[string]*http.Client{
		"no Origin": noOrigin, "Origin of a stranger": foreign("https://evil.example"), "Origin null": foreign("null"),
		"Origin of another port": foreign("http://127.0.0.1:1"), "Origin of another scheme": foreign(strings.Replace(s.address, "http", "https", 1)),
		"Origin of another name of ours": foreign(strings.Replace(s.address, "127.0.0.1", "localhost", 1)),
	} {
		for what, status := range map[string]int{
			"a change":  first(request(t, hc, http.MethodPost, s.address+"/api/meeting/skip", "", "", "", nil)),
			"SDP":       first(request(t, hc, http.MethodPost, s.address+"/v1/realtime/calls", "", "application/sdp", sdp, nil)),
			"WebSocket": upgrade(t, hc, s.address, "", nil),
		} {
			if status != http.StatusForbidden {
				t.Errorf("a cookie with %s, %s: %d", name, what, status)
			}
		}
	}
	// Forms and plain text can be sent across sites without asking: never JSON routes.
	for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"} {
		if status, _ := request(t, p.http, http.MethodPost, s.address+"/api/meeting", "", kind, `{"text":"x"}`, nil); status != http.StatusUnsupportedMediaType {
			t.Errorf("a body of type %s: %d", kind, status)
		}
	}
	// What is refused to all these is open to the page itself, and to a program with its token.
	if status := upgrade(t, p.http, s.address, "", nil); status != http.StatusSwitchingProtocols {
		t.Errorf("the page's own WebSocket: %d", status)
	}
	if status := upgrade(t, http.DefaultClient, s.address, "", token); status != http.StatusSwitchingProtocols {
		t.Errorf("a program's WebSocket: %d", status)
	}
	if status, text := request(t, p.http, http.MethodPost, s.address+"/v1/realtime/calls", "", "application/sdp", sdp, nil); status != http.StatusBadRequest {
		t.Errorf("the page's own SDP, which is no offer: %d %s", status, text)
	}
	if status := upgrade(t, http.DefaultClient, s.address, "", http.Header{"Authorization": {"Bearer nonsense"}}); status != http.StatusUnauthorized {
		t.Errorf("a wrong token: %d", status)
	}
	keep(t, 3, 9, "foreigners", map[string]any{"refused": true})
}

func first(status int, _ string) int { return status }

func port(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }
