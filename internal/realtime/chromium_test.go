package realtime_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"twombly/internal/audio"
	"twombly/internal/call"
	"twombly/internal/realtime"
)

// TestChromium lets a real browser call, with a clip for a microphone: the server hears the clip, the browser her.
func TestChromium(t *testing.T) {
	if realtime.RaceEnabled {
		t.Skip("a browser beside the race detector leaves no time for either")
	}
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium here (Debian's package is chromium)")
	}
	l := libopus(t)
	said := speech(t, "00_spk1_snt1.wav", 48000)
	clip := filepath.Join(t.TempDir(), "microphone.wav")
	silence := make([]float32, 3*48000) // Chromium begins to read before the call is up
	if err := audio.WriteWAVFile(clip, audio.Clip{Rate: 48000, Samples: append(silence, said...)}); err != nil {
		t.Fatal(err)
	}
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	calls := newFakeCalls()
	server, err := realtime.New(realtime.Options{Calls: calls, Opus: l, UDP: socket})
	if err != nil {
		t.Fatal(err)
	}
	results := make(chan []byte, 1)
	mux := http.NewServeMux()
	mux.Handle("/v1/", server.Handler())
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "testdata/call.html") })
	mux.HandleFunc("POST /result", func(w http.ResponseWriter, r *http.Request) {
		var raw json.RawMessage
		if err := json.NewDecoder(r.Body).Decode(&raw); err != nil {
			t.Error(err)
		}
		results <- raw
	})
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r.WithContext(realtime.WithCaller(r.Context(), realtime.Caller{PersonID: "p", Page: true})))
	}))
	defer web.Close()
	defer server.Close()

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	arguments := []string{
		"--headless=new", "--no-first-run", "--disable-gpu", "--mute-audio", "--use-fake-ui-for-media-stream",
		"--use-fake-device-for-media-stream", "--use-file-for-fake-audio-capture=" + clip + "%noloop",
		"--autoplay-policy=no-user-gesture-required", "--user-data-dir=" + t.TempDir(), web.URL,
	}
	if os.Getuid() == 0 {
		arguments = append([]string{"--no-sandbox"}, arguments...)
	}
	command := exec.CommandContext(ctx, browser, arguments...)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 10 * time.Second
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		cancel()
		_ = command.Wait() // it was interrupted
	}()

	var line *fakeLine
	select {
	case line = <-calls.lines:
	case raw := <-results:
		t.Fatalf("the page failed: %s", raw)
	case <-ctx.Done():
		t.Fatal("no call")
	}
	voice := speech(t, "11_jfk.wav", 24000)[:24000*6]
	line.mouth.Report(call.ResponseStarted{ResponseID: "resp_1", ItemID: "item_1"})
	line.mouth.Play("item_1", voice)
	line.mouth.PlayEnd("item_1")
	line.mouth.Report(call.ResponseDone{ResponseID: "resp_1", ItemID: "item_1", Status: "completed"})
	var raw []byte
	select {
	case raw = <-results:
	case <-ctx.Done():
		t.Fatal("the page reports nothing")
	}
	t.Logf("%s", raw)
	var result struct {
		Problem     string
		Events      []string
		OpenedAfter float64
		Inbound     map[string]float64
	}
	if err := json.Unmarshal(raw, &result); err != nil || result.Problem != "" {
		t.Fatalf("%v %s", err, result.Problem)
	}
	if len(result.Events) == 0 || result.Events[0] != "session.created" || !slices.Contains(result.Events, "output_audio_buffer.started") {
		t.Errorf("events %q", result.Events)
	}
	if result.Inbound["packetsReceived"] < 290 || result.Inbound["packetsLost"] != 0 || result.Inbound["totalAudioEnergy"] < 0.001 {
		t.Errorf("heard by the browser: %v", result.Inbound)
	}
	if s := line.Settings(); s.Device != "chromium" {
		t.Errorf("settings %+v", s)
	}
	heard := line.heardSamples()
	from, to, ok := audio.Voiced(heard, 16000)
	t.Logf("the server heard %d samples, voiced from %d to %d", len(heard), from, to)
	if !ok || to-from < 16000 {
		t.Errorf("the server heard nothing: %d samples", len(heard))
	}
}
