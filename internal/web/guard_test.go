package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestRefusals is the list of what docs/security.md promises to turn away, each beside the same request done right.
func TestRefusals(t *testing.T) {
	sdp := with("Content-Type", "application/sdp")
	const settings = `{"captions":true,"theme":"dark"}`
	for _, test := range []struct {
		name           string
		method, target string
		body           string
		changes        []change
		want           int
	}{
		// The host.
		{"own host", "GET", "/healthz", "", nil, 200},
		{"own host by name", "GET", "/healthz", "", []change{withHost("localhost:7373")}, 200},
		{"own host, IPv6", "GET", "/healthz", "", []change{withHost("[::1]:7373")}, 200},
		{"allowed host", "GET", "/healthz", "", []change{withHost("her.example")}, 200},
		{"foreign host", "GET", "/healthz", "", []change{withHost("evil.example")}, 421},
		{"foreign host that resolves here", "GET", "/api/session", "", []change{withHost("evil.example:7373"), withCookie}, 421},
		{"no host", "GET", "/healthz", "", []change{withHost("")}, 421},
		{"another port", "GET", "/healthz", "", []change{withHost("127.0.0.1:8080")}, 421},
		{"no port", "GET", "/healthz", "", []change{withHost("127.0.0.1")}, 421},
		{"a longer host", "GET", "/healthz", "", []change{withHost("127.0.0.1:7373.evil.example")}, 421},
		{"below an allowed host", "GET", "/healthz", "", []change{withHost("x.her.example")}, 421},
		{"foreign host, WebSocket", "GET", "/v1/realtime", "", []change{withHost("evil.example"), upgrade, withToken}, 421},
		{"foreign host, SDP", "POST", "/v1/realtime/calls", "v=0", []change{withHost("evil.example"), sdp, withToken}, 421},
		{"foreign host, page", "GET", "/", "", []change{withHost("evil.example")}, 421},
		{"odd method", "TRACE", "/", "", nil, 405},

		// Nobody.
		{"nobody", "GET", "/api/session", "", nil, 401},
		{"nobody, history", "GET", "/api/history", "", nil, 401},
		{"nobody, change", "PUT", "/api/settings", settings, []change{withJSON}, 401},
		{"nobody, metrics", "GET", "/metrics", "", nil, 401},
		{"nobody, debug", "GET", "/debug/pprof/", "", nil, 401},
		{"nobody, WebSocket", "GET", "/v1/realtime", "", []change{upgrade}, 401},
		{"nobody, SDP", "POST", "/v1/realtime/calls", "v=0", []change{sdp}, 401},
		{"nobody, below a call", "POST", "/v1/realtime/calls/x/hangup", "", nil, 401},

		// The cookie, from our own page and from others.
		{"cookie, reading", "GET", "/api/session", "", []change{withCookie}, 200},
		{"cookie, change from our page", "PUT", "/api/settings", settings, []change{withCookie, withJSON, fromOwnPage}, 204},
		{"cookie, change without Origin", "PUT", "/api/settings", settings, []change{withCookie, withJSON}, 403},
		{"cookie, change from elsewhere", "PUT", "/api/settings", settings, []change{withCookie, withJSON, with("Origin", "http://evil.example")}, 403},
		{"cookie, change from a sandbox", "PUT", "/api/settings", settings, []change{withCookie, withJSON, with("Origin", "null")}, 403},
		{"cookie, change from another port", "PUT", "/api/settings", settings, []change{withCookie, withJSON, with("Origin", "http://127.0.0.1:3000")}, 403},
		{"cookie, change from our other name", "PUT", "/api/settings", settings, []change{withCookie, withJSON, with("Origin", "http://localhost:7373")}, 403},
		{"cookie, change from our name over https", "PUT", "/api/settings", settings, []change{withCookie, withJSON, with("Origin", "https://127.0.0.1:7373")}, 403},
		{"cookie, change from a listed page", "PUT", "/api/settings", settings, []change{withCookie, withJSON, with("Origin", listed)}, 403},
		{"cookie, change from an allowed host", "PUT", "/api/settings", settings, []change{withHost("her.example"), withCookie, withJSON, with("Origin", "https://her.example")}, 204},
		{"cookie, change from an allowed host without https", "PUT", "/api/settings", settings, []change{withHost("her.example"), withCookie, withJSON, with("Origin", "http://her.example")}, 403},
		{"cookie, change said to be cross-site", "PUT", "/api/settings", settings, []change{withCookie, withJSON, fromOwnPage, with("Sec-Fetch-Site", "cross-site")}, 403},
		{"cookie, reading from another port", "GET", "/api/session", "", []change{withCookie, with("Sec-Fetch-Site", "same-site")}, 401},
		{"cookie, reading from elsewhere", "GET", "/api/session", "", []change{withCookie, with("Origin", "http://evil.example")}, 401},
		{"cookie, a link to the page from elsewhere", "GET", "/", "", []change{withCookie, with("Sec-Fetch-Site", "cross-site")}, 200},
		{"cookie, WebSocket from our page", "GET", "/v1/realtime", "", []change{withCookie, upgrade, fromOwnPage}, 201},
		{"cookie, WebSocket without Origin", "GET", "/v1/realtime", "", []change{withCookie, upgrade}, 403},
		{"cookie, WebSocket from elsewhere", "GET", "/v1/realtime", "", []change{withCookie, upgrade, with("Origin", "http://evil.example")}, 403},
		{"cookie, SDP from our page", "POST", "/v1/realtime/calls", "v=0", []change{withCookie, sdp, fromOwnPage}, 201},
		{"cookie, SDP without Origin", "POST", "/v1/realtime/calls", "v=0", []change{withCookie, sdp}, 403},
		{"cookie, SDP from elsewhere", "POST", "/v1/realtime/calls", "v=0", []change{withCookie, sdp, with("Origin", "http://evil.example")}, 403},
		{"cookie, sign-out from elsewhere", "POST", "/api/sign-out", "", []change{withCookie, with("Origin", "http://evil.example")}, 403},
		{"another instance's cookie", "GET", "/api/session", "", []change{func(h *house, r *http.Request) {
			r.AddCookie(&http.Cookie{Name: "twombly_00000000", Value: h.cookie})
		}}, 401},
		{"a cookie of nonsense", "GET", "/api/session", "", []change{func(h *house, r *http.Request) {
			r.AddCookie(&http.Cookie{Name: "twombly_" + h.people.Instance(), Value: "x"})
		}}, 401},
		{"a token as a cookie", "GET", "/api/session", "", []change{func(h *house, r *http.Request) {
			r.AddCookie(&http.Cookie{Name: "twombly_" + h.people.Instance(), Value: strings.TrimPrefix(h.token, "twombly_")})
		}}, 401},

		// Tokens.
		{"token, reading", "GET", "/api/session", "", []change{withToken}, 200},
		{"token, change without Origin", "PUT", "/api/settings", settings, []change{withToken, withJSON}, 204},
		{"token, change from a listed page", "PUT", "/api/settings", settings, []change{withToken, withJSON, with("Origin", listed)}, 204},
		{"token, change from an unlisted page", "PUT", "/api/settings", settings, []change{withToken, withJSON, with("Origin", "http://evil.example")}, 403},
		{"token, WebSocket", "GET", "/v1/realtime", "", []change{withToken, upgrade}, 201},
		{"token, WebSocket from an unlisted page", "GET", "/v1/realtime", "", []change{withToken, upgrade, with("Origin", "http://evil.example")}, 403},
		{"token in the subprotocol", "GET", "/v1/realtime", "", []change{upgrade, func(h *house, r *http.Request) {
			r.Header.Set("Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key."+h.token+", openai-beta.realtime-v1")
		}}, 201},
		{"wrong token in the subprotocol", "GET", "/v1/realtime", "", []change{upgrade, with("Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key.x")}, 401},
		{"subprotocol without a WebSocket", "GET", "/api/session", "", []change{func(h *house, r *http.Request) {
			r.Header.Set("Sec-WebSocket-Protocol", "openai-insecure-api-key."+h.token)
		}}, 401},
		{"token, metrics", "GET", "/metrics", "", []change{withToken}, 200},
		{"token, debug", "GET", "/debug/pprof/", "", []change{withToken}, 200},
		{"wrong token", "GET", "/api/session", "", []change{with("Authorization", "Bearer twombly_x")}, 401},
		{"wrong token silences the cookie", "GET", "/api/session", "", []change{withCookie, with("Authorization", "Bearer twombly_x")}, 401},
		{"wrong token silences the cookie's Origin too", "PUT", "/api/settings", settings, []change{withCookie, withJSON, fromOwnPage, with("Authorization", "Bearer twombly_x")}, 401},
		{"good token ignores the cookie", "PUT", "/api/settings", settings, []change{withCookie, withJSON, withToken}, 204},
		{"another scheme", "GET", "/api/session", "", []change{withCookie, with("Authorization", "Basic eDp5")}, 401},
		{"two tokens", "GET", "/api/session", "", []change{withToken, func(h *house, r *http.Request) { r.Header.Add("Authorization", "Bearer "+h.token) }}, 401},
		{"wrong token on a public route", "GET", "/healthz", "", []change{with("Authorization", "Bearer x")}, 401},

		// Client secrets.
		{"secret, WebSocket from a listed page", "GET", "/v1/realtime", "", []change{upgrade, with("Origin", listed), with("Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key."+goodSecret)}, 201},
		{"secret, SDP from a listed page", "POST", "/v1/realtime/calls", "v=0", []change{sdp, with("Origin", listed), with("Authorization", "Bearer "+goodSecret)}, 201},
		{"secret, SDP from an unlisted page", "POST", "/v1/realtime/calls", "v=0", []change{sdp, with("Origin", "http://evil.example"), with("Authorization", "Bearer "+goodSecret)}, 403},
		{"secret, the page's API", "GET", "/api/history", "", []change{with("Authorization", "Bearer "+goodSecret)}, 401},
		{"secret, REST", "GET", "/v1/models", "", []change{with("Authorization", "Bearer "+goodSecret)}, 401},
		{"secret, metrics", "GET", "/metrics", "", []change{with("Authorization", "Bearer "+goodSecret)}, 401},
		{"wrong secret", "POST", "/v1/realtime/calls", "v=0", []change{sdp, with("Authorization", "Bearer ek_x")}, 401},
		{"wrong secret silences the cookie", "GET", "/api/session", "", []change{withCookie, with("Authorization", "Bearer ek_x")}, 401},

		// OpenAI's REST routes.
		{"token, models", "GET", "/v1/models", "", []change{withToken}, 202},
		{"token, a model", "GET", "/v1/models/a%20model/of%20mine", "", []change{withToken}, 202},
		{"token, chat", "POST", "/v1/chat/completions", "{}", []change{withToken, withJSON}, 202},
		{"token, a long chat", "POST", "/v1/chat/completions", strings.Repeat(" ", 2*maxBodyBytes), []change{withToken, withJSON}, 202},
		{"token, a recording", "POST", "/v1/audio/transcriptions", strings.Repeat("x", 2*maxBodyBytes), []change{withToken, with("Content-Type", "multipart/form-data; boundary=x")}, 202},
		{"token, a recording as JSON", "POST", "/v1/audio/transcriptions", "{}", []change{withToken, withJSON}, 415},
		{"token, too long a recording", "POST", "/v1/audio/transcriptions", strings.Repeat("x", maxRecordingBytes+1), []change{withToken, with("Content-Type", "multipart/form-data; boundary=x")}, 413},
		{"token, speech", "POST", "/v1/audio/speech", "{}", []change{withToken, withJSON}, 202},
		{"token, chat by GET", "GET", "/v1/chat/completions", "", []change{withToken}, 404},
		{"nobody, models", "GET", "/v1/models", "", nil, 401},
		{"nobody, chat", "POST", "/v1/chat/completions", "{}", []change{withJSON}, 401},
		{"cookie, chat from elsewhere", "POST", "/v1/chat/completions", "{}", []change{withCookie, withJSON, with("Origin", "http://evil.example")}, 403},
		{"nobody, is she ready", "GET", "/readyz", "", nil, 200},

		// Bodies.
		{"form", "PUT", "/api/settings", "captions=true", []change{withToken, with("Content-Type", "application/x-www-form-urlencoded")}, 415},
		{"multipart form", "PUT", "/api/settings", "--x--", []change{withToken, with("Content-Type", "multipart/form-data; boundary=x")}, 415},
		{"text", "PUT", "/api/settings", settings, []change{withToken, with("Content-Type", "text/plain")}, 415},
		{"no type", "PUT", "/api/settings", settings, []change{withToken}, 415},
		{"a type that begins like JSON", "PUT", "/api/settings", settings, []change{withToken, with("Content-Type", "application/json-x")}, 415},
		{"two types", "PUT", "/api/settings", settings, []change{withToken, withJSON, func(_ *house, r *http.Request) { r.Header.Add("Content-Type", "text/plain") }}, 415},
		{"JSON with a charset", "PUT", "/api/settings", settings, []change{withToken, with("Content-Type", "application/json; charset=utf-8")}, 204},
		{"an empty form", "POST", "/api/sign-out", "", []change{withCookie, fromOwnPage, with("Content-Type", "application/x-www-form-urlencoded")}, 415},
		{"SDP where JSON belongs", "PUT", "/api/settings", "v=0", []change{withToken, sdp}, 415},
		{"text where SDP belongs", "POST", "/v1/realtime/calls", "v=0", []change{withToken, with("Content-Type", "text/plain")}, 415},
		{"multipart SDP", "POST", "/v1/realtime/calls", "--x--", []change{withToken, with("Content-Type", "multipart/form-data; boundary=x")}, 201},
		{"too large", "PUT", "/api/settings", settings + strings.Repeat(" ", maxBodyBytes), []change{withToken, withJSON}, 413},
		{"too large for a stranger", "POST", "/api/owner-link", `{"secret":"` + strings.Repeat("x", maxStrangerBytes) + `"}`, []change{withJSON}, 413},
		{"too large SDP", "POST", "/v1/realtime/calls", strings.Repeat("v", maxBodyBytes+1), []change{withToken, sdp}, 413},
		{"broken JSON", "PUT", "/api/settings", `{"captions":`, []change{withToken, withJSON}, 400},
		{"unknown field", "PUT", "/api/settings", `{"captions":true,"theme":"dark","x":1}`, []change{withToken, withJSON}, 422},
		{"unknown theme", "PUT", "/api/settings", `{"captions":true,"theme":"loud"}`, []change{withToken, withJSON}, 422},

		// Routes.
		{"no such route", "GET", "/api/none", "", []change{withToken}, 404},
		{"not with this method", "DELETE", "/api/session", "", []change{withToken}, 404},
		{"around the prefix", "GET", "/x/../metrics", "", nil, 307},
		{"escaped", "GET", "/%6detrics", "", nil, 401},
		{"page by POST", "POST", "/", "", nil, 405},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHouse(t)
			got := h.ask(test.method, test.target, test.body, test.changes...)
			if got.Code != test.want {
				t.Errorf("%s %s: %d, want %d: %s", test.method, test.target, got.Code, test.want, got.Body)
			}
			if strings.HasPrefix(test.target, "/v1/") && (got.Code == 201) != (h.realtimeCalled == 1) {
				t.Errorf("the protocol was reached %d times", h.realtimeCalled)
			}
			if got.Code >= 400 && got.Code != 404 && !strings.Contains(got.Body.String(), `"detail":"`) {
				t.Errorf("a refusal without a sentence: %s", got.Body)
			}
			if h.rooms.open != 0 {
				t.Errorf("%d rooms were not released", h.rooms.open)
			}
		})
	}
}

