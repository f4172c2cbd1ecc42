package endtoend

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"twombly/internal/audio"
	"twombly/internal/realtime/client"
	"twombly/internal/speech/speechtest"
)

// TestBadInput sends what no good client sends. Each gets a clear message, and the conversation goes on.
func TestBadInput(t *testing.T) {
	mind := newStandIn(t, "echo", func(last string) string { return "You said " + last[:min(len(last), 40)] })
	data := t.TempDir() + "/data"
	s := start(t, data, mind.flags()...)
	s.meet(t)
	t.Run("events", func(t *testing.T) { badEvents(t, s) })
	t.Run("a message of 100 MB", func(t *testing.T) { hugeMessage(t, s) })
	t.Run("silence", func(t *testing.T) { silence(t, s) })
	t.Run("clipped", func(t *testing.T) { clipped(t, s) })
	t.Run("without an end", func(t *testing.T) { endless(t, s) })
	t.Run("a microphone that vanishes", func(t *testing.T) { microphoneVanishes(t, s) })
	t.Run("100,000 characters", func(t *testing.T) { muchText(t, s) })
	if !s.running() {
		t.Fatalf("the program ended: %s\n%s", s.command.ProcessState, s.log)
	}
	kept := 0
	for _, m := range moments(t, data) {
		if len(m.Words) >= 100_000 {
			kept++
		}
	}
	if kept != 1 {
		t.Errorf("the long message is in the journal %d times", kept)
	}
}

// alive wants an answer.
func alive(t *testing.T, k *talk) {
	t.Helper()
	ctx := within(t, 2*time.Minute)
	done := k.typed(t, ctx, "Are you there?")
	if done.status == "cancelled" { // an answer that the message was written into
		done = k.answer(t, ctx, done.next)
	}
	if done.status != "completed" || !strings.Contains(done.words, "You said") {
		t.Errorf("afterwards: %+v", done)
	}
}

// badEvents sends events that are wrong in one way each.
func badEvents(t *testing.T, s *server) {
	ctx := within(t, 3*time.Minute)
	conn, _, err := websocket.Dial(ctx, strings.Replace(s.address, "http", "ws", 1)+"/v1/realtime?model=twombly",
		&websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + s.token}}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(1 << 20)
	problem := func() (code, message string) {
		t.Helper()
		for {
			_, text, err := conn.Read(ctx)
			if err != nil {
				t.Fatal(err)
			}
			var event struct {
				Type  string
				Error struct{ Code, Message string }
			}
			if err := json.Unmarshal(text, &event); err != nil {
				t.Fatal(err)
			}
			if event.Type == "error" {
				return event.Error.Code, event.Error.Message
			}
		}
	}
	odd := base64.StdEncoding.EncodeToString([]byte{1, 2, 3})
	for _, c := range []struct{ name, text, code string }{
		{"no JSON", "hello", "invalid_json"},
		{"broken JSON", `{"type":"response.create"`, "invalid_json"},
		{"a list", `[1,2]`, "invalid_json"},
		{"no type", `{}`, "missing_required_parameter"},
		{"a type that is a number", `{"type":7}`, "invalid_type"},
		{"an unknown event", `{"type":"make.coffee"}`, "unknown_event"},
		{"audio of odd length", `{"type":"input_audio_buffer.append","audio":"` + odd + `"}`, "invalid_audio"},
		{"audio that is no base64", `{"type":"input_audio_buffer.append","audio":"%%%%"}`, "invalid_audio"},
		{"no audio", `{"type":"input_audio_buffer.append"}`, "missing_required_parameter"},
		{"an item of nobody", `{"type":"conversation.item.truncate","item_id":"x","content_index":0,"audio_end_ms":1}`, "item_truncate_invalid_item_id"},
		{"deep nesting", `{"type":"session.update","session":` + strings.Repeat(`{"a":`, 20000) + "1" + strings.Repeat("}", 20000) + "}", ""},
		{"a message of 500,000 characters", `{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"` +
			strings.Repeat("a", 500_000) + `"}]}}`, "string_above_max_length"},
	} {
		if err := conn.Write(ctx, websocket.MessageText, []byte(c.text)); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		code, message := problem()
		if c.code != "" && code != c.code || len(message) < 10 || strings.Contains(message, "goroutine") {
			t.Errorf("%s: %q %q", c.name, code, message)
		}
	}
	if err := conn.Write(ctx, websocket.MessageBinary, []byte{0, 1, 2}); err != nil {
		t.Fatal(err)
	}
	if code, message := problem(); code != "invalid_json" {
		t.Errorf("a binary message: %q %q", code, message)
	}
	if err := conn.Write(ctx, websocket.MessageText, []byte(`{"type":"input_audio_buffer.clear"}`)); err != nil {
		t.Fatal(err)
	}
	for {
		_, text, err := conn.Read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "input_audio_buffer.cleared") {
			break
		}
	}
	alive(t, s.write(t))
}

// hugeMessage sends 100 MB in one message: the connection is closed with a sentence, and others do not notice.
func hugeMessage(t *testing.T, s *server) {
	other := s.write(t)
	ctx := within(t, 3*time.Minute)
	conn, _, err := websocket.Dial(ctx, strings.Replace(s.address, "http", "ws", 1)+"/v1/realtime?model=twombly",
		&websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + s.token}}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	go func() {
		// An error is what is wanted: the server does not read all of it.
		_ = conn.Write(ctx, websocket.MessageText, []byte(`{"type":"input_audio_buffer.append","audio":"`+strings.Repeat("A", 100<<20)+`"}`))
	}()
	for {
		_, _, err := conn.Read(ctx)
		if err == nil {
			continue
		}
		var closed websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != websocket.StatusMessageTooBig || closed.Reason == "" {
			t.Errorf("it was closed with %v", err)
		}
		break
	}
	alive(t, other)
}

