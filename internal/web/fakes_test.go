package web

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/prometheus/client_golang/prometheus"

	"twombly/internal/companion"
	"twombly/internal/journal"
	"twombly/internal/people"
	"twombly/internal/people/peopletest"
	"twombly/internal/realtime"
)

// house is a server with fakes for the rooms behind it, and one signed-in device and token.
type house struct {
	*Server
	people         *people.House
	rooms          *fakeRooms
	log            *bytes.Buffer
	cookie, token  string
	caller         people.Caller
	realtimeCalled int
	missing        missingParts
}

// missingParts are the parts of her that are not ready.
type missingParts []string

func (m *missingParts) Ready() []string { return *m }

const goodSecret = "ek_good"

const (
	testHost   = "127.0.0.1:7373"
	testOrigin = "http://127.0.0.1:7373"
	listed     = "http://localhost:3000"
)

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{rooms: &fakeRooms{companion: &fakeCompanion{}}, log: &bytes.Buffer{}}
	var err error
	h.people, err = people.Open(t.Context(), &peopletest.Memory{}, people.Options{Pepper: bytes.Repeat([]byte{3}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	link, err := h.people.OwnerLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if h.cookie, h.caller, err = h.people.Enter(t.Context(), link.Secret, "phone"); err != nil {
		t.Fatal(err)
	}
	if h.token, _, err = h.people.CreateToken(t.Context(), "bridge"); err != nil {
		t.Fatal(err)
	}
	h.Server, err = New(Options{
		Site:    NewSite(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 7373}, []string{"her.example"}, []string{listed}, false),
		House:   h.people,
		Version: "test",
		Rooms:   h.rooms, Samples: fakeSamples{}, Status: fakeStatus{}, Minds: &h.rooms.minds,
		Realtime: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			caller, _ := people.CallerFrom(r.Context())
			who, known := realtime.CallerOf(r.Context())
			if who.Device == "a page with a secret" {
				h.realtimeCalled++
				w.WriteHeader(http.StatusCreated)
				return
			}
			if !known || who.PersonID != h.people.Owner().ID || who.Device != caller.Name || who.Page != (caller.Way == people.BySession) {
				t.Errorf("the realtime protocol was told of %+v", who)
			}
			h.realtimeCalled++
			w.WriteHeader(http.StatusCreated)
		}),
		Secrets: func(value string) (realtime.Caller, bool) {
			return realtime.Caller{PersonID: h.people.Owner().ID, Device: "a page with a secret"}, value == goodSecret
		},
		OpenAI: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, known := people.CallerFrom(r.Context()); !known {
				t.Error("a stranger got to the REST routes")
			}
			w.WriteHeader(http.StatusAccepted)
		}),
		Ready: &h.missing,
		App: fstest.MapFS{
			"index.html":           {Data: []byte("<!doctype html><title>Twombly</title>" + strings.Repeat(" ", 500))},
			"assets/index-a1b2.js": {Data: []byte("let app=1;" + strings.Repeat("app++;", 200))},
			"manifest.webmanifest": {Data: []byte("{}")},
		},
		Metrics: prometheus.NewRegistry(),
		Log:     slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// change alters a request before it is sent.
type change func(h *house, r *http.Request)

func withCookie(h *house, r *http.Request) {
	r.AddCookie(&http.Cookie{Name: "twombly_" + h.people.Instance(), Value: h.cookie})
}

func withToken(h *house, r *http.Request) { r.Header.Set("Authorization", "Bearer "+h.token) }

func with(name, value string) change {
	return func(_ *house, r *http.Request) { r.Header.Set(name, value) }
}

func withHost(host string) change { return func(_ *house, r *http.Request) { r.Host = host } }

func withJSON(_ *house, r *http.Request) { r.Header.Set("Content-Type", "application/json") }

func fromOwnPage(_ *house, r *http.Request) { r.Header.Set("Origin", testOrigin) }

func upgrade(_ *house, r *http.Request) {
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "websocket")
	r.Header.Set("Sec-WebSocket-Version", "13")
	r.Header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
}

