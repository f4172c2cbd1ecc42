package realtime_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"twombly/internal/audio"
	"twombly/internal/call"
	"twombly/internal/realtime"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// event is a server event as a client sees it.
type event map[string]any

// at walks into an event: at("session", "audio", "input").
func (e event) at(path ...any) any {
	var value any = map[string]any(e)
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, _ := value.(map[string]any)
			value = object[step]
		case int:
			list, _ := value.([]any)
			if step >= len(list) {
				return nil
			}
			value = list[step]
		}
	}
	return value
}

// socket is a test's own WebSocket, so that it can send rubbish.
type socket struct {
	t    *testing.T
	conn *websocket.Conn
	line *fakeLine
}

// serve starts a server; who is everybody that comes in.
func serve(t *testing.T, options realtime.Options, who realtime.Caller) (url string, calls *fakeCalls) {
	t.Helper()
	calls = newFakeCalls()
	if options.Calls == nil {
		options.Calls = calls
	}
	server, err := realtime.New(options)
	if err != nil {
		t.Fatal(err)
	}
	handler := server.Handler()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r.WithContext(realtime.WithCaller(r.Context(), who)))
	}))
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		web.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return web.URL, calls
}

// dial opens a session and reads its first event.
func dial(t *testing.T, url string, calls *fakeCalls) (*socket, event) {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), strings.Replace(url, "http", "ws", 1)+"/v1/realtime?model=gpt-realtime",
		&websocket.DialOptions{Subprotocols: []string{"realtime", "openai-insecure-api-key.secret"}})
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(1 << 20) // what Python's websockets accept
	if conn.Subprotocol() != "realtime" {
		t.Errorf("subprotocol %q", conn.Subprotocol())
	}
	c := &socket{t: t, conn: conn, line: <-calls.lines}
	t.Cleanup(func() { _ = conn.CloseNow() })
	return c, c.next("session.created")
}

// send sends an object or a raw text.
func (c *socket) send(what any) {
	c.t.Helper()
	data, raw := what.(string)
	if !raw {
		encoded, err := json.Marshal(what)
		if err != nil {
			c.t.Fatal(err)
		}
		data = string(encoded)
	}
	if err := c.conn.Write(c.t.Context(), websocket.MessageText, []byte(data)); err != nil {
		c.t.Fatal(err)
	}
}

// read returns the next event.
func (c *socket) read() event {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 20*time.Second)
	defer cancel()
	_, data, err := c.conn.Read(ctx)
	if err != nil {
		c.t.Fatalf("read: %v", err)
	}
	var e event
	if err := json.Unmarshal(data, &e); err != nil {
		c.t.Fatal(err)
	}
	if id, _ := e["event_id"].(string); id == "" {
		c.t.Errorf("%v has no event_id", e["type"])
	}
	return e
}

// next returns the next event, which must be of the type.
func (c *socket) next(kind string) event {
	c.t.Helper()
	e := c.read()
	if e["type"] != kind {
		c.t.Fatalf("got %v, want an event %q", e, kind)
	}
	return e
}

// sync waits until the server has handled everything so far: an error answers an unknown event.
func (c *socket) sync() (before []event) {
	c.t.Helper()
	c.send(object{"type": "sync", "event_id": "sync"})
	for {
		e := c.read()
		if e["type"] == "error" && e.at("error", "event_id") == "sync" {
			return before
		}
		before = append(before, e)
	}
}

type object = map[string]any

// types lists the types of events.
func types(events []event) (list []string) {
	for _, e := range events {
		list = append(list, fmt.Sprint(e["type"]))
	}
	return list
}

