package realtime

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"

	"twombly/internal/audio"
)

// Bounds of a WebSocket: the largest message (15 MiB of audio in base64 and the JSON around it), how long a client may take to
// take one message, and how often it is asked whether it is there.
const (
	maxMessageBytes = 20<<20 + 64<<10
	writeTimeout    = 10 * time.Second
	pingEvery       = 20 * time.Second
	pingTimeout     = 15 * time.Second
)

// deltaSamples is the sound of one audio event, 200 ms.
const deltaSamples = voiceRate / 5

// WebSocket serves sessions over WebSocket. The caller must be in the request's context.
func (s *Server) WebSocket() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, ok := CallerOf(r.Context())
		if !ok {
			refuse(w, http.StatusUnauthorized, "invalid_api_key", "Nobody is signed in.")
			return
		}
		if r.Header.Get("Upgrade") == "" {
			w.Header().Set("Upgrade", "websocket")
			refuse(w, http.StatusUpgradeRequired, "upgrade_required", "This address speaks WebSocket.")
			return
		}
		leave, err := s.enter()
		if err != nil {
			refuseEntry(w, err)
			return
		}
		defer leave()
		s.serveWebSocket(w, r, who)
	})
}

// serveWebSocket holds one session until one of the sides ends it.
func (s *Server) serveWebSocket(w http.ResponseWriter, r *http.Request, who Caller) {
	ctx, cancel := context.WithCancelCause(s.ctx)
	defer cancel(nil)
	s.credentials.add(ctx, who.CredentialID, cancel)
	session := newSession(s, who, cancel)
	voice := &socketVoice{session: session}
	session.voice = voice
	if err := session.open(ctx, s.options.Calls); err != nil {
		session.log.Warn("a call could not begin", "error", err)
		refuseEntry(w, err)
		return
	}
	connection, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols: []string{"realtime"},
		// The origin was checked before, against exact lists that this library's patterns can't express.
		InsecureSkipVerify: true,
		CompressionMode:    websocket.CompressionDisabled,
	})
	if err != nil {
		session.log.Info("not a WebSocket", "error", err) // Accept has answered
		return
	}
	defer connection.CloseNow()
	connection.SetReadLimit(maxMessageBytes)

	// A context that ends during a read or a write tears the connection down without a word, so what uses the connection
	// lives a little longer than the session.
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	var work sync.WaitGroup
	work.Go(func() { session.estimate(ctx) })
	work.Go(func() { cancel(session.read(life, connection)) })
	work.Go(func() { cancel(voice.write(ctx, life, connection)) })
	work.Go(func() { cancel(session.keepAlive(ctx, life, connection)) })
	<-ctx.Done()
	cause := context.Cause(ctx)
	session.log.Info("session over", "cause", cause)
	code, reason := closeCode(cause)
	// Close waits for the answer of a client that may be gone; its own limit is 5 s.
	if err := connection.Close(code, reason); err != nil && !errors.Is(err, io.EOF) {
		session.log.Debug("close", "error", err)
	}
	end()
	work.Wait()
}

// closeCode says how a connection is closed for a cause.
func closeCode(cause error) (websocket.StatusCode, string) {
	switch {
	case errors.Is(cause, ErrClosing):
		return websocket.StatusGoingAway, ErrClosing.Error()
	case errors.Is(cause, errSlow):
		return websocket.StatusPolicyViolation, errSlow.Error()
	case errors.Is(cause, errSignedOut):
		return websocket.StatusPolicyViolation, errSignedOut.Error()
	case errors.Is(cause, websocket.ErrMessageTooBig):
		return websocket.StatusMessageTooBig, fmt.Sprintf("a message may have %d bytes at most", maxMessageBytes)
	}
	return websocket.StatusNormalClosure, ""
}

// read takes the client's events until the connection ends.
func (s *session) read(ctx context.Context, connection *websocket.Conn) error {
	for {
		kind, reader, err := connection.Reader(ctx)
		if err != nil {
			return err
		}
		b := s.server.buffers.Get().(*buffers)
		b.text, err = readAll(b.text[:0], reader)
		if err != nil {
			return err
		}
		s.busy.Store(true)
		if kind == websocket.MessageText {
			s.handle(b.text)
		} else {
			s.fail(invalid("invalid_json", "", "Events are text messages; audio travels in base64."), "")
		}
		s.server.buffers.put(b)
		s.lastRead.Store(time.Now().UnixNano())
		s.busy.Store(false)
	}
}

// readAll reads into a buffer that is used again.
func readAll(buffer []byte, reader io.Reader) ([]byte, error) {
	for {
		if len(buffer) == cap(buffer) {
			buffer = append(buffer, 0)[:len(buffer)]
		}
		n, err := reader.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		if err == io.EOF {
			return buffer, nil
		}
		if err != nil {
			return buffer, err
		}
	}
}

