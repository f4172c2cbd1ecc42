package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// app serves the files of the web app from memory, each compressed once.
type app struct {
	files map[string]*appFile // by path, as "/assets/index-a1b2.js"
	index *appFile
}

// appFile is one file, ready to be sent.
type appFile struct {
	kind, tag   string
	plain, zip  []byte // zip is nil where compressing gains nothing
	unchanging  bool   // its name changes with its contents
	unavailable bool   // it stands in for an app that was not built
}

// newApp loads the app. missing is shown instead of it when app is nil.
func newApp(built fs.FS, missing []byte) (*app, error) {
	if built == nil {
		file, err := newAppFile("index.html", missing)
		if err != nil {
			return nil, err
		}
		file.unavailable = true
		return &app{index: file}, nil
	}
	loaded := &app{files: map[string]*appFile{}}
	err := fs.WalkDir(built, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		contents, err := fs.ReadFile(built, name)
		if err != nil {
			return err
		}
		file, err := newAppFile(name, contents)
		if err != nil {
			return err
		}
		// Vite puts a hash of the contents into every name under assets/, and into no other.
		file.unchanging = strings.HasPrefix(name, "assets/")
		loaded.files["/"+name] = file
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("loading the web app: %w", err)
	}
	loaded.index = loaded.files["/index.html"]
	if loaded.index == nil {
		return nil, fmt.Errorf("loading the web app: it has no index.html")
	}
	return loaded, nil
}

// kinds are the types of files that the system's own table may lack or name differently.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".webmanifest": "application/manifest+json", ".woff2": "font/woff2", ".wasm": "application/wasm",
	".png": "image/png", ".ico": "image/x-icon", ".json": "application/json", ".txt": "text/plain; charset=utf-8", ".wav": "audio/wav",
}

func newAppFile(name string, contents []byte) (*appFile, error) {
	sum := sha256.Sum256(contents)
	file := &appFile{plain: contents, tag: `"` + hex.EncodeToString(sum[:12]) + `"`, kind: kinds[path.Ext(name)]}
	if file.kind == "" {
		file.kind = mime.TypeByExtension(path.Ext(name))
	}
	if file.kind == "" {
		file.kind = "application/octet-stream"
	}
	var packed bytes.Buffer
	writer, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := writer.Write(contents); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	if packed.Len() < len(contents)*9/10 {
		file.zip = packed.Bytes()
	}
	return file, nil
}

// ServeHTTP sends a file, or the index for a path that the app itself routes (one without an extension).
func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, r, http.StatusMethodNotAllowed, "This address can only be read.")
		return
	}
	file := a.files[r.URL.Path]
	if file == nil && path.Ext(r.URL.Path) == "" && !strings.HasPrefix(r.URL.Path, "/assets/") {
		file = a.index
	}
	if file == nil {
		refuse(w, r, http.StatusNotFound, "There is nothing at this address.")
		return
	}
	file.send(w, r)
}

func (f *appFile) send(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", f.kind)
	header.Add("Vary", "Accept-Encoding")
	if f.unchanging {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		header.Set("Cache-Control", "no-cache") // kept, but asked for each time; the tag answers
	}
	contents, tag := f.plain, f.tag
	if f.zip != nil && acceptsGzip(r) {
		header.Set("Content-Encoding", "gzip")
		contents, tag = f.zip, strings.TrimSuffix(f.tag, `"`)+`-gzip"`
	}
	header.Set("ETag", tag)
	if f.unavailable {
		header.Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write(contents) // a client that went away hears nothing anyway
		return
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(contents))
}

// acceptsGzip says whether a client takes gzip (RFC 9110, 12.5.3), leaving out those that name it with weight 0.
func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			weight = strings.ReplaceAll(weight, " ", "")
			return weight != "q=0" && !strings.HasPrefix(weight, "q=0.000") && weight != "q=0.0" && weight != "q=0.00"
		}
	}
	return false
}
