package web

import (
	"context"
	"net/http"
	"strings"
)

type originKey struct{}

// withOrigin keeps the page's origin under the request's Host.
func withOrigin(ctx context.Context, origin string) context.Context {
	return context.WithValue(ctx, originKey{}, origin)
}

// originFrom is the page's origin under the request's Host, which the guard has checked.
func originFrom(ctx context.Context) string {
	origin, _ := ctx.Value(originKey{}).(string)
	return origin
}

// overHTTPS says whether the page of this request is served over https.
func overHTTPS(ctx context.Context) bool { return strings.HasPrefix(originFrom(ctx), "https://") }

// isUpgrade says whether a request asks for a WebSocket.
func isUpgrade(r *http.Request) bool {
	for _, value := range r.Header.Values("Upgrade") {
		for protocol := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(protocol), "websocket") {
				return true
			}
		}
	}
	return false
}

// isRealtime says whether a request is of the OpenAI protocol.
func isRealtime(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/v1/") }

// changes says whether a request can change something: every WebSocket, and every method that is not for reading.
func changes(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return isUpgrade(r)
	}
	return true
}
