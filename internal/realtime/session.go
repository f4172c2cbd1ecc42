package realtime

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"twombly/internal/audio"
	"twombly/internal/call"
)

// Rates of the two directions in Hz: what a call hears, and what she says. The protocol's PCM has the second both ways.
const (
	hearingRate = 16000
	voiceRate   = 24000
)

// session is one connection and its call. handle and hear belong to the goroutine that reads from the client; the
// methods of call.Mouth come from the call; both may run at once.
type session struct {
	server *Server
	id     string
	who    Caller
	log    *slog.Logger
	out    *outbox
	voice  voice
	line   call.Line // set before handle is first called

	hearing *audio.Resampler // from the input format's rate to the call's
	format  format           // of the input
	serial  atomic.Uint64    // of events
	wake    chan struct{}    // wakes the estimator

	busy     atomic.Bool  // an event is being handled
	lastRead atomic.Int64 // when one was handled last, in ns since 1970

	// The lock is never held while the line is asked something: the line may be waiting for us in Report.
	lock         sync.Mutex
	config       configuration
	settings     call.Settings  // as the line has them
	restore      *call.Settings // as they are to be again after a response with its own
	ours         bool           // the client understands our events
	introduced   bool           // and said who it is
	reports      bool           // the client reports what it played
	state        string
	conversation conversation
	responses    map[string]*response // those in the making, by item
	persons      map[string]*words    // what is being recognised, by item
	heardSeconds float64              // of audio since the last response, for its usage
	playing      string               // the item whose position is estimated
	wish         responseWish         // of the response that is about to start
}

// voice is how a transport brings her sound to the client.
type voice interface {
	// play takes samples after those before.
	play(r *response, samples []float32)
	end(item string)
	// murmur plays a sound of no response, whole; false where that can't be done.
	murmur(id string, samples []float32) bool
	hush(item string)
	// duck lowers an item's sound from now on, or brings it back, as far as it is not with the client yet.
	duck(item string, down bool)
	// hold stops an item at the first of these places in it that is still ahead, until release; false where that can't be done.
	hold(item string, places []time.Duration) bool
	release(item string)
	// position estimates what was heard of an item; done when nothing more of it will be.
	position(item string) (estimate position)
}

// newSession makes a session and queues its first event. stop ends the connection.
func newSession(s *Server, who Caller, stop context.CancelCauseFunc) *session {
	ses := &session{
		server: s, id: newID("sess_"), who: who, wake: make(chan struct{}, 1),
		ours: who.Page, responses: map[string]*response{}, persons: map[string]*words{},
	}
	ses.log = s.log.With("session", ses.id)
	ses.out = newOutbox(func() { stop(errSlow) })
	ses.config, ses.settings = s.defaults(who)
	if who.secret != nil {
		ses.config, ses.settings = who.secret.config, who.secret.settings
	}
	ses.listenIn(ses.config.input)
	return ses
}

// listenIn makes ready for sound of a format. It belongs to the goroutine that reads from the client.
func (s *session) listenIn(input format) {
	if s.hearing == nil || s.format != input {
		s.format, s.hearing = input, resampler(input.rate(), hearingRate)
	}
}

// open announces the session and begins the call.
func (s *session) open(ctx context.Context, calls Calls) error {
	s.lock.Lock()
	s.send(object{"type": "session.created", "session": s.config.object(s.id, s.server.options.Model, s.settings)})
	settings := s.settings
	s.lock.Unlock()
	line, err := calls.Open(ctx, s.who, s, settings)
	if err != nil {
		return fmt.Errorf("open a call: %w", err)
	}
	s.line = line
	return nil
}

// send queues events. The caller holds the lock, so that they are sent in the order in which they happened.
func (s *session) send(events ...object) {
	messages := make([]message, len(events))
	for i, event := range events {
		event["event_id"] = s.eventID()
		data, err := json.Marshal(event)
		if err != nil { // only maps, slices, strings, numbers
			panic(fmt.Sprintf("event %v: %v", event["type"], err))
		}
		messages[i] = message{data: data}
	}
	s.out.add(messages...)
}

// sendOurs queues events of ours if the client knows them. The caller holds the lock.
func (s *session) sendOurs(events ...object) {
	if s.ours {
		s.send(events...)
	}
}

// fail tells the client what is wrong with one of its events.
func (s *session) fail(problem *protocolError, eventID string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.send(problem.event(eventID))
}

// eventID makes the ID of a server event.
func (s *session) eventID() string {
	return fmt.Sprintf("event_%s_%d", strings.TrimPrefix(s.id, "sess_")[:8], s.serial.Add(1))
}

// newID makes an identifier of the protocol's form.
func newID(prefix string) string {
	var random [10]byte
	_, _ = rand.Read(random[:]) // never fails, by its documentation
	return prefix + hex.EncodeToString(random[:])
}