// TestClientEvents is the table of what clients send: what is asked of the call, and what is answered.
func TestClientEvents(t *testing.T) {
	tooLong := strings.Repeat("x", call.MaxTypedBytes+1)
	for _, test := range []struct {
		name string
		send any
		fail map[string]error
		// asked of the line, and the types of the answers ("error CODE" for errors).
		asked, answers []string
	}{
		{"commit", object{"type": "input_audio_buffer.commit"}, nil, []string{"commit"}, nil},
		{"commit of nothing", object{"type": "input_audio_buffer.commit", "event_id": "e1"},
			map[string]error{"commit": call.ErrEmpty}, []string{"commit"}, []string{"error input_audio_buffer_commit_empty e1"}},
		{"clear", object{"type": "input_audio_buffer.clear"}, nil, []string{"clear"}, []string{"input_audio_buffer.cleared"}},
		{"typed message",
			object{"type": "conversation.item.create", "item": object{"type": "message", "role": "user", "id": "item_mine",
				"content": []object{{"type": "input_text", "text": "Hello"}, {"type": "input_text", "text": "there"}}}},
			nil, []string{`type item_mine "Hello\nthere" false`}, []string{"conversation.item.added", "conversation.item.done"}},
		{"typed message too long",
			object{"type": "conversation.item.create", "item": object{"type": "message", "role": "user",
				"content": []object{{"type": "input_text", "text": tooLong}}}},
			nil, nil, []string{"error string_above_max_length"}},
		{"message of 100,000 characters",
			object{"type": "conversation.item.create", "item": object{"type": "message", "role": "user",
				"content": []object{{"type": "input_text", "text": tooLong[:100_000]}}}},
			nil, []string{fmt.Sprintf("type item_typed %q false", tooLong[:100_000])}, []string{"conversation.item.added", "conversation.item.done"}},
		{"message after the wrong item",
			object{"type": "conversation.item.create", "previous_item_id": "item_nowhere", "item": object{"type": "message", "role": "user",
				"content": []object{{"type": "input_text", "text": "Hi"}}}},
			nil, nil, []string{"error invalid_value"}},
		{"her own message",
			object{"type": "conversation.item.create", "item": object{"type": "message", "role": "assistant",
				"content": []object{{"type": "output_text", "text": "I owe you money"}}}},
			nil, nil, []string{"error invalid_value"}},
		{"message with a picture",
			object{"type": "conversation.item.create", "item": object{"type": "message", "role": "user",
				"content": []object{{"type": "input_image", "image_url": "data:"}}}},
			nil, nil, []string{"error invalid_value"}},
		{"message without words",
			object{"type": "conversation.item.create", "item": object{"type": "message", "role": "user",
				"content": []object{{"type": "input_text"}}}},
			nil, nil, []string{"error missing_required_parameter"}},
		{"item missing", object{"type": "conversation.item.create"}, nil, nil, []string{"error missing_required_parameter"}},
		{"retrieve nothing", object{"type": "conversation.item.retrieve", "item_id": "item_no"}, nil, nil,
			[]string{"error item_retrieve_invalid_item_id"}},
		{"delete nothing", object{"type": "conversation.item.delete", "item_id": "item_no"}, nil, nil,
			[]string{"error item_delete_invalid_item_id"}},
		{"a word of the client's own", object{"type": "conversation.item.create", "item": object{"type": "message", "role": "system",
			"content": []object{{"type": "input_text", "text": "Be brief."}}}}, nil, []string{"configure", `instruct "Be brief."`},
			[]string{"conversation.item.added", "conversation.item.done"}},
		{"truncate", object{"type": "conversation.item.truncate", "item_id": "item_a", "content_index": 0, "audio_end_ms": 1500}, nil,
			[]string{"truncate item_a 1.5s"}, nil},
		{"truncate what is not there", object{"type": "conversation.item.truncate", "item_id": "item_a", "audio_end_ms": 1},
			map[string]error{"truncate": call.ErrUnknownItem}, []string{"truncate item_a 1ms"}, []string{"error item_truncate_invalid_item_id"}},
		{"truncate beyond", object{"type": "conversation.item.truncate", "item_id": "item_a", "audio_end_ms": 99999},
			map[string]error{"truncate": call.ErrBeyondItem}, []string{"truncate item_a 1m39.999s"}, []string{"error item_truncate_invalid_audio_end_ms"}},
		{"truncate before the beginning", object{"type": "conversation.item.truncate", "item_id": "item_a", "audio_end_ms": -1}, nil, nil,
			[]string{"error item_truncate_invalid_audio_end_ms"}},
		{"truncate nowhere", object{"type": "conversation.item.truncate", "item_id": "item_a"}, nil, nil,
			[]string{"error missing_required_parameter"}},
		{"respond", object{"type": "response.create"}, nil, []string{"respond"}, nil},
		{"respond while busy", object{"type": "response.create", "event_id": "e2"}, map[string]error{"respond": call.ErrBusy},
			[]string{"respond"}, []string{"error conversation_already_has_active_response e2"}},
		{"respond in text while busy", object{"type": "response.create", "response": object{"output_modalities": []string{"text"}}},
			map[string]error{"respond": call.ErrBusy}, []string{"configure", "respond", "configure"},
			[]string{"error conversation_already_has_active_response"}},
		{"respond outside the conversation", object{"type": "response.create", "response": object{"conversation": "none"}}, nil, nil,
			[]string{"error invalid_value"}},
		{"cancel nothing", object{"type": "response.cancel"}, nil, []string{"cancel"}, []string{"error response_cancel_not_active"}},
		{"cancel another", object{"type": "response.cancel", "response_id": "resp_no"}, nil, nil, []string{"error response_cancel_not_active"}},
		{"silence, please", object{"type": "output_audio_buffer.clear"}, nil, []string{"cancel"}, nil},
		{"playback", object{"type": "twombly.playback", "item_id": "item_a", "content_index": 0, "played_ms": 120.5}, nil, nil, nil},
		{"playback of nothing", object{"type": "twombly.playback", "played_ms": 5}, nil, nil, []string{"error missing_required_parameter"}},
		{"playback at no time", object{"type": "twombly.playback", "item_id": "item_a", "played_ms": 1e300}, nil, nil, []string{"error invalid_value"}},
		{"hard stop", object{"type": "twombly.hard_stop"}, nil, []string{"hard stop"}, nil},
		{"client", object{"type": "twombly.client", "device": "phone", "zone": "Europe/Berlin", "echo_cancellation": true}, nil, []string{"configure"}, nil},
		{"unknown event", object{"type": "response.dance", "event_id": "e3"}, nil, nil, []string{"error unknown_event e3"}},
		{"no type", object{"event_id": "e4"}, nil, nil, []string{"error missing_required_parameter e4"}},
		{"wrong type of field", `{"type":"response.cancel","event_id":"e5","item_id":7}`, nil, nil, []string{"error invalid_type e5"}},
		{"broken JSON", `{"type":"response.create"`, nil, nil, []string{"error invalid_json"}},
		{"not an object", `[1,2]`, nil, nil, []string{"error invalid_json"}},
		{"empty", ``, nil, nil, []string{"error invalid_json"}},
		{"audio of odd length", object{"type": "input_audio_buffer.append", "event_id": "e6", "audio": "AAAA"}, nil, nil, []string{"error invalid_audio e6"}},
		{"audio that is no base64", object{"type": "input_audio_buffer.append", "audio": "!!!"}, nil, nil, []string{"error invalid_audio"}},
		{"append without audio", object{"type": "input_audio_buffer.append"}, nil, nil, []string{"error missing_required_parameter"}},
		{"append of nothing", object{"type": "input_audio_buffer.append", "audio": ""}, nil, nil, nil},
		{"append with escapes", `{"type":"input_audio_buffer.append","audio":"\/\/8AAA=="}`, nil, nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			url, calls := serve(t, realtime.Options{}, realtime.Caller{PersonID: "p"})
			c, _ := dial(t, url, calls)
			c.line.errors = test.fail
			c.send(test.send)
			var answers []string
			for _, e := range c.sync() {
				answer := fmt.Sprint(e["type"])
				if answer == "error" {
					answer += fmt.Sprint(" ", e.at("error", "code"))
					if id := e.at("error", "event_id"); id != nil {
						answer += fmt.Sprint(" ", id)
					}
					if text, _ := e.at("error", "message").(string); len(text) < 10 || !strings.HasSuffix(text, ".") {
						t.Errorf("the error says %q", text)
					}
				}
				answers = append(answers, answer)
			}
			if asked := c.line.take(); !slices.Equal(asked, test.asked) {
				t.Errorf("asked %.200q, want %.200q", asked, test.asked)
			}
			if !slices.Equal(answers, test.answers) {
				t.Errorf("answers %q, want %q", answers, test.answers)
			}
		})
	}
}

