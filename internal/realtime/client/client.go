// Package client talks to Twombly as a program does: over WebRTC or WebSocket, with a microphone that plays clips in
// real time and an ear that notes when each sample arrived. The benchmarks and the command line use it.
//
// Dial with [DialWebRTC] or [DialWebSocket]. What comes back is told to [Options.OnSound] and [Options.OnEvent], and
// events are kept so that [Client.Await] can wait for one that may have come already. Close ends the call.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"twombly/internal/audio/opus"
	"twombly/internal/realtime/impair"
)

// VoiceRate is the rate of what is received, in Hz.
const VoiceRate = 24000

// Options say how to talk. URL is required, and Opus for WebRTC.
type Options struct {
	// URL of the server, as in http://127.0.0.1:8080.
	URL string
	// Token of the API; sent as a bearer token when not empty.
	Token string
	// HTTP makes the requests; http.DefaultClient unless said.
	HTTP *http.Client
	// Opus is what WebRTC encodes and decodes with.
	Opus *opus.Library
	// Session holds settings for session.update, sent first; nil for the server's defaults.
	Session any
	// ReportPlayback sends twombly.playback every 100 ms, as our page does, and so asks for our events.
	ReportPlayback bool
	// OutputLatency is how much later than it arrives sound leaves the loudspeaker, for ReportPlayback.
	OutputLatency time.Duration
	// Silent has no microphone of clips: nothing is sent but what Hear is given, and over WebSocket Append.
	Silent bool
	// Echo are the ways by which what the loudspeaker plays comes back to the microphone; none is a headset.
	Echo []Tap
	// Up and Down impair the network of WebRTC in the two directions.
	Up, Down impair.Options
	// OnSound and OnEvent are told what arrives, in order each; they must not block for long.
	OnSound func(Sound)
	OnEvent func(Event)
	// Log receives what went wrong.
	Log *slog.Logger
}

// Sound is a piece of what was received.
type Sound struct {
	// At is when it could have been played at the earliest.
	At time.Time
	// Samples at VoiceRate.
	Samples []float32
	// Item that is spoken; empty for silence between items.
	Item string
	// Offset of the first sample in the item; over WebRTC counted from its first RTP timestamp, pauses included.
	Offset int64
}

// Event is one event of the server. Audio events of WebSocket are told as Sound and not kept.
type Event struct {
	Type string
	At   time.Time
	Data json.RawMessage
}

// Decode reads the event's fields.
func (e Event) Decode(fields any) error { return json.Unmarshal(e.Data, fields) }

// ErrClosed is why a client that was closed ended.
var ErrClosed = errors.New("the client was closed")

// transport is what WebRTC and WebSocket do differently.
type transport interface {
	// send sends an event.
	send(ctx context.Context, data []byte) error
	// microphoneRate is the rate that frames of 20 ms are wanted in.
	microphoneRate() int
	// frame sends 20 ms of the microphone.
	frame(ctx context.Context, samples []float32) error
	// close hangs up and waits for the transport's goroutines.
	close() error
}

// Client is one conversation.
type Client struct {
	options    Options
	log        *slog.Logger
	ctx        context.Context
	cancel     context.CancelCauseFunc
	work       sync.WaitGroup
	transport  transport
	microphone *microphone
	loud       *loudspeaker
	room       *room

	lock    sync.Mutex
	events  []Event
	changed chan struct{} // closed and replaced at every event
}