func TestRevokedTokenAndSignedOutDevice(t *testing.T) {
	h := newHouse(t)
	if err := h.people.RevokeToken(t.Context(), "bridge"); err != nil {
		t.Fatal(err)
	}
	if got := h.ask("GET", "/api/session", "", withToken); got.Code != 401 {
		t.Errorf("a revoked token: %d", got.Code)
	}
	got := h.ask("POST", "/api/sign-out", "", withCookie, fromOwnPage)
	if got.Code != 204 || !strings.Contains(got.Header().Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("sign-out: %d, %v", got.Code, got.Header())
	}
	if got := h.ask("GET", "/api/session", "", withCookie); got.Code != 401 {
		t.Errorf("after sign-out: %d", got.Code)
	}
}

func TestCrossOrigin(t *testing.T) {
	preflight := func(origin string) []change {
		return []change{with("Origin", origin), with("Access-Control-Request-Method", "PUT"), with("Access-Control-Request-Headers", "authorization,content-type")}
	}
	for _, test := range []struct {
		name    string
		method  string
		changes []change
		code    int
		allowed string
	}{
		{"listed", "OPTIONS", preflight(listed), 204, listed},
		{"not listed", "OPTIONS", preflight("http://evil.example"), 403, ""},
		{"like a listed one", "OPTIONS", preflight(listed + ".evil.example"), 403, ""},
		{"null", "OPTIONS", preflight("null"), 403, ""},
		{"our own", "OPTIONS", preflight(testOrigin), 403, ""},
		{"listed, reading", "GET", []change{with("Origin", listed), withToken}, 200, listed},
		{"not listed, reading", "GET", []change{with("Origin", "http://evil.example"), withToken}, 200, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := newHouse(t).ask(test.method, "/api/session", "", test.changes...)
			if got.Code != test.code || got.Header().Get("Access-Control-Allow-Origin") != test.allowed {
				t.Errorf("%d, %v", got.Code, got.Header())
			}
			if got.Header().Get("Access-Control-Allow-Credentials") != "" {
				t.Error("credentials are allowed across origins")
			}
			if !strings.Contains(fmt.Sprint(got.Header()["Vary"]), "Origin") {
				t.Error("the answer does not vary by Origin")
			}
		})
	}
}