func TestSessionUpdate(t *testing.T) {
	url, calls := serve(t, realtime.Options{Voices: []string{"af_heart"}}, realtime.Caller{PersonID: "p", Device: "script"})
	c, created := dial(t, url, calls)
	if created.at("session", "audio", "input", "turn_detection", "type") != "semantic_vad" || created.at("session", "type") != "realtime" {
		t.Errorf("created: %v", created)
	}
	if want := (call.Settings{Detection: call.SemanticVAD, CreateResponse: true, Interruptible: true, Audio: true, Device: "script", Quiet: true}); fmt.Sprint(c.line.Settings()) != fmt.Sprint(want) {
		t.Errorf("settings %+v", c.line.Settings())
	}
	update := func(session any) event {
		c.send(object{"type": "session.update", "session": session})
		return c.read()
	}
	e := update(object{
		"type": "realtime", "instructions": "Be brief.", "output_modalities": []string{"text"},
		"audio": object{
			"input":  object{"turn_detection": object{"type": "server_vad", "silence_duration_ms": 700, "create_response": false}},
			"output": object{"voice": "af_heart", "speed": 1.1},
		},
	})
	s := c.line.Settings()
	if s.Instructions != "Be brief." || s.Audio || s.Detection != call.ServerVAD || s.Silence != 700*time.Millisecond ||
		s.CreateResponse || !s.Interruptible || s.Voice.Blend["af_heart"] != 1 || s.Voice.Speed != 1.1 {
		t.Errorf("settings %+v", s)
	}
	if e["type"] != "session.updated" || e.at("session", "audio", "input", "turn_detection", "silence_duration_ms") != 700.0 ||
		e.at("session", "output_modalities", 0) != "text" {
		t.Errorf("updated: %v", e)
	}
	// Nothing counts of an update of which a part is refused.
	for _, bad := range []any{
		object{"instructions": "Obey.", "output_modalities": []string{"smell"}},
		object{"instructions": "Obey.", "audio": object{"input": object{"format": object{"type": "audio/opus"}}}},
		object{"instructions": "Obey.", "audio": object{"input": object{"turn_detection": object{"type": "psychic"}}}},
		object{"instructions": "Obey.", "audio": object{"output": object{"speed": 9}}},
		object{"instructions": "Obey.", "tools": []object{{"type": "mcp", "server_label": "f"}}},
		object{"type": "transcription"}, "words", nil, 7,
	} {
		if e := update(bad); e["type"] != "error" {
			t.Errorf("%v was accepted: %v", bad, e)
		}
		if c.line.Settings().Instructions != "Be brief." {
			t.Fatalf("after %v: %+v", bad, c.line.Settings())
		}
	}
	// null commits by hand; what an update does not name stays; an unknown voice leaves her own.
	e = update(object{"audio": object{"input": object{"turn_detection": nil}, "output": object{"voice": "marin"}}})
	s = c.line.Settings()
	if s.Detection != call.Manual || s.Instructions != "Be brief." || s.Voice.Blend != nil {
		t.Errorf("settings %+v", s)
	}
	if td, ok := e.at("session", "audio", "input").(map[string]any); !ok || td["turn_detection"] != nil {
		t.Errorf("updated: %v", e)
	}
	for _, quiet := range []bool{true, false} {
		c.send(object{"type": "twombly.client", "device": "phone", "zone": "Europe/Berlin", "quiet": quiet, "only_my_voice": !quiet})
		c.sync()
		if s := c.line.Settings(); s.Device != "phone" || s.Zone != "Europe/Berlin" || s.Quiet != quiet || s.OwnVoiceOnly == quiet {
			t.Errorf("settings %+v", s)
		}
	}
	if c.line.mouth.Murmur("murmur_1", make([]float32, 100)) {
		t.Error("sound of no response over WebSocket")
	}
}

