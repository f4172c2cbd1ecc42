package openai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"twombly/internal/mind"
)

const secret = "sk-very-secret"

// words is what the person says in these tests; it must not be in any error.
const words = "my private words"

func request() mind.Request {
	return mind.Request{Messages: []mind.Message{{Role: mind.System, Content: "Be kind."}, {Role: mind.User, Content: words}}, MaxTokens: 20}
}

// event is one event of a stream with a piece of text.
func event(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return `data: {"choices":[{"index":0,"delta":{"content":` + string(quoted) + `}}]}` + "\n\n"
}

const (
	stopEvent = `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n"
	doneEvent = "data: [DONE]\n\n"
)

// standIn serves a handler and makes a client of it with short patience.
func standIn(t *testing.T, handler http.HandlerFunc, change func(*Options)) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	options := Options{
		Address: server.URL + "/v1", Model: "test-model", Key: secret,
		FirstToken: 2 * time.Second, BetweenTokens: 150 * time.Millisecond, RetryPause: time.Millisecond,
	}
	if change != nil {
		change(&options)
	}
	client, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// streams answers with these pieces of a stream, each sent at once.
func streams(pieces ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for _, piece := range pieces {
			if _, err := io.WriteString(w, piece); err != nil {
				return
			}
			w.(http.Flusher).Flush()
		}
	}
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// hangs waits until the client gives up.
func hangs(w http.ResponseWriter, r *http.Request) {
	// Reading the body is what makes the server notice that the client goes away.
	io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

func breaks(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }

func TestMisbehaviour(t *testing.T) {
	quote := fmt.Sprintf(`{"error":{"message":"you said %s with the key %s","type":"x","code":"y"}}`, words, secret)
	for _, test := range []struct {
		name     string
		handler  http.HandlerFunc
		want     error
		sentence string // part of what the person reads
		kept     string // what came before
		attempts int
	}{
		{"refuses the key", says(401, quote), mind.ErrUnavailable, "refused the key", "", 1},
		{"forbids", says(403, quote), mind.ErrUnavailable, "refused the key", "", 1},
		{"knows no such model", says(404, quote), mind.ErrUnavailable, `no model called "test-model"`, "", 1},
		{"is asked too often", says(429, quote), mind.ErrUnavailable, "asked too often", "", 3},
		{"fails", says(500, quote), mind.ErrUnavailable, "failed (status 500)", "", 3},
		{"is overloaded", says(503, "<html>"), mind.ErrUnavailable, "failed (status 503)", "", 3},
		{"takes less", says(400, `{"error":{"message":"too much","code":"context_length_exceeded"}}`), mind.ErrTooLong, "", "", 1},
		{"takes less, llama-server", says(400, `{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}`), mind.ErrTooLong, "", "", 1},
		{"takes less, by size", says(413, "no"), mind.ErrTooLong, "", "", 1},
		{"doesn't take it", says(400, quote), mind.ErrInvalid, "does not take it", "", 1},
		{"doesn't take it, vLLM", says(422, quote), mind.ErrInvalid, "does not take it", "", 1},
		{"points elsewhere", says(302, ""), mind.ErrUnavailable, "points elsewhere", "", 1},
		{"is a teapot of rubbish", says(418, "short and stout"), mind.ErrRubbish, "unreadable", "", 1},
		{"is a web page", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>Welcome</html>") }, mind.ErrRubbish, "OpenAI-compatible", "", 1},
		{"answers in one", says(200, `{"choices":[{"message":{"content":"hi"}}]}`), mind.ErrRubbish, "stream", "", 1},
		{"breaks the connection", breaks, mind.ErrUnavailable, "broke the connection", "", 3},
		{"streams rubbish", streams("data: {{{\n\n"), mind.ErrRubbish, "not JSON", "", 1},
		{"streams the wrong JSON", streams(`data: {"choices":"none"}` + "\n\n"), mind.ErrRubbish, "not JSON of the protocol", "", 1},
		{"streams rubbish later", streams(event("Hello "), "data: \x00\xff\n\n"), mind.ErrRubbish, "", "Hello ", 1},
		{"streams a line without end", streams("data: " + strings.Repeat("x", maxLine+1)), mind.ErrRubbish, "million bytes", "", 1},
		{"says nothing at all", streams(), mind.ErrUnavailable, "before it answered", "", 3},
		{"says it is done and nothing else", streams(doneEvent), mind.ErrUnavailable, "before it answered", "", 3},
		{"stops in mid-word", streams(event("Hello wor")), mind.ErrUnavailable, "middle of the answer", "Hello wor", 1},
		{"breaks in mid-word", func(w http.ResponseWriter, r *http.Request) { streams(event("Hello wor"))(w, r); breaks(w, r) }, mind.ErrUnavailable, "middle of the answer", "Hello wor", 1},
		{"falls silent", func(w http.ResponseWriter, r *http.Request) { streams(event("Hello"))(w, r); hangs(w, r) }, mind.ErrUnavailable, "fell silent", "Hello", 1},
		{"fails in the stream", streams(event("Hello"), `data: {"error":{"message":"`+words+`"}}`+"\n\n"), mind.ErrUnavailable, "failed while it answered", "Hello", 1},
		{"fails at the stream's beginning", streams(`data: {"error":{"message":"loading"}}` + "\n\n"), mind.ErrUnavailable, "failed while it answered", "", 3},
		{"mixes up tool calls", streams(`data: {"choices":[{"delta":{"tool_calls":[{"index":7}]}}]}` + "\n\n"), mind.ErrRubbish, "out of order", "", 1},
		{"calls tools with rubbish", streams(`data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{{"}}]},"finish_reason":"tool_calls"}]}`+"\n\n", doneEvent), mind.ErrRubbish, "tool call", "", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var attempts atomic.Int32
			client := standIn(t, func(w http.ResponseWriter, r *http.Request) {
				attempts.Add(1)
				test.handler(w, r)
			}, nil)
			var kept strings.Builder
			_, err := client.Generate(t.Context(), request(), func(delta mind.Delta) error {
				kept.WriteString(delta.Text)
				return nil
			})
			if !errors.Is(err, test.want) || !strings.Contains(fmt.Sprint(err), test.sentence) {
				t.Errorf("it ended with %v, want %v that says %q", err, test.want, test.sentence)
			}
			for _, never := range []string{secret, words} {
				if strings.Contains(fmt.Sprint(err), never) {
					t.Errorf("the error tells %q: %v", never, err)
				}
			}
			if kept.String() != test.kept {
				t.Errorf("kept %q, want %q", kept.String(), test.kept)
			}
			if int(attempts.Load()) != test.attempts {
				t.Errorf("it was tried %d times, want %d", attempts.Load(), test.attempts)
			}
		})
	}
}

