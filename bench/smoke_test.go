package bench

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"twombly/bench/duplex"
	"twombly/bench/endpoint"
	"twombly/bench/measure"
	"twombly/internal/audio"
	"twombly/internal/audio/opus"
	"twombly/internal/companion"
	"twombly/internal/native"
	"twombly/internal/native/nativetest"
	"twombly/internal/speech"
	"twombly/internal/speech/clause"
)

// options are those of a benchmark on the real models, or the test is skipped.
func options(t *testing.T) Options {
	t.Helper()
	if testing.Short() {
		t.Skip("real models are left out of short runs")
	}
	clips := DefaultClips()
	if _, err := readClips(clips); err != nil {
		t.Skip(err)
	}
	nativetest.Path(t, "onnxruntime", "libonnxruntime.so")
	nativetest.Path(t, "llama.cpp", "libllama.so")
	nativetest.Path(t, "kokoro", "kokoro-v1.0-int8.onnx")
	small := nativetest.Path(t, "smollm2-135m-instruct-q4_1", "model.gguf")
	models, err := native.Open(native.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return Options{Commit: "test", Models: models, Clips: clips, Mind: small, Progress: &logWriter{t}}
}

// longOptions are options, of a test that the gate has no time for: what it shares with turns is tried there.
func longOptions(t *testing.T) Options {
	t.Helper()
	if os.Getenv("TWOMBLY_LONG") != "1" {
		t.Skip("one minute; TWOMBLY_LONG=1 runs it")
	}
	return options(t)
}

// logWriter shows progress in the test's log.
type logWriter struct{ t *testing.T }

func (l *logWriter) Write(text []byte) (int, error) {
	l.t.Log(strings.TrimRight(string(text), "\n"))
	return len(text), nil
}

// program builds the real program.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "twombly")
	build := exec.Command("go", "build", "-o", path, "../cmd/twombly")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the program: %v\n%s", err, output)
	}
	return path
}

// run runs a benchmark and looks for its metrics.
func run(t *testing.T, name string, o Options, metrics ...string) Result {
	t.Helper()
	result, err := Run(t.Context(), name, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, metric := range metrics {
		if _, there := result.Metrics[metric]; !there {
			t.Errorf("there is no %s in %v", metric, result.Metrics)
		}
	}
	text, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"bench", "commit", "machine", "models", "metrics", "detail"} {
		if object[key] == nil {
			t.Errorf("the object has no %q", key)
		}
	}
	if len(result.Models) == 0 || len(result.Detail) == 0 {
		t.Errorf("%d models, %d details", len(result.Models), len(result.Detail))
	}
	return result
}

func TestSmokeSTT(t *testing.T) {
	o := options(t)
	o.Turns = 2
	result := run(t, "stt", o, "wer", "rtf", "final_ms_p50")
	if wer := result.Metrics["wer"]; wer > 0.2 {
		t.Errorf("word error rate %v", wer)
	}
}

func TestSmokeTTS(t *testing.T) {
	o := options(t)
	o.Turns = 2
	result := run(t, "tts", o, "wer", "rtf", "first_audio_ms_p50")
	if wer := result.Metrics["wer"]; wer > 0.2 {
		t.Errorf("word error rate %v", wer)
	}
}

func TestSmokeMind(t *testing.T) {
	o := options(t)
	o.Turns = 1
	result := run(t, "mind", o, "prompt_tps", "generate_tps", "cached_first_token_ms_p50")
	if turn, ok := result.Detail[0].(mindTurn); !ok || turn.CachedTokens < 500 || turn.NewTokens > 60 {
		t.Errorf("the prompt was read anew: %+v", result.Detail[0])
	}
}

func TestSmokeVoice(t *testing.T) {
	o := options(t)
	o.Program, o.Turns, o.ReplyLimit = program(t), 1, 3*time.Second
	if _, err := loadOpus(&runner{Options: o}); err != nil {
		t.Skipf("no libopus: %v", err)
	}
	o.Loss, o.Jitter = 0.02, 30*time.Millisecond
	result := run(t, "voice", o, "first_word_ms_p50", "first_word_ms_p95", "first_sound_ms_p50", "overhead_ms_p50", "transport_ms_p50",
		"glitches", "wer", "self_turns", "wrong_turns", "decisions_without_reason", "rss_mb_parent")
	if first := result.Metrics["first_word_ms_p50"]; first < 200 || first > 15000 {
		t.Errorf("her first word came after %v ms", first)
	}
	if result.Metrics["decisions_without_reason"] != 0 || result.Metrics["self_turns"] != 0 {
		t.Errorf("%v", result.Metrics)
	}
}