// speak plays the part of a call that answers, as call.Call does it.
func speak(l *fakeLine, spoken bool, status, reason string, samples []float32) {
	m := l.mouth
	m.Report(call.SpeechStarted{ItemID: "item_1", At: 320 * time.Millisecond})
	m.Report(call.StateChanged{State: "hearing"})
	m.Report(call.PersonPartial{ItemID: "item_1", Text: "Hello the", Stable: 5})
	m.Report(call.SpeechStopped{ItemID: "item_1", At: 1500 * time.Millisecond})
	m.Report(call.TurnCommitted{ItemID: "item_1"})
	m.Report(call.PersonPartial{ItemID: "item_1", Text: "Hello there", Stable: 11})
	m.Report(call.PersonFinal{ItemID: "item_1", Text: "Hello there.", AudioSeconds: 1.2})
	m.Report(call.ResponseStarted{ResponseID: "resp_1", ItemID: "item_2", PreviousItemID: "item_1"})
	m.Report(call.ReplyText{ResponseID: "resp_1", ItemID: "item_2", Delta: "Hi", Duration: 300 * time.Millisecond})
	if spoken {
		m.Play("item_2", samples)
	}
	m.Report(call.ReplyText{ResponseID: "resp_1", ItemID: "item_2", Delta: ", friend.", Duration: 500 * time.Millisecond})
	if spoken && status == "completed" {
		m.PlayEnd("item_2")
	}
	if status == "cancelled" {
		m.Hush("item_2")
	}
	m.Report(call.ResponseDone{ResponseID: "resp_1", ItemID: "item_2", Status: status, Reason: reason, Text: "Hi, friend."})
}