func TestSecurityHeaders(t *testing.T) {
	h := newHouse(t)
	for _, test := range []struct {
		target  string
		changes []change
	}{
		{"/", nil}, {"/api/session", nil}, {"/api/session", []change{withToken}}, {"/assets/index-a1b2.js", nil},
		{"/", []change{withHost("evil.example")}}, {"/none.txt", nil}, {"/metrics", nil},
	} {
		got := h.ask("GET", test.target, "", test.changes...).Header()
		policy := got.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self';", "media-src 'self' blob:", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: no %q in %q", test.target, want, policy)
			}
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
			t.Errorf("%s: a hole in %q", test.target, policy)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin"} {
			if got.Get(name) != want {
				t.Errorf("%s: %s is %q", test.target, name, got.Get(name))
			}
		}
		if !strings.Contains(got.Get("Permissions-Policy"), "microphone=(self)") {
			t.Errorf("%s: %q", test.target, got.Get("Permissions-Policy"))
		}
	}
	if policy := h.ask("GET", "/", "").Header().Get("Content-Security-Policy"); !strings.Contains(policy, "connect-src 'self' ws://127.0.0.1:7373") {
		t.Errorf("the page may not open its WebSocket: %q", policy)
	}
	if policy := h.ask("GET", "/", "", withHost("her.example")).Header().Get("Content-Security-Policy"); !strings.Contains(policy, "connect-src 'self' wss://her.example") {
		t.Errorf("the page may not open its WebSocket over https: %q", policy)
	}
}