func TestSmokeTurns(t *testing.T) {
	o := options(t)
	o.Program, o.Turns, o.Instant, o.Plot = program(t), 2, true, filepath.Join(t.TempDir(), "calls.html")
	if _, err := loadOpus(&runner{Options: o}); err != nil {
		t.Skipf("no libopus: %v", err)
	}
	result := run(t, "turns", o, "R_R", "L_R_ms_p50", "wait_ms_p50", "events", "void", "self_turns")
	for _, detail := range result.Detail {
		if outcome, ok := detail.(duplex.Outcome); !ok || outcome.Void != "" || outcome.AtMS == 0 {
			t.Errorf("%+v", detail)
		}
	}
	page, err := os.ReadFile(o.Plot)
	if err != nil || !strings.Contains(string(page), "backchannel") || !strings.Contains(string(page), `class="her"`) {
		t.Errorf("the calls are not drawn: %v\n%s", err, page)
	}
}

func TestSmokeResume(t *testing.T) {
	o := longOptions(t)
	o.Program, o.Turns, o.Instant = program(t), 4, true
	if _, err := loadOpus(&runner{Options: o}); err != nil {
		t.Skipf("no libopus: %v", err)
	}
	result := run(t, "resume", o, "went_on", "pauses", "words_repeated", "words_lost", "pauses_not_to_the_sample", "heard_within_a_word")
	if result.Metrics["pauses_not_to_the_sample"] != 0 {
		t.Errorf("%+v", result.Detail)
	}
	for _, detail := range result.Detail {
		if cut, ok := detail.(cutReply); ok && (cut.Recorded == "" || cut.HeardWords == 0) {
			t.Errorf("nothing was heard of a reply: %+v", cut)
		}
	}
}

func TestSmokeStops(t *testing.T) {
	o := longOptions(t)
	o.Program, o.Turns, o.Instant = program(t), 2, true
	if _, err := loadOpus(&runner{Options: o}); err != nil {
		t.Skipf("no libopus: %v", err)
	}
	result := run(t, "stops", o, "silent", "after_word_ms_p50", "within_350_ms", "false_stops")
	if result.Metrics["silent"] != 1 || result.Metrics["false_stops"] != 0 || result.Metrics["sentences"] != 2 {
		t.Errorf("%+v", result)
	}
}

func TestSmokeEndpointing(t *testing.T) {
	o := options(t)
	o.Turns, o.Plot = 12, filepath.Join(t.TempDir(), "curves.html")
	result := run(t, "endpointing", o, "cut_off", "wait_ms_mean", "missed")
	for _, detail := range result.Detail {
		if outcome, ok := detail.(endpoint.Outcome); !ok || outcome.Missed || outcome.Words == "" {
			t.Errorf("%+v", detail)
		}
	}
	page, err := os.ReadFile(o.Plot)
	if err != nil || strings.Count(string(page), "<polyline") != 3 {
		t.Errorf("the curves are not drawn: %v\n%s", err, page)
	}
}

func TestSmokeOffline(t *testing.T) {
	o := longOptions(t)
	o.Turns, o.Rules, o.Checkpoints = 3, `{"hesitate": 0}`, t.TempDir()
	result := run(t, "offline", o, "R_R", "R_Y", "S_BC", "L_Y_ms_p50", "pauses")
	if result.Metrics["R_R"] != 1 || result.Metrics["R_Y"] != 1 || result.Metrics["pauses"] != 0 {
		t.Errorf("in a quiet room, and never hesitating, %v", result.Metrics)
	}
	kept, err := filepath.Glob(filepath.Join(o.Checkpoints, "answers-*.jsonl"))
	if err != nil || len(kept) != 1 {
		t.Errorf("answers are kept in %v (%v)", kept, err)
	}
	again := run(t, "offline", o, "R_R")
	if !maps.Equal(again.Metrics, result.Metrics) {
		t.Errorf("with kept answers %v, without %v", again.Metrics, result.Metrics)
	}
}

