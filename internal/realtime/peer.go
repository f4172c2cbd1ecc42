package realtime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"twombly/internal/audio/jitter"
	"twombly/internal/audio/opus"
	"twombly/internal/audio/pace"
)

// channelLabel is the data channel of the protocol's events.
const channelLabel = "oai-events"

// Limits of a data channel: how much may wait in it, and what a peer takes that does not say.
const (
	maxChannelBuffered = 1 << 20
	channelStall       = 10 * time.Second
)

// playoutDelay is what a client's jitter buffer and loudspeaker are taken to add after a packet has arrived.
const playoutDelay = 60 * time.Millisecond

// peer is one call over WebRTC.
type peer struct {
	peers      *peers
	id         string
	session    *session
	connection *webrtc.PeerConnection
	ctx        context.Context
	cancel     context.CancelCauseFunc
	connected  chan struct{}
	largest    int // message that the client's data channel takes

	lock sync.Mutex
	over bool // nothing new may begin
	work sync.WaitGroup

	// Her voice, on its way out.
	track     *webrtc.TrackLocalStaticRTP
	sender    *webrtc.RTPSender
	encoder   *opus.Encoder
	pacer     *pace.Pacer
	sequence  uint16
	offset    uint32 // of RTP timestamps
	murmured  string // the sound of hers that was of no response last; the session's lock guards it
	packet    []byte
	roundTrip atomic.Int64 // the last one measured, in ns

	heard  atomic.Bool // a track is being listened to
	opened atomic.Bool // the channel of events is there
}

// newPeer prepares a call on a connection that has its offer.
func (p *peers) newPeer(connection *webrtc.PeerConnection, who Caller) (*peer, error) {
	encoder, err := p.server.options.Opus.NewEncoder(opus.EncoderOptions{Rate: voiceRate, Application: opus.Voice})
	if err != nil {
		return nil, err
	}
	track, err := webrtc.NewTrackLocalStaticRTP(opusCapability, "audio", "twombly")
	if err != nil {
		return nil, fmt.Errorf("make a track: %w", err)
	}
	sender, err := connection.AddTrack(track)
	if err != nil {
		return nil, fmt.Errorf("add a track: %w", err)
	}
	call := &peer{
		peers: p, id: newID("rtc_"), connection: connection, connected: make(chan struct{}),
		track: track, sender: sender, encoder: encoder,
	}
	call.ctx, call.cancel = context.WithCancelCause(p.server.ctx)
	p.server.credentials.add(call.ctx, who.CredentialID, call.cancel)
	call.session = newSession(p.server, who, call.cancel)
	call.session.voice = call
	call.pacer = pace.New(pace.Options{
		Rate: voiceRate, Send: call.send, Started: call.started, Stopped: call.stopped, Paused: call.paused, Resumed: call.resumed,
	})
	var once sync.Once
	connection.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		switch state {
		case webrtc.PeerConnectionStateConnected:
			once.Do(func() { close(call.connected) })
		case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
			call.cancel(errLost)
		}
	})
	connection.OnTrack(func(remote *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		if remote.Kind() == webrtc.RTPCodecTypeAudio && call.heard.CompareAndSwap(false, true) {
			call.own(func() { call.listen(remote) })
		}
	})
	connection.OnDataChannel(func(channel *webrtc.DataChannel) {
		if channel.Label() == channelLabel && call.opened.CompareAndSwap(false, true) {
			call.serveChannel(channel)
		}
	})
	return call, nil
}

// run holds the call until one of the sides ends it, and frees everything.
func (c *peer) run() {
	defer c.peers.remove(c.id)
	c.work.Go(func() { c.session.estimate(c.ctx) })
	c.work.Go(c.readReports)
	timer := time.NewTimer(connectTimeout)
	defer timer.Stop()
	select {
	case <-c.connected:
		// Not before: nobody would hear what she says first.
		_ = c.pacer.Run(c.ctx) // it ends with the context
	case <-timer.C:
		c.cancel(errNotConnected)
	case <-c.ctx.Done():
	}
	c.session.log.Info("session over", "cause", context.Cause(c.ctx))
	c.lock.Lock()
	c.over = true
	c.lock.Unlock()
	// Closing ends the reads of tracks, reports and channels.
	if err := c.connection.GracefulClose(); err != nil {
		c.session.log.Warn("close a connection", "error", err)
	}
	c.work.Wait()
}

