package realtime_test

import (
	"testing"
	"time"

	"twombly/internal/call"
	"twombly/internal/realtime"
	"twombly/internal/realtime/client"
)

// TestClientOverWebSocket says a clip in real time, then one faster, and reports what it plays.
func TestClientOverWebSocket(t *testing.T) {
	url, calls := serve(t, realtime.Options{}, realtime.Caller{PersonID: "p"})
	heard := &ear{}
	c, err := client.DialWebSocket(t.Context(), client.Options{URL: url, Token: "secret", OnSound: heard.hear, ReportPlayback: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	line := <-calls.lines
	tone := make([]float32, 16000/2)
	for i := range tone {
		tone[i] = 0.25
	}
	began, err := c.Speak(t.Context(), tone, 16000)
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 490*time.Millisecond {
		t.Errorf("half a second was said in %v", took)
	}
	if err := c.Append(t.Context(), tone, 16000); err != nil {
		t.Fatal(err)
	}
	if err := c.Type(t.Context(), "Hello"); err != nil {
		t.Fatal(err)
	}
	// Everything before the typed message was handled when it is.
	if _, _, err := c.Await(t.Context(), 0, client.OfType("conversation.item.done")); err != nil {
		t.Fatal(err)
	}
	loud := 0
	for _, sample := range line.heardSamples() {
		if sample > 0.2 {
			loud++
		}
	}
	if loud < 15500 || loud > 16500 {
		t.Errorf("%d samples of the tone were heard, want 16000", loud)
	}

	from := c.Count()
	line.mouth.Report(call.ResponseStarted{ResponseID: "resp_1", ItemID: "item_1"})
	line.mouth.Play("item_1", make([]float32, 24000*2))
	for line.playedOf("item_1") < 300*time.Millisecond {
		select {
		case <-c.Done():
			t.Fatal(c.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
	line.mouth.Hush("item_1")
	line.mouth.Report(call.ItemTruncated{ItemID: "item_1", AudioEnd: 300 * time.Millisecond, Words: "I"})
	event, next, err := c.Await(t.Context(), from, client.OfType("conversation.item.truncated"))
	if err != nil || next <= from {
		t.Fatal(err)
	}
	time.Sleep(250 * time.Millisecond) // two more reports
	stopped := line.playedOf("item_1")
	time.Sleep(250 * time.Millisecond)
	if again := line.playedOf("item_1"); again != stopped || again > 900*time.Millisecond {
		t.Errorf("%v were played, then %v, after %s", stopped, again, event.Data)
	}
	if samples, _ := heard.of("item_1"); len(samples) != 48000 {
		t.Errorf("%d samples were received", len(samples))
	}
}

func TestClientRefused(t *testing.T) {
	url, calls := serve(t, realtime.Options{}, realtime.Caller{PersonID: "p"})
	_ = calls
	if _, err := client.DialWebRTC(t.Context(), client.Options{URL: url}); err == nil {
		t.Error("a call without libopus")
	}
	if _, err := client.DialWebRTC(t.Context(), client.Options{URL: url, Opus: libopus(t)}); err == nil {
		t.Error("a call to a server without WebRTC")
	}
	if _, err := client.DialWebSocket(t.Context(), client.Options{URL: "http://127.0.0.1:1"}); err == nil {
		t.Error("a conversation with nobody")
	}
}