// TestServerEvents translates what happens in a call, exactly.
func TestServerEvents(t *testing.T) {
	ramp := make([]float32, 4000) // 167 ms
	for i := range ramp {
		ramp[i] = float32(i) / 8000
	}
	person := []string{
		"input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped", "input_audio_buffer.committed",
		"conversation.item.added", "conversation.item.done",
		"conversation.item.input_audio_transcription.delta", "conversation.item.input_audio_transcription.delta",
		"conversation.item.input_audio_transcription.delta", "conversation.item.input_audio_transcription.completed",
		"response.created", "response.output_item.added", "conversation.item.added", "response.content_part.added",
	}
	ending := []string{"response.content_part.done", "conversation.item.done", "response.output_item.done", "response.done"}
	for _, test := range []struct {
		name           string
		spoken         bool
		status, reason string
		want           []string
	}{
		{"spoken", true, "completed", "", []string{
			"response.output_audio_transcript.delta", "response.output_audio.delta", "response.output_audio_transcript.delta",
			"response.output_audio.done", "response.output_audio_transcript.done",
		}},
		{"in text", false, "completed", "", []string{"response.output_text.delta", "response.output_text.delta", "response.output_text.done"}},
		{"interrupted", false, "cancelled", "turn_detected", []string{"response.output_text.delta", "response.output_text.delta", "response.output_text.done"}},
		{"failed", false, "failed", "The mind is gone.", []string{"response.output_text.delta", "response.output_text.delta", "response.output_text.done"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			url, calls := serve(t, realtime.Options{}, realtime.Caller{PersonID: "p"})
			c, _ := dial(t, url, calls)
			if !test.spoken {
				c.send(object{"type": "session.update", "session": object{"output_modalities": []string{"text"}}})
				c.next("session.updated")
			}
			speak(c.line, test.spoken, test.status, test.reason, ramp)
			events := c.sync()
			want := slices.Concat(person, test.want, ending)
			if got := types(events); !slices.Equal(got, want) {
				t.Fatalf("events\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if e := events[0]; e["item_id"] != "item_1" || e["audio_start_ms"] != 320.0 {
				t.Errorf("%v", e)
			}
			transcript := ""
			for _, e := range events {
				if e["type"] == "conversation.item.input_audio_transcription.delta" {
					transcript += e["delta"].(string)
				}
			}
			if e := events[8]; transcript != "Hello there." || e["transcript"] != "Hello there." || e.at("usage", "seconds") != 1.2 {
				t.Errorf("transcript %q, completed %v", transcript, e)
			}
			if e := events[11]; e["previous_item_id"] != "item_1" || e.at("item", "status") != "in_progress" {
				t.Errorf("%v", e)
			}
			done := events[len(events)-1]
			if done.at("response", "status") != test.status || done.at("response", "id") != "resp_1" || done.at("response", "usage", "total_tokens") == nil {
				t.Errorf("%v", done)
			}
			part := object{"transcript": "Hi, friend.", "type": "output_audio"}
			if !test.spoken {
				part = object{"text": "Hi, friend.", "type": "output_text"}
			}
			if got := done.at("response", "output", 0, "content", 0); fmt.Sprint(got) != fmt.Sprint(part) {
				t.Errorf("content %v, want %v", got, part)
			}
			switch test.status {
			case "cancelled":
				if done.at("response", "status_details", "reason") != test.reason {
					t.Errorf("%v", done)
				}
			case "failed":
				if done.at("response", "status_details", "error", "message") != test.reason {
					t.Errorf("%v", done)
				}
			}
			if !test.spoken {
				return
			}
			var pcm []byte
			for _, e := range events {
				if e["type"] == "response.output_audio.delta" {
					if e["response_id"] != "resp_1" || e["item_id"] != "item_2" {
						t.Errorf("%v", e)
					}
					decoded, err := base64.StdEncoding.DecodeString(e["delta"].(string))
					if err != nil {
						t.Fatal(err)
					}
					pcm = append(pcm, decoded...)
				}
			}
			if !bytes.Equal(pcm, audio.AppendPCM16(nil, ramp)) {
				t.Error("the sound was changed on its way")
			}
		})
	}
}

// TestOurEvents sends ours to those who know them, and to nobody else.
func TestOurEvents(t *testing.T) {
	for _, test := range []struct {
		name  string
		page  bool
		first any
		ours  bool
	}{
		{"stranger", false, nil, false},
		{"page", true, nil, true},
		{"bench", false, object{"type": "twombly.playback", "item_id": "item_x", "played_ms": 0}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			url, calls := serve(t, realtime.Options{}, realtime.Caller{PersonID: "p", Page: test.page})
			c, _ := dial(t, url, calls)
			c.line.mouth.Report(call.StateChanged{State: "listening"})
			if test.first != nil {
				c.send(test.first)
			}
			c.sync()
			speak(c.line, true, "completed", "", make([]float32, 100))
			c.line.mouth.Report(call.ItemTruncated{ItemID: "item_2", AudioEnd: 200 * time.Millisecond, Words: "Hi"})
			c.line.mouth.Report(call.TurnTimings{ResponseID: "resp_1", Total: 800 * time.Millisecond, Reason: "sure"})
			c.line.mouth.(realtime.Teller).Notice("mind_lost", "She has lost her thread.")
			c.line.mouth.(realtime.Teller).MeetingMoved()
			counts := map[string]int{}
			for _, e := range c.sync() {
				counts[e["type"].(string)]++
				switch e["type"] {
				case "conversation.item.truncated":
					if e["audio_end_ms"] != 200.0 || (e["transcript"] == "Hi") != test.ours {
						t.Errorf("%v", e)
					}
				case "twombly.caption":
					if e["item_id"] != "item_2" || e["duration_ms"].(float64) < 300 {
						t.Errorf("%v", e)
					}
				case "error":
					if test.ours || e.at("error", "type") != "server_error" || e.at("error", "code") != "mind_lost" {
						t.Errorf("%v", e)
					}
				}
			}
			ours := map[string]int{"twombly.state": 1, "twombly.partial": 2, "twombly.caption": 2, "twombly.timings": 1, "twombly.notice": 1, "twombly.meeting": 1}
			for kind, n := range ours {
				if test.ours != (counts[kind] == n) {
					t.Errorf("%d events %s", counts[kind], kind)
				}
			}
			if counts["error"] != 0 == test.ours {
				t.Errorf("%d errors", counts["error"])
			}
			// The item holds what was heard.
			c.send(object{"type": "conversation.item.retrieve", "item_id": "item_2"})
			if e := c.next("conversation.item.retrieved"); e.at("item", "content", 0, "transcript") != "Hi" {
				t.Errorf("%v", e)
			}
			c.send(object{"type": "conversation.item.delete", "item_id": "item_2"})
			c.next("conversation.item.deleted")
			c.send(object{"type": "conversation.item.retrieve", "item_id": "item_2"})
			c.next("error")
		})
	}
}