func (h *house) ask(method, target, body string, changes ...change) *httptest.ResponseRecorder {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, target, reader)
	r.Host = testHost
	for _, change := range changes {
		change(h, r)
	}
	w := httptest.NewRecorder()
	h.Handler().ServeHTTP(w, r)
	return w
}

// fakeRooms opens one room for everybody and counts that each is released.
type fakeRooms struct {
	companion *fakeCompanion
	moments   fakeJournal
	minds     fakeMinds
	mutex     sync.Mutex
	open      int
	fail      error
}

func (f *fakeRooms) Open(context.Context, string) (Room, func(), error) {
	if f.fail != nil {
		return Room{}, nil, f.fail
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.open++
	return Room{Companion: f.companion, Journal: f.moments}, func() {
		f.mutex.Lock()
		defer f.mutex.Unlock()
		f.open--
	}, nil
}

type fakeCompanion struct {
	forgotten bool // the person's voice
	met       bool
	typed     []string
	settings  json.RawMessage
	voice     string
	speed     float32
	fail      error
}

func (*fakeCompanion) Names() (string, string) { return "Ada", "Wren" }
func (f *fakeCompanion) Met() bool             { return f.met }
func (f *fakeCompanion) Meeting() companion.Meeting {
	return companion.Meeting{Done: f.met, Step: companion.AskName, Prompt: "What should I call you?"}
}
func (f *fakeCompanion) TypeMeeting(_ context.Context, text, device, zone string) (companion.Meeting, error) {
	if f.fail != nil {
		return companion.Meeting{}, f.fail
	}
	f.typed = append(f.typed, text+"|"+device+"|"+zone)
	meeting := f.Meeting()
	meeting.Said = "Hello."
	return meeting, nil
}
func (f *fakeCompanion) SkipMeeting(context.Context) error { f.met = true; return f.fail }
func (f *fakeCompanion) CurrentVoice() (string, float32)   { return "warm", 0.92 }
func (f *fakeCompanion) ChooseVoice(_ context.Context, id string, speed float32) error {
	if id != "warm" {
		return companion.ErrNoSuchVoice
	}
	f.voice, f.speed = id, speed
	return nil
}
func (f *fakeCompanion) PageSettings() json.RawMessage { return f.settings }
func (f *fakeCompanion) KeepPageSettings(_ context.Context, settings json.RawMessage) error {
	f.settings = settings
	return f.fail
}

func (f *fakeCompanion) ForgetPersonVoice(context.Context) error {
	f.forgotten = true
	return f.fail
}

// fakeJournal answers queries over moments as the journal does.
type fakeJournal []journal.Moment

func (f fakeJournal) Read(_ context.Context, query journal.Query) ([]journal.Moment, error) {
	var found []journal.Moment
	take := func(moment journal.Moment) bool {
		wanted := len(query.Kinds) == 0
		for _, kind := range query.Kinds {
			wanted = wanted || kind == moment.Kind
		}
		if wanted && moment.Sequence > query.After && (query.Before == 0 || moment.Sequence < query.Before) {
			found = append(found, moment)
		}
		return query.Limit == 0 || len(found) < query.Limit
	}
	for index := range f {
		if query.Newest {
			index = len(f) - 1 - index
		}
		if !take(f[index]) {
			break
		}
	}
	return found, nil
}

type fakeSamples struct{}

func (fakeSamples) Sample(_ context.Context, voice companion.VoiceChoice) ([]byte, error) {
	return []byte("RIFF " + voice.ID), nil
}

type fakeStatus struct{}

func (fakeStatus) Status(context.Context, string) (StatusReport, error) {
	return StatusReport{Parts: []PartReport{{ID: "mind", Name: "What she thinks with", State: "ready", Local: true}}}, nil
}

type fakeMinds struct {
	chosen []MindChoice
	fail   error
}

func (*fakeMinds) Mind(context.Context, string) (MindReport, error) {
	return MindReport{Current: MindDescription{Model: "m", Local: true}, Found: []FoundServer{{Kind: "ollama", Address: "http://127.0.0.1:11434/v1"}}}, nil
}
func (f *fakeMinds) ChooseMind(_ context.Context, _ string, choice MindChoice) error {
	f.chosen = append(f.chosen, choice)
	return f.fail
}