func TestSlowStart(t *testing.T) {
	client := standIn(t, hangs, func(options *Options) { options.FirstToken = 60 * time.Millisecond })
	_, err := client.Generate(t.Context(), request(), func(mind.Delta) error { return nil })
	if !errors.Is(err, mind.ErrUnavailable) || !strings.Contains(err.Error(), "did not begin") {
		t.Error(err)
	}
}

// TestSlowReader: the reader of the answer may take its time, longer than the server may be silent.
func TestSlowReader(t *testing.T) {
	client := standIn(t, streams(event("one "), event("two "), event("three"), stopEvent, doneEvent), nil)
	text := ""
	usage, err := client.Generate(t.Context(), request(), func(delta mind.Delta) error {
		text += delta.Text
		time.Sleep(2 * 150 * time.Millisecond) // this is the slowness itself, not a wait for something
		return nil
	})
	if err != nil || text != "one two three" || usage.GeneratedTokens != 3 {
		t.Errorf("%q, %+v, %v", text, usage, err)
	}
}

func TestDown(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close() // now nobody listens there
	client, err := New(Options{Address: "http://" + listener.Addr().String() + "/v1", Model: "m", RetryPause: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Generate(t.Context(), request(), func(mind.Delta) error { return nil })
	if !errors.Is(err, mind.ErrUnavailable) || !strings.Contains(err.Error(), "is it running?") {
		t.Error(err)
	}
}

func TestCancel(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"before the answer": hangs,
		"in the answer":     func(w http.ResponseWriter, r *http.Request) { streams(event("Hello"))(w, r); hangs(w, r) },
		"between attempts":  says(500, ""),
	} {
		t.Run(name, func(t *testing.T) {
			client := standIn(t, handler, func(options *Options) { options.BetweenTokens, options.RetryPause = time.Minute, time.Minute })
			ctx, cancel := context.WithCancel(t.Context())
			var cancelled time.Time
			time.AfterFunc(100*time.Millisecond, func() { cancelled = time.Now(); cancel() })
			_, err := client.Generate(ctx, request(), func(mind.Delta) error { return nil })
			if took := time.Since(cancelled); !errors.Is(err, context.Canceled) || took > 50*time.Millisecond {
				t.Errorf("it ended %v after the cancellation with %v", took, err)
			}
		})
	}
}

// TestNothingAfterCancel: what has come already is not given out any more.
func TestNothingAfterCancel(t *testing.T) {
	client := standIn(t, streams(event("one")+event("two")+event("three")+stopEvent+doneEvent), nil)
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	_, err := client.Generate(ctx, request(), func(mind.Delta) error { calls++; cancel(); return nil })
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("emit was called %d times; %v", calls, err)
	}
}

