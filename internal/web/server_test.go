package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"twombly/internal/people"
)

// start serves a house at a free port; stop ends it and waits.
func start(t *testing.T, h *house) (address string, stop func() error) {
	t.Helper()
	listener, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h.guard.site = NewSite(listener.Addr(), nil, nil, false)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(ctx, listener) }()
	return listener.Addr().String(), func() error { cancel(); return <-ended }
}

func TestListen(t *testing.T) {
	taken, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	address := taken.Addr().(*net.TCPAddr)
	_, err = Listen(t.Context(), address.String())
	if err == nil || !strings.Contains(err.Error(), "something else listens") || !strings.Contains(err.Error(), fmt.Sprintf("twombly serve --listen 127.0.0.1:%d", address.Port+1)) {
		t.Errorf("a port that is taken: %v", err)
	}
	for _, open := range []string{"0.0.0.0:0", ":0", "[::]:0"} {
		if listener, err := Listen(t.Context(), open); err == nil || !strings.Contains(err.Error(), "refused until sign-in exists") {
			if listener != nil {
				listener.Close()
			}
			t.Errorf("%s: %v", open, err)
		}
	}
	if _, err := Listen(t.Context(), "127.0.0.1:99999"); err == nil {
		t.Error("an impossible port was taken")
	}
}

func TestServeAndEnd(t *testing.T) {
	h := newHouse(t)
	address, stop := start(t, h)
	response, err := http.Get("http://" + address + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil || string(text) != "ok\n" {
		t.Errorf("%q, %v", text, err)
	}
	http.DefaultClient.CloseIdleConnections()
	if err := stop(); err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", address); err == nil {
		t.Error("the port is still open")
	}
}

// TestWebSocketThroughTheGuard opens a real WebSocket through all layers, with the cookie and with the key protocol,
// talks, and expects the server's end to end it and to wait for it.
func TestWebSocketThroughTheGuard(t *testing.T) {
	h := newHouse(t)
	handlerEnded := make(chan struct{}, 8)
	realtime := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { handlerEnded <- struct{}{} }()
		// As the protocol does: the guard has checked the Origin against more than the library knows.
		connection, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"realtime"}, InsecureSkipVerify: true})
		if err != nil {
			t.Error(err)
			return
		}
		defer connection.CloseNow()
		caller, _ := people.CallerFrom(r.Context())
		if err := connection.Write(r.Context(), websocket.MessageText, []byte(caller.Way)); err != nil {
			t.Error(err)
		}
		_, _, err = connection.Read(r.Context()) // until the server ends
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the call ended with %v", err)
		}
	})
	options := h.options
	options.Realtime = realtime
	options.Metrics = newRegistry()
	server, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	h.Server = server
	address, stop := start(t, h)
	cookie := http.Header{"Cookie": {"twombly_" + h.people.Instance() + "=" + h.cookie}}
	if connection, response, err := websocket.Dial(t.Context(), "ws://"+address+"/v1/realtime", &websocket.DialOptions{HTTPHeader: cookie}); err == nil {
		connection.CloseNow()
		t.Error("a WebSocket without Origin was opened")
	} else if response.StatusCode != http.StatusForbidden {
		t.Errorf("without Origin: %v", err)
	}
	cookie.Set("Origin", "http://"+address)
	for way, options := range map[people.Way]*websocket.DialOptions{
		people.BySession: {HTTPHeader: cookie, Subprotocols: []string{"realtime"}},
		people.ByToken:   {Subprotocols: []string{"realtime", "openai-insecure-api-key." + h.token}},
	} {
		connection, _, err := websocket.Dial(t.Context(), "ws://"+address+"/v1/realtime?model=twombly", options)
		if err != nil {
			t.Fatal(err)
		}
		defer connection.CloseNow()
		if connection.Subprotocol() != "realtime" {
			t.Errorf("the subprotocol is %q", connection.Subprotocol())
		}
		if _, text, err := connection.Read(t.Context()); err != nil || string(text) != string(way) {
			t.Errorf("%q, %v", text, err)
		}
	}
	began := time.Now()
	if err := stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > shutdownGrace/2 {
		t.Errorf("calls got the grace of other requests: %v", took)
	}
	if len(handlerEnded) != 2 {
		t.Errorf("Serve returned while %d calls ran", 2-len(handlerEnded))
	}
}