// TestAppendIsHeard sends a tone in pieces: the call hears it at its own rate, also after rubbish in between.
func TestAppendIsHeard(t *testing.T) {
	url, calls := serve(t, realtime.Options{}, realtime.Caller{PersonID: "p"})
	c, _ := dial(t, url, calls)
	tone := make([]float32, 24000)
	for i := range tone {
		tone[i] = float32(0.4 * math.Sin(2*math.Pi*440*float64(i)/24000))
	}
	pcm := audio.AppendPCM16(nil, tone)
	for i := 0; i < len(pcm); i += 1926 { // uneven pieces
		c.send(object{"type": "input_audio_buffer.append", "audio": base64.StdEncoding.EncodeToString(pcm[i:min(i+1926, len(pcm))])})
		if i == 1926*3 {
			c.send(object{"type": "input_audio_buffer.append", "audio": "AAAA"})
			c.next("error")
		}
	}
	c.sync()
	heard := c.line.heardSamples()
	if len(heard) < 15900 || len(heard) > 16000 {
		t.Fatalf("%d samples were heard", len(heard))
	}
	noise := make([]float32, 12000)
	for i := range noise {
		at := i + 2000
		noise[i] = heard[at] - float32(0.4*math.Sin(2*math.Pi*440*float64(at)/16000))
	}
	if level := audio.Level(noise); level > -60 {
		t.Errorf("what was heard differs by %.1f dBFS", level)
	}
}

