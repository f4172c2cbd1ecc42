package web

import (
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"twombly/internal/web/assets"
)

func TestApp(t *testing.T) {
	h := newHouse(t)
	for _, test := range []struct {
		target, kind, cache string
		code                int
	}{
		{"/", "text/html; charset=utf-8", "no-cache", 200},
		{"/index.html", "text/html; charset=utf-8", "no-cache", 200},
		{"/talk", "text/html; charset=utf-8", "no-cache", 200}, // the app's own routes
		{"/assets/index-a1b2.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", 200},
		{"/manifest.webmanifest", "application/manifest+json", "no-cache", 200},
		{"/assets/none", "application/problem+json", "no-store", 404},
		{"/none.js", "application/problem+json", "no-store", 404},
		{"/assets/", "application/problem+json", "no-store", 404},
	} {
		got := h.ask("GET", test.target, "")
		if got.Code != test.code || got.Header().Get("Content-Type") != test.kind || got.Header().Get("Cache-Control") != test.cache {
			t.Errorf("%s: %d, %v", test.target, got.Code, got.Header())
		}
	}
}

func TestAppIsCompressedAndTagged(t *testing.T) {
	h := newHouse(t)
	plain := h.ask("GET", "/assets/index-a1b2.js", "")
	packed := h.ask("GET", "/assets/index-a1b2.js", "", with("Accept-Encoding", "br, gzip;q=0.8"))
	if packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.Len() >= plain.Body.Len() {
		t.Fatalf("%d bytes of %d, %v", packed.Body.Len(), plain.Body.Len(), packed.Header())
	}
	reader, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if unpacked, err := io.ReadAll(reader); err != nil || string(unpacked) != plain.Body.String() {
		t.Errorf("%q, %v", unpacked, err)
	}
	if plain.Header().Get("ETag") == packed.Header().Get("ETag") {
		t.Error("two representations have one tag")
	}
	for _, refusal := range []string{"gzip;q=0", "gzip; q=0.000", "br", ""} {
		if got := h.ask("GET", "/", "", with("Accept-Encoding", refusal)); got.Header().Get("Content-Encoding") != "" {
			t.Errorf("%q got gzip", refusal)
		}
	}
	again := h.ask("GET", "/assets/index-a1b2.js", "", with("If-None-Match", plain.Header().Get("ETag")))
	if again.Code != 304 || again.Body.Len() != 0 {
		t.Errorf("asked again: %d", again.Code)
	}
	if head := h.ask("HEAD", "/", ""); head.Code != 200 || head.Body.Len() != 0 {
		t.Errorf("HEAD: %d with %d bytes", head.Code, head.Body.Len())
	}
}

func TestAppThatWasNotBuilt(t *testing.T) {
	missing, err := assets.Missing()
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t)
	options := h.options
	options.App, options.Missing, options.Metrics = nil, missing, newRegistry()
	if h.Server, err = New(options); err != nil {
		t.Fatal(err)
	}
	got := h.ask("GET", "/", "")
	if got.Code != 503 || !strings.Contains(got.Body.String(), "make build") || got.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%d: %s", got.Code, got.Body)
	}
	if got := h.ask("GET", "/api/session", "", withToken); got.Code != 200 {
		t.Errorf("the API without the page: %d", got.Code)
	}
}

// TestBuiltAppFitsItsPolicy looks into the app of this very build, if there is one, for what the content policy forbids.
func TestBuiltAppFitsItsPolicy(t *testing.T) {
	built, ok := assets.App()
	if !ok {
		t.Skip("the web app was not built: run make build")
	}
	app, err := newApp(built, nil)
	if err != nil {
		t.Fatal(err)
	}
	page := string(app.index.plain)
	for _, forbidden := range []string{"<script>", "<style", " style=", " onclick=", " onload=", "javascript:", "http://", "https://"} {
		if strings.Contains(page, forbidden) {
			t.Errorf("index.html has %q, which the content policy forbids", forbidden)
		}
	}
}