// TestSlowClientsAreCutOff sends half of a header, half of a body, and nothing after a request.
func TestSlowClientsAreCutOff(t *testing.T) {
	for _, test := range []struct {
		name, sent string
		cut        time.Duration
		answer     string
	}{
		{"header", "GET /healthz HTTP/1.1\r\nHost: ", headerTime, ""},
		{"body", "PUT /api/settings HTTP/1.1\r\nHost: HOST\r\nAuthorization: Bearer TOKEN\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{", bodyTime, "HTTP/1.1 408 Request Timeout\r\n"},
		{"nothing more", "GET /healthz HTTP/1.1\r\nHost: HOST\r\n\r\n", idleTime, "HTTP/1.1 200 OK\r\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				listener := newPipeListener()
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() { ended <- h.Serve(ctx, listener) }()
				client := listener.dial()
				sent := strings.NewReplacer("HOST", testHost, "TOKEN", h.token).Replace(test.sent)
				began := time.Now()
				go func() { _, _ = io.WriteString(client, sent) }()
				answer, err := io.ReadAll(bufio.NewReader(client))
				if err != nil {
					t.Error(err)
				}
				if took := time.Since(began); took < test.cut || took > test.cut+time.Second {
					t.Errorf("cut off after %v, want %v", took, test.cut)
				}
				if !strings.HasPrefix(string(answer), test.answer) || test.answer == "" && len(answer) > 0 {
					t.Errorf("the answer is %q", answer)
				}
				client.Close()
				cancel()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestSlowAnswersKeepTheirContext checks that the time limit of a body does not end a route that thinks longer: one of
// the API's framework, and one of the protocol.
func TestSlowAnswersKeepTheirContext(t *testing.T) {
	const settings, sdp = `{"captions":true,"theme":"dark"}`, "v=0"
	for _, test := range []struct{ line, kind, body, want string }{
		{"PUT /api/settings", "application/json", settings, "HTTP/1.1 204"},
		{"POST /v1/realtime/calls", "application/sdp", sdp, "HTTP/1.1 201"},
	} {
		t.Run(test.line, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				options := h.options
				thinking := &slowRooms{fakeRooms: h.rooms, thinks: requestTime - time.Second}
				options.Rooms, options.Metrics = thinking, newRegistry()
				options.Realtime = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					_, release, err := thinking.Open(r.Context(), "")
					if err != nil {
						t.Error(err)
						return
					}
					release()
					w.WriteHeader(http.StatusCreated)
				})
				var err error
				if h.Server, err = New(options); err != nil {
					t.Fatal(err)
				}
				listener := newPipeListener()
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() { ended <- h.Serve(ctx, listener) }()
				client := listener.dial()
				go func() {
					fmt.Fprintf(client, "%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
						test.line, testHost, h.token, test.kind, len(test.body), test.body)
				}()
				answer, err := io.ReadAll(client)
				if err != nil || !strings.HasPrefix(string(answer), test.want) {
					t.Errorf("%q, %v", answer, err)
				}
				client.Close()
				cancel()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// slowRooms thinks before it opens a room, unless the request ends.
type slowRooms struct {
	*fakeRooms
	thinks time.Duration
}

func (s *slowRooms) Open(ctx context.Context, person string) (Room, func(), error) {
	select {
	case <-ctx.Done():
		return Room{}, nil, ctx.Err()
	case <-time.After(s.thinks):
	}
	return s.fakeRooms.Open(ctx, person)
}

// pipeListener hands out in-memory connections, so that a test's clock moves by itself.
type pipeListener struct {
	connections chan net.Conn
	closed      chan struct{}
}

func newPipeListener() *pipeListener {
	return &pipeListener{connections: make(chan net.Conn, 1), closed: make(chan struct{})}
}

func (p *pipeListener) dial() net.Conn {
	server, client := net.Pipe()
	p.connections <- server
	return client
}

func (p *pipeListener) Accept() (net.Conn, error) {
	select {
	case connection := <-p.connections:
		return connection, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipeListener) Close() error   { close(p.closed); return nil }
func (p *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 7373} }