func TestRetriesThenAnswers(t *testing.T) {
	var attempts atomic.Int32
	client := standIn(t, func(w http.ResponseWriter, r *http.Request) {
		if attempts.Add(1) < 3 {
			says(503, "")(w, r)
			return
		}
		streams(": a comment\n\n", "event: message\r\n", event("Hello"), stopEvent, doneEvent)(w, r)
	}, nil)
	text := ""
	if _, err := client.Generate(t.Context(), request(), func(delta mind.Delta) error { text += delta.Text; return nil }); err != nil || text != "Hello" {
		t.Errorf("%q, %v", text, err)
	}
}

// TestQuirks: a server that wants other parameters gets them, and is remembered.
func TestQuirks(t *testing.T) {
	var attempts atomic.Int32
	client := standIn(t, func(w http.ResponseWriter, r *http.Request) {
		attempts.Add(1)
		var body map[string]any
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		for _, name := range []string{"max_tokens", "temperature"} {
			if _, there := body[name]; there {
				says(400, fmt.Sprintf(`{"error":{"code":"unsupported_parameter","param":%q}}`, name))(w, r)
				return
			}
		}
		if body["max_completion_tokens"] != 20.0 {
			t.Errorf("the body: %v", body)
		}
		streams(event("Hello"), stopEvent, doneEvent)(w, r)
	}, nil)
	for range 2 {
		if _, err := client.Generate(t.Context(), request(), func(mind.Delta) error { return nil }); err != nil {
			t.Error(err)
		}
	}
	if attempts.Load() != 4 {
		t.Errorf("two answers took %d attempts, want 4", attempts.Load())
	}
}

// TestRequest: what is sent is what the protocol says.
func TestRequest(t *testing.T) {
	client := standIn(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		want := `{"model":"test-model","messages":[` +
			`{"role":"system","content":"Be kind."},` +
			`{"role":"user","content":[{"type":"text","text":"Look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},` +
			`{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"look","arguments":"{\"at\":1}"}}]},` +
			`{"role":"tool","content":"a cat","tool_call_id":"call_1"}],` +
			`"stream":true,"stream_options":{"include_usage":true},"max_tokens":30,"temperature":0,"top_p":0.5,"seed":7,"stop":["a","b","c","d"],` +
			`"response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{"type":"object"}}},` +
			`"tools":[{"type":"function","function":{"name":"look","description":"Looks.","parameters":{"type":"object"}}}]}`
		if string(body) != want {
			t.Errorf("sent\n%s\nwant\n%s", body, want)
		}
		if r.URL.Path != "/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer "+secret {
			t.Errorf("sent to %s with %v", r.URL.Path, r.Header)
		}
		streams(
			`data: {"choices":[{"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"call_2","function":{"name":"look","arguments":""}}]}}]}`+"\n\n",
			`data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"at\""}}]}}]}`+"\n\n",
			`data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":":2}"}}]}}]}`+"\n\n",
			`data: {"choices":[{"delta":{},"finish_reason":"tool_calls"}]}`+"\n\n",
			`data: {"choices":[],"usage":{"prompt_tokens":50,"completion_tokens":9,"prompt_tokens_details":{"cached_tokens":40}}}`+"\n\n",
			doneEvent,
		)(w, r)
	}, func(options *Options) { options.Images, options.Tools = true, true })
	var calls []mind.ToolCall
	usage, err := client.Generate(t.Context(), mind.Request{
		Messages: []mind.Message{
			{Role: mind.System, Content: "Be kind."},
			{Role: mind.User, Content: "Look", Images: []string{"data:image/png;base64,AA=="}},
			{Role: mind.Assistant, ToolCalls: []mind.ToolCall{{ID: "call_1", Name: "look", Arguments: []byte(`{"at":1}`)}}},
			{Role: mind.ToolRole, Content: "a cat", ToolCallID: "call_1"},
		},
		MaxTokens: 30, TopP: 0.5, Seed: 7, Stop: []string{"a", "b", "c", "d", "e"}, Schema: []byte(`{"type":"object"}`),
		Tools: []mind.Tool{{Name: "look", Description: "Looks.", Parameters: []byte(`{"type":"object"}`)}},
	}, func(delta mind.Delta) error {
		calls = append(calls, *delta.ToolCall)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(calls) != 1 || calls[0].ID != "call_2" || calls[0].Name != "look" || string(calls[0].Arguments) != `{"at":2}` {
		t.Errorf("tool calls: %v", calls)
	}
	if usage.FinishReason != "tool_calls" || usage.PromptTokens != 50 || usage.CachedTokens != 40 || usage.GeneratedTokens != 9 {
		t.Errorf("usage: %+v", usage)
	}
}

// TestConsent: without it, nothing is sent.
func TestConsent(t *testing.T) {
	picture := request()
	picture.Messages[1].Images = []string{"data:image/png;base64,AA=="}
	for _, test := range []struct {
		name     string
		consents Consents
		kinds    []mind.Kind
		request  mind.Request
		agreed   bool
	}{
		{"talk", TalkOnly, nil, request(), true},
		{"nothing at all", Consents{}, nil, request(), false},
		{"memories not agreed to", TalkOnly, []mind.Kind{mind.Memories}, request(), false},
		{"memories agreed to", Consents{Talk: true, Memories: true}, []mind.Kind{mind.Memories}, request(), true},
		{"mail not agreed to", Consents{Talk: true, Memories: true}, []mind.Kind{mind.Mail, mind.Memories}, request(), false},
		{"mail agreed to", Consents{Talk: true, Memories: true, Mail: true}, []mind.Kind{mind.Mail, mind.Memories}, request(), true},
		{"pictures nobody named", TalkOnly, nil, picture, false},
		{"pictures agreed to", Consents{Talk: true, Pictures: true}, nil, picture, true},
		{"a kind that nobody knows", Consents{true, true, true, true}, []mind.Kind{"dreams"}, request(), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			client, err := New(Options{Address: "https://mind.example.com/v1", Model: "m", Consents: test.consents, Images: true, Retries: -1})
			if err != nil {
				t.Fatal(err)
			}
			sent := false
			client.http.Transport = transport(func(*http.Request) (*http.Response, error) {
				sent = true
				return nil, errors.New("no network in this test")
			})
			test.request.Kinds = test.kinds
			_, err = client.Generate(t.Context(), test.request, func(mind.Delta) error { return nil })
			if sent != test.agreed || errors.Is(err, mind.ErrNoConsent) == test.agreed {
				t.Errorf("sent %v, %v", sent, err)
			}
		})
	}
}

