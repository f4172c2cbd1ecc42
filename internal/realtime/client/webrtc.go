package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"twombly/internal/audio/jitter"
	"twombly/internal/audio/opus"
	"twombly/internal/realtime/impair"
)

var opusCapability = webrtc.RTPCodecCapability{
	MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1",
}

// maxStall is how long silence is made up after the server stopped sending, as it does between her replies.
const maxStall = 200 * time.Millisecond

// peer is the transport over WebRTC.
type peer struct {
	client     *Client
	connection *webrtc.PeerConnection
	channel    *webrtc.DataChannel
	track      *webrtc.TrackLocalStaticRTP
	encoder    *opus.Encoder
	up         *impair.Link
	sequence   uint16
	timestamp  uint32
	packets    chan arrival
	location   string

	lock  sync.Mutex
	stats jitter.Stats
}

// arrival is a packet and when it came.
type arrival struct {
	packet []byte
	at     time.Time
}

// DialWebRTC begins a conversation over WebRTC and returns when both sound and events can flow.
func DialWebRTC(ctx context.Context, options Options) (*Client, error) {
	if options.Opus == nil {
		return nil, errors.New("dial over WebRTC: libopus is needed")
	}
	c := newClient(options)
	p := &peer{client: c, packets: make(chan arrival, 256)}
	c.transport = p
	if err := p.connect(ctx); err != nil {
		return nil, fmt.Errorf("dial over WebRTC: %w", errors.Join(err, c.Close()))
	}
	if err := c.begin(ctx); err != nil {
		return nil, fmt.Errorf("begin: %w", errors.Join(err, c.Close()))
	}
	return c, nil
}

// connect makes the connection: offer, answer, and the wait for both transports.
func (p *peer) connect(ctx context.Context) error {
	var err error
	if p.connection, err = newConnection(); err != nil {
		return err
	}
	if p.encoder, err = p.client.options.Opus.NewEncoder(opus.EncoderOptions{Rate: 48000}); err != nil {
		return err
	}
	if p.track, err = webrtc.NewTrackLocalStaticRTP(opusCapability, "audio", "client"); err != nil {
		return err
	}
	if _, err = p.connection.AddTrack(p.track); err != nil {
		return err
	}
	opened := make(chan struct{})
	if p.channel, err = p.connection.CreateDataChannel("oai-events", nil); err != nil {
		return err
	}
	p.channel.OnOpen(func() { close(opened) })
	p.channel.OnMessage(func(m webrtc.DataChannelMessage) { p.client.received(m.Data) })
	p.channel.OnClose(func() { p.client.cancel(errors.New("the server hung up")) })
	p.connection.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateFailed {
			p.client.cancel(errors.New("the connection was lost"))
		}
	})
	p.up = impair.New(p.client.options.Up, func(packet []byte) {
		if err := p.write(packet); err != nil {
			p.client.end(err)
		}
	})
	p.client.work.Go(func() { p.up.Run(p.client.ctx) })
	down := impair.New(p.client.options.Down, p.arrived)
	p.client.work.Go(func() { down.Run(p.client.ctx) })
	p.client.work.Go(func() { p.client.end(p.listen()) })
	p.connection.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { p.read(track, down) })
	if err := p.exchange(ctx); err != nil {
		return err
	}
	select {
	case <-opened:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-p.client.ctx.Done():
		return p.client.Err()
	}
}

// newConnection makes a peer connection that also uses the loopback interface.
func newConnection() (*webrtc.PeerConnection, error) {
	media := &webrtc.MediaEngine{}
	if err := media.RegisterCodec(webrtc.RTPCodecParameters{
		RTPCodecCapability: opusCapability, PayloadType: 111,
	}, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, err
	}
	interceptors := &interceptor.Registry{}
	if err := webrtc.ConfigureRTCPReports(interceptors); err != nil {
		return nil, err
	}
	settings := webrtc.SettingEngine{}
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetSCTPMaxMessageSize(maxEventBytes)
	return webrtc.NewAPI(
		webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(interceptors), webrtc.WithSettingEngine(settings),
	).NewPeerConnection(webrtc.Configuration{})
}

