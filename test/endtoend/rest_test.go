package endtoend

import (
	"bytes"
	"encoding/base64"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"twombly/internal/audio"
	"twombly/internal/realtime/client"
	"twombly/internal/realtime/clienttest"
	"twombly/internal/speech/speechtest"
)

// restClient lets the unmodified openai client use the REST routes: chat with herself and with the bare mind, a clip into words,
// words into her voice.
func restClient(t *testing.T, s *server) {
	interpreter := clienttest.Python(t)
	said := speechtest.Clips(t)[6]
	var result struct {
		Models                       []string
		Said, Called, Knowing, Heard string
		Sentence                     string
		Voices                       map[string]string
	}
	clienttest.Run(t, exec.CommandContext(within(t, 5*time.Minute), interpreter, filepath.Join("testdata", "openai_rest.py"),
		s.address+"/v1", s.token, clipFile(t, said, 16000)), &result)
	t.Logf("she said %q, called with %s, knowing %q, heard %q", result.Said, result.Called, result.Knowing, result.Heard)
	var heard, spoken tally
	heard.add(t, "the clip", said.Transcript, result.Heard)
	for _, form := range []string{"wav", "pcm"} {
		bytes, err := base64.StdEncoding.DecodeString(result.Voices[form])
		if err != nil {
			t.Fatal(err)
		}
		samples, rate := voiceOf(t, form, bytes)
		spoken.add(t, "her voice as "+form, result.Sentence, understand(t, samples, rate))
	}
	if opus, err := base64.StdEncoding.DecodeString(result.Voices["opus"]); err != nil || len(opus) < 2000 || string(opus[:4]) != "OggS" {
		t.Errorf("her voice as Opus: %d bytes, %v", len(opus), err)
	}
	if heard.over(0.10) || spoken.over(0.10) {
		t.Errorf("word errors: the clip %.1f %%, her voice %.1f %%", 100*heard.rate(), 100*spoken.rate())
	}
	keep(t, 4, 1, "openai-rest", map[string]any{"models": result.Models, "heard": heard, "spoken": spoken, "said": result.Said, "called": result.Called})
}

// voiceOf reads sound as it came.
func voiceOf(t *testing.T, form string, text []byte) (samples []float32, rate int) {
	t.Helper()
	if form == "wav" {
		clip, err := audio.ReadWAV(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return clip.Samples, clip.Rate
	}
	samples, err := audio.DecodePCM16(nil, text)
	if err != nil {
		t.Fatal(err)
	}
	return samples, client.VoiceRate
}