func TestSmokeIdle(t *testing.T) {
	o := options(t)
	o.Program, o.Settle, o.Watch = program(t), 2*time.Second, 2*time.Second
	result := run(t, "idle", o, "cpu_percent", "rss_mb", "disk_writes", "cpu_percent_mind", "files_changed")
	if megabytes := result.Metrics["rss_mb"]; megabytes < 5 || megabytes > 500 {
		t.Errorf("the parent has %v MB", megabytes)
	}
}

// TestRealVoiceHasNoGaps holds the gap finder against her real voice through the real codec: what is natural in it must
// not be taken for a gap, and a hole that is cut into it must be.
func TestRealVoiceHasNoGaps(t *testing.T) {
	o := options(t)
	library, err := loadOpus(&runner{Options: o})
	if err != nil {
		t.Skipf("no libopus: %v", err)
	}
	engine, err := speech.OpenLocal(t.Context(), speech.OptionsIn(o.Models.Dir()))
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	choice := companion.VoiceChoices()[0]
	voice := speech.Voice{Blend: choice.Blend, Speed: choice.Speed}
	for _, text := range []string{"Okay, ten meters ahead. ", "The kettle is stopped at a quarter past ten, but that's about it.", "Oh, I see. What happened next?"} {
		var sound []float32
		var lengths []time.Duration
		var splitter clause.Splitter
		for _, piece := range append(splitter.Push(text), splitter.Flush()...) {
			utterance, err := engine.Synthesize(t.Context(), speech.SynthesisRequest{Text: piece, Voice: voice})
			if err != nil {
				t.Fatal(err)
			}
			sound = append(sound, utterance.Samples...)
			lengths = append(lengths, utterance.Duration())
		}
		heard := through(t, library, sound)
		if gaps := measure.FindGaps(measure.Play(heard, speech.VoiceRate, 0), lengths); len(gaps.Glitches) > 0 {
			t.Errorf("%q: glitches %v", text, gaps.Glitches)
		}
		// A hole in the middle of the last clause.
		at := len(sound) - int(lengths[len(lengths)-1]*speech.VoiceRate/time.Second)/2
		for _, length := range []time.Duration{60 * time.Millisecond, 100 * time.Millisecond, 300 * time.Millisecond} {
			before, after := slices.Clone(sound[:at]), slices.Clone(sound[at:])
			audio.FadeOut(before, speech.VoiceRate/200) // as the program's sender does where it must pause
			audio.FadeIn(after, speech.VoiceRate/200)
			hole := slices.Concat(before, make([]float32, length*speech.VoiceRate/time.Second), after)
			gaps := measure.FindGaps(measure.Play(through(t, library, hole), speech.VoiceRate, 0), lengths)
			if len(gaps.Glitches) != 1 || gaps.Glitches[0].Length < length-20*time.Millisecond {
				t.Errorf("%q with a hole of %v: glitches %v", text, length, gaps.Glitches)
			}
		}
	}
}

// through sends sound through the codec in frames of 20 ms that arrive in time.
func through(t *testing.T, library *opus.Library, sound []float32) []measure.Piece {
	t.Helper()
	encoder, err := library.NewEncoder(opus.EncoderOptions{Rate: speech.VoiceRate, Application: opus.Voice})
	if err != nil {
		t.Fatal(err)
	}
	decoder, err := library.NewDecoder(speech.VoiceRate)
	if err != nil {
		t.Fatal(err)
	}
	size := encoder.FrameSamples()
	frame := make([]float32, size)
	began := time.Now()
	var pieces []measure.Piece
	for from := 0; from < len(sound); from += size {
		clear(frame)
		copy(frame, sound[from:])
		packet, err := encoder.Encode(nil, frame)
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := decoder.Decode(nil, packet)
		if err != nil {
			t.Fatal(err)
		}
		at := began.Add(time.Duration(from) * time.Second / speech.VoiceRate)
		pieces = append(pieces, measure.Piece{At: at, Offset: int64(from), Samples: decoded})
	}
	return pieces
}
