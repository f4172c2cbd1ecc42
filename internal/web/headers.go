package web

import (
	"net/http"
	"strings"
)

// contentPolicy lets the page load its own files and nothing else. Sounds may be blobs made in the page; small pictures
// may stand in the style sheet itself. Nothing may frame the page, and it sends no forms.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; " +
	"font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; connect-src 'self'"

// permissions keeps the microphone for our own page and turns the rest off.
const permissions = "microphone=(self), camera=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), midi=(), display-capture=()"

// secureHeaders sets the headers that tell a browser how little it may do. Refusals carry them too.
func secureHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		policy := contentPolicy
		if origin := originFrom(r.Context()); origin != "" {
			// 'self' in connect-src means WebSockets of the same host only in newer browsers.
			policy += " " + strings.Replace(origin, "http", "ws", 1)
		}
		header.Set("Content-Security-Policy", policy)
		header.Set("Permissions-Policy", permissions)
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		if strings.HasPrefix(r.URL.Path, "/api/") || isRealtime(r) {
			header.Set("Cache-Control", "no-store")
		}
		next.ServeHTTP(w, r)
	})
}
