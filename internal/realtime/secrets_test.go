package realtime_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"twombly/internal/call"
	"twombly/internal/realtime"
)

// askSecret asks a server for a client secret.
func askSecret(t *testing.T, server *realtime.Server, who realtime.Caller, body string) (status int, answer event) {
	t.Helper()
	request := httptest.NewRequest(http.MethodPost, "/v1/realtime/client_secrets", strings.NewReader(body))
	request = request.WithContext(realtime.WithCaller(request.Context(), who))
	recorder := httptest.NewRecorder()
	server.Handler().ServeHTTP(recorder, request)
	if err := json.NewDecoder(recorder.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return recorder.Code, answer
}

// TestClientSecret: a secret lets conversations begin as it was configured, for as long as it says, and nothing else.
func TestClientSecret(t *testing.T) {
	who := realtime.Caller{PersonID: "p", Device: "bridge", CredentialID: "token 1"}
	synctest.Test(t, func(t *testing.T) {
		server, err := realtime.New(realtime.Options{Calls: newFakeCalls(), Voices: []string{"af_heart"}})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := server.Close(); err != nil {
				t.Error(err)
			}
		}()
		status, answer := askSecret(t, server, who, `{"expires_after": {"anchor": "created_at", "seconds": 60}, "session": {"type": "realtime",
			"instructions": "Be brief.", "audio": {"output": {"voice": "af_heart"}, "input": {"turn_detection": null}}}}`)
		value, _ := answer["value"].(string)
		if status != 200 || !strings.HasPrefix(value, "ek_") || answer["expires_at"] != float64(time.Now().Add(time.Minute).Unix()) ||
			answer.at("session", "instructions") != "Be brief." || answer.at("session", "audio", "output", "voice") != "af_heart" {
			t.Fatalf("%d %v", status, answer)
		}
		caller, ok := server.CallerOfSecret(value)
		if !ok || caller.PersonID != "p" || caller.CredentialID != "token 1" || caller.Page {
			t.Errorf("the secret is of %+v, %v", caller, ok)
		}
		if status, answer := askSecret(t, server, caller, "{}"); status != 403 {
			t.Errorf("a secret made another: %d %v", status, answer)
		}
		for _, wrong := range []string{"", "ek_", value + "x", strings.TrimPrefix(value, "ek_")} {
			if _, ok := server.CallerOfSecret(wrong); ok {
				t.Errorf("%q is good", wrong)
			}
		}
		time.Sleep(59 * time.Second)
		if _, ok := server.CallerOfSecret(value); !ok {
			t.Error("it ended too soon")
		}
		time.Sleep(time.Second)
		if _, ok := server.CallerOfSecret(value); ok {
			t.Error("it does not end")
		}

		_, answer = askSecret(t, server, who, `{"expires_after": {"anchor": "created_at", "seconds": 7200}}`)
		if answer["expires_at"] != float64(time.Now().Add(10*time.Minute).Unix()) {
			t.Errorf("a long one ends at %v, now it is %d", answer["expires_at"], time.Now().Unix())
		}
		value, _ = answer["value"].(string)
		server.HangUp("token 1")
		if _, ok := server.CallerOfSecret(value); ok {
			t.Error("it is good although its token was revoked")
		}
		for _, wrong := range []string{
			"[", `{"session": {"type": "transcription"}}`, `{"session": 3}`, `{"expires_after": {"seconds": 9}}`,
			`{"expires_after": {"seconds": -1}}`, `{"expires_after": {"anchor": "tomorrow", "seconds": 60}}`,
			`{"session": {"type": "realtime", "audio": {"input": {"format": {"type": "audio/mpeg"}}}}}`,
			`{"session": "` + strings.Repeat("x", 200<<10) + `"}`,
		} {
			if status, answer := askSecret(t, server, who, wrong); status != 400 || answer.at("error", "message") == "" {
				t.Errorf("%.60s: %d %v", wrong, status, answer)
			}
		}
	})
}

// TestSessionOfASecret: a session that comes with a secret begins as the secret was configured, also over WebRTC.
func TestSessionOfASecret(t *testing.T) {
	calls := newFakeCalls()
	server, err := realtime.New(realtime.Options{Calls: calls})
	if err != nil {
		t.Fatal(err)
	}
	_, answer := askSecret(t, server, realtime.Caller{PersonID: "p"}, `{"session": {"type": "realtime", "instructions": "Be brief.",
		"tools": [{"type": "function", "name": "ring"}]}}`)
	who, ok := server.CallerOfSecret(answer["value"].(string))
	if !ok {
		t.Fatal("no caller")
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		server.Handler().ServeHTTP(w, r.WithContext(realtime.WithCaller(r.Context(), who)))
	}))
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		web.Close()
	})
	c, created := dial(t, web.URL, calls)
	if created.at("session", "instructions") != "Be brief." || created.at("session", "tools", 0, "name") != "ring" {
		t.Errorf("the session is %v", created)
	}
	if settings := c.line.Settings(); settings.Instructions != "Be brief." || len(settings.Tools) != 1 {
		t.Errorf("the call has %+v", settings)
	}
}

// TestTelephoneFormats: sound comes and goes in G.711, each way in its own law.
func TestTelephoneFormats(t *testing.T) {
	url, calls := serve(t, realtime.Options{}, realtime.Caller{PersonID: "p"})
	c, _ := dial(t, url, calls)
	c.send(map[string]any{"type": "session.update", "session": map[string]any{"type": "realtime", "audio": map[string]any{
		"input":  map[string]any{"format": map[string]any{"type": "audio/pcmu"}},
		"output": map[string]any{"format": map[string]any{"type": "audio/pcma"}},
	}}})
	if updated := c.next("session.updated"); updated.at("session", "audio", "input", "format", "type") != "audio/pcmu" {
		t.Errorf("%v", updated)
	}
	code := bytes.Repeat([]byte{0x80}, 8000) // the loudest, for a second
	c.send(map[string]any{"type": "input_audio_buffer.append", "audio": code})
	c.send(map[string]any{"type": "input_audio_buffer.clear"})
	c.next("input_audio_buffer.cleared")
	heard := c.line.heardSamples()
	if n := len(heard); n < 15800 || n > 16000 || heard[8000] < 0.9 {
		t.Errorf("a second came as %d samples at 16 kHz, the middle %v", n, heard[len(heard)/2])
	}
	c.line.mouth.Report(call.ResponseStarted{ResponseID: "r", ItemID: "i"})
	c.line.mouth.Play("i", make([]float32, 24000))
	bytes := 0
	for bytes < 7000 {
		delta := c.read()
		if delta["type"] != "response.output_audio.delta" {
			continue
		}
		sound, err := base64.StdEncoding.DecodeString(delta["delta"].(string))
		if err != nil {
			t.Fatal(err)
		}
		bytes += len(sound)
	}
	if bytes > 8000 {
		t.Errorf("a second of hers came as %d bytes", bytes)
	}
}
