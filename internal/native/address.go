package native

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	connectTimeout = 3 * time.Second  // an address that can't be reached is given up on quickly
	answerTimeout  = 10 * time.Second // from the request to the answer's header
	stallTimeout   = 30 * time.Second // without a byte
	fruitlessTries = 3                // in a row, each without a byte
)

// quickClient is an HTTP client that gives up quickly on what can't be reached. Redirections never lead from https to http.
func quickClient() *http.Client {
	dialer := &net.Dialer{Timeout: connectTimeout, KeepAlive: 30 * time.Second}
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: connectTimeout, ResponseHeaderTimeout: answerTimeout, MaxIdleConnsPerHost: atOnce,
			IdleConnTimeout: 30 * time.Second,
		},
		CheckRedirect: func(next *http.Request, via []*http.Request) error {
			if len(via) >= 10 {
				return errors.New("too many redirections")
			}
			if via[0].URL.Scheme == "https" && next.URL.Scheme != "https" {
				return errors.New("redirected to an address without encryption")
			}
			return nil
		},
	}
}

// refusal is an answer that trying again would not change.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

// fetchAddress downloads one file of a group and puts it in place.
func (f *fetcher) fetchAddress(ctx context.Context, job job, artefact Artefact, progress func(int64)) error {
	piece := artefact.Pieces[0]
	file := File{Name: piece.File, Bytes: piece.Bytes, SHA256: piece.SHA256}
	path := f.partialPath(job.entry, file.Name, downloadSuffix)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	resumed := false
	if info, err := os.Stat(path); err == nil && info.Size() > 0 {
		resumed = true
	}
	for {
		if err := f.download(ctx, artefact.Address, path, file.Bytes, progress); err != nil {
			return err
		}
		err := hashPath(ctx, path, file)
		if err == nil {
			return f.install(job.entry, file, path)
		}
		if !errors.Is(err, ErrHash) {
			return fmt.Errorf("%s: %w", file.Name, err)
		}
		if err := os.Remove(path); err != nil {
			return err
		}
		if !resumed {
			return fmt.Errorf("%s: %w", file.Name, err)
		}
		// What an earlier run left may be to blame: once more, from the beginning.
		resumed = false
		progress(0)
	}
}

// download brings a file to its full size, beginning where it ends. size 0 means unknown. A connection that breaks is taken
// up again for as long as bytes come; fruitlessTries in a row without one are an error, and so is a refusal.
func (f *fetcher) download(ctx context.Context, address, path string, size int64, progress func(int64)) error {
	host := address
	if parsed, err := url.Parse(address); err == nil {
		host = parsed.Host
	}
	f.mu.Lock()
	unreachable := f.unreachable[host]
	f.mu.Unlock()
	if unreachable != nil {
		return unreachable
	}
	for fruitless := 0; ; {
		got, err := f.downloadOnce(ctx, address, path, size, progress)
		var refused refusal
		var dial *net.OpError
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case outOfSpace(err) || errors.As(err, &refused):
			return err
		case errors.As(err, &dial) && dial.Op == "dial":
			err = fmt.Errorf("%s can't be reached: %w", host, dial.Err)
			f.mu.Lock()
			f.unreachable[host] = err
			f.mu.Unlock()
			return err
		}
		if got > 0 {
			fruitless = 0
		}
		if fruitless++; fruitless >= fruitlessTries {
			return fmt.Errorf("given up after %d tries: %w", fruitless, err)
		}
		f.log.Info("a download broke off and goes on", "address", address, "error", err)
		select {
		case <-time.After(time.Duration(fruitless) * 200 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// downloadOnce makes one request for what is missing of the file and appends the answer. It returns how many bytes came.
func (f *fetcher) downloadOnce(ctx context.Context, address, path string, size int64, progress func(int64)) (got int64, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	have, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	if size > 0 && have == size {
		progress(have)
		return 0, nil
	}
	if size > 0 && have > size {
		have = 0
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	response, err := f.request(ctx, address, have)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if have, err = resumeAt(response, have, size); err != nil {
		return 0, err
	}
	if err := file.Truncate(have); err != nil {
		return 0, err
	}
	if _, err := file.Seek(have, io.SeekStart); err != nil {
		return 0, err
	}
	progress(have)
	stalled := time.AfterFunc(stallTimeout, cancel)
	defer stalled.Stop()
	at := have
	out := meteredWriter{file, func(n int) {
		at += int64(n)
		stalled.Reset(stallTimeout)
		progress(at)
	}}
	limit := int64(1) << 62
	if size > 0 {
		limit = size - have
	}
	got, err = io.Copy(out, io.LimitReader(response.Body, limit))
	if err == nil && response.ContentLength >= 0 && got < min(response.ContentLength, limit) || err == nil && size > 0 && at < size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return got, fmt.Errorf("broken off at %s: %w", Size(at), err)
	}
	return got, file.Sync()
}

func (f *fetcher) request(ctx context.Context, address string, from int64) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, refusal{err}
	}
	request.Header.Set("User-Agent", "twombly")
	request.Header.Set("Accept-Encoding", "identity")
	if from > 0 {
		request.Header.Set("Range", "bytes="+strconv.FormatInt(from, 10)+"-")
	}
	return f.http.Do(request)
}

// resumeAt reads an answer's header: where does what comes belong? have bytes are here, size are wanted (0: unknown).
func resumeAt(response *http.Response, have, size int64) (int64, error) {
	switch response.StatusCode {
	case http.StatusOK: // the whole file, range or not
		if size > 0 && response.ContentLength >= 0 && response.ContentLength != size {
			return 0, refusal{fmt.Errorf("the file there has %d bytes, not %d", response.ContentLength, size)}
		}
		return 0, nil
	case http.StatusPartialContent:
		start, total, err := parseContentRange(response.Header.Get("Content-Range"))
		if err != nil {
			return 0, refusal{err}
		}
		if start != have || size > 0 && total >= 0 && total != size {
			return 0, refusal{fmt.Errorf("the answer is bytes from %d of %d, not from %d of %d", start, total, have, size)}
		}
		return start, nil
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return 0, fmt.Errorf("the server answered %s", response.Status)
	default:
		return 0, refusal{fmt.Errorf("the server answered %s", response.Status)}
	}
}

// parseContentRange reads "bytes 5-9/10"; total is -1 for "bytes 5-9/*".
func parseContentRange(header string) (start, total int64, err error) {
	malformed := fmt.Errorf("the server's Content-Range %.60q can't be read", header)
	span, size, found := strings.Cut(strings.TrimPrefix(header, "bytes "), "/")
	first, last, dash := strings.Cut(span, "-")
	if !found || !dash || !strings.HasPrefix(header, "bytes ") {
		return 0, 0, malformed
	}
	start, err = strconv.ParseInt(first, 10, 64)
	if err != nil || start < 0 {
		return 0, 0, malformed
	}
	if end, err := strconv.ParseInt(last, 10, 64); err != nil || end < start {
		return 0, 0, malformed
	}
	if size == "*" {
		return start, -1, nil
	}
	if total, err = strconv.ParseInt(size, 10, 64); err != nil || total <= start {
		return 0, 0, malformed
	}
	return start, total, nil
}
