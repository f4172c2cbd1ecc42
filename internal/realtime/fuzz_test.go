package realtime

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"twombly/internal/call"
)

// quietLine is a line on which nothing happens.
type quietLine struct{}

func (quietLine) Hear([]float32)                            {}
func (quietLine) Played(string, time.Duration)              {}
func (quietLine) Type(string, string, bool) (string, error) { return "item_t", nil }
func (quietLine) Commit() (string, error)                   { return "", call.ErrEmpty }
func (quietLine) ClearInput()                               {}
func (quietLine) Instruct(string)                           {}
func (quietLine) Answer(_, _, _ string) error               { return call.ErrUnknownCall }
func (quietLine) Respond() error                            { return call.ErrBusy }
func (quietLine) Cancel() bool                              { return false }
func (quietLine) HardStop()                                 {}
func (quietLine) Truncate(string, time.Duration) error      { return call.ErrUnknownItem }
func (quietLine) Configure(call.Settings) error             { return nil }
func (quietLine) Settings() call.Settings                   { return call.Settings{} }

// FuzzHandle gives a session any text as an event. Whatever it is: nothing breaks, at most two events answer it (an item of the
// client's is added and done), every answer is JSON, and an error says why.
func FuzzHandle(f *testing.F) {
	for _, seed := range []string{
		`{"type":"input_audio_buffer.append","audio":"AAAAAA=="}`,
		`{"type":"input_audio_buffer.append","audio":"A\/AA"}`,
		`{ "audio" : "AAA=" , "type":"input_audio_buffer.append", "event_id":"e" }`,
		`{"type":"session.update","session":{"audio":{"input":{"turn_detection":{"type":"server_vad","silence_duration_ms":300}}}}}`,
		`{"type":"session.update","session":{"audio":{"input":{"turn_detection":null},"output":{"voice":{"id":"x"},"speed":1}}}}`,
		`{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}}`,
		`{"type":"conversation.item.truncate","item_id":"i","audio_end_ms":-1e999}`,
		`{"type":"response.create","response":{"output_modalities":["text"]}}`,
		`{"type":"session.update","session":{"tools":[{"type":"function","name":"f","parameters":{}}],"tool_choice":{"type":"function","name":"f"}}}`,
		`{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"c","output":"{}"}}`,
		`{"type":"conversation.item.create","item":{"type":"message","role":"system","content":[{"type":"input_text","text":"hi"}]}}`,
		`{"type":"twombly.playback","item_id":"i","played_ms":12}`,
		`{"type":"twombly.client","zone":"../../etc/passwd","device":"\u0000"}`,
		`{"type":7}`, `[]`, `{`, ``, "\xff", `{"type":"error"}`, `null`,
	} {
		f.Add([]byte(seed))
	}
	server, err := New(Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := newSession(server, Caller{PersonID: "p"}, func(error) { t.Error("overflow") })
		s.line = quietLine{}
		kept := bytes.Clone(data)
		s.handle(data)
		if !bytes.Equal(kept, data) {
			t.Error("the message was changed")
		}
		var answers []message
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for {
			m, err := s.out.next(ctx)
			if err != nil {
				break
			}
			answers = append(answers, m)
		}
		if len(answers) > 2 {
			t.Errorf("%d answers", len(answers))
		}
		for _, answer := range answers {
			var e struct {
				Type  string
				Error struct{ Type, Code, Message string }
			}
			if err := json.Unmarshal(answer.data, &e); err != nil {
				t.Fatalf("%s: %v", answer.data, err)
			}
			if e.Type == "error" && (e.Error.Type == "" || e.Error.Code == "" || e.Error.Message == "") {
				t.Errorf("an error without a reason: %s", answer.data)
			}
		}
		// The fast way and the slow one agree.
		if audio, ok := scanAppend(data); ok && json.Valid(data) {
			event, problem := parseEvent(data)
			if problem != nil || event.Type != "input_audio_buffer.append" || event.Audio == nil {
				t.Fatalf("scanned what is no append: %q", data)
			}
			if isPlain(audio) && *event.Audio != string(audio) {
				t.Errorf("scanned %q, parsed %q", audio, *event.Audio)
			}
		}
	})
}

// isPlain says whether a text is what base64 is made of.
func isPlain(text []byte) bool {
	for _, c := range text {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// FuzzOffer gives the reader of offers any body of any type.
func FuzzOffer(f *testing.F) {
	f.Add("application/sdp", "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n")
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"sdp\"\r\n\r\nv=0\r\n--x--\r\n")
	f.Add("multipart/form-data", "--\r\n")
	f.Add("text/plain; charset", "")
	f.Fuzz(func(t *testing.T, kind, body string) {
		request := httptest.NewRequest("POST", "/v1/realtime/calls", strings.NewReader(body))
		request.Header["Content-Type"] = []string{kind}
		offer, err := readOffer(request)
		if err != nil {
			return
		}
		if !strings.HasPrefix(offer.sdp, "v=0") || len(offer.sdp) > maxOfferBytes || len(offer.session) > maxSessionBytes {
			t.Errorf("accepted %q", offer.sdp)
		}
		if n := largestMessage(offer.sdp); n < 0 || n > maxChannelMessage {
			t.Errorf("messages of %d bytes", n)
		}
	})
}

// TestAppendAllocates holds the hot path to its promise: no garbage for a frame of 20 ms.
func TestAppendAllocates(t *testing.T) {
	server, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := newSession(server, Caller{}, func(error) {})
	s.line = quietLine{}
	event := []byte(`{"type":"input_audio_buffer.append","audio":"` + strings.Repeat("AAAA", 320) + `"}`)
	if n := testing.AllocsPerRun(1000, func() { s.handle(event) }); n >= 1 && !raceEnabled {
		t.Errorf("%v allocations a frame", n)
	}
}

// BenchmarkAppend is one frame of 20 ms, as a client sends it.
func BenchmarkAppend(b *testing.B) {
	server, err := New(Options{})
	if err != nil {
		b.Fatal(err)
	}
	s := newSession(server, Caller{}, func(error) {})
	s.line = quietLine{}
	event := []byte(`{"type":"input_audio_buffer.append","audio":"` + strings.Repeat("AAAA", 320) + `"}`)
	b.ReportAllocs()
	for b.Loop() {
		s.handle(event)
	}
}
