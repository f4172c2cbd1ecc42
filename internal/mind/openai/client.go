package openai

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"sync"
	"time"

	"twombly/internal/mind"
)

const defaultMaxTokens = 256

// Client is a mind on a server.
type Client struct {
	options Options
	base    *url.URL
	local   bool
	http    *http.Client
	// salt makes the names of conversations that a server sees opaque.
	salt string

	mutex  sync.Mutex
	quirks quirks
}

var _ mind.Mind = (*Client)(nil)

// New makes a client; it does not reach for the server yet.
func New(options Options) (*Client, error) {
	base, local, err := parseAddress(options.Address)
	if err != nil {
		return nil, err
	}
	if options.Model == "" {
		return nil, fmt.Errorf("%w: a model has to be chosen", mind.ErrInvalid)
	}
	options = options.withDefaults()
	return &Client{options: options, base: base, local: local, http: newHTTP(options, local), salt: rand.Text()}, nil
}

// Describe says which model runs where, from the options: it doesn't ask the server.
func (c *Client) Describe(context.Context) (mind.Description, error) {
	return mind.Description{
		Model: c.options.Model, Place: c.base.Host, Local: c.local,
		Images: c.options.Images, Tools: c.options.Tools, ContextTokens: c.options.ContextTokens,
	}, nil
}

// Prefill does nothing: the protocol has no way to read ahead, and a request sent for it would be paid for.
func (c *Client) Prefill(ctx context.Context, _ mind.Request) error { return ctx.Err() }

// Forget does nothing: the client keeps nothing, and what the server keeps is out of reach.
func (c *Client) Forget(ctx context.Context, _ string) error { return ctx.Err() }

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Generate answers; see mind.Mind. What emit was given before an error stands.
func (c *Client) Generate(ctx context.Context, request mind.Request, emit func(mind.Delta) error) (mind.Usage, error) {
	started := time.Now()
	for attempt := 0; ; attempt++ {
		c.mutex.Lock()
		quirks := c.quirks
		c.mutex.Unlock()
		body, err := c.encode(request, quirks)
		if err != nil {
			return mind.Usage{}, err
		}
		answer := newAnswer(ctx, c, request, emit, started)
		failed := c.attempt(ctx, body, answer)
		switch {
		case failed == nil:
			return answer.result(), nil
		case ctx.Err() != nil:
			return answer.result(), ctx.Err()
		case answer.begun || !failed.again || attempt >= c.options.Retries:
			return answer.result(), failed.err
		}
		pause := max(c.options.RetryPause<<attempt, failed.after)
		if failed.quirk != nil {
			c.mutex.Lock()
			failed.quirk(&c.quirks)
			c.mutex.Unlock()
			pause = 0
		}
		if err := sleep(ctx, pause); err != nil {
			return mind.Usage{}, err
		}
	}
}

func sleep(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// attempt sends the request once and reads the answer.
func (c *Client) attempt(ctx context.Context, body []byte, answer *answer) *failure {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := &watch{cancel: cancel, start: time.Now().Add(c.options.FirstToken), between: c.options.BetweenTokens}
	watch.begin(false)
	defer watch.end()
	failed := c.exchange(ctx, body, answer, watch)
	if failed == nil {
		return nil
	}
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errSlowStart):
		return &failure{err: c.unavailable("did not begin to answer within %v", c.options.FirstToken)}
	case errors.Is(cause, errSilence):
		return &failure{err: c.unavailable("fell silent in the middle of the answer")}
	}
	return failed
}

// watch ends an attempt whose server is silent for too long. It runs only while the server is waited for, not while
// the reader of the answer takes its time.
type watch struct {
	cancel  context.CancelCauseFunc
	start   time.Time // when the answer must have begun
	between time.Duration
	timer   *time.Timer
}

func (w *watch) begin(begun bool) {
	if begun {
		w.timer = time.AfterFunc(w.between, func() { w.cancel(errSilence) })
	} else {
		w.timer = time.AfterFunc(time.Until(w.start), func() { w.cancel(errSlowStart) })
	}
}

func (w *watch) end() { w.timer.Stop() }

func (c *Client) exchange(ctx context.Context, body []byte, answer *answer, watch *watch) *failure {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base.String()+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		return &failure{err: fmt.Errorf("%w: the request to %s can't be made", mind.ErrInvalid, c.base.Host)}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "text/event-stream")
	request.Header.Set("User-Agent", "twombly")
	if c.options.Key != "" {
		request.Header.Set("Authorization", "Bearer "+c.options.Key)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return c.unreachable(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return c.refused(response)
	}
	kind, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if err != nil || kind != "text/event-stream" {
		return &failure{err: c.rubbish("something other than a stream of events: is this the address of an OpenAI-compatible server?")}
	}
	return answer.read(response.Body, watch)
}

// Models lists the models that the server offers.
func (c *Client) Models(ctx context.Context) ([]string, error) { return listModels(ctx, c) }

// maxModelList bounds the answer of a server that is asked for its models, in bytes.
const maxModelList = 4 << 20

func readAll(body io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("more than %d bytes", limit)
	}
	return data, err
}
