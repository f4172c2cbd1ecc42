package endtoend

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"twombly/internal/realtime/client"
	"twombly/internal/realtime/clienttest"
	"twombly/internal/speech/speechtest"
)

// clientsFolder is where the official JavaScript clients are installed: what is asked for must be there, by "npm ci" and
// "npm run bundle".
func clientsFolder(t testing.TB, wanted string) string {
	t.Helper()
	if _, err := os.Stat(filepath.Join("clients", wanted)); err != nil {
		if os.Getenv("TWOMBLY_REQUIRE_NODE") == "1" {
			t.Fatalf("%v: run npm ci and npm run bundle in test/endtoend/clients", err)
		}
		t.Skipf("no JavaScript clients here (%v): npm ci && npm run bundle in test/endtoend/clients", err)
	}
	return "clients"
}

// TestJavaScriptClient lets the unmodified openai client for JavaScript, which always speaks wss, hold a spoken exchange and
// use the REST routes, over HTTPS with the program's own certificate.
func TestJavaScriptClient(t *testing.T) {
	folder := clientsFolder(t, "node_modules/openai")
	s := start(t, t.TempDir()+"/data", "--tls")
	said := speechtest.Clips(t)[1]
	if !strings.HasPrefix(s.address, "https://127.0.0.1:") {
		t.Fatalf("it is at %s", s.address)
	}
	c := exec.CommandContext(within(t, 5*time.Minute), "node", filepath.Join(folder, "openai.mjs"), s.address+"/v1", s.token,
		clipFile(t, said, client.VoiceRate))
	c.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+filepath.Join(s.data, "tls", "authority.pem"))
	var result struct {
		Heard, Said, Called, Knowing, Wrote, Transcribed string
		Audio, Speech                                    string
	}
	clienttest.Run(t, c, &result)
	t.Logf("heard %q, said %q, called %s, knowing %q, wrote %q", result.Heard, result.Said, result.Called, result.Knowing, result.Wrote)
	var heard, spoken tally
	heard.add(t, "the clip in a session", said.Transcript, result.Heard)
	heard.add(t, "the clip as a file", said.Transcript, result.Transcribed)
	voice, err := base64.StdEncoding.DecodeString(result.Audio)
	if err != nil {
		t.Fatal(err)
	}
	hers, rate := voiceOf(t, "pcm", voice)
	spoken.add(t, "her voice", result.Said, understand(t, hers, rate))
	if voice, err = base64.StdEncoding.DecodeString(result.Speech); err != nil {
		t.Fatal(err)
	}
	hers, rate = voiceOf(t, "wav", voice)
	spoken.add(t, "her voice as a file", "The kettle is on.", understand(t, hers, rate))
	if heard.over(0.10) || spoken.over(0.15) {
		t.Errorf("word errors: the clip %.1f %%, her voice %.1f %%", 100*heard.rate(), 100*spoken.rate())
	}
	keep(t, 4, 1, "openai-javascript", map[string]any{"heard": heard, "spoken": spoken, "said": result.Said, "called": result.Called})
}

