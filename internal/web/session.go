package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"twombly/internal/people"
)

type ownerLinkInput struct {
	UserAgent string `header:"User-Agent" hidden:"true"`
	Body      struct {
		Secret string `json:"secret" maxLength:"200" doc:"The secret of the owner link, 43 characters of base64url, from the fragment of its address."`
	}
}

type cookieOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

// SessionReport says who is signed in and with whom they talk.
type SessionReport struct {
	Person struct {
		ID   string `json:"id"`
		Name string `json:"name" doc:"What she calls the person; empty before the first meeting."`
	} `json:"person"`
	Companion struct {
		Name string `json:"name" doc:"Her name; empty before the first meeting."`
	} `json:"companion"`
	Met      bool   `json:"met" doc:"Whether the first meeting is over."`
	Instance string `json:"instance" doc:"A short name of this house, in the cookie's name."`
	Version  string `json:"version"`
	Secure   bool   `json:"secure" doc:"Whether the browser gives this page a microphone: it is on this machine or over https."`
}

type sessionOutput struct {
	SetCookie string `header:"Set-Cookie" hidden:"true"`
	Body      SessionReport
}

func (a *api) registerSession() {
	link := operation("exchange-owner-link", http.MethodPost, "/api/owner-link", "Exchange an owner link for a session")
	link.Description = "Once, within ten minutes. 403: not a link of this house. 410: expired, or used before."
	link.Metadata = map[string]any{public: true}
	link.Security = []map[string][]string{}
	link.DefaultStatus = http.StatusNoContent
	link.Errors = []int{http.StatusForbidden, http.StatusGone}
	huma.Register(a, link, a.exchangeOwnerLink)
	huma.Register(a, operation("get-session", http.MethodGet, "/api/session", "Who is signed in"), a.getSession)
	out := operation("sign-out", http.MethodPost, "/api/sign-out", "Sign this device out")
	out.DefaultStatus = http.StatusNoContent
	huma.Register(a, out, a.signOut)
}

func (a *api) exchangeOwnerLink(ctx context.Context, input *ownerLinkInput) (*cookieOutput, error) {
	secret, caller, err := a.options.House.Enter(ctx, input.Body.Secret, deviceName(input.UserAgent))
	switch {
	case errors.Is(err, people.ErrWrong):
		return nil, huma.Error403Forbidden("This is not a link of this house.")
	case errors.Is(err, people.ErrUsed):
		return nil, huma.Error410Gone("This link was used before. Make a new one with: twombly owner-link.")
	case errors.Is(err, people.ErrExpired):
		return nil, huma.Error410Gone("This link has expired; links are good for ten minutes. Make a new one with: twombly owner-link.")
	case errors.Is(err, people.ErrFull):
		return nil, huma.Error409Conflict("Too many devices are signed in. Sign some out first.")
	case err != nil:
		return nil, failure(a.options.Log, "letting you in", err)
	}
	a.options.Log.Info("somebody came in by an owner link", "device", caller.Name)
	return &cookieOutput{SetCookie: a.cookie(ctx, secret)}, nil
}

// cookie is the session's cookie: for this origin's requests only, out of reach of scripts, never sent from another site.
func (a *api) cookie(ctx context.Context, secret string) http.Cookie {
	return http.Cookie{
		Name: a.guard.cookie, Value: secret, Path: "/", MaxAge: int(people.SessionLife.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: overHTTPS(ctx),
	}
}

type sessionInput struct {
	// Cookies is the whole header: the name of ours is only known when the server runs.
	Cookies string `header:"Cookie" hidden:"true"`
}

func (a *api) getSession(ctx context.Context, input *sessionInput) (*sessionOutput, error) {
	room, caller, release, err := a.room(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	output := &sessionOutput{}
	report := &output.Body
	report.Person.ID = caller.Person.ID
	report.Person.Name, report.Companion.Name = room.Companion.Names()
	report.Met = room.Companion.Met()
	report.Instance, report.Version = a.options.House.Instance(), a.options.Version
	report.Secure = originFrom(ctx) != "" // every origin we answer for is on this machine or over https
	if caller.Way == people.BySession {
		// A session lives from its last use, and so does its cookie.
		for _, cookie := range (&http.Request{Header: http.Header{"Cookie": {input.Cookies}}}).Cookies() {
			if cookie.Name == a.guard.cookie {
				renewed := a.cookie(ctx, cookie.Value)
				output.SetCookie = renewed.String()
				break
			}
		}
	}
	return output, nil
}

func (a *api) signOut(ctx context.Context, _ *struct{}) (*cookieOutput, error) {
	caller, _ := people.CallerFrom(ctx)
	if caller.Way != people.BySession {
		return nil, huma.Error422UnprocessableEntity("Only a device that is signed in can sign out; a token is revoked with: twombly token revoke.")
	}
	if err := a.options.House.SignOut(ctx, caller.CredentialID); err != nil {
		return nil, failure(a.options.Log, "signing you out", err)
	}
	gone := a.cookie(ctx, "")
	gone.MaxAge = -1
	return &cookieOutput{SetCookie: gone}, nil
}

// deviceName is what a person would call the device, from the browser's own description: "Firefox on Android".
func deviceName(agent string) string {
	first := func(pairs [][2]string, otherwise string) string {
		for _, pair := range pairs {
			if strings.Contains(agent, pair[0]) {
				return pair[1]
			}
		}
		return otherwise
	}
	browser := first([][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"},
		{"Chrome/", "Chrome"}, {"Safari/", "Safari"}}, "a program")
	system := first([][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Mac OS X", "Mac"}, {"Windows", "Windows"},
		{"CrOS", "Chromebook"}, {"Linux", "Linux"}}, "an unknown device")
	return browser + " on " + system
}
