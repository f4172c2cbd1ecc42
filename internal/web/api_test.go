package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"twombly/internal/people"
)

func ownerLinkBody(secret string) string { return fmt.Sprintf(`{"secret":%q}`, secret) }

func TestOwnerLinkExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		newLink := func() string {
			link, err := h.people.OwnerLink(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return link.Secret
		}
		enter := func(secret string, changes ...change) (int, *http.Cookie) {
			got := h.ask("POST", "/api/owner-link", ownerLinkBody(secret), append(changes, withJSON)...)
			cookies := got.Result().Cookies()
			if len(cookies) == 0 {
				return got.Code, nil
			}
			return got.Code, cookies[0]
		}
		secret := newLink()
		if code, _ := enter(secret, with("Origin", "http://evil.example")); code != 403 {
			t.Errorf("from another page: %d", code)
		}
		code, cookie := enter(secret, fromOwnPage, with("User-Agent", "Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0"))
		if code != 204 || cookie == nil {
			t.Fatalf("the link: %d, %v", code, cookie)
		}
		if cookie.Name != "twombly_"+h.people.Instance() || !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Path != "/" || cookie.Domain != "" || cookie.Secure || cookie.MaxAge <= 0 {
			t.Errorf("the cookie: %+v", cookie)
		}
		got := h.ask("GET", "/api/session", "", func(_ *house, r *http.Request) { r.AddCookie(cookie) })
		var report SessionReport
		if err := json.Unmarshal(got.Body.Bytes(), &report); err != nil || got.Code != 200 {
			t.Fatalf("%d: %s, %v", got.Code, got.Body, err)
		}
		if report.Person.ID != h.people.Owner().ID || report.Person.Name != "Ada" || report.Companion.Name != "Wren" || report.Instance != h.people.Instance() || !report.Secure || report.Version != "test" {
			t.Errorf("%+v", report)
		}
		if renewed := got.Result().Cookies(); len(renewed) != 1 || renewed[0].Value != cookie.Value || renewed[0].MaxAge != cookie.MaxAge {
			t.Errorf("the cookie was not renewed: %v", renewed)
		}
		sessions, err := h.people.Sessions(t.Context())
		if err != nil || len(sessions) != 2 || (sessions[0].Device != "Firefox on Android" && sessions[1].Device != "Firefox on Android") {
			t.Errorf("%+v, %v", sessions, err)
		}
		if code, cookie := enter(secret); code != 410 || cookie != nil {
			t.Errorf("used twice: %d, %v", code, cookie)
		}
		wrong := []byte(secret)
		wrong[0] ^= 1
		for name, text := range map[string]string{"one character off": string(wrong), "empty": "", "short": "x", "a token": h.token} {
			if code, cookie := enter(text); code != 403 || cookie != nil {
				t.Errorf("%s: %d, %v", name, code, cookie)
			}
		}
		if code, _ := enter(strings.Repeat("x", 201)); code != 422 {
			t.Errorf("too long: %d", code)
		}
		if code, cookie := enter(newLink(), withHost("her.example"), with("Origin", "https://her.example")); code != 204 || !cookie.Secure {
			t.Errorf("over https: %d, %+v", code, cookie)
		}
		late := newLink()
		time.Sleep(people.LinkLife)
		if code, cookie := enter(late); code != 410 || cookie != nil {
			t.Errorf("expired: %d, %v", code, cookie)
		}
		if got := h.ask("GET", "/api/owner-link?secret="+newLink(), ""); got.Code != 404 {
			t.Errorf("by GET: %d", got.Code)
		}
	})
}

func TestTokenGetsNoCookie(t *testing.T) {
	got := newHouse(t).ask("GET", "/api/session", "", withToken, withCookie)
	if got.Code != 200 || len(got.Header().Values("Set-Cookie")) != 0 {
		t.Errorf("%d, %v", got.Code, got.Header())
	}
}

// TestAnswers asks each operation once and compares the whole answer.
func TestAnswers(t *testing.T) {
	for _, test := range []struct {
		method, target, body string
		code                 int
		want                 string // contained in the answer
	}{
		{"GET", "/api/meeting", "", 200, `{"done":false,"step":"name","prompt":"What should I call you?","choices":[],"voices":[]}`},
		{"POST", "/api/meeting", `{"text":"Ada","zone":"Europe/Berlin"}`, 200, `"said":"Hello."`},
		{"POST", "/api/meeting", `{"text":""}`, 422, `expected length \u003e= 1`},
		{"POST", "/api/meeting/skip", "", 200, `"done":true`},
		{"GET", "/api/voices", "", 200, `"current":"warm","speed":0.92`},
		{"GET", "/api/voices/warm/sample", "", 200, `RIFF warm`},
		{"GET", "/api/voices/none/sample", "", 404, "There is no such voice."},
		{"PUT", "/api/voice", `{"id":"warm","speed":1.1}`, 204, ""},
		{"PUT", "/api/voice", `{"id":"warm"}`, 204, ""},
		{"PUT", "/api/voice", `{"id":"none"}`, 422, "There is no such voice."},
		{"PUT", "/api/voice", `{"id":"warm","speed":9}`, 422, "1.5"},
		{"GET", "/api/history", "", 200, `{"items":[],"more":false}`},
		{"GET", "/api/status", "", 200, `"leaves":[]`},
		{"GET", "/api/mind", "", 200, `"models":[]`},
		{"PUT", "/api/mind", `{"kind":"embedded"}`, 204, ""},
		{"PUT", "/api/mind", `{"kind":"openai","address":"http://127.0.0.1:1/v1","model":"m","consents":["talk"]}`, 204, ""},
		{"PUT", "/api/mind", `{"kind":"openai"}`, 422, "A server's address is needed"},
		{"PUT", "/api/mind", `{"kind":"cloud"}`, 422, "kind"},
		{"PUT", "/api/mind", `{"kind":"embedded","consents":["everything"]}`, 422, "consents"},
		{"GET", "/api/settings", "", 200, `{"captions":true,"theme":"auto"}`},
		{"GET", "/healthz", "", 200, "ok"},
		{"GET", "/metrics", "", 200, "twombly_http_requests_open"},
	} {
		t.Run(test.method+" "+test.target, func(t *testing.T) {
			changes := []change{withToken}
			if test.body != "" {
				changes = append(changes, withJSON)
			}
			got := newHouse(t).ask(test.method, test.target, test.body, changes...)
			body := strings.ReplaceAll(got.Body.String(), ">=", `\u003e=`)
			if got.Code != test.code || !strings.Contains(body, test.want) {
				t.Errorf("%d: %s", got.Code, got.Body)
			}
			if strings.HasPrefix(test.target, "/api/") && got.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("an answer may be cached: %q", got.Header().Get("Cache-Control"))
			}
			if got.Code >= 400 && got.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("an error of type %q", got.Header().Get("Content-Type"))
			}
		})
	}
}