// TestAgentsInBrowser lets a page of another origin talk with her through the unmodified @openai/agents-realtime over WebRTC, with a
// client secret: a person's clip into the microphone is answered aloud, and a function of the page's is called.
func TestAgentsInBrowser(t *testing.T) {
	folder := clientsFolder(t, "dist/agents.js")
	page := http.NewServeMux()
	page.Handle("/agents.js", http.FileServer(http.Dir(filepath.Join(folder, "dist"))))
	page.Handle("/", http.FileServer(http.Dir(folder)))
	foreign := httptest.NewServer(page)
	t.Cleanup(foreign.Close)
	s := start(t, t.TempDir()+"/data", "--allowed-origins", foreign.URL)
	said := speechtest.Clips(t)[1]
	microphone, _ := microphoneFile(t, []speechtest.Clip{said}, 60*time.Second)
	b := newBrowser(t, microphone)

	var secret struct{ Value string }
	s.must(t, http.MethodPost, "/v1/realtime/client_secrets", map[string]any{
		"session": map[string]any{"type": "realtime", "model": "twombly", "instructions": "Be brief."},
	}, &secret)
	address, err := json.Marshal([]string{s.address, secret.Value})
	if err != nil {
		t.Fatal(err)
	}
	b.do(t, chromedp.Navigate(foreign.URL))
	waitFor(t, b, "!!window.connect")
	// A click, as a person's, lets the page play sound.
	b.do(t, chromedp.MouseClickXY(100, 100))
	if problem := value[string](t, b, "window.connect(..."+string(address)+").then(() => '', (error) => String(error))"); problem != "" {
		t.Fatalf("the page could not connect: %s\n%s", problem, s.log)
	}
	type line struct{ Type, Role, Status, Words string }
	history := func() []line { return value[[]line](t, b, "window.talk.history") }
	settled := func() (hers int) {
		for _, line := range history() {
			if line.Role == "assistant" && line.Words != "" && line.Status != "in_progress" {
				hers++
			}
		}
		return hers
	}
	await(t, "an answer to the clip", func() bool { return settled() > 0 })
	lines := history()
	person := slices.IndexFunc(lines, func(l line) bool { return l.Role == "user" && l.Words != "" })
	if person < 0 {
		t.Fatalf("the page never saw the person's words: %+v", lines)
	}
	var heard tally
	heard.add(t, "the clip", said.Transcript, lines[person].Words)
	if heard.over(0.2) {
		t.Errorf("the page was told %q for %q", lines[person].Words, said.Transcript)
	}

	t.Cleanup(func() {
		if t.Failed() {
			events := value[[]string](t, b, "window.talk.events")
			t.Logf("%+v\n%q\n%q\n%s", history(), value[[]string](t, b, "window.talk.errors"), events[max(0, len(events)-40):], s.log)
		}
	})
	called := func() bool { return len(value[[]string](t, b, "window.talk.called")) > 0 }
	for try := range 3 { // so small a mind says at times that it will look, and does not: then the client insists
		if called() {
			break
		}
		await(t, "the end of her words", func() bool { return !value[bool](t, b, "window.speaks()") })
		if try > 0 {
			value[bool](t, b, "(window.insist(), true)")
		}
		before := settled()
		value[bool](t, b, "(window.write('How is the weather in Lisbon? Use your tool.'), true)")
		await(t, "the page's function, or an answer without it", func() bool { return called() || settled() > before })
	}
	if !called() {
		t.Fatal("she never called the page's function")
	}
	if long() { // what so small a model makes of it is no matter of the gate
		await(t, "an answer that knows what came of it", func() bool {
			lines := history()
			called := slices.IndexFunc(lines, func(l line) bool { return l.Type == "function_call" })
			return called >= 0 && slices.ContainsFunc(lines[called:], func(l line) bool {
				return l.Role == "assistant" && strings.Contains(strings.ToLower(l.Words), "rain")
			})
		})
	}
	events := value[[]string](t, b, "window.talk.events")
	for _, kind := range []string{"output_audio_buffer.started", "response.function_call_arguments.done", "conversation.item.retrieved"} {
		if !slices.Contains(events, kind) {
			t.Errorf("there was no %s", kind)
		}
	}
	if errors := value[[]string](t, b, "window.talk.errors"); len(errors) > 0 {
		t.Errorf("the client met errors: %q", errors)
	}
	t.Logf("%+v, called for %q", history(), value[[]string](t, b, "window.talk.called"))
	keep(t, 4, 1, "agents-realtime", map[string]any{"heard": heard, "history": history(), "called": value[[]string](t, b, "window.talk.called")})
	value[bool](t, b, "(window.leave(), true)")
}

// await waits until something holds.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx := within(t, 90*time.Second)
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("%s did not come", what)
		case <-time.After(200 * time.Millisecond):
		}
	}
}
