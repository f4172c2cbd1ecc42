package realtime

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"
)

// connectTimeout is how long a connection may take to come about; keepAliveEvery how often an idle one is used.
const (
	connectTimeout = 20 * time.Second
	keepAliveEvery = 2 * time.Second
)

// maxChannelMessage is the largest event that a data channel takes.
const maxChannelMessage = 1 << 20

// opusPayload is Opus as browsers number it; in-band error correction is asked for both ways (RFC 7587, section 6.1).
const opusPayload = 111

var opusCapability = webrtc.RTPCodecCapability{
	MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1",
}

// peers are the calls over WebRTC. All of them share one UDP socket: a packet's call is known by its ICE name or, after
// the first, by its sender.
type peers struct {
	server *Server
	api    *webrtc.API
	mux    ice.UDPMux
	socket net.PacketConn

	lock  sync.Mutex
	calls map[string]*peer
}

// newPeers sets WebRTC up on a socket.
func newPeers(s *Server, socket net.PacketConn) (*peers, error) {
	media := &webrtc.MediaEngine{}
	if err := media.RegisterCodec(webrtc.RTPCodecParameters{
		RTPCodecCapability: opusCapability, PayloadType: opusPayload,
	}, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, fmt.Errorf("register Opus: %w", err)
	}
	// Reports alone: they give the round trip. What pion adds by default costs twice the CPU for what Opus does better.
	interceptors := &interceptor.Registry{}
	if err := webrtc.ConfigureRTCPReports(interceptors); err != nil {
		return nil, fmt.Errorf("set RTCP up: %w", err)
	}
	mux := webrtc.NewICEUDPMux(nil, socket)
	settings := webrtc.SettingEngine{}
	settings.SetICEUDPMux(mux)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	// We have an address that the client can reach, or nobody could talk to us at all: the client does the checking.
	settings.SetLite(true)
	// A silent client counts as away after a quarter of the time, and as lost after all of it.
	away := s.options.LostAfter / 4
	settings.SetICETimeouts(away, s.options.LostAfter-away, keepAliveEvery)
	settings.SetSCTPMaxMessageSize(maxChannelMessage)
	if address, ok := socket.LocalAddr().(*net.UDPAddr); ok && address.IP.IsLoopback() {
		settings.SetIncludeLoopbackCandidate(true)
		settings.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() })
	}
	api := webrtc.NewAPI(
		webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(interceptors), webrtc.WithSettingEngine(settings),
	)
	return &peers{server: s, api: api, mux: mux, socket: socket, calls: map[string]*peer{}}, nil
}

// close lets go of the socket after all calls have ended.
func (p *peers) close() error {
	err := p.mux.Close()
	if closing := p.socket.Close(); closing != nil && !errors.Is(closing, net.ErrClosed) {
		err = errors.Join(err, closing)
	}
	return err
}

func (p *peers) add(id string, call *peer) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.calls[id] = call
}

func (p *peers) remove(id string) {
	p.lock.Lock()
	defer p.lock.Unlock()
	delete(p.calls, id)
}

func (p *peers) find(id string) *peer {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.calls[id]
}

// CreateCall begins a call over WebRTC: an SDP offer in, 201 with the answer out, its address in Location.
func (s *Server) CreateCall() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, ok := CallerOf(r.Context())
		if !ok {
			refuse(w, http.StatusUnauthorized, "invalid_api_key", "Nobody is signed in.")
			return
		}
		if s.webrtc == nil || s.options.Opus == nil {
			refuse(w, http.StatusNotImplemented, "no_webrtc",
				"WebRTC needs libopus, which was not found; install it (on Debian: apt-get install libopus0) or talk over WebSocket.")
			return
		}
		offer, err := readOffer(r)
		if err != nil {
			status := http.StatusBadRequest
			refuse(w, status, "invalid_offer", err.Error()+".")
			return
		}
		leave, err := s.enter()
		if err != nil {
			refuseEntry(w, err)
			return
		}
		call, answer, err := s.webrtc.answer(r.Context(), who, offer)
		if err != nil {
			leave()
			s.log.Info("no call over WebRTC", "error", err)
			if problem := (*protocolError)(nil); errors.As(err, &problem) || errors.Is(err, errOffer) {
				refuse(w, http.StatusBadRequest, "invalid_offer", err.Error())
				return
			}
			refuseEntry(w, err)
			return
		}
		go func() {
			defer leave()
			call.run()
		}()
		w.Header().Set("Content-Type", "application/sdp")
		w.Header().Set("Location", "/v1/realtime/calls/"+call.id)
		w.WriteHeader(http.StatusCreated)
		// A client that is gone never connects, and the call ends by that.
		_, _ = w.Write([]byte(answer))
	})
}

// Hangup ends a call of the caller's own.
func (s *Server) Hangup() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, ok := CallerOf(r.Context())
		if !ok {
			refuse(w, http.StatusUnauthorized, "invalid_api_key", "Nobody is signed in.")
			return
		}
		var call *peer
		if s.webrtc != nil {
			call = s.webrtc.find(r.PathValue("id"))
		}
		if call == nil || call.session.who.PersonID != who.PersonID {
			refuse(w, http.StatusNotFound, "call_not_found", "There is no such call.")
			return
		}
		call.cancel(errHungUp)
		w.WriteHeader(http.StatusOK)
	})
}

// Reasons why a call ends.
var (
	errHungUp       = errors.New("hung up")
	errLost         = errors.New("the connection was lost")
	errNotConnected = errors.New("the client never connected")
)

// answer sets a call up: everything that can be refused is refused here.
func (p *peers) answer(ctx context.Context, who Caller, o offer) (*peer, string, error) {
	connection, err := p.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, "", fmt.Errorf("set a connection up: %w", err)
	}
	call, answer, err := p.negotiate(ctx, connection, who, o)
	if err != nil {
		if call != nil {
			call.cancel(err)
		}
		return nil, "", errors.Join(err, connection.GracefulClose())
	}
	return call, answer, nil
}

// negotiate takes the offer and makes the answer.
func (p *peers) negotiate(ctx context.Context, connection *webrtc.PeerConnection, who Caller, o offer) (*peer, string, error) {
	if err := connection.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: o.sdp}); err != nil {
		return nil, "", fmt.Errorf("%w: %w", errOffer, err)
	}
	audio := false
	for _, transceiver := range connection.GetTransceivers() {
		audio = audio || transceiver.Kind() == webrtc.RTPCodecTypeAudio
	}
	if !audio {
		return nil, "", fmt.Errorf("%w: it has no audio", errOffer)
	}
	call, err := p.newPeer(connection, who)
	if err != nil {
		return nil, "", err
	}
	call.largest = largestMessage(o.sdp)
	if len(o.session) > 0 {
		config, settings, problem := p.server.apply(o.session, call.session.config, call.session.settings)
		if problem != nil {
			return call, "", problem
		}
		call.session.config, call.session.settings = config, settings
	}
	reply, err := connection.CreateAnswer(nil)
	if err != nil {
		return call, "", fmt.Errorf("%w: %w", errOffer, err)
	}
	// Before the description: as soon as that is set, packets may come.
	if err := call.session.open(call.ctx, p.server.options.Calls); err != nil {
		return call, "", err
	}
	gathered := webrtc.GatheringCompletePromise(connection)
	if err := connection.SetLocalDescription(reply); err != nil {
		return call, "", fmt.Errorf("%w: %w", errOffer, err)
	}
	select {
	case <-gathered:
	case <-ctx.Done():
		return call, "", ctx.Err()
	}
	p.add(call.id, call)
	return call, connection.LocalDescription().SDP, nil
}