// exchange posts the offer and takes the answer.
func (p *peer) exchange(ctx context.Context) error {
	offer, err := p.connection.CreateOffer(nil)
	if err != nil {
		return err
	}
	gathered := webrtc.GatheringCompletePromise(p.connection)
	if err := p.connection.SetLocalDescription(offer); err != nil {
		return err
	}
	select {
	case <-gathered:
	case <-ctx.Done():
		return ctx.Err()
	}
	body := bytes.NewReader([]byte(p.connection.LocalDescription().SDP))
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.client.options.address("/v1/realtime/calls"), body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/sdp")
	p.client.options.authorize(request.Header)
	response, err := p.client.options.HTTP.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusCreated {
		return fmt.Errorf("the server answered %s: %s", response.Status, answer)
	}
	p.location = response.Header.Get("Location")
	return p.connection.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(answer)})
}

// read takes packets off the track, through the impaired network. It ends with the connection.
func (p *peer) read(track *webrtc.TrackRemote, down *impair.Link) {
	buffer := make([]byte, 1500)
	for {
		n, _, err := track.Read(buffer)
		if err != nil {
			return
		}
		if p.client.options.Down.None() {
			p.arrived(append([]byte(nil), buffer[:n]...))
		} else {
			down.Send(buffer[:n])
		}
	}
}

// arrived hands a packet to the listener.
func (p *peer) arrived(packet []byte) {
	select {
	case p.packets <- arrival{packet, time.Now()}:
	case <-p.client.ctx.Done():
	}
}

// listen turns packets into sound until the client ends.
func (p *peer) listen() error {
	decoder, err := p.client.options.Opus.NewDecoder(VoiceRate)
	if err != nil {
		return err
	}
	buffer := jitter.New(decoder, jitter.Options{MaxStall: maxStall})
	began := time.Now()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var packet rtp.Packet
	for {
		timer.Stop()
		if wake, ok := buffer.Wake(); ok {
			timer.Reset(time.Until(began.Add(wake)))
		}
		now := time.Time{}
		select {
		case a := <-p.packets:
			now = a.at
			if packet.Unmarshal(a.packet) != nil {
				continue
			}
			buffer.Push(jitter.Packet{
				Sequence: packet.SequenceNumber, Timestamp: packet.Timestamp, Payload: packet.Payload, Arrival: now.Sub(began),
			})
		case now = <-timer.C:
		case <-p.client.ctx.Done():
			return nil
		}
		samples := buffer.Pop(nil, now.Sub(began))
		p.lock.Lock()
		p.stats = buffer.Stats()
		p.lock.Unlock()
		if len(samples) == 0 {
			continue
		}
		sound := Sound{At: now, Samples: samples}
		sound.Item, sound.Offset = p.client.loud.place(buffer.Timestamp() - uint32(2*len(samples)))
		p.client.heard(sound)
	}
}

// Network is what the jitter buffer of a WebRTC client has met.
func (c *Client) Network() jitter.Stats {
	p, ok := c.transport.(*peer)
	if !ok {
		return jitter.Stats{}
	}
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.stats
}

// Location is the address of a WebRTC call, empty over WebSocket.
func (c *Client) Location() string {
	if p, ok := c.transport.(*peer); ok {
		return p.location
	}
	return ""
}

func (p *peer) send(_ context.Context, data []byte) error {
	if err := p.channel.SendText(string(data)); err != nil {
		return fmt.Errorf("send an event: %w", err)
	}
	return nil
}

func (p *peer) microphoneRate() int { return 48000 }

func (p *peer) frame(_ context.Context, samples []float32) error {
	payload, err := p.encoder.Encode(nil, samples)
	if err != nil {
		return err
	}
	p.sequence++
	p.timestamp += uint32(len(samples))
	raw, err := (&rtp.Packet{
		Header:  rtp.Header{Version: 2, SequenceNumber: p.sequence, Timestamp: p.timestamp},
		Payload: payload,
	}).Marshal()
	if err != nil {
		return err
	}
	if p.client.options.Up.None() {
		return p.write(raw)
	}
	p.up.Send(raw)
	return nil
}

// write sends a packet on the track.
func (p *peer) write(raw []byte) error {
	if _, err := p.track.Write(raw); err != nil && !errors.Is(err, io.ErrClosedPipe) {
		return fmt.Errorf("send a frame: %w", err)
	}
	return nil
}

func (p *peer) close() error {
	if p.connection == nil {
		return nil
	}
	return p.connection.GracefulClose()
}
