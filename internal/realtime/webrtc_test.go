package realtime_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"twombly/internal/audio"
	"twombly/internal/audio/opus"
	"twombly/internal/call"
	"twombly/internal/realtime"
	"twombly/internal/realtime/client"
	"twombly/internal/realtime/impair"
)

func libopus(t testing.TB) *opus.Library {
	t.Helper()
	l, err := opus.Load(os.Getenv("TWOMBLY_OPUS"))
	if err != nil {
		if os.Getenv("TWOMBLY_REQUIRE_MODELS") == "1" {
			t.Fatal(err)
		}
		t.Skipf("%v (Debian's package is libopus0; TWOMBLY_OPUS names a file)", err)
	}
	return l
}

// speech is a human clip at the wanted rate.
func speech(t testing.TB, name string, rate int) []float32 {
	t.Helper()
	folder := os.Getenv("TWOMBLY_TEST_DATA")
	if folder == "" {
		folder = "../../../shared/data"
	}
	clip, err := audio.ReadWAVFile(filepath.Join(folder, "speech", name))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("no test data: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if clip, err = clip.To(rate); err != nil {
		t.Fatal(err)
	}
	return clip.Samples
}

// serveWebRTC starts a server that takes calls over WebRTC on a port of the loopback interface.
func serveWebRTC(t *testing.T, who realtime.Caller) (url string, calls *fakeCalls, l *opus.Library) {
	t.Helper()
	l = libopus(t)
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	url, calls = serve(t, realtime.Options{Opus: l, UDP: socket}, who)
	return url, calls, l
}

// ear keeps what a client hears.
type ear struct {
	lock   sync.Mutex
	sounds []client.Sound
}

func (e *ear) hear(s client.Sound) {
	e.lock.Lock()
	defer e.lock.Unlock()
	e.sounds = append(e.sounds, s)
}

// of returns what was heard of an item, in its place, and when its first sample came.
func (e *ear) of(item string) (samples []float32, first time.Time) {
	e.lock.Lock()
	defer e.lock.Unlock()
	for _, s := range e.sounds {
		if s.Item != item {
			continue
		}
		if first.IsZero() {
			first = s.At
		}
		if missing := int(s.Offset) - len(samples); missing > 0 {
			samples = append(samples, make([]float32, missing)...)
		}
		samples = append(samples[:s.Offset], s.Samples...)
	}
	return samples, first
}