// TestNothingPrivateIsLogged sends words and secrets through every way in and looks for them in the log.
func TestNothingPrivateIsLogged(t *testing.T) {
	h := newHouse(t)
	const private = "sparrowhawk"
	h.rooms.companion.fail = fmt.Errorf("the fake fails")
	h.ask("GET", "/api/history?q="+private, "", withToken)
	h.ask("GET", "/api/history?limit="+private, "", withToken)
	h.ask("POST", "/api/meeting", `{"text":"`+private+`"}`, withToken, withJSON)
	h.ask("POST", "/api/owner-link", `{"secret":"`+private+`"}`, withJSON)
	h.ask("PUT", "/api/mind", `{"kind":"openai","address":"http://127.0.0.1:1","key":"`+private+`"}`, withToken, withJSON)
	h.ask(private, "/", "")
	h.ask("GET", "/"+private, "")
	h.ask("GET", "/", "", withHost(private))
	log := h.log.String()
	if strings.Contains(strings.ToLower(log), private) || strings.Contains(log, h.token) || strings.Contains(log, h.cookie) {
		t.Errorf("the log holds something private:\n%s", log)
	}
	if strings.Count(log, `"msg":"request"`) != 8 {
		t.Errorf("not every request was seen:\n%s", log)
	}
	// The words come back to whoever sent them neither.
	if got := h.ask("GET", "/api/history?limit="+private, "", withToken); got.Code != 422 || strings.Contains(got.Body.String(), private+`"`) {
		t.Errorf("%d: %s", got.Code, got.Body)
	}
	if got := h.ask("GET", "/metrics", "", withToken); strings.Contains(got.Body.String(), private) {
		t.Error("the metrics hold something private")
	}
}
