package bench

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"twombly/bench/measure"
	"twombly/internal/audio"
	"twombly/internal/realtime/client"
)

func TestSentencesAreEnough(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(sentences), "\n")
	seen := map[string]bool{}
	for _, line := range lines {
		if seen[line] || len(strings.Fields(line)) < 5 {
			t.Errorf("%q is there twice or is no sentence", line)
		}
		seen[line] = true
	}
	if len(lines) < 60 {
		t.Errorf("%d sentences, want at least 60", len(lines))
	}
}

func TestIsWord(t *testing.T) {
	for text, want := range map[string]bool{
		"Hm.": false, "Oh, ": false, "Mm, hm...": false, "…": false, "": false, "Oh no.": true, "I see.": true, "Hello": true, "7:45": false,
	} {
		if got := isWord(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestReadClips(t *testing.T) {
	folder := t.TempDir()
	tone := make([]float32, 16000)
	for i := range tone[4000:12000] {
		tone[4000+i] = float32(0.3 * math.Sin(float64(i)/10))
	}
	if err := audio.WriteWAVFile(filepath.Join(folder, "a.wav"), audio.Clip{Rate: 16000, Samples: tone}); err != nil {
		t.Fatal(err)
	}
	if err := audio.WriteWAVFile(filepath.Join(folder, "silent.wav"), audio.Clip{Rate: 16000, Samples: make([]float32, 800)}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, text, want string
	}{
		{"good", "file\ttranscript\r\na.wav\thello there\r\n\n", ""},
		{"no tab", "file\ttranscript\na.wav hello\n", "line 2"},
		{"no such file", "file\ttranscript\nb.wav\thello\n", "b.wav"},
		{"outside the folder", "file\ttranscript\n../a.wav\thello\n", "outside"},
		{"silence", "file\ttranscript\nsilent.wav\thello\n", "no voice"},
		{"nothing", "file\ttranscript\n", "--data"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := os.WriteFile(filepath.Join(folder, transcriptsFile), []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			clips, err := readClips(folder)
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Fatalf("%v, want something about %q", err, test.want)
				}
				return
			}
			if err != nil || len(clips) != 1 {
				t.Fatalf("%d clips: %v", len(clips), err)
			}
			if c := clips[0]; c.Transcript != "hello there" || c.From != 4000 || c.To < 12000 || c.To > 12160 {
				t.Errorf("%q, voiced from %d to %d", c.Transcript, c.From, c.To)
			}
		})
	}
	if _, err := readClips(""); !errors.Is(err, errNoClips) {
		t.Errorf("no folder: %v", err)
	}
}

func TestCheckpoint(t *testing.T) {
	r := &runner{Options: Options{Checkpoints: t.TempDir(), Commit: "a", Progress: &strings.Builder{}}}
	open := func(key string) *checkpoint[sttTurn] {
		t.Helper()
		c, err := openCheckpoint[sttTurn](r, "stt", key)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	first := open("one")
	want := []sttTurn{{Clip: "a", ComputeMS: 1.5}, {Clip: "b", Errors: measure.Share{Of: 1, All: 3}}}
	for _, turn := range want {
		if err := first.note(turn); err != nil {
			t.Fatal(err)
		}
	}
	if err := first.close(false); err != nil {
		t.Fatal(err)
	}
	// The machine stopped in the middle of a line.
	file, err := os.OpenFile(first.path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(`{"clip":"c","secon`); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	again := open("one")
	if !reflect.DeepEqual(again.done, want) {
		t.Errorf("went on from %+v, want %+v", again.done, want)
	}
	if other := open("two"); len(other.done) != 0 {
		t.Errorf("another run went on from %+v", other.done)
	}
	if err := again.note(sttTurn{Clip: "c"}); err != nil {
		t.Fatal(err)
	}
	if third := open("one"); len(third.done) != 3 {
		t.Errorf("after the torn line was mended: %+v", third.done)
	}
	if err := again.close(true); err != nil {
		t.Fatal(err)
	}
	if after := open("one"); len(after.done) != 0 {
		t.Errorf("a complete run was gone on with: %+v", after.done)
	}
	r.Commit = "b"
	if err := open("one").close(true); err != nil {
		t.Fatal(err)
	}
}

func TestMemoryGrowth(t *testing.T) {
	var samples []memorySample
	for s := 0.0; s <= 1800; s += 10 {
		megabytes := 100 + 100*min(1, s/200) // it fills up at the beginning
		if s > 900 {
			megabytes += 8
		}
		samples = append(samples, memorySample{Seconds: s, RSS: map[string]float64{"parent": megabytes}})
	}
	if got, ok := memoryGrowth(samples, "parent"); !ok || math.Abs(got-0.04) > 1e-9 {
		t.Errorf("%v %v, want 0.04: what fills up in the first five minutes is no growth", got, ok)
	}
	if _, ok := memoryGrowth(samples[:30], "parent"); ok {
		t.Error("five minutes say nothing about growth")
	}
}

// event makes one of the server's events.
func event(at time.Time, kind string, fields map[string]any) client.Event {
	fields["type"] = kind
	data, err := json.Marshal(fields)
	if err != nil {
		panic(err) // only maps, strings and numbers
	}
	return client.Event{Type: kind, At: at, Data: data}
}

// TestJudgeTurn tells the story of a turn in which everything is known: the clip is voiced from 1.0 to 2.0 s after the
// microphone began, the server notices it 20 ms later each way, and answers at 2.9 s.
func TestJudgeTurn(t *testing.T) {
	began := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration) time.Time { return began.Add(d) }
	said := spoken{from: at(time.Second), to: at(2 * time.Second)}
	tone := func(d time.Duration) []float32 {
		samples := make([]float32, int(d*client.VoiceRate/time.Second))
		for i := range samples {
			samples[i] = float32(0.1 * math.Sin(float64(i)/12))
		}
		return samples
	}
	answer := append(make([]float32, client.VoiceRate*30/1000), tone(time.Second)...)
	events := []client.Event{
		event(at(1130*time.Millisecond), "input_audio_buffer.speech_started", map[string]any{"item_id": "p1", "audio_start_ms": 1010}),
		event(at(2230*time.Millisecond), "input_audio_buffer.speech_stopped", map[string]any{"item_id": "p1", "audio_end_ms": 2080}),
		event(at(2800*time.Millisecond), "input_audio_buffer.committed", map[string]any{"item_id": "p1"}),
		event(at(2800*time.Millisecond), "conversation.item.input_audio_transcription.completed", map[string]any{"item_id": "p1", "transcript": "hello"}),
		event(at(2800*time.Millisecond), "response.output_item.added", map[string]any{"response_id": "r1", "item": map[string]any{"id": "h1"}}),
		event(at(2880*time.Millisecond), "twombly.caption", map[string]any{"item_id": "h1", "text": "Hello.", "duration_ms": 1030}),
		event(at(2890*time.Millisecond), "twombly.timings", map[string]any{
			"response_id": "r1", "reason": "turn_end_likely", "pause_ms": 128, "recognition_ms": 80, "first_token_ms": 120, "first_clause_ms": 150,
			"synthesis_ms": 292, "hold_ms": 0, "overhead_ms": 10, "total_ms": 780,
		}),
	}
	heard := map[string][]measure.Piece{"h1": {{At: at(2900 * time.Millisecond), Samples: answer}}}
	turn := judgeTurn(said, readLog(events), heard, began, 0)
	if !turn.Answered || turn.FirstWordMS != 930 || turn.FirstSoundMS != 930 || turn.Understood != "hello" || turn.FirstClause != "Hello." {
		t.Errorf("answered %v after %v ms (sound %v): understood %q, first clause %q", turn.Answered, turn.FirstWordMS, turn.FirstSoundMS,
			turn.Understood, turn.FirstClause)
	}
	if turn.Commits != 1 || turn.SelfTurns != 0 || turn.CutOffMS != 0 || len(turn.Glitches) != 0 {
		t.Errorf("%d commits, %d self turns, cut off %v, glitches %v", turn.Commits, turn.SelfTurns, turn.CutOffMS, turn.Glitches)
	}
	// 930 = 80 of voice that lingers + 780 at the server + 30 of silence in the clause + 40 on the way.
	s := turn.Stages
	if s.VoiceTail != 80 || s.Total != 780 || s.Lead != 30 || s.Transport != 40 || s.Up != 22 || s.Down != 10 || s.Reason != "turn_end_likely" {
		t.Errorf("stages %+v", s)
	}

	t.Run("a turn cut in two, and one of nobody's", func(t *testing.T) {
		early := append([]client.Event(nil), events...)
		early = append(early,
			event(at(1400*time.Millisecond), "response.output_item.added", map[string]any{"response_id": "r0", "item": map[string]any{"id": "h0"}}),
			event(at(1500*time.Millisecond), "input_audio_buffer.committed", map[string]any{"item_id": "p0"}),
			event(at(5000*time.Millisecond), "input_audio_buffer.speech_started", map[string]any{"item_id": "p2", "audio_start_ms": 4000}),
			event(at(5000*time.Millisecond), "input_audio_buffer.committed", map[string]any{"item_id": "p2"}))
		heard := map[string][]measure.Piece{
			"h0": {{At: at(1500 * time.Millisecond), Samples: tone(300 * time.Millisecond)}},
			"h1": {{At: at(2900 * time.Millisecond), Samples: answer}},
		}
		turn := judgeTurn(said, readLog(early), heard, began, 0)
		if turn.CutOffMS != 300 || turn.Commits != 3 || turn.SelfTurns != 1 || turn.FirstWordMS != 930 {
			t.Errorf("cut off %v ms, %d commits, %d self turns, first word %v", turn.CutOffMS, turn.Commits, turn.SelfTurns, turn.FirstWordMS)
		}
	})
	t.Run("an opener is a sound and no word", func(t *testing.T) {
		opened := append([]client.Event(nil), events[:5]...)
		opened = append(opened, event(at(2880*time.Millisecond), "twombly.caption", map[string]any{"item_id": "h1", "text": "Hm, ", "duration_ms": 200}))
		opened = append(opened, events[5:]...)
		turn := judgeTurn(said, readLog(opened), heard, began, 0)
		if turn.FirstSoundMS != 930 || turn.FirstWordMS != 1100 || turn.FirstClause != "Hello." {
			t.Errorf("first sound %v, first word %v of %q", turn.FirstSoundMS, turn.FirstWordMS, turn.FirstClause)
		}
	})
	t.Run("no answer", func(t *testing.T) {
		turn := judgeTurn(said, readLog(events[:2]), nil, began, 0)
		if turn.Answered || turn.Commits != 0 || turn.Understood != "" {
			t.Errorf("%+v", turn)
		}
	})
}

func TestByItem(t *testing.T) {
	began := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	sound := func(item string, offset int64, n int, after time.Duration) client.Sound {
		return client.Sound{At: began.Add(after), Item: item, Offset: offset, Samples: make([]float32, n)}
	}
	got := byItem([]client.Sound{
		sound("a", 0, 480, 0), sound("", 0, 4800, 20*time.Millisecond), // silence after a
		sound("", 0, 480, time.Second), sound("", 0, 480, time.Second), sound("b", 720, 480, time.Second), sound("b", 1200, 480, time.Second),
	})
	places := func(pieces []measure.Piece) (places [][2]int64) {
		for _, piece := range pieces {
			places = append(places, [2]int64{piece.Offset, int64(len(piece.Samples))})
		}
		return places
	}
	if want := [][2]int64{{0, 480}}; !reflect.DeepEqual(places(got["a"]), want) {
		t.Errorf("a lies at %v, want %v", places(got["a"]), want)
	}
	if want := [][2]int64{{0, 240}, {240, 480}, {720, 480}, {1200, 480}}; !reflect.DeepEqual(places(got["b"]), want) {
		t.Errorf("b lies at %v, want %v: its first sound came before its name", places(got["b"]), want)
	}
}

func TestStore(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	if err := makeStore(t.Context(), folder); err != nil {
		t.Fatal(err)
	}
	if len(pastTalk) != 20 {
		t.Errorf("%d turns of talk, want 20", len(pastTalk))
	}
	prompt, err := realPrompt(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, message := range prompt.Messages {
		all.WriteString(message.Content)
	}
	for _, want := range []string{pastTalk[0][0], pastTalk[19][1], "Robin"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("the prompt does not hold %q", want)
		}
	}
}