// listen hears a track: packets into the jitter buffer, sound out of it to the call. It runs on the goroutine that pion
// made for the track, and ends with the connection.
func (c *peer) listen(remote *webrtc.TrackRemote) {
	decoder, err := c.peers.server.options.Opus.NewDecoder(hearingRate)
	if err != nil {
		c.cancel(err)
		return
	}
	buffer := jitter.New(decoder, jitter.Options{})
	began := time.Now()
	raw := make([]byte, 1500)
	var samples []float32
	var packet rtp.Packet
	stream := remote.SSRC()
	for {
		wake := time.Time{}
		if at, ok := buffer.Wake(); ok {
			wake = began.Add(at)
		}
		if err := remote.SetReadDeadline(wake); err != nil {
			return
		}
		n, _, err := remote.Read(raw)
		now := time.Since(began)
		switch {
		case err == nil:
			if packet.Unmarshal(raw[:n]) != nil || packet.SSRC != uint32(stream) {
				continue
			}
			buffer.Push(jitter.Packet{
				Sequence: packet.SequenceNumber, Timestamp: packet.Timestamp, Payload: packet.Payload, Arrival: now,
			})
		case timedOut(err):
		default: // the connection is closed
			c.session.log.Info("track over", "network", fmt.Sprintf("%+v", buffer.Stats()))
			return
		}
		if samples = buffer.Pop(samples[:0], now); len(samples) > 0 {
			c.session.line.Hear(samples)
		}
	}
}

// timedOut says whether a read only reached its deadline.
func timedOut(err error) bool {
	var network net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &network) && network.Timeout()
}

// serveChannel carries events both ways.
func (c *peer) serveChannel(channel *webrtc.DataChannel) {
	drained := make(chan struct{}, 1)
	channel.SetBufferedAmountLowThreshold(maxChannelBuffered / 2)
	channel.OnBufferedAmountLow(func() {
		select {
		case drained <- struct{}{}:
		default:
		}
	})
	channel.OnOpen(func() { c.own(func() { c.cancel(c.writeChannel(channel, drained)) }) })
	channel.OnMessage(func(m webrtc.DataChannelMessage) {
		if !m.IsString {
			c.session.fail(invalid("invalid_json", "", "Events are text messages."), "")
			return
		}
		c.session.handle(m.Data)
	})
	channel.OnClose(func() { c.cancel(errHungUp) })
}

// own runs something on a goroutine of pion's so that the call waits for it; not at all when the call is over.
func (c *peer) own(f func()) {
	c.lock.Lock()
	if c.over {
		c.lock.Unlock()
		return
	}
	c.work.Add(1)
	c.lock.Unlock()
	defer c.work.Done()
	f()
}

// writeChannel sends what is queued. pion calls OnOpen on a goroutine of its own, which this one uses; it ends with
// the call.
func (c *peer) writeChannel(channel *webrtc.DataChannel, drained <-chan struct{}) error {
	for {
		m, err := c.session.out.next(c.ctx)
		if err != nil {
			return err
		}
		if limit := c.largest; len(m.data) > limit {
			c.session.fail(&protocolError{kind: "server_error", code: "event_too_large",
				message: fmt.Sprintf("An event of %d bytes was left out: your data channel takes %d.", len(m.data), limit)}, "")
			continue
		}
		if err := channel.SendText(string(m.data)); err != nil {
			return fmt.Errorf("send on the data channel: %w", err)
		}
		if channel.BufferedAmount() <= maxChannelBuffered {
			continue
		}
		timer := time.NewTimer(channelStall)
		select {
		case <-drained:
			timer.Stop()
		case <-timer.C:
			return errSlow
		case <-c.ctx.Done():
			timer.Stop()
			return context.Cause(c.ctx)
		}
	}
}

// largestMessage is what a client's offer says its data channel takes (RFC 8841, section 6).
func largestMessage(sdp string) int {
	const attribute, unsaid = "a=max-message-size:", 64 << 10
	for line := range strings.Lines(sdp) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), attribute); ok {
			n, err := strconv.Atoi(value)
			if err != nil || n < 0 {
				return unsaid
			}
			if n == 0 { // no limit
				return maxChannelMessage
			}
			return min(n, maxChannelMessage)
		}
	}
	return unsaid
}

// readReports takes the client's receiver reports, for the round trip (RFC 3550, section 6.4.1).
func (c *peer) readReports() {
	for {
		packets, _, err := c.sender.ReadRTCP()
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
				c.session.log.Debug("reports over", "error", err)
			}
			return
		}
		for _, p := range packets {
			report, ok := p.(*rtcp.ReceiverReport)
			if !ok {
				continue
			}
			for _, reception := range report.Reports {
				if reception.LastSenderReport != 0 {
					c.measured(time.Now(), reception)
				}
			}
		}
	}
}

// measured keeps the round trip that a report tells: now less when we sent ours, less how long the client kept it.
func (c *peer) measured(now time.Time, report rtcp.ReceptionReport) {
	trip := int32(shortNTP(now) - report.LastSenderReport - report.Delay)
	if trip >= 0 && trip < 10<<16 {
		c.roundTrip.Store(int64(trip) * int64(time.Second) >> 16)
	}
}

// shortNTP is the middle of an NTP timestamp: 16 bits of seconds since 1900, 16 bits of fraction.
func shortNTP(at time.Time) uint32 {
	const from1900To1970 = 2208988800
	seconds := uint64(at.Unix() + from1900To1970)
	fraction := uint64(at.Nanosecond()) << 16 / 1e9
	return uint32(seconds<<16 | fraction)
}
