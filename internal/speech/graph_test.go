package speech_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"twombly/internal/speech"
	"twombly/internal/speech/speechtest"
)

// TestKeptNet: the net that is kept says what the model says, one that was damaged is made anew, and a voice that is
// opened early speaks like any other.
func TestKeptNet(t *testing.T) {
	options := speechtest.Options(t)
	say := func(options speech.Options) []float32 {
		t.Helper()
		engine, err := speech.OpenLocal(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		defer engine.Close()
		utterance, err := engine.Synthesize(t.Context(), speech.SynthesisRequest{Text: "The sea was quite still."})
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Finish(); err != nil {
			t.Error(err)
		}
		return utterance.Samples
	}
	options.Prepared = ""
	want := say(options)

	options.Prepared = filepath.Join(t.TempDir(), "prepared")
	if err := os.MkdirAll(options.Prepared, 0o700); err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(options.Prepared, "kokoro-of-an-older-version.onnx")
	if err := os.WriteFile(old, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	first := say(options)
	kept, err := filepath.Glob(filepath.Join(options.Prepared, "*"))
	if err != nil || len(kept) != 1 || kept[0] == old {
		t.Fatalf("kept are %v, %v", kept, err)
	}
	whole, err := os.Stat(kept[0])
	if err != nil {
		t.Fatal(err)
	}
	again := say(options)
	if err := os.Truncate(kept[0], whole.Size()/2); err != nil {
		t.Fatal(err)
	}
	mended := say(options)
	if now, err := os.Stat(kept[0]); err != nil || now.Size() != whole.Size() {
		t.Errorf("the damaged file was not replaced: %v, %v", now, err)
	}
	options.Early = true
	early := say(options)
	for name, samples := range map[string][]float32{"first": first, "kept": again, "mended": mended} {
		if !slices.Equal(samples, want) {
			t.Errorf("%s: it says something else than the model does", name)
		}
	}
	// Its loudness is not known yet, and more threads add numbers in another order; but its words take the same time.
	if len(early) != len(want) {
		t.Errorf("opened early, it spoke for %d samples, not %d", len(early), len(want))
	}
}