func TestChangesReachTheRooms(t *testing.T) {
	h := newHouse(t)
	page := []change{withCookie, fromOwnPage, withJSON}
	h.ask("POST", "/api/meeting", `{"text":"Ada","zone":"Europe/Berlin"}`, page...)
	h.ask("PUT", "/api/voice", `{"id":"warm","speed":1.25}`, page...)
	h.ask("PUT", "/api/settings", `{"captions":false,"theme":"dark"}`, page...)
	h.ask("DELETE", "/api/own-voice", "", withCookie, fromOwnPage)
	h.ask("PUT", "/api/mind", `{"kind":"openai","address":"http://127.0.0.1:1/v1","key":"k","consents":["talk"]}`, page...)
	she := h.rooms.companion
	if len(she.typed) != 1 || she.typed[0] != "Ada|phone|Europe/Berlin" {
		t.Errorf("typed %q", she.typed)
	}
	if !she.forgotten {
		t.Error("the person's voice was not forgotten")
	}
	if she.voice != "warm" || she.speed != 1.25 {
		t.Errorf("voice %q at %v", she.voice, she.speed)
	}
	if got := h.ask("GET", "/api/settings", "", withCookie); !strings.Contains(got.Body.String(), `{"captions":false,"theme":"dark"}`) {
		t.Errorf("settings %s", got.Body)
	}
	if len(h.rooms.minds.chosen) != 1 || h.rooms.minds.chosen[0].Key != "k" || h.rooms.minds.chosen[0].Consents[0] != "talk" {
		t.Errorf("minds %+v", h.rooms.minds.chosen)
	}
	// 100,000 typed characters go through; more than a message may have does not.
	if got := h.ask("POST", "/api/meeting", `{"text":"`+strings.Repeat("x", 100_000)+`"}`, page...); got.Code != 200 {
		t.Errorf("100,000 characters: %d", got.Code)
	}
	if got := h.ask("POST", "/api/meeting", `{"text":"`+strings.Repeat("ä", 300_000)+`"}`, page...); got.Code != 422 {
		t.Errorf("600,000 bytes: %d", got.Code)
	}
}

func TestRoomsErrors(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		code int
		want string
	}{
		{"a refusal", fmt.Errorf("deep: %w", Refuse("The server at 127.0.0.1:1 does not answer.")), 422, "The server at 127.0.0.1:1 does not answer."},
		{"unavailable", Unavailable("She is waking up."), 503, "She is waking up."},
		{"unknown", Unknown("There is no such thing."), 404, "There is no such thing."},
		{"anything else", errors.New("secret detail"), 500, "Something went wrong here"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHouse(t)
			h.rooms.minds.fail = test.err
			got := h.ask("PUT", "/api/mind", `{"kind":"embedded"}`, withToken, withJSON)
			if got.Code != test.code || !strings.Contains(got.Body.String(), test.want) || strings.Contains(got.Body.String(), "secret detail") {
				t.Errorf("%d: %s", got.Code, got.Body)
			}
		})
	}
	h := newHouse(t)
	h.rooms.fail = errors.New("the store is closed")
	if got := h.ask("GET", "/api/history", "", withToken); got.Code != 500 {
		t.Errorf("no room: %d", got.Code)
	}
}

func TestPanicIsAnAnswer(t *testing.T) {
	h := newHouse(t)
	h.options.Rooms = nil // what an operation does with it is a nil dereference
	got := h.ask("GET", "/api/history", "", withToken)
	if got.Code != 500 || !strings.Contains(got.Body.String(), "Something went wrong") || !strings.Contains(h.log.String(), "a route panicked") {
		t.Errorf("%d: %s", got.Code, got.Body)
	}
}

// FuzzOwnerLink sends anything as the exchange of an owner link: nobody gets in, and nothing but a refusal comes back.
func FuzzOwnerLink(f *testing.F) {
	f.Add([]byte(`{"secret":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`))
	f.Add([]byte(`{"secret":null}`))
	f.Add([]byte(`{"secret":"x","secret":"y"}`))
	f.Add([]byte(`[]`))
	f.Add([]byte{0xff})
	h := newHouse(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		got := h.ask("POST", "/api/owner-link", string(body), withJSON)
		switch got.Code {
		case 400, 403, 413, 422:
		default:
			t.Errorf("%q: %d", body, got.Code)
		}
		if len(got.Header().Values("Set-Cookie")) != 0 {
			t.Errorf("%q: a cookie was set", body)
		}
	})
}