type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(request *http.Request) (*http.Response, error) { return t(request) }

func TestAddress(t *testing.T) {
	for address, want := range map[string]struct{ ok, local bool }{
		"http://127.0.0.1:11434/v1":    {true, true},
		"http://[::1]:8080/v1":         {true, true},
		"http://localhost:1234/v1/":    {true, true},
		"http://192.168.1.7:8000/v1":   {true, false},
		"http://10.0.0.7/v1":           {true, false},
		"http://mainframe:8000/v1":     {true, false},
		"http://mainframe.local/v1":    {true, false},
		"https://api.example.com/v1":   {true, false},
		"http://api.example.com/v1":    {false, false},
		"http://8.8.8.8/v1":            {false, false},
		"http://localhost.evil.com/v1": {false, false},
		"ftp://127.0.0.1/v1":           {false, false},
		"127.0.0.1:11434":              {false, false},
		"https://user:pass@host/v1":    {false, false},
		"":                             {false, false},
	} {
		_, local, err := parseAddress(address)
		if (err == nil) != want.ok || local != want.local {
			t.Errorf("%q: local %v, %v", address, local, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(event("Hello") + stopEvent + doneEvent))
	f.Add([]byte(`data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{}"}}]}}]}` + "\n\ndata: [DONE]\n"))
	f.Add([]byte(`data: {"usage":{"prompt_tokens":-1}}` + "\n\n: x\r\ndata:{}\n"))
	client, err := New(Options{Address: "http://127.0.0.1/v1", Model: "m"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		given := 0
		answer := newAnswer(t.Context(), client, request(), func(delta mind.Delta) error {
			if delta.Text == "" && delta.ToolCall == nil {
				t.Error("nothing was given")
			}
			given++
			return nil
		}, time.Now())
		_, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		watch := &watch{cancel: cancel, start: time.Now().Add(time.Hour), between: time.Hour}
		watch.begin(false)
		failed := answer.read(strings.NewReader(string(stream)), watch)
		watch.end()
		usage := answer.result()
		if usage.CachedTokens > usage.PromptTokens || usage.PromptTokens < 0 || usage.GeneratedTokens < 0 {
			t.Errorf("usage: %+v", usage)
		}
		if failed == nil && usage.FinishReason == "" {
			t.Error("an answer ended for no reason")
		}
		if (given > 0) != answer.begun {
			t.Errorf("%d pieces were given, begun %v", given, answer.begun)
		}
	})
}