// heardOf sends sound at once, faster than real time, and returns what was understood until nothing more comes.
func heardOf(t *testing.T, ctx context.Context, k *talk, samples []float32, rate int) (words string) {
	t.Helper()
	from := k.Count()
	if err := k.Append(ctx, append(append([]float32(nil), samples...), make([]float32, 3*rate)...), rate); err != nil {
		t.Fatal(err)
	}
	// A last sentence marks the end: audio is listened to in order. Sent so fast, it may be taken into the same turn.
	marker, err := audio.Resample(speechtest.Clips(t)[7].Samples, 16000, rate) // "go forward ten meters"
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Append(ctx, append(marker, make([]float32, 3*rate)...), rate); err != nil {
		t.Fatal(err)
	}
	var all []string
	for place := from; ; {
		event, next := k.await(t, ctx, place, "the words", client.OfType("conversation.item.input_audio_transcription.completed"))
		place = next
		var fields struct{ Transcript string }
		if err := event.Decode(&fields); err != nil {
			t.Fatal(err)
		}
		all = append(all, fields.Transcript)
		if end := strings.Index(strings.ToLower(fields.Transcript), "go forward"); end >= 0 {
			all[len(all)-1] = fields.Transcript[:end]
			return strings.TrimSpace(strings.Join(all, " "))
		}
	}
}

func silence(t *testing.T, s *server) {
	k := s.write(t)
	ctx := within(t, 3*time.Minute)
	if words := heardOf(t, ctx, k, make([]float32, 60*client.VoiceRate), client.VoiceRate); words != "" {
		t.Errorf("in a minute of silence she heard %q", words)
	}
}

// clipped is a microphone that is far too loud.
func clipped(t *testing.T, s *server) {
	k := s.write(t)
	ctx := within(t, 3*time.Minute)
	clip := speechtest.Clips(t)[4]
	loud := make([]float32, len(clip.Samples))
	for i, sample := range clip.Samples {
		loud[i] = max(-1, min(1, sample*30))
	}
	words := heardOf(t, ctx, k, loud, 16000)
	var errors tally
	errors.add(t, "clipped speech", clip.Transcript, words)
	if errors.over(0.5) {
		t.Errorf("clipped: %q", words)
	}
	alive(t, k)
}

// endless is somebody who speaks for ten minutes, sent as fast as it is taken; a minute in short.
func endless(t *testing.T, s *server) {
	length := time.Minute
	if long() {
		length = 10 * time.Minute
	}
	clips := speechtest.Clips(t)
	var samples []float32
	var transcripts []string
	for i := 0; len(samples) < int(length.Seconds())*16000; i++ {
		clip := clips[i%7] // without the marker
		samples = append(append(samples, clip.Samples...), make([]float32, 4000)...)
		transcripts = append(transcripts, clip.Transcript)
	}
	k := s.write(t)
	ctx := within(t, 10*time.Minute)
	began := time.Now()
	words := heardOf(t, ctx, k, samples, 16000)
	var errors tally
	errors.add(t, "speech without an end", strings.Join(transcripts, " "), words)
	t.Logf("%s of speech in %s, %d of %d words wrong", length, time.Since(began).Round(100*time.Millisecond), errors.Errors, errors.Words)
	if errors.over(0.15) {
		t.Errorf("%.0f %% of the words are wrong", 100*errors.rate())
	}
	alive(t, k)
}

// microphoneVanishes stops sending in the middle of a sentence: what was said is taken, and a later microphone is heard.
func microphoneVanishes(t *testing.T, s *server) {
	k := s.write(t)
	ctx := within(t, 3*time.Minute)
	clip := speechtest.Clips(t)[1] // "drop the two when you add the figures"
	from := k.Count()
	half := clip.Samples[:len(clip.Samples)*6/10]
	for len(half) > 0 { // in real time, as a microphone does
		n := min(len(half), 1600)
		if err := k.Append(ctx, half[:n], 16000); err != nil {
			t.Fatal(err)
		}
		half = half[n:]
		time.Sleep(100 * time.Millisecond)
	}
	event, _ := k.await(t, ctx, from, "the words so far", client.OfType("conversation.item.input_audio_transcription.completed"))
	if !strings.Contains(strings.ToLower(string(event.Data)), "drop the two") {
		t.Errorf("understood: %s", event.Data)
	}
	if done := k.answer(t, ctx, from); done.status != "completed" {
		t.Errorf("the answer: %+v", done)
	}
	if words := heardOf(t, ctx, k, speechtest.Clips(t)[0].Samples, 16000); !strings.Contains(strings.ToLower(words), "small dog") {
		t.Errorf("the next microphone: %q", words)
	}
}

// muchText is somebody who types, or pastes, a book.
func muchText(t *testing.T, s *server) {
	k := s.write(t)
	done := k.typed(t, within(t, 3*time.Minute), strings.Repeat("All work and no play. ", 4600))
	if done.status != "completed" && !strings.Contains(done.words, "can't think") {
		t.Errorf("%+v", done)
	}
	alive(t, k)
}
