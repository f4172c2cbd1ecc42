package endtoend

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// attackPage is what a page of another site tries on a person who is signed in.
const attackPage = `<!doctype html><title>A page of somebody else</title><script>
const target = TARGET;
const tries = {
  read: () => fetch(target + "/api/session", { credentials: "include" }).then((r) => "answer " + r.status),
  page: () => fetch(target + "/", { credentials: "include" }).then((r) => "answer " + r.status),
  change: () => fetch(target + "/api/meeting/skip", { method: "POST", credentials: "include" }).then((r) => "answer " + r.status),
  blind: () => fetch(target + "/api/meeting/skip", { method: "POST", credentials: "include", mode: "no-cors" }).then((r) => "opaque " + r.type),
  form: () => fetch(target + "/api/meeting", {
    method: "POST", credentials: "include", mode: "no-cors", headers: { "Content-Type": "text/plain" }, body: '{"text":"My name is Mallory"}',
  }).then((r) => "opaque " + r.type),
  sdp: async () => {
    const peer = new RTCPeerConnection();
    peer.createDataChannel("oai-events");
    peer.addTransceiver("audio");
    await peer.setLocalDescription(await peer.createOffer());
    const r = await fetch(target + "/v1/realtime/calls", {
      method: "POST", credentials: "include", headers: { "Content-Type": "application/sdp" }, body: peer.localDescription.sdp,
    });
    return "answer " + r.status;
  },
  socket: () => new Promise((resolve) => {
    const socket = new WebSocket(target.replace("http", "ws") + "/v1/realtime?model=twombly", "realtime");
    socket.onopen = () => resolve("open");
    socket.onmessage = () => resolve("message");
    socket.onerror = () => resolve("refused");
  }),
};
const run = async () => {
  const outcome = {};
  for (const [name, attempt] of Object.entries(tries)) {
    outcome[name] = await attempt().catch(() => "refused");
  }
  return outcome;
};
</script>`

// TestPageOfAnotherSite has the signed-in browser of a person open somebody else's page: on another site, and on another port
// of the same one, where cookies go along.
func TestPageOfAnotherSite(t *testing.T) {
	mind := newStandIn(t, "quiet", func(string) string { return "Hello." })
	s := start(t, t.TempDir()+"/data", mind.flags()...)
	b := newBrowser(t, "")
	target, err := json.Marshal(s.address)
	if err != nil {
		t.Fatal(err)
	}
	foreign := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(strings.Replace(attackPage, "TARGET", string(target), 1))) // the browser shows what it got
	}))
	t.Cleanup(foreign.Close)
	link, err := s.control.OwnerLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b.do(t, chromedp.Navigate(s.address+"/#owner="+link.Secret), chromedp.Click(button("Come in")), chromedp.WaitVisible(button("Skip the introductions")))
	if status := value[int](t, b, `fetch("/api/session").then((r) => r.status)`); status != http.StatusOK {
		t.Fatalf("the browser is not signed in: %d", status)
	}
	for name, address := range map[string]string{
		"another port": foreign.URL,
		"another site": strings.Replace(foreign.URL, "127.0.0.1", "localhost", 1),
	} {
		b.do(t, chromedp.Navigate(address))
		for attempt, outcome := range value[map[string]string](t, b, "run()") {
			// Of what is sent blindly the page learns nothing; that it changed nothing is looked at below.
			if want := map[string]string{"blind": "opaque opaque", "form": "opaque opaque"}[attempt]; outcome != want && outcome != "refused" {
				t.Errorf("a page on %s, %s: %q", name, attempt, outcome)
			}
		}
	}
	var report sessionReport
	s.must(t, http.MethodGet, "/api/session", nil, &report)
	if report.Met || report.Person.Name != "" {
		t.Errorf("somebody else's page changed %+v", report)
	}
	b.do(t, chromedp.Navigate(s.address+"/"), chromedp.WaitVisible(button("Skip the introductions")))
	keep(t, 3, 9, "cross-site-page", map[string]any{"refused": true})
}
