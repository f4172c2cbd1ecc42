package endtoend

import (
	_ "embed"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"twombly/internal/audio"
	"twombly/internal/speech/speechtest"
	"twombly/internal/speech/wer"
)

//go:embed testdata/trouble.js
var troubleScript string

// TestPageInTrouble is one conversation with the real program through a bad day: WebRTC never opens, so that it goes over the
// WebSocket; then every line is cut while the person writes and speaks; then the browser sleeps. Each time the talk goes on,
// and no word is lost or kept twice. The page's own tests take each of these apart against a server of their own.
func TestPageInTrouble(t *testing.T) {
	if !long() {
		t.Skip("two minutes; TWOMBLY_LONG=1 runs it")
	}
	clips := speechtest.Clips(t)
	said := []speechtest.Clip{clips[0], clips[1], clips[2]}
	const whileAway = 60 * time.Second
	microphone := microphoneAt(t, map[time.Duration]speechtest.Clip{
		25 * time.Second: said[0], whileAway: said[1], 110 * time.Second: said[2],
	})
	s := start(t, t.TempDir()+"/data")
	b := newBrowser(t, microphone)
	b.do(t, sends(page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: troubleScript}))
	comeIn(t, b, s)
	value[bool](t, b, "window.trouble.blockWebRTC() ?? true")
	b.do(t, chromedp.Click(button("Talk with")))
	pressed := time.Now()

	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s\n%s", value[string](t, b, "JSON.stringify([window.trouble.sockets, document.body.innerText, window.watch.lines()])"), s.log)
		}
	})

	// WebRTC is agreed on and never opens.
	waitFor(t, b, "window.trouble.sockets > 0 && window.watch.tap()")
	awaitSpoken(t, b, said[0])
	first := value[sound](t, b, "window.watch.take()")
	if heard := understand(t, pcm(t, first.Samples), max(1, first.Rate)); heard == "" {
		t.Error("over the WebSocket her voice was not heard")
	}

	// Every line is lost, and meanwhile something is written, and something said.
	const written = "My code word for today is heron."
	value[bool](t, b, "window.trouble.cut() ?? true")
	waitFor(t, b, `document.body.innerText.includes("We lost each other")`)
	b.do(t, chromedp.SendKeys(`//textarea`, written+"\r"))
	if away := time.Since(pressed); away > whileAway {
		t.Fatalf("it took %v until the line was cut, and by then the clip was spoken", away)
	}
	time.Sleep(time.Until(pressed.Add(whileAway + 8*time.Second))) // a microphone takes its time
	value[bool](t, b, "window.trouble.mend() ?? true")
	waitFor(t, b, `!document.body.innerText.includes("We lost each other")`)
	awaitAnswer(t, b, written, func(words string) bool { return words == written })
	awaitSpoken(t, b, said[1])

	// The browser sleeps for ten seconds.
	b.do(t, sends(page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: page.SetWebLifecycleStateStateFrozen}))
	time.Sleep(10 * time.Second)
	b.do(t, sends(page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: page.SetWebLifecycleStateStateActive}))
	awaitSpoken(t, b, said[2])

	history := value[string](t, b, `fetch("/api/history?limit=100").then((answer) => answer.text())`)
	if n := strings.Count(history, written); n != 1 {
		t.Errorf("what was written is in the history %d times", n)
	}
	keep(t, 4, 3, "trouble", map[string]any{"lines": len(value[[]string](t, b, "window.watch.lines()")), "sockets": value[int](t, b, "window.trouble.sockets")})
}

// sound is what the page played.
type sound struct {
	Rate    int
	Samples string
}

// microphoneAt writes a WAV in which clips begin at their times.
func microphoneAt(t testing.TB, clips map[time.Duration]speechtest.Clip) string {
	t.Helper()
	var all []float32
	for at, clip := range clips {
		samples, err := audio.Resample(clip.Samples, 16000, clipRate)
		if err != nil {
			t.Fatal(err)
		}
		from := int(at.Seconds() * clipRate)
		if missing := from + len(samples) + clipRate - len(all); missing > 0 {
			all = append(all, make([]float32, missing)...)
		}
		copy(all[from:], samples)
	}
	path := filepath.Join(t.TempDir(), "microphone.wav")
	if err := audio.WriteWAVFile(path, audio.Clip{Rate: clipRate, Samples: all}); err != nil {
		t.Fatal(err)
	}
	return path
}

// awaitAnswer waits until the page shows words of the person, as they match, and a line of hers after them.
func awaitAnswer(t *testing.T, b *browser, what string, matches func(words string) bool) {
	t.Helper()
	deadline := time.Now().Add(patience(90 * time.Second))
	for {
		lines := value[[]string](t, b, "window.watch.lines()")
		at := slices.IndexFunc(lines, func(line string) bool {
			words, persons := strings.CutPrefix(line, "You: ")
			return persons && matches(words)
		})
		if at >= 0 && slices.ContainsFunc(lines[at:], func(line string) bool { return !strings.HasPrefix(line, "You: ") }) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%q and an answer are not among %q", what, lines)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// awaitSpoken waits for a clip's words, one wrong at most, and an answer.
func awaitSpoken(t *testing.T, b *browser, clip speechtest.Clip) {
	t.Helper()
	awaitAnswer(t, b, clip.Transcript, func(words string) bool {
		wrong, _ := wer.WordErrorRate(clip.Transcript, words)
		return wrong <= 1
	})
}