// keepAlive asks a client that says nothing whether it is there. One that sends is; so is one whose sound we are busy
// with, whose answer may lie behind ten minutes of audio.
func (s *session) keepAlive(ctx, life context.Context, connection *websocket.Conn) error {
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	quietSince := func(since time.Time) bool { return !s.busy.Load() && s.lastRead.Load() < since.UnixNano() }
	for {
		var now time.Time
		select {
		case now = <-ticker.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if !quietSince(now.Add(-pingEvery)) {
			continue
		}
		asking, cancel := context.WithTimeout(life, pingTimeout)
		err := connection.Ping(asking)
		cancel()
		if err != nil && quietSince(now) {
			return fmt.Errorf("the client is gone: %w", err)
		}
	}
}

// socketVoice sends her sound as events, as fast as it is made.
type socketVoice struct {
	session *session
	head    playhead

	// Of the item that is being said: its format, which stays for the whole item, and the way to its rate.
	item      string
	format    format
	resampler *audio.Resampler
}

// play implements voice.
func (v *socketVoice) play(r *response, samples []float32) {
	if r.prefix == nil {
		r.prefix = fmt.Appendf(nil, `{"type":"response.output_audio.delta","response_id":%q,"item_id":%q,"output_index":0,"content_index":0,"event_id":"`,
			r.id, r.itemID)
	}
	if v.item != r.itemID {
		v.session.lock.Lock()
		v.item, v.format = r.itemID, v.session.config.output
		v.session.lock.Unlock()
		v.resampler = resampler(voiceRate, v.format.rate())
	}
	v.head.queue(r.itemID, len(samples))
	for len(samples) > 0 {
		n := min(len(samples), deltaSamples)
		pcm := v.format.encode(v.resampler.Process(nil, samples[:n]))
		samples = samples[n:]
		data := make([]byte, 0, len(r.prefix)+base64.StdEncoding.EncodedLen(len(pcm))+64)
		data = append(data, r.prefix...)
		data = append(data, v.session.eventID()...)
		data = append(data, `","delta":"`...)
		data = base64.StdEncoding.AppendEncode(data, pcm)
		data = append(data, `"}`...)
		v.session.out.add(message{data: data, item: r.itemID, samples: n})
	}
}

// end implements voice.
func (v *socketVoice) end(item string) { v.head.end(item) }

// murmur implements voice. All sound is of a response here.
func (v *socketVoice) murmur(string, []float32) bool { return false }

// hush implements voice.
func (v *socketVoice) hush(item string) {
	v.session.out.drop(item)
	v.head.hush(item, time.Now())
}

// duck implements voice. The sound is with the client already: ours lowers it itself, and others can't.
func (v *socketVoice) duck(item string, down bool) {
	v.session.lock.Lock()
	defer v.session.lock.Unlock()
	v.session.sendOurs(object{"type": "twombly.duck", "item_id": item, "down": down})
}

// hold implements voice. As with duck, only ours can do it.
func (v *socketVoice) hold(item string, places []time.Duration) bool {
	offsets := make([]float64, len(places))
	for i, place := range places {
		offsets[i] = float64(place) / float64(time.Millisecond)
	}
	v.session.lock.Lock()
	defer v.session.lock.Unlock()
	v.session.sendOurs(object{"type": "twombly.hold", "item_id": item, "offsets_ms": offsets})
	return v.session.ours
}

// release implements voice.
func (v *socketVoice) release(item string) {
	v.session.lock.Lock()
	defer v.session.lock.Unlock()
	v.session.sendOurs(object{"type": "twombly.release", "item_id": item})
}

// position implements voice.
func (v *socketVoice) position(item string) position { return v.head.position(item, time.Now()) }

// write sends what is queued.
func (v *socketVoice) write(ctx, life context.Context, connection *websocket.Conn) error {
	for {
		m, err := v.session.out.next(ctx)
		if err != nil {
			return err
		}
		writing, cancel := context.WithTimeoutCause(life, writeTimeout, errSlow)
		err = connection.Write(writing, websocket.MessageText, m.data)
		late := context.Cause(writing)
		cancel()
		if err != nil {
			if errors.Is(late, errSlow) {
				return errSlow
			}
			return fmt.Errorf("write to the client: %w", err)
		}
		if m.samples > 0 {
			v.head.sent(m.item, m.samples, time.Now())
		}
	}
}

// playhead follows a client that plays what it gets, one after the other, from when it comes.
type playhead struct {
	lock      sync.Mutex
	item      string
	queued    int64     // samples yet to be sent
	total     int64     // samples sent
	until     time.Time // when the last of them will have been played
	ended     bool
	cutShort  bool
	cutPlayed time.Duration
}

// of makes the item the current one. The caller holds the lock.
func (p *playhead) of(item string) {
	if p.item != item {
		p.item, p.queued, p.total, p.ended, p.cutShort = item, 0, 0, false, false
		p.until = time.Time{}
	}
}

func (p *playhead) queue(item string, samples int) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.of(item)
	p.queued += int64(samples)
}

func (p *playhead) sent(item string, samples int, now time.Time) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.item != item {
		return
	}
	p.queued -= int64(samples)
	p.total += int64(samples)
	if p.until.Before(now) {
		p.until = now
	}
	p.until = p.until.Add(samplesDuration(int64(samples)))
}

func (p *playhead) end(item string) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.of(item)
	p.ended = true
}

func (p *playhead) hush(item string, now time.Time) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.of(item)
	if !p.cutShort {
		p.cutPlayed, p.cutShort = p.played(now), true
	}
}

// played is how much was heard by now. The caller holds the lock.
func (p *playhead) played(now time.Time) time.Duration {
	if p.cutShort {
		return p.cutPlayed
	}
	return max(0, samplesDuration(p.total)-max(0, p.until.Sub(now)))
}

func (p *playhead) position(item string, now time.Time) position {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.item != item {
		return position{done: true}
	}
	done := p.cutShort || p.ended && p.queued <= 0 && !now.Before(p.until)
	return position{played: p.played(now), done: done}
}

// samplesDuration is how long samples of her voice sound.
func samplesDuration(samples int64) time.Duration {
	return time.Duration(samples) * time.Second / voiceRate
}