// fit says how like the truth what was heard is: the correlation of each half second of speech with the nearest place
// in got that is like it, within 400 ms of where it belongs, on average. worst is the largest distance from that place.
// from says where in got the truth begins, about. Everything is compared at 4 kHz.
func fit(t testing.TB, truth, got []float32, rate, from int) (like float64, worst time.Duration) {
	t.Helper()
	const compared, half, reach = 4000, 2000, 1600
	low := func(samples []float32) []float32 {
		out, err := audio.Resample(samples, rate, compared)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	a, b := low(truth), low(got[min(from, len(got)):])
	b = append(make([]float32, reach), b...)
	b = append(b, make([]float32, max(0, len(a)+2*reach-len(b)))...)
	count := 0
	for start := 0; start+half <= len(a); start += half {
		piece := a[start : start+half]
		if audio.Level(piece) < -40 {
			continue
		}
		best, at := 0.0, 0
		for shift := 0; shift <= 2*reach; shift++ {
			var ab, bb float64
			for i, x := range b[start+shift : start+shift+half] {
				ab, bb = ab+float64(x)*float64(piece[i]), bb+float64(x)*float64(x)
			}
			if c := ab / math.Sqrt(bb+1e-9); c > best {
				best, at = c, shift
			}
		}
		like += best / (audio.RMS(piece) * math.Sqrt(half))
		worst = max(worst, (time.Duration(at-reach) * time.Second / compared).Abs())
		count++
	}
	return like / float64(count), worst
}

// holes counts the tenths of a second in which speech became much quieter than it is.
func holes(want, got []float32, rate int) (count, spoken int) {
	for start := 0; start+rate/10 <= min(len(want), len(got)); start += rate / 10 {
		truth := audio.Level(want[start : start+rate/10])
		if truth < -40 {
			continue
		}
		spoken++
		if audio.Level(got[start:start+rate/10]) < truth-15 {
			count++
		}
	}
	return count, spoken
}

// TestConversationOverWebRTC says a clip to a call and hears one back, through a good network and through one that loses
// 2 % and is 30 ms uneven, both ways. What is heard must lie in its place, without holes; under the race detector, which
// is too slow for real time, it is only looked at.
func TestConversationOverWebRTC(t *testing.T) {
	for _, test := range []struct {
		name    string
		network impair.Options
		fit     float64
	}{
		{"good network", impair.Options{}, 0.87},
		{"2 % lost, 30 ms of jitter", impair.Options{Loss: 0.02, Jitter: 30 * time.Millisecond, Seed: 11}, 0.87},
	} {
		t.Run(test.name, func(t *testing.T) {
			url, calls, l := serveWebRTC(t, realtime.Caller{PersonID: "p", Page: true})
			heard := &ear{}
			down := test.network
			down.Seed++
			c, err := client.DialWebRTC(t.Context(), client.Options{
				URL: url, Opus: l, Up: test.network, Down: down, OnSound: heard.hear, ReportPlayback: true,
				Session: object{"instructions": "Be brief."},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			line := <-calls.lines
			if _, _, err := c.Await(t.Context(), 0, client.OfType("session.updated")); err != nil {
				t.Fatal(err)
			}

			// Her voice, while the person speaks.
			voice := speech(t, "11_jfk.wav", 24000)[:24000*5]
			line.mouth.Report(call.ResponseStarted{ResponseID: "resp_1", ItemID: "item_1"})
			line.mouth.Play("item_1", voice[:24000*2])
			line.mouth.Play("item_1", voice[24000*2:])
			line.mouth.PlayEnd("item_1")
			line.mouth.Report(call.ResponseDone{ResponseID: "resp_1", ItemID: "item_1", Status: "completed"})
			played := time.Now()

			said := speech(t, "00_spk1_snt1.wav", 16000)
			before := len(line.heardSamples())
			began, err := c.Speak(t.Context(), said, 16000)
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began) - time.Duration(len(said))*time.Second/16000; took < -25*time.Millisecond || took > 300*time.Millisecond && !realtime.RaceEnabled {
				t.Errorf("speaking took %v too long", took)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			if _, _, err := c.Await(ctx, 0, client.OfType("output_audio_buffer.stopped")); err != nil {
				t.Fatal(err)
			}
			time.Sleep(400 * time.Millisecond) // the network's last packets, and the last report of what was played

			got := line.heardSamples()
			like, off := fit(t, said, got, 16000, before)
			t.Logf("the call heard the person with a fit of %.3f, at most %v out of place", like, off)
			if !realtime.RaceEnabled && (like < test.fit || off > 150*time.Millisecond) {
				t.Errorf("the person's words came out with a fit of %.3f, %v out of place", like, off)
			}
			back, first := heard.of("item_1")
			like, off = fit(t, voice, back, 24000, 0)
			t.Logf("she was heard after %v with a fit of %.3f, at most %v out of place; network %+v", first.Sub(played), like, off, c.Network())
			if !realtime.RaceEnabled && (like < test.fit || off > 50*time.Millisecond) {
				t.Errorf("her words came out with a fit of %.3f, %v out of place", like, off)
			}
			if n, of := holes(voice, back, 24000); n > of/20 && !realtime.RaceEnabled {
				t.Errorf("%d holes in %d tenths of a second of her speech", n, of)
			}
			if !test.network.None() && (c.Network().Lost == 0 || c.Network().Recovered == 0) {
				t.Errorf("nothing was lost: %+v", c.Network())
			}
			if got := line.playedOf("item_1"); got < 4900*time.Millisecond || got > 5100*time.Millisecond && !realtime.RaceEnabled {
				t.Errorf("the client reported %v played", got)
			}
			var started struct {
				ResponseID string `json:"response_id"`
			}
			event, _, err := c.Await(t.Context(), 0, client.OfType("output_audio_buffer.started"))
			if err != nil || event.Decode(&started) != nil || started.ResponseID != "resp_1" {
				t.Errorf("%s %v", event.Data, err)
			}
		})
	}
}

// TestMurmurOverWebRTC: a sound of hers that is of no response is heard by a client of ours, and nothing is told of it.
func TestMurmurOverWebRTC(t *testing.T) {
	for _, ours := range []bool{true, false} {
		url, calls, l := serveWebRTC(t, realtime.Caller{PersonID: "p", Page: ours})
		heard := &ear{}
		c, err := client.DialWebRTC(t.Context(), client.Options{URL: url, Opus: l, OnSound: heard.hear})
		if err != nil {
			t.Fatal(err)
		}
		line := <-calls.lines
		if played := line.mouth.Murmur("murmur_1", speech(t, "11_jfk.wav", 24000)[24000:36000]); played != ours {
			t.Errorf("ours: %t; it is heard: %t", ours, played)
		}
		time.Sleep(time.Second)
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		loudest := float32(0)
		for _, sound := range heard.sounds {
			loudest = max(loudest, slices.Max(sound.Samples))
			if sound.Item != "" {
				t.Errorf("it is of %s", sound.Item)
			}
		}
		if (loudest > 0.05) != ours {
			t.Errorf("ours: %t; what is heard is as loud as %.3f", ours, loudest)
		}
		for _, event := range c.Events(0) {
			if strings.Contains(string(event.Data), "murmur_1") {
				t.Errorf("told: %s", event.Data)
			}
		}
	}
}

// TestHushOverWebRTC interrupts her: she is silent within 150 ms, and the estimate of what was heard, for a client that
// reports nothing, is right.
func TestHushOverWebRTC(t *testing.T) {
	url, calls, l := serveWebRTC(t, realtime.Caller{PersonID: "p"})
	heard := &ear{}
	c, err := client.DialWebRTC(t.Context(), client.Options{URL: url, Opus: l, OnSound: heard.hear})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	line := <-calls.lines
	line.mouth.Report(call.ResponseStarted{ResponseID: "resp_1", ItemID: "item_1"})
	line.mouth.Play("item_1", speech(t, "11_jfk.wav", 24000))
	if _, _, err := c.Await(t.Context(), 0, client.OfType("output_audio_buffer.started")); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1500 * time.Millisecond)
	line.mouth.Hush("item_1")
	line.mouth.Report(call.ResponseDone{ResponseID: "resp_1", ItemID: "item_1", Status: "cancelled", Reason: "turn_detected"})
	hushed := time.Now()
	if _, _, err := c.Await(t.Context(), 0, client.OfType("output_audio_buffer.cleared")); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond)
	samples, first := heard.of("item_1")
	sounded := time.Duration(len(samples)) * time.Second / 24000
	t.Logf("%v sounded; hushed after %v; estimated %v", sounded, hushed.Sub(first), line.playedOf("item_1"))
	if late := first.Add(sounded).Sub(hushed); late > 150*time.Millisecond && !realtime.RaceEnabled {
		t.Errorf("she went on for %v", late)
	}
	if off := line.playedOf("item_1") - sounded; off.Abs() > 60*time.Millisecond && !realtime.RaceEnabled {
		t.Errorf("estimated %v, %v sounded", line.playedOf("item_1"), sounded)
	}
}

// TestHangup ends calls from every side: each frees everything (TestMain looks for what is left).
func TestHangup(t *testing.T) {
	url, calls, l := serveWebRTC(t, realtime.Caller{PersonID: "p"})
	for _, test := range []struct {
		name string
		end  func(t *testing.T, c *client.Client, line *fakeLine)
	}{
		{"client closes", func(t *testing.T, c *client.Client, line *fakeLine) {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}},
		{"hangup by its address", func(t *testing.T, c *client.Client, line *fakeLine) {
			response, err := http.Post(url+c.Location()+"/hangup", "", nil)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != http.StatusOK {
				t.Errorf("status %d", response.StatusCode)
			}
			select {
			case <-c.Done():
			case <-time.After(10 * time.Second):
				t.Error("the client was not told")
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := client.DialWebRTC(t.Context(), client.Options{URL: url, Opus: l})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			line := <-calls.lines
			test.end(t, c, line)
			select {
			case <-line.ended:
			case <-time.After(10 * time.Second):
				t.Error("the call goes on")
			}
		})
	}
}

// TestOtherPersonsCall can't be hung up.
func TestOtherPersonsCall(t *testing.T) {
	l := libopus(t)
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	calls := newFakeCalls()
	server, err := realtime.New(realtime.Options{Calls: calls, Opus: l, UDP: socket})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	handler := server.Handler()
	post := func(who, path, kind, body string) (int, http.Header) {
		request, err := http.NewRequestWithContext(realtime.WithCaller(t.Context(), realtime.Caller{PersonID: who}), "POST", path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", kind)
		recorder := newRecorder()
		handler.ServeHTTP(recorder, request)
		return recorder.status, recorder.header
	}
	status, header := post("anna", "/v1/realtime/calls", "application/sdp", offerOf(t))
	if status != http.StatusCreated {
		t.Fatalf("status %d", status)
	}
	line := <-calls.lines
	address := header.Get("Location") + "/hangup"
	if status, _ := post("bert", address, "", ""); status != http.StatusNotFound {
		t.Errorf("another's call: %d", status)
	}
	select {
	case <-line.ended:
		t.Error("the call ended")
	default:
	}
	if status, _ := post("anna", address, "", ""); status != http.StatusOK {
		t.Errorf("own call: %d", status)
	}
	<-line.ended
}

// recorder is a ResponseWriter that keeps the status and the headers.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newRecorder() *recorder                       { return &recorder{header: http.Header{}, status: 200} }
func (r *recorder) Header() http.Header            { return r.header }
func (r *recorder) WriteHeader(status int)         { r.status = status }
func (r *recorder) Write(data []byte) (int, error) { return r.body.Write(data) }

// offerOf makes the offer of a client.
func offerOf(t testing.TB) string {
	t.Helper()
	connection, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	defer connection.GracefulClose()
	if _, err := connection.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio); err != nil {
		t.Fatal(err)
	}
	if _, err := connection.CreateDataChannel("oai-events", nil); err != nil {
		t.Fatal(err)
	}
	offer, err := connection.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	return offer.SDP
}

// form makes a multipart body.
func form(t testing.TB, fields map[string]string) (kind, body string) {
	t.Helper()
	var buffer bytes.Buffer
	writer := multipart.NewWriter(&buffer)
	for _, name := range []string{"sdp", "session", "other"} {
		if value, ok := fields[name]; ok {
			part, err := writer.CreateFormField(name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(part, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return writer.FormDataContentType(), buffer.String()
}

// TestOffers are what a client may post, and what not.
func TestOffers(t *testing.T) {
	url, calls, _ := serveWebRTC(t, realtime.Caller{PersonID: "p"})
	offer := offerOf(t)
	formOf := func(fields map[string]string) [2]string {
		kind, body := form(t, fields)
		return [2]string{kind, body}
	}
	for _, test := range []struct {
		name   string
		body   [2]string
		status int
	}{
		{"the SDP alone", [2]string{"application/sdp", offer}, 201},
		{"a form", formOf(map[string]string{"sdp": offer}), 201},
		{"a form with a session", formOf(map[string]string{"sdp": offer, "session": `{"type":"realtime","instructions":"Be brief."}`}), 201},
		{"a form with a bad session", formOf(map[string]string{"sdp": offer, "session": `{"type":"realtime","output_modalities":["smell"]}`}), 400},
		{"a form with a session that is no JSON", formOf(map[string]string{"sdp": offer, "session": `{`}), 400},
		{"a form without an offer", formOf(map[string]string{"session": "{}"}), 400},
		{"a damaged form", [2]string{"multipart/form-data; boundary=x", "--x\r\nnonsense"}, 400},
		{"another type", [2]string{"application/json", offer}, 400},
		{"no type", [2]string{"", offer}, 400},
		{"nothing", [2]string{"application/sdp", ""}, 400},
		{"rubbish", [2]string{"application/sdp", "v=0\r\nrubbish"}, 400},
		{"too long", [2]string{"application/sdp", "v=0\r\n" + strings.Repeat("a=x\r\n", 40000)}, 400},
		{"no audio", [2]string{"application/sdp", "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"}, 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			response, err := http.Post(url+"/v1/realtime/calls", test.body[0], strings.NewReader(test.body[1]))
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			answer, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != test.status {
				t.Fatalf("status %d: %s", response.StatusCode, answer)
			}
			if test.status != 201 {
				var problem event
				if json.Unmarshal(answer, &problem) != nil || problem.at("error", "message") == nil {
					t.Errorf("no reason in %s", answer)
				}
				return
			}
			line := <-calls.lines
			if !strings.HasPrefix(response.Header.Get("Location"), "/v1/realtime/calls/rtc_") || !bytes.HasPrefix(answer, []byte("v=0")) {
				t.Errorf("%v %s", response.Header, answer)
			}
			for candidate := range strings.Lines(string(answer)) {
				if strings.HasPrefix(candidate, "a=candidate") && !strings.Contains(candidate, " 127.0.0.1 ") {
					t.Errorf("an address beyond loopback: %s", candidate)
				}
			}
			if strings.Contains(test.name, "session") && line.Settings().Instructions != "Be brief." {
				t.Errorf("settings %+v", line.Settings())
			}
			hangup, err := http.Post(url+response.Header.Get("Location")+"/hangup", "", nil)
			if err != nil {
				t.Fatal(err)
			}
			hangup.Body.Close()
			<-line.ended
		})
	}
}

// cable is a socket that can be pulled out of the wall.
type cable struct {
	net.PacketConn
	pulled atomic.Bool
}

func (c *cable) WriteTo(data []byte, to net.Addr) (int, error) {
	if c.pulled.Load() {
		return len(data), nil
	}
	return c.PacketConn.WriteTo(data, to)
}

// TestLost pulls the cable of a client: the call ends after the time for it, and frees everything.
func TestLost(t *testing.T) {
	l := libopus(t)
	server, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	const lostAfter = 2 * time.Second
	url, calls := serve(t, realtime.Options{Opus: l, UDP: server, LostAfter: lostAfter}, realtime.Caller{PersonID: "p"})

	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	wire := &cable{PacketConn: socket}
	mux := webrtc.NewICEUDPMux(nil, wire)
	defer mux.Close()
	settings := webrtc.SettingEngine{}
	settings.SetICEUDPMux(mux)
	settings.SetIncludeLoopbackCandidate(true)
	connection, err := webrtc.NewAPI(webrtc.WithSettingEngine(settings)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	defer connection.GracefulClose()
	if _, err := connection.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio); err != nil {
		t.Fatal(err)
	}
	channel, err := connection.CreateDataChannel("oai-events", nil)
	if err != nil {
		t.Fatal(err)
	}
	created := make(chan struct{})
	var once sync.Once
	channel.OnMessage(func(webrtc.DataChannelMessage) { once.Do(func() { close(created) }) })
	offer, err := connection.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(connection)
	if err := connection.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	<-gathered
	response, err := http.Post(url+"/v1/realtime/calls", "application/sdp", strings.NewReader(connection.LocalDescription().SDP))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := connection.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(answer)}); err != nil {
		t.Fatal(err)
	}
	line := <-calls.lines
	select {
	case <-created:
	case <-time.After(10 * time.Second):
		t.Fatal("no connection")
	}
	wire.pulled.Store(true)
	pulled := time.Now()
	select {
	case <-line.ended:
		if after := time.Since(pulled); after < lostAfter/2 {
			t.Errorf("the call ended after %v already", after)
		}
	case <-time.After(15 * time.Second):
		t.Error("the call goes on")
	}
}