// TestTooLarge sends 100 MB: the connection is closed with the code for it, and the call ends in order.
func TestTooLarge(t *testing.T) {
	url, calls := serve(t, realtime.Options{}, realtime.Caller{PersonID: "p"})
	c, _ := dial(t, url, calls)
	huge := bytes.Repeat([]byte("A"), 100<<20)
	// The server may hang up in the middle of the write.
	_ = c.conn.Write(t.Context(), websocket.MessageText, huge)
	for {
		_, _, err := c.conn.Read(t.Context())
		if err == nil {
			continue
		}
		if code := websocket.CloseStatus(err); code != websocket.StatusMessageTooBig && code != -1 {
			t.Errorf("closed with %v", code)
		}
		break
	}
	select {
	case <-c.line.ended:
	case <-time.After(10 * time.Second):
		t.Error("the call goes on")
	}
	again, _ := dial(t, url, calls) // and others can come
	again.sync()
}

// TestLargestAppend takes what the protocol allows: 15 MiB of audio at once.
func TestLargestAppend(t *testing.T) {
	if realtime.RaceEnabled {
		t.Skip("its point is size")
	}
	url, calls := serve(t, realtime.Options{}, realtime.Caller{PersonID: "p"})
	c, _ := dial(t, url, calls)
	c.send(object{"type": "input_audio_buffer.append", "audio": base64.StdEncoding.EncodeToString(make([]byte, 15<<20))})
	c.send(object{"type": "input_audio_buffer.append", "audio": base64.StdEncoding.EncodeToString(make([]byte, 15<<20+2))})
	if e := c.next("error"); e.at("error", "code") != "invalid_audio" {
		t.Errorf("%v", e)
	}
	if n := len(c.line.heardSamples()); n < 15<<20/2*2/3-100 {
		t.Errorf("%d samples were heard", n)
	}
}

// TestSlowClient does not read: it is cut off, and nobody waits for it.
func TestSlowClient(t *testing.T) {
	url, calls := serve(t, realtime.Options{}, realtime.Caller{PersonID: "p"})
	c, _ := dial(t, url, calls)
	c.line.mouth.Report(call.ResponseStarted{ResponseID: "resp_1", ItemID: "item_1"})
	second := make([]float32, 24000)
	began := time.Now()
	for range 600 {
		c.line.mouth.Play("item_1", second)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("Play blocked: %v", took)
	}
	select {
	case <-c.line.ended:
	case <-time.After(20 * time.Second):
		t.Error("the call goes on")
	}
}

// TestEstimate reports what a client that says nothing must have heard: real time from the first sound on.
func TestEstimate(t *testing.T) {
	url, calls := serve(t, realtime.Options{}, realtime.Caller{PersonID: "p"})
	c, _ := dial(t, url, calls)
	m := c.line.mouth
	m.Report(call.ResponseStarted{ResponseID: "resp_1", ItemID: "item_1"})
	began := time.Now()
	m.Play("item_1", make([]float32, 24000*6/10))
	for c.line.playedOf("item_1") == 0 {
		if time.Since(began) > 10*time.Second {
			t.Fatal("nothing was reported")
		}
		time.Sleep(5 * time.Millisecond)
	}
	if got := c.line.playedOf("item_1"); got > time.Since(began) {
		t.Errorf("%v were heard after %v", got, time.Since(began))
	}
	m.PlayEnd("item_1")
	for c.line.playedOf("item_1") < 600*time.Millisecond {
		if time.Since(began) > 10*time.Second {
			t.Fatalf("only %v were heard", c.line.playedOf("item_1"))
		}
		time.Sleep(5 * time.Millisecond)
	}
	if time.Since(began) < 600*time.Millisecond {
		t.Error("it was heard faster than it sounds")
	}
	// A hushed item stays where it was; what was queued is not sent.
	m.Report(call.ResponseStarted{ResponseID: "resp_2", ItemID: "item_2"})
	m.Play("item_2", make([]float32, 24000*5))
	m.Hush("item_2")
	c.sync()
	time.Sleep(300 * time.Millisecond)
	if got := c.line.playedOf("item_2"); got > 200*time.Millisecond {
		t.Errorf("%v of a hushed item were heard", got)
	}
}

