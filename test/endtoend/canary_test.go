package endtoend

import (
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"twombly/internal/realtime/client"
	"twombly/internal/speech/speechtest"
)

// canaries are words that nobody has ever said: found anywhere, they came from the conversation.
type canaries struct {
	all  []string
	next int
	// known are those that were used, so that each can be looked for.
	known map[string]bool
}

func newCanaries(seed uint64, n int) *canaries {
	random := rand.New(rand.NewPCG(seed, 4))
	c := &canaries{known: map[string]bool{}}
	const consonants, vowels = "bdfgklmnprstvz", "aeiou"
	for len(c.all) < n {
		var word strings.Builder
		for range 5 {
			word.WriteByte(consonants[random.IntN(len(consonants))])
			word.WriteByte(vowels[random.IntN(len(vowels))])
		}
		if !c.known[word.String()] {
			c.known[word.String()] = true
			c.all = append(c.all, word.String())
		}
	}
	return c
}

// take gives the next n as one text.
func (c *canaries) take(n int) string {
	from := c.next
	c.next = min(c.next+n, len(c.all))
	return strings.Join(c.all[from:c.next], " ")
}

// in finds the canaries in bytes.
func (c *canaries) in(text []byte) (found []string) {
	begin := -1
	lower := func(b byte) byte { return b | 0x20 }
	for i := 0; i <= len(text); i++ {
		letter := i < len(text) && lower(text[i]) >= 'a' && lower(text[i]) <= 'z'
		switch {
		case letter && begin < 0:
			begin = i
		case !letter && begin >= 0:
			// A run of letters may hold one among others.
			for at := begin; at+10 <= i; at++ {
				if word := strings.ToLower(string(text[at : at+10])); c.known[word] {
					found = append(found, word)
				}
			}
			begin = -1
		}
	}
	return found
}

// TestNoWordLeavesTheStores: thousands of words are typed, said by her, searched for and read back after a restart, everything
// that can fail does, at the most talkative level of the log; none of them is in a log, a metric, a trace of timings, the
// output of a crash, or as plain text in any file.
func TestNoWordLeavesTheStores(t *testing.T) {
	words, size := 10000, 100
	if !long() {
		words, size = 2000, 100
	}
	canaries := newCanaries(seedOf(t), words)
	data, logs := t.TempDir()+"/data", t.TempDir()
	mind := newStandIn(t, "parrot", func(string) string { return canaries.take(size) + "." })
	flags := append(mind.flags(), "--log-level", "debug", "--log-format", "json", "--log-file", filepath.Join(logs, "twombly.log"),
		"--traces", "timings")
	s := start(t, data, flags...)
	s.meet(t)
	ctx := within(t, 20*time.Minute)

	// Half of them typed, and answered with the other half.
	k := s.write(t)
	for canaries.next < words-6*size {
		if done := k.typed(t, ctx, canaries.take(size)); done.status != "completed" {
			t.Fatalf("%+v", done)
		}
	}
	// Everything that goes wrong has something to say about it.
	for _, ill := range []manner{rubbish, breaksOff, "down"} {
		if ill == "down" {
			mind.down()
		} else {
			mind.behave(ill)
		}
		k.typed(t, ctx, canaries.take(size))
		if ill == "down" {
			mind.again(t)
		}
		mind.behave(wellBehaved)
	}
	provoke(t, s, canaries)
	// Aloud: her voice is killed while she says some.
	aloud := s.call(t, overWebRTC)
	_, from := aloud.say(t, ctx, speechtest.Clips(t)[0].Samples, 16000)
	aloud.await(t, ctx, from, "her voice", client.OfType("output_audio_buffer.started"))
	s.killWorker(t, "ears")
	aloud.answer(t, ctx, from)

	// Recalled: the program is killed and reads all of it again; somebody searches for it.
	outputs := s.log.String() + s.said.String()
	s.kill(t)
	s = start(t, data, flags...)
	s.must(t, http.MethodGet, "/api/history?limit=100", nil, nil)
	s.must(t, http.MethodGet, "/api/history?q="+url.QueryEscape(canaries.all[0]), nil, nil)
	k = s.write(t)
	k.typed(t, ctx, canaries.take(size))
	_, metrics := s.ask(t, http.MethodGet, "/metrics", nil, nil)
	_, stacks := s.ask(t, http.MethodGet, "/debug/pprof/goroutine?debug=2", nil, nil)
	outputs += metrics + stacks

	// A crash tells what everything was doing.
	if err := s.command.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	<-s.ended
	crash := s.log.String() + s.said.String()
	if !strings.Contains(crash, "goroutine ") {
		t.Errorf("the crash said nothing:\n%s", crash)
	}
	for name, text := range map[string]string{"output, metrics, stacks": outputs, "crash output": crash} {
		if found := canaries.in([]byte(text)); len(found) > 0 {
			t.Errorf("%s: %d words, as %q", name, len(found), found[:min(3, len(found))])
		}
	}
	files := scanFiles(t, canaries, logs, data)
	t.Logf("%d words were used; %d files were searched", canaries.next, files)
	keep(t, 4, 6, "canary", map[string]any{"words": canaries.next, "files": files, "found": 0})
}

// provoke sends words in requests that are refused.
func provoke(t *testing.T, s *server, canaries *canaries) {
	t.Helper()
	word := canaries.all[1]
	for _, wrong := range []struct{ method, path, body string }{
		{http.MethodPost, "/api/meeting", `{"text": "` + word},
		{http.MethodPut, "/api/settings", `["` + word + `"]`},
		{http.MethodPut, "/api/voice", `{"id": "` + word + `"}`},
		{http.MethodGet, "/api/history?before=" + word, ""},
		{http.MethodPost, "/v1/chat/completions", `{"model": "` + word + `", "messages": [{"role": "user", "content": "` + word + `"}]}`},
		{http.MethodPost, "/v1/audio/speech", `{"model": "twombly", "input": "` + word + `", "response_format": "` + word + `"}`},
		{http.MethodPost, "/v1/realtime/client_secrets", `{"session": {"type": "` + word + `"}}`},
	} {
		var body any
		if wrong.body != "" {
			body = wrong.body // a JSON string where an object is wanted
		}
		status, _ := s.ask(t, wrong.method, wrong.path, body, nil)
		if status < 400 {
			t.Errorf("%s %s was taken: %d", wrong.method, wrong.path, status)
		}
	}
	// And one that is not: it is spoken.
	if status, text := s.ask(t, http.MethodPost, "/v1/audio/speech", map[string]any{"model": "twombly", "voice": "alloy", "input": word}, nil); status != http.StatusOK {
		t.Errorf("spoken: %d %s", status, text)
	}
}

// scanFiles looks into every file below some folders.
func scanFiles(t *testing.T, canaries *canaries, folders ...string) (files int) {
	t.Helper()
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files++
			if found := canaries.in(text); len(found) > 0 {
				t.Errorf("%s: %d words, as %q", path, len(found), found[:min(3, len(found))])
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	return files
}

// TestCanariesAreFound: the search finds what it must.
func TestCanariesAreFound(t *testing.T) {
	c := newCanaries(1, 100)
	for name, text := range map[string]string{
		"a sentence": "before " + c.all[3] + " after", "in another word": "x" + c.all[3] + "x", "in capitals": strings.ToUpper(c.all[3]), "alone": c.all[3],
	} {
		if found := c.in([]byte(text)); len(found) != 1 || found[0] != c.all[3] {
			t.Errorf("%s: %q", name, found)
		}
	}
	if found := c.in([]byte("nothing of the kind, although it is long")); len(found) > 0 {
		t.Errorf("found %q", found)
	}
}