// newClient makes a client without a transport.
func newClient(options Options) *Client {
	if options.HTTP == nil {
		options.HTTP = http.DefaultClient
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	c := &Client{options: options, log: options.Log, changed: make(chan struct{}), loud: &loudspeaker{}, room: newRoom(options.Echo)}
	c.ctx, c.cancel = context.WithCancelCause(context.Background())
	return c
}

// begin starts what runs beside the transport.
func (c *Client) begin(ctx context.Context) error {
	if c.options.Session != nil {
		if err := c.Send(ctx, map[string]any{"type": "session.update", "session": c.options.Session}); err != nil {
			return err
		}
	}
	c.microphone = newMicrophone(c.transport.microphoneRate(), c.room)
	if !c.options.Silent {
		c.work.Go(func() { c.end(c.microphone.run(c.ctx, c.transport)) })
	}
	if c.options.ReportPlayback {
		c.work.Go(func() { c.end(c.reportPlayback()) })
	}
	return nil
}

// end remembers why the conversation is over.
func (c *Client) end(err error) {
	if err != nil {
		c.cancel(err)
	}
}

// Send sends an event, which is encoded as JSON.
func (c *Client) Send(ctx context.Context, event any) error {
	data, err := json.Marshal(event)
	if err != nil {
		return fmt.Errorf("encode an event: %w", err)
	}
	return c.transport.send(ctx, data)
}

// SendText sends a message as it is, which need not be an event: for tests of what a server makes of it.
func (c *Client) SendText(ctx context.Context, text string) error {
	return c.transport.send(ctx, []byte(text))
}

// Type sends a typed message and asks for an answer.
func (c *Client) Type(ctx context.Context, text string) error {
	err := c.Send(ctx, map[string]any{"type": "conversation.item.create", "item": map[string]any{
		"type": "message", "role": "user", "content": []any{map[string]any{"type": "input_text", "text": text}},
	}})
	if err != nil {
		return err
	}
	return c.Send(ctx, map[string]any{"type": "response.create"})
}

// Speak says samples of any rate through the microphone, in real time, after what is being said. It returns when they
// were said; began is when the first of them met the microphone.
func (c *Client) Speak(ctx context.Context, samples []float32, rate int) (began time.Time, err error) {
	if c.options.Silent {
		return time.Time{}, errors.New("this client has no microphone")
	}
	return c.microphone.speak(ctx, c.ctx, samples, rate)
}

// MicrophoneRate is the rate that Hear takes, in Hz.
func (c *Client) MicrophoneRate() int { return c.transport.microphoneRate() }

// Hear sends 20 ms of a real microphone, at MicrophoneRate. The caller keeps the pace, and the client is to be Silent.
func (c *Client) Hear(ctx context.Context, frame []float32) error {
	if len(frame) != c.MicrophoneRate()/50 {
		return fmt.Errorf("a frame of the microphone has %d samples, not %d", len(frame), c.MicrophoneRate()/50)
	}
	return c.transport.frame(ctx, frame)
}

// Background makes the microphone hear these samples over and over when nothing is said, in place of digital silence.
func (c *Client) Background(samples []float32, rate int) error {
	return c.microphone.setBackground(samples, rate)
}

// Noise makes the microphone hear these samples over and over, under what is said too: the room that one speaks in.
func (c *Client) Noise(samples []float32, rate int) error {
	return c.microphone.setNoise(samples, rate)
}

// Done is closed when the conversation is over; Err says why.
func (c *Client) Done() <-chan struct{} { return c.ctx.Done() }

// Err is why the conversation is over; nil while it is not.
func (c *Client) Err() error { return context.Cause(c.ctx) }

// Close hangs up and waits for everything that was started.
func (c *Client) Close() error {
	c.cancel(ErrClosed)
	err := c.transport.close()
	c.work.Wait()
	return err
}

// Count is how many events have come; a place to wait from.
func (c *Client) Count() int {
	c.lock.Lock()
	defer c.lock.Unlock()
	return len(c.events)
}

// Events returns the events from a place on.
func (c *Client) Events(from int) []Event {
	c.lock.Lock()
	defer c.lock.Unlock()
	return append([]Event(nil), c.events[min(from, len(c.events)):]...)
}

// Await returns the first event from a place on that matches, and the place after it, waiting for it to come.
func (c *Client) Await(ctx context.Context, from int, matches func(Event) bool) (Event, int, error) {
	for {
		c.lock.Lock()
		for ; from < len(c.events); from++ {
			if matches(c.events[from]) {
				event := c.events[from]
				c.lock.Unlock()
				return event, from + 1, nil
			}
		}
		changed := c.changed
		c.lock.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return Event{}, from, ctx.Err()
		case <-c.ctx.Done():
			return Event{}, from, c.Err()
		}
	}
}

// OfType matches events of one of the types.
func OfType(types ...string) func(Event) bool {
	return func(event Event) bool {
		for _, kind := range types {
			if event.Type == kind {
				return true
			}
		}
		return false
	}
}

// received takes an event.
func (c *Client) received(data []byte) {
	event := Event{At: time.Now(), Data: append(json.RawMessage(nil), data...)}
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		c.cancel(fmt.Errorf("the server sent what is not an event: %w", err))
		return
	}
	event.Type = head.Type
	c.loud.event(event)
	c.lock.Lock()
	c.events = append(c.events, event)
	close(c.changed)
	c.changed = make(chan struct{})
	c.lock.Unlock()
	if c.options.OnEvent != nil {
		c.options.OnEvent(event)
	}
}

// heard takes sound, and plays it.
func (c *Client) heard(sound Sound) {
	c.room.play(c.loud.play(sound), sound.Samples)
	if c.options.OnSound != nil {
		c.options.OnSound(sound)
	}
}

// reportPlayback tells the server what was played, every 100 ms while something is.
func (c *Client) reportPlayback() error {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	reported := map[string]int64{}
	for {
		select {
		case now := <-ticker.C:
			item, played := c.loud.position(now.Add(-c.options.OutputLatency))
			milliseconds := played.Milliseconds()
			if before, known := reported[item]; item == "" || known && before >= milliseconds {
				continue
			}
			reported[item] = milliseconds
			if err := c.Send(c.ctx, map[string]any{
				"type": "twombly.playback", "item_id": item, "content_index": 0, "played_ms": milliseconds,
			}); err != nil {
				return err
			}
		case <-c.ctx.Done():
			return nil
		}
	}
}

// authorize puts the token on a request.
func (o Options) authorize(header http.Header) {
	if o.Token != "" {
		header.Set("Authorization", "Bearer "+o.Token)
	}
}

// address is the server's URL with a path.
func (o Options) address(path string) string { return strings.TrimSuffix(o.URL, "/") + path }