// TestRestored puts the session's settings back after a response with its own.
func TestRestored(t *testing.T) {
	url, calls := serve(t, realtime.Options{}, realtime.Caller{PersonID: "p"})
	c, _ := dial(t, url, calls)
	c.send(object{"type": "response.create", "response": object{"output_modalities": []string{"text"}, "instructions": "Once."}})
	c.sync()
	if s := c.line.Settings(); s.Audio || s.Instructions != "Once." {
		t.Errorf("settings %+v", s)
	}
	c.line.mouth.Report(call.ResponseStarted{ResponseID: "resp_1", ItemID: "item_1"})
	c.line.mouth.Report(call.ResponseDone{ResponseID: "resp_1", ItemID: "item_1", Status: "completed"})
	for began := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		if s := c.line.Settings(); s.Audio && s.Instructions == "" {
			break
		}
		if time.Since(began) > 10*time.Second {
			t.Fatalf("settings %+v", c.line.Settings())
		}
	}
}

func TestRefused(t *testing.T) {
	url, calls := serve(t, realtime.Options{MaxSessions: 1}, realtime.Caller{PersonID: "p"})
	for _, test := range []struct {
		method, path, kind, body string
		status                   int
	}{
		{"GET", "/v1/realtime", "", "", http.StatusUpgradeRequired},
		{"POST", "/v1/realtime/calls", "application/sdp", "v=0", http.StatusNotImplemented},
		{"POST", "/v1/realtime/calls/rtc_no/hangup", "", "", http.StatusNotFound},
	} {
		request, err := http.NewRequestWithContext(t.Context(), test.method, url+test.path, strings.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", test.kind)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		var answer event
		err = json.NewDecoder(response.Body).Decode(&answer)
		_ = response.Body.Close()
		if response.StatusCode != test.status || err != nil || answer.at("error", "message") == nil {
			t.Errorf("%s %s: %d %v %v", test.method, test.path, response.StatusCode, answer, err)
		}
	}
	dial(t, url, calls)
	if _, response, err := websocket.Dial(t.Context(), strings.Replace(url, "http", "ws", 1)+"/v1/realtime", nil); err == nil || response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a second session of one: %v", err)
	}

	calls.err = errors.New("nobody is home")
	url, _ = serve(t, realtime.Options{Calls: calls}, realtime.Caller{PersonID: "p"})
	if _, response, err := websocket.Dial(t.Context(), strings.Replace(url, "http", "ws", 1)+"/v1/realtime", nil); err == nil || response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a call that can't begin: %v", err)
	}

	server, err := realtime.New(realtime.Options{Calls: calls})
	if err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	server.Handler().ServeHTTP(recorder, httptest.NewRequest("GET", "/v1/realtime", nil))
	if recorder.Code != http.StatusUnauthorized {
		t.Errorf("nobody: %d", recorder.Code)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
}

// TestGoingAway tells clients that the program closes.
func TestGoingAway(t *testing.T) {
	calls := newFakeCalls()
	server, err := realtime.New(realtime.Options{Calls: calls})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		server.Handler().ServeHTTP(w, r.WithContext(realtime.WithCaller(r.Context(), realtime.Caller{PersonID: "p"})))
	}))
	defer web.Close()
	c, _ := dial(t, web.URL, calls)
	closed := make(chan error, 1)
	go func() { closed <- server.Close() }()
	if _, _, err := c.conn.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("read: %v", err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	<-c.line.ended
}
