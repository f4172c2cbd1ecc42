package endtoend

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"twombly/internal/audio"
	"twombly/internal/realtime/client"
	"twombly/internal/realtime/clienttest"
	"twombly/internal/speech/speechtest"
)

// pythonClient lets the unmodified openai client hold a spoken exchange with the real program over WebSocket.
func pythonClient(t *testing.T, s *server) {
	interpreter := clienttest.Python(t)
	said := speechtest.Clips(t)[0]
	var result struct {
		Heard, Said, Wrote string
		AudioSeconds       float64 `json:"audio_seconds"`
		Events             map[string]int
	}
	clienttest.Run(t, exec.CommandContext(within(t, 4*time.Minute), interpreter,
		filepath.Join("..", "..", "internal", "realtime", "testdata", "openai_client.py"),
		strings.Replace(s.address, "http", "ws", 1)+"/v1", s.token, clipFile(t, said, client.VoiceRate), "--realtime", "--timeout", "90"), &result)
	t.Logf("heard %q, said %q in %.1f s, wrote %q", result.Heard, result.Said, result.AudioSeconds, result.Wrote)
	var errorsOf tally
	errorsOf.add(t, "what the client said", said.Transcript, result.Heard)
	if errorsOf.over(0.2) {
		t.Errorf("the client said %q and was understood as %q", said.Transcript, result.Heard)
	}
	keep(t, 3, 9, "openai-python", map[string]any{"heard": result.Heard, "said": result.Said, "audio_seconds": result.AudioSeconds,
		"events": result.Events, "word_errors": errorsOf})
}

// clipFile writes a clip as a WAV file of a rate in Hz.
func clipFile(t testing.TB, clip speechtest.Clip, rate int) string {
	t.Helper()
	samples, err := audio.Resample(clip.Samples, 16000, rate)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "clip.wav")
	if err := audio.WriteWAVFile(path, audio.Clip{Rate: rate, Samples: samples}); err != nil {
		t.Fatal(err)
	}
	return path
}
