// Package speechtest holds the promises of speech.Engine as tests: one suite that every engine passes.
package speechtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"twombly/internal/audio"
	"twombly/internal/native/nativetest"
	"twombly/internal/speech"
)

// Options returns where the real nets lie, and skips the test if one of them is missing.
func Options(t testing.TB) speech.Options {
	t.Helper()
	for id, file := range map[string]string{
		"onnxruntime": "libonnxruntime.so", "silero-vad": "silero_vad.onnx", "smart-turn": "smart-turn-v3.2-cpu.onnx",
		"moonshine-tiny-en": "tokenizer.bin", "kokoro": "kokoro-v1.0-int8.onnx", "english-phonemes": "us_gold.json",
	} {
		nativetest.Path(t, id, file)
	}
	return speech.OptionsIn(filepath.Dir(nativetest.Path(t, "kokoro", "")))
}

// Data returns the folder of test data, $TWOMBLY_TEST_DATA or ../shared/data beside the repository, and skips the test
// if the part is not there.
func Data(t testing.TB, part string) string {
	t.Helper()
	folder := os.Getenv("TWOMBLY_TEST_DATA")
	if folder == "" {
		root, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for !exists(filepath.Join(root, "go.mod")) {
			if root == filepath.Dir(root) {
				t.Fatal("no go.mod above the test's folder")
			}
			root = filepath.Dir(root)
		}
		folder = filepath.Join(root, "..", "shared", "data")
	}
	path := filepath.Join(folder, part)
	if !exists(path) {
		t.Skipf("the test data %s is not there (set TWOMBLY_TEST_DATA)", path)
	}
	return path
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Clip is a piece of human speech and what is said in it.
type Clip struct {
	Name       string
	Samples    []float32 // at speech.HearingRate
	Transcript string
}

// Clips reads the clips that have a transcript.
func Clips(t testing.TB) []Clip {
	t.Helper()
	folder := Data(t, "speech")
	table, err := os.ReadFile(filepath.Join(folder, "transcripts.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var clips []Clip
	for _, line := range strings.Split(strings.TrimSpace(string(table)), "\n")[1:] {
		name, transcript, _ := strings.Cut(strings.TrimSpace(line), "\t")
		clips = append(clips, Clip{Name: name, Samples: Read(t, filepath.Join(folder, name)), Transcript: transcript})
	}
	return clips
}

// Read reads a WAV file at speech.HearingRate.
func Read(t testing.TB, path string) []float32 {
	t.Helper()
	clip, err := audio.ReadWAVFile(path)
	if err != nil {
		t.Fatal(err)
	}
	samples, err := audio.Resample(clip.Samples, clip.Rate, speech.HearingRate)
	if err != nil {
		t.Fatal(err)
	}
	return samples
}

// Heard brings what was spoken to the rate of listening.
func Heard(t testing.TB, utterance speech.Utterance) []float32 {
	t.Helper()
	samples, err := audio.Resample(utterance.Samples, speech.VoiceRate, speech.HearingRate)
	if err != nil {
		t.Fatal(err)
	}
	return samples
}
