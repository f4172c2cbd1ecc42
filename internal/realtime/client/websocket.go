package client

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"

	"twombly/internal/audio"
)

// maxEventBytes bounds what a server may send at once.
const maxEventBytes = 16 << 20

// socket is the transport over WebSocket.
type socket struct {
	client *Client
	conn   *websocket.Conn
	stop   context.CancelFunc
	offset map[string]int64 // samples received of each item
}

// DialWebSocket begins a conversation over WebSocket.
func DialWebSocket(ctx context.Context, options Options) (*Client, error) {
	c := newClient(options)
	header := http.Header{}
	options.authorize(header)
	conn, _, err := websocket.Dial(ctx, strings.Replace(options.address("/v1/realtime?model=twombly"), "http", "ws", 1),
		&websocket.DialOptions{HTTPClient: options.HTTP, HTTPHeader: header, Subprotocols: []string{"realtime"}})
	if err != nil {
		return nil, fmt.Errorf("dial over WebSocket: %w", err)
	}
	conn.SetReadLimit(maxEventBytes)
	life, stop := context.WithCancel(context.Background())
	s := &socket{client: c, conn: conn, stop: stop, offset: map[string]int64{}}
	c.transport = s
	c.work.Go(func() { c.cancel(s.read(life)) })
	if err := c.begin(ctx); err != nil {
		return nil, fmt.Errorf("begin: %w", errors.Join(err, c.Close()))
	}
	return c, nil
}

// read takes events until the connection ends.
func (s *socket) read(ctx context.Context) error {
	for {
		_, data, err := s.conn.Read(ctx)
		if err != nil {
			return fmt.Errorf("the conversation is over: %w", err)
		}
		var delta struct {
			Type   string `json:"type"`
			ItemID string `json:"item_id"`
			Delta  []byte `json:"delta"` // base64
		}
		if strings.Contains(string(data[:min(len(data), 400)]), "response.output_audio.delta") &&
			json.Unmarshal(data, &delta) == nil && delta.Type == "response.output_audio.delta" {
			if err := s.sound(delta.ItemID, delta.Delta); err != nil {
				return err
			}
			continue
		}
		s.client.received(data)
	}
}

// sound takes a piece of her voice.
func (s *socket) sound(item string, pcm []byte) error {
	samples, err := audio.DecodePCM16(nil, pcm)
	if err != nil {
		return fmt.Errorf("the server sent damaged audio: %w", err)
	}
	sound := Sound{At: time.Now(), Samples: samples, Item: item, Offset: s.offset[item]}
	s.offset[item] += int64(len(samples))
	s.client.heard(sound)
	return nil
}

// Append sends samples of any rate at once, faster than real time, over WebSocket only.
func (c *Client) Append(ctx context.Context, samples []float32, rate int) error {
	s, ok := c.transport.(*socket)
	if !ok {
		return fmt.Errorf("append: only WebSocket takes sound faster than real time")
	}
	resampled, err := audio.Resample(samples, rate, VoiceRate)
	if err != nil {
		return err
	}
	for len(resampled) > 0 {
		n := min(len(resampled), VoiceRate)
		if err := s.frame(ctx, resampled[:n]); err != nil {
			return err
		}
		resampled = resampled[n:]
	}
	return nil
}

func (s *socket) send(ctx context.Context, data []byte) error {
	if err := s.conn.Write(ctx, websocket.MessageText, data); err != nil {
		return fmt.Errorf("send an event: %w", err)
	}
	return nil
}

func (s *socket) microphoneRate() int { return VoiceRate }

func (s *socket) frame(ctx context.Context, samples []float32) error {
	pcm := audio.AppendPCM16(make([]byte, 0, 2*len(samples)), samples)
	data := append(make([]byte, 0, 2*len(pcm)), `{"type":"input_audio_buffer.append","audio":"`...)
	data = base64.StdEncoding.AppendEncode(data, pcm)
	return s.send(ctx, append(data, `"}`...))
}

func (s *socket) close() error {
	// An error means that the other side closed first, or is gone: either way it is over.
	_ = s.conn.Close(websocket.StatusNormalClosure, "")
	s.stop()
	return nil
}
