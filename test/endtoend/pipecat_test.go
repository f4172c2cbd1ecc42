package endtoend

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"twombly/internal/realtime/client"
	"twombly/internal/realtime/clienttest"
	"twombly/internal/speech/speechtest"
)

// TestPipecatClient lets Pipecat's unmodified service for OpenAI Realtime talk with the real program over WebSocket, in a
// pipeline as its users build it: she is spoken with, calls a function of the client's, and is interrupted.
func TestPipecatClient(t *testing.T) {
	if !long() {
		t.Skip("the acceptance run does this")
	}
	interpreter := pipecat(t)
	s := start(t, t.TempDir()+"/data")
	said := speechtest.Clips(t)[2]
	var result struct {
		Greeted, Heard, Said, Knowing, Interrupted string
		HeardOverHer                               string `json:"heard_over_her"`
		Audio                                      string
		Called                                     struct {
			Name      string            `json:"name"`
			Arguments map[string]string `json:"arguments"`
		}
		Frames map[string]int
	}
	clienttest.Run(t, exec.CommandContext(within(t, 5*time.Minute), interpreter, filepath.Join("testdata", "pipecat_client.py"),
		strings.Replace(s.address, "http", "ws", 1)+"/v1/realtime", s.token, clipFile(t, said, client.VoiceRate)), &result)
	t.Logf("greeted %q, heard %q, said %q, called %s with %v, knowing %q, interrupted at %q by %q", result.Greeted, result.Heard,
		result.Said, result.Called.Name, result.Called.Arguments, result.Knowing, result.Interrupted, result.HeardOverHer)
	var heard, spoken, over tally
	heard.add(t, "the clip in a pipeline", said.Transcript, result.Heard)
	over.add(t, "the clip said over her", said.Transcript, result.HeardOverHer)
	spoken.add(t, "her voice in a pipeline", result.Said, understand(t, pcm(t, result.Audio), client.VoiceRate))
	if heard.over(0.2) || over.over(0.2) || spoken.over(0.2) {
		t.Errorf("word errors: the clip %.1f %%, said over her %.1f %%, her voice %.1f %%",
			100*heard.rate(), 100*over.rate(), 100*spoken.rate())
	}
	if city := result.Called.Arguments["city"]; !strings.Contains(city, "Lisbon") {
		t.Errorf("she asked for the weather in %q", city)
	}
	keep(t, 4, 1, "pipecat", map[string]any{
		"heard": heard, "over_her": over, "spoken": spoken, "said": result.Said, "called": result.Called, "knowing": result.Knowing,
		"frames": result.Frames,
	})
}

// pipecat is an interpreter that has Pipecat, which is not asked of a gate: half a gigabyte of packages come with it. The test is
// skipped without one, unless TWOMBLY_REQUIRE_PYTHON=1.
func pipecat(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(cache, "twombly", "pipecat-client", "bin", "python")
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("TWOMBLY_REQUIRE_PYTHON") == "1" {
			t.Fatalf("%v: run test/endtoend/testdata/setup_pipecat.sh", err)
		}
		t.Skipf("no Python with Pipecat (%v); test/endtoend/testdata/setup_pipecat.sh makes one", err)
	}
	return path
}
