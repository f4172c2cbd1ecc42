package speech_test

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"strings"
	"testing"

	"twombly/internal/native/nativetest"
	"twombly/internal/speech"
	"twombly/internal/speech/speechtest"
)

// voicePrinter is who tells voices apart: in this process, or in a worker.
type voicePrinter interface {
	VoicePrint(ctx context.Context, samples []float32) (speech.VoicePrint, error)
}

// TestVoicePrint: recordings of one person are alike, of two are not, in this process and through a worker; what is no voice is an error.
func TestVoicePrint(t *testing.T) {
	options := speechtest.Options(t)
	options.Speakers = nativetest.Path(t, "speaker-embedding", "wespeaker-resnet34.onnx")
	local, err := speech.OpenLocal(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(local.Close)
	client, err := speech.Start(t.Context(), speech.ClientOptions{Options: options}, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	for name, engine := range map[string]voicePrinter{"local": local, "client": client} {
		t.Run(name, func(t *testing.T) { tellVoicesApart(t, engine) })
	}
}

func tellVoicesApart(t *testing.T, engine voicePrinter) {
	type heard struct {
		who, name string
		print     speech.VoicePrint
	}
	var all []heard
	for _, clip := range speechtest.Clips(t) {
		print, err := engine.VoicePrint(t.Context(), clip.Samples)
		if err != nil {
			t.Fatal(err)
		}
		who := strings.SplitN(clip.Name, "_", 3)[1]
		for _, other := range all {
			likeness := print.Likeness(&other.print)
			if same := who == other.who; same != (likeness > 0.35) {
				t.Errorf("%s and %s: a likeness of %.2f", clip.Name, other.name, likeness)
			}
		}
		if self := print.Likeness(&print); math.Abs(float64(self)-1) > 1e-4 {
			t.Errorf("%s: a print of length %.4f", clip.Name, self)
		}
		all = append(all, heard{who, clip.Name, print})
	}
	if len(all) < 8 {
		t.Errorf("only %d clips", len(all))
	}
	for name, samples := range map[string][]float32{
		"nothing": nil, "too little": make([]float32, 7999), "silence": make([]float32, 2*speech.HearingRate),
		"no number": append(make([]float32, speech.HearingRate), float32(math.NaN())),
	} {
		if _, err := engine.VoicePrint(t.Context(), samples); !errors.Is(err, speech.ErrAudio) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNoVoicePrint: without the optional model the engine works and says so.
func TestNoVoicePrint(t *testing.T) {
	engine := openLocal(t)
	if _, err := engine.VoicePrint(t.Context(), make([]float32, speech.HearingRate)); !errors.Is(err, speech.ErrNoSpeakers) {
		t.Errorf("%v", err)
	}
}
