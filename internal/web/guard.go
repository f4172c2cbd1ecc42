package web

import (
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"slices"
	"strings"

	"twombly/internal/people"
	"twombly/internal/realtime"
)

// guard is everything between the socket and the routes that decides whether a request is heard at all.
type guard struct {
	site   Site
	house  *people.House
	cookie string
	log    *slog.Logger
	// secrets says who comes with a client secret; nil when there are none.
	secrets func(value string) (realtime.Caller, bool)
}

// methods are all that any route takes; others (CONNECT, TRACE) are not looked at.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}

// hosts answers 421 unless the Host header is one of ours (RFC 9110, 15.5.20).
func (g *guard) hosts(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(methods, r.Method) {
			refuse(w, r, http.StatusMethodNotAllowed, "This method is not used here.")
			return
		}
		origin, ok := g.site.origin(r.Host)
		if !ok {
			refuse(w, r, http.StatusMisdirectedRequest,
				"This server does not answer for that name. Open the address that it printed, or add the name to allowed_hosts in its configuration.")
			return
		}
		next.ServeHTTP(w, r.WithContext(withOrigin(r.Context(), origin)))
	})
}

// crossOrigin answers preflights and adds the headers of CORS for the origins that the person listed, and for no other
// (Fetch standard, "CORS protocol"). Credentials are never allowed: such pages use tokens.
func (g *guard) crossOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Origin")
		origin := r.Header.Get("Origin")
		listed := origin != "" && g.site.listed(origin)
		if listed {
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Set("Access-Control-Expose-Headers", "Location")
		}
		if r.Method != http.MethodOptions {
			next.ServeHTTP(w, r)
			return
		}
		if !listed {
			refuse(w, r, http.StatusForbidden, "Pages of other origins may not use this server. The person can list one in allowed_origins.")
			return
		}
		w.Header().Set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE")
		w.Header().Set("Access-Control-Max-Age", "600")
		if wanted := r.Header.Get("Access-Control-Request-Headers"); wanted != "" {
			w.Header().Set("Access-Control-Allow-Headers", wanted) // the standard's grammar is net/http's for header values
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

// callers finds out who calls and keeps it in the context. A token, good or not, silences the cookie.
func (g *guard) callers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		own := origin == originFrom(r.Context())
		if origin != "" && !own && !g.site.listed(origin) && changes(r) {
			refuse(w, r, http.StatusForbidden, "This request comes from a page of another origin, which may not use this server.")
			return
		}
		if token, given := bearer(r); given && strings.HasPrefix(token, realtime.SecretPrefix) {
			g.passSecret(w, r, next, token)
			return
		} else if given {
			g.pass(w, r, next, func() (people.Caller, error) { return g.house.Token(r.Context(), token) })
			return
		}
		cookie, err := r.Cookie(g.cookie)
		if err != nil {
			next.ServeHTTP(w, r)
			return
		}
		if !trustsCookie(r, own, origin) {
			if changes(r) {
				refuse(w, r, http.StatusForbidden,
					"A request that carries the cookie must come from this server's own page, with its exact Origin. Programs use a token: twombly token create.")
				return
			}
			next.ServeHTTP(w, r) // as if there were no cookie: the page itself may be linked to from anywhere
			return
		}
		g.pass(w, r, next, func() (people.Caller, error) { return g.house.Session(r.Context(), cookie.Value) })
	})
}

// trustsCookie says whether a request with the cookie was made by our own page: by its Origin where it changes
// something, and by what the browser says of its site where it only reads.
func trustsCookie(r *http.Request, own bool, origin string) bool {
	if changes(r) && !own || origin != "" && !own {
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return false
}

// pass goes on with whom the credential belongs to, or nobody. Only a bad token is answered here: whoever shows one
// means it, while a browser cannot help sending an old cookie.
func (g *guard) pass(w http.ResponseWriter, r *http.Request, next http.Handler, who func() (people.Caller, error)) {
	caller, err := who()
	switch {
	case err == nil:
		r = r.WithContext(people.WithCaller(r.Context(), caller))
	case !errors.Is(err, people.ErrWrong):
		g.log.Error("who calls could not be looked up", "error", err)
		refuse(w, r, http.StatusInternalServerError, "Who you are could not be looked up. The log of the server says more.")
		return
	default:
		if _, given := bearer(r); given {
			refuse(w, r, http.StatusUnauthorized, "This token is not good. Make one with: twombly token create.")
			return
		}
	}
	next.ServeHTTP(w, r)
}

// passSecret lets somebody with a client secret in: to the realtime protocol only, for nobody else knows this caller.
func (g *guard) passSecret(w http.ResponseWriter, r *http.Request, next http.Handler, value string) {
	if g.secrets != nil {
		if who, ok := g.secrets(value); ok {
			next.ServeHTTP(w, r.WithContext(realtime.WithCaller(r.Context(), who)))
			return
		}
	}
	refuse(w, r, http.StatusUnauthorized, "This client secret is not good, or no longer.")
}

// keyProtocol begins the WebSocket subprotocol in which browsers' OpenAI clients carry their key.
const keyProtocol = "openai-insecure-api-key."

// bearer returns the token of a request, and whether it has an Authorization header or a key protocol at all.
func bearer(r *http.Request) (token string, given bool) {
	if values := r.Header.Values("Authorization"); len(values) > 0 {
		scheme, token, _ := strings.Cut(values[0], " ")
		if len(values) > 1 || !strings.EqualFold(scheme, "Bearer") {
			return "", true
		}
		return strings.TrimSpace(token), true
	}
	if !isUpgrade(r) {
		return "", false
	}
	for _, value := range r.Header.Values("Sec-WebSocket-Protocol") {
		for protocol := range strings.SplitSeq(value, ",") {
			if token, found := strings.CutPrefix(strings.TrimSpace(protocol), keyProtocol); found {
				return token, true
			}
		}
	}
	return "", false
}

// acceptedTypes are the media types a path takes in bodies: JSON, and for calls also SDP alone or with a session.
func acceptedTypes(path string) []string {
	switch path {
	case "/v1/realtime/calls":
		return []string{"application/sdp", "multipart/form-data", "application/json"}
	case transcriptions:
		return []string{"multipart/form-data"}
	}
	return []string{"application/json"}
}

// types answers 415 to bodies of a type that a page of another site could send without asking (forms and text), and to
// any other that the route does not take.
func (g *guard) types(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given := r.Header.Values("Content-Type")
		if len(given) == 0 && r.ContentLength == 0 || !changes(r) || isUpgrade(r) {
			next.ServeHTTP(w, r)
			return
		}
		accepted := acceptedTypes(r.URL.Path)
		if len(given) == 1 {
			if media, _, err := mime.ParseMediaType(given[0]); err == nil && slices.Contains(accepted, media) {
				next.ServeHTTP(w, r)
				return
			}
		}
		w.Header().Set("Accept", strings.Join(accepted, ", "))
		refuse(w, r, http.StatusUnsupportedMediaType, "This route takes "+strings.Join(accepted, ", ")+" only.")
	})
}
