package native

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// ownFolder holds the models that a person fetched from an address of their own; it is no entry's id.
const ownFolder = "own"

// FetchGGUF downloads a language model of the person's own choice into the store and checks it. Nobody vouches for its hash:
// it is the person's choice, and the worker that loads it is confined. The address must be encrypted, unless it is this
// machine. A download that broke off goes on. It returns where the model lies; one that is there already is only checked.
func (s *Store) FetchGGUF(ctx context.Context, address string, progress Progress) (string, GGUF, error) {
	name, err := ownName(address)
	if err != nil {
		return "", GGUF{}, err
	}
	if progress == nil {
		progress = silent{}
	}
	to := filepath.Join(s.dir, ownFolder, name)
	if _, err := os.Stat(to); err == nil {
		model, err := CheckGGUF(to)
		return to, model, err
	}
	from := s.partialPath(Entry{ID: ownFolder}, name, downloadSuffix)
	if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o755), os.MkdirAll(filepath.Dir(from), 0o755)); err != nil {
		return "", GGUF{}, fmt.Errorf("native: %w", spaceError(err))
	}
	unlock, err := lock(ctx, filepath.Join(s.dir, ".lock"), func() { progress.Note("another twombly is fetching; waiting for it") })
	if err != nil {
		return "", GGUF{}, err
	}
	defer unlock()
	bar := progress.Begin(name)
	model, err := s.fetchOwn(ctx, address, from, to, bar)
	bar.Done(err)
	if err != nil {
		return "", GGUF{}, fmt.Errorf("fetching %s: %w", name, spaceError(err))
	}
	return to, model, errors.Join(removeIfEmpty(filepath.Dir(from)), removeIfEmpty(filepath.Dir(filepath.Dir(from))))
}

func (s *Store) fetchOwn(ctx context.Context, address, from, to string, bar Bar) (GGUF, error) {
	size, err := s.sizeAt(ctx, address)
	if err != nil {
		return GGUF{}, err
	}
	free, err := s.freeSpace(s.dir)
	if err != nil {
		return GGUF{}, err
	}
	var begun int64
	if info, err := os.Stat(from); err == nil {
		begun = info.Size()
	}
	if need := size - begun + spaceMargin; need > 0 && uint64(need) > free {
		return GGUF{}, fmt.Errorf("%w in %s: %s are needed and %s are free", ErrSpace, s.dir, Size(need), Size(int64(free)))
	}
	f := &fetcher{Store: s, unreachable: make(map[string]error)}
	if err := f.download(ctx, address, from, size, func(done int64) { bar.Update(done, size) }); err != nil {
		return GGUF{}, err
	}
	bar.Note("checking")
	model, err := CheckGGUF(from)
	if err != nil {
		return GGUF{}, errors.Join(err, os.Remove(from))
	}
	return model, os.Rename(from, to)
}

// sizeAt asks a server how large a file is.
func (s *Store) sizeAt(ctx context.Context, address string) (int64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
	if err != nil {
		return 0, err
	}
	request.Header.Set("User-Agent", "twombly")
	request.Header.Set("Accept-Encoding", "identity")
	response, err := s.http.Do(request)
	if err != nil {
		return 0, err
	}
	if err := response.Body.Close(); err != nil {
		return 0, err
	}
	if response.StatusCode != http.StatusOK || response.ContentLength <= 0 {
		return 0, fmt.Errorf("the server answered %s and %d bytes", response.Status, response.ContentLength)
	}
	return response.ContentLength, nil
}

// ownName is the file name that an address ends in, if both will do.
func ownName(address string) (string, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("this address can't be read: %w", err)
	}
	name := path.Base(parsed.Path)
	here := parsed.Hostname() == "localhost" || net.ParseIP(parsed.Hostname()).IsLoopback()
	switch {
	case parsed.Scheme != "https" && (parsed.Scheme != "http" || !here):
		return "", fmt.Errorf("%q: a model is fetched from an https address", address)
	case !strings.HasSuffix(strings.ToLower(name), ".gguf") || !plainName(name) || strings.HasPrefix(name, "."):
		return "", fmt.Errorf("%q: the address of a model ends in the name of a .gguf file", address)
	}
	return name, nil
}
