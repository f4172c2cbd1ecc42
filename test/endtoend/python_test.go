package endtoend

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"twombly/internal/audio"
	"twombly/internal/realtime/client"
	"twombly/internal/speech/speechtest"
)

// python is an interpreter that has the official openai client.
func python(t testing.TB) string {
	t.Helper()
	path := os.Getenv("TWOMBLY_PYTHON")
	if path == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		path = filepath.Join(cache, "twombly", "openai-client", "bin", "python")
	}
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("TWOMBLY_REQUIRE_PYTHON") == "1" {
			t.Fatalf("%v: run internal/realtime/testdata/setup_python.sh", err)
		}
		t.Skipf("no Python with the openai client (%v); internal/realtime/testdata/setup_python.sh makes one", err)
	}
	return path
}

// pythonClient lets the unmodified openai client hold a spoken exchange with the real program over WebSocket.
func pythonClient(t *testing.T, s *server) {
	interpreter := python(t)
	said := speechtest.Clips(t)[0]
	samples, err := audio.Resample(said.Samples, 16000, client.VoiceRate)
	if err != nil {
		t.Fatal(err)
	}
	clip := filepath.Join(t.TempDir(), "clip.wav")
	if err := audio.WriteWAVFile(clip, audio.Clip{Rate: client.VoiceRate, Samples: samples}); err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(within(t, 4*time.Minute), interpreter, filepath.Join("..", "..", "internal", "realtime", "testdata", "openai_client.py"),
		strings.Replace(s.address, "http", "ws", 1)+"/v1", s.token, clip, "--realtime", "--timeout", "90")
	var complaints bytes.Buffer
	c.Stderr = &complaints
	out, err := c.Output()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	var result struct {
		Heard, Said, Wrote string
		AudioSeconds       float64 `json:"audio_seconds"`
		Events             map[string]int
		Problems           []string
	}
	if decoding := json.Unmarshal(out, &result); decoding != nil || err != nil || len(result.Problems) > 0 {
		t.Fatalf("%v\n%s\n%s", err, out, complaints.String())
	}
	t.Logf("heard %q, said %q in %.1f s, wrote %q", result.Heard, result.Said, result.AudioSeconds, result.Wrote)
	var errorsOf tally
	errorsOf.add(t, "what the client said", said.Transcript, result.Heard)
	if errorsOf.rate() > 0.2 {
		t.Errorf("the client said %q and was understood as %q", said.Transcript, result.Heard)
	}
	keep(t, 3, 9, "openai-python", map[string]any{"heard": result.Heard, "said": result.Said, "audio_seconds": result.AudioSeconds,
		"events": result.Events, "word_errors": errorsOf})
}
