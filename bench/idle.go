package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"path/filepath"
	"regexp"
	"time"

	"twombly/bench/machine"
)

// Defaults of idle.
const (
	idleSettle = 10 * time.Minute
	idleWatch  = 2 * time.Minute
)

// runIdle measures what the program costs while nobody talks: a page has loaded and stays connected, no call runs.
func runIdle(ctx context.Context, r *runner) (err error) {
	settle, watch := r.Settle, r.Watch
	if settle == 0 {
		settle = idleSettle
	}
	if watch == 0 {
		watch = idleWatch
	}
	if err := r.models(speechEntries...); err != nil {
		return err
	}
	server, err := startServer(ctx, r)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	page, err := openPage(ctx, server)
	if err != nil {
		return fmt.Errorf("open the page: %w", err)
	}
	defer page.http.CloseIdleConnections()
	r.say("a page is open; letting it rest for %v", settle)
	if err := wait(ctx, settle); err != nil {
		return err
	}
	r.say("measuring for %v", watch)
	before, err := lookIdle(server)
	if err != nil {
		return err
	}
	if err := wait(ctx, watch); err != nil {
		return err
	}
	after, err := lookIdle(server)
	if err != nil {
		return err
	}
	if err := page.get(ctx, "/api/session"); err != nil {
		return fmt.Errorf("the page was forgotten: %w", err)
	}
	summariseIdle(r.result, before, after, settle)
	return nil
}

// idleLook is everything that is looked at twice.
type idleLook struct {
	at    time.Time
	slept time.Duration
	parts map[string]machine.Usage
	files map[string]fileMark
}

// fileMark tells whether a file was written.
type fileMark struct {
	size    int64
	changed time.Time
}

func lookIdle(s *server) (idleLook, error) {
	look := idleLook{at: time.Now(), parts: map[string]machine.Usage{}, files: map[string]fileMark{}}
	var err error
	if look.slept, err = machine.Slept(); err != nil {
		return look, err
	}
	parts, err := s.parts()
	if err != nil {
		return look, err
	}
	for name, process := range parts {
		look.parts[name] = process.Usage()
	}
	return look, filepath.WalkDir(s.data(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		look.files[path] = fileMark{info.Size(), info.ModTime()}
		return nil
	})
}

func summariseIdle(result *Result, before, after idleLook, settle time.Duration) {
	over := after.at.Sub(before.at) // a monotonic difference: sleep is not in it
	var processor time.Duration
	var written, resident int64
	for name, now := range after.parts {
		then := before.parts[name]
		used := now.CPU - then.CPU
		processor += used
		resident += now.Resident
		written += now.Written - then.Written
		result.set("cpu_percent_"+name, 100*used.Seconds()/over.Seconds())
		result.set("rss_mb_"+name, float64(now.Resident)/(1<<20))
		result.Detail = append(result.Detail, map[string]any{
			"process": name, "cpu_ms": milliseconds(used), "rss_mb": float64(now.Resident) / (1 << 20),
			"written_bytes": now.Written - then.Written,
		})
	}
	changed := 0
	for path, now := range after.files {
		if then, known := before.files[path]; !known || then != now {
			changed++
			result.Detail = append(result.Detail, map[string]any{"changed_file": filepath.Base(path)})
		}
	}
	result.set("cpu_percent", 100*processor.Seconds()/over.Seconds())
	result.set("rss_mb", float64(after.parts["parent"].Resident)/(1<<20))
	result.set("rss_mb_all", float64(resident)/(1<<20))
	result.set("disk_writes", float64(written))
	result.set("files_changed", float64(changed))
	result.set("slept_seconds", (after.slept - before.slept).Seconds())
	result.Conditions["settle_s"], result.Conditions["watch_s"] = settle.Seconds(), over.Seconds()
	result.Conditions["disk_writes"] = "bytes that the kernel accounts to all our processes (write_bytes of /proc/PID/io)"
	result.Conditions["tokens"] = "none while cpu_percent_mind is 0: a token costs a core some 50 ms"
}

// page is a browser's page as the server sees it: its session, what it loads, and a connection that stays.
type page struct {
	http    *http.Client
	address string
}

// openPage comes in by an owner link and loads what the page loads.
func openPage(ctx context.Context, s *server) (*page, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	p := &page{http: &http.Client{Jar: jar, Transport: http.DefaultTransport.(*http.Transport).Clone()}, address: s.address}
	link, err := s.control.OwnerLink(ctx)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(map[string]string{"secret": link.Secret})
	if err != nil {
		return nil, err
	}
	if _, err := p.ask(ctx, http.MethodPost, "/api/owner-link", body); err != nil {
		return nil, err
	}
	html, err := p.ask(ctx, http.MethodGet, "/", nil)
	if err != nil {
		return nil, err
	}
	for _, found := range assetPath.FindAllSubmatch(html, -1) {
		if err := p.get(ctx, string(found[1])); err != nil {
			return nil, err
		}
	}
	for _, path := range []string{"/api/session", "/api/meeting", "/api/settings", "/api/status", "/api/history"} {
		if err := p.get(ctx, path); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// assetPath finds what a page loads from its own server.
var assetPath = regexp.MustCompile(`(?:src|href)="(/[^"]+\.(?:js|css))"`)

func (p *page) get(ctx context.Context, path string) error {
	_, err := p.ask(ctx, http.MethodGet, path, nil)
	return err
}

// ask makes a request as the page does.
func (p *page) ask(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, p.address+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if method != http.MethodGet {
		request.Header.Set("Origin", p.address)
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := p.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 16<<20))
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("%s %s answered %s: %.200s", method, path, response.Status, text)
	}
	return text, nil
}
