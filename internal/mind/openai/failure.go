package openai

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"twombly/internal/mind"
)

// failure is why an attempt failed, and whether another may do better.
type failure struct {
	err   error
	again bool
	// after is how long the server asked to wait.
	after time.Duration
	// quirk, when set, is what the server doesn't take; the next attempt leaves it out at once.
	quirk func(*quirks)
}

// quirks are what a server was found not to take.
type quirks struct {
	maxCompletionTokens bool
	noTemperature       bool
}

// Causes with which an attempt's context is ended.
var (
	errSlowStart = errors.New("no answer in time")
	errSilence   = errors.New("silence in the middle of the answer")
)

func (c *Client) unavailable(format string, arguments ...any) error {
	return fmt.Errorf("%w: %s %s", mind.ErrUnavailable, c.base.Host, fmt.Sprintf(format, arguments...))
}

func (c *Client) rubbish(what string) error {
	return fmt.Errorf("%w: %s sent %s", mind.ErrRubbish, c.base.Host, what)
}

// unreachable says why no answer came at all. The error of package net names addresses and nothing of the request.
func (c *Client) unreachable(err error) *failure {
	var operation *net.OpError
	var name *net.DNSError
	switch {
	case errors.As(err, &name):
		return &failure{err: c.unavailable("is not known in this network"), again: name.IsTemporary}
	case errors.As(err, &operation) && operation.Op == "dial":
		return &failure{err: c.unavailable("does not answer: is it running?"), again: true}
	}
	return &failure{err: c.unavailable("broke the connection"), again: true}
}

// serverError is the protocol's error object. Its message is not used: it may quote the request.
type serverError struct {
	Error struct {
		Code  any    `json:"code"`
		Type  string `json:"type"`
		Param string `json:"param"`
		// Message is only searched for what the code of some servers doesn't tell.
		Message string `json:"message"`
	} `json:"error"`
}

// refused says what a status other than 200 means.
func (c *Client) refused(response *http.Response) *failure {
	body, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	if err != nil {
		return c.unreachable(err)
	}
	var said serverError
	readable := json.Unmarshal(body, &said) == nil
	status := response.StatusCode
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return &failure{err: c.unavailable("refused the key (status %d)", status)}
	case status == http.StatusNotFound:
		return &failure{err: c.unavailable("has no model called %q, or its address is wrong", c.options.Model)}
	case status == http.StatusTooManyRequests:
		return &failure{err: c.unavailable("is asked too often, or its account has no credit left"), again: true, after: retryAfter(response)}
	case status == http.StatusRequestEntityTooLarge:
		return &failure{err: fmt.Errorf("%w: %s can't take this much", mind.ErrTooLong, c.base.Host)}
	case status == http.StatusBadRequest || status == http.StatusUnprocessableEntity:
		return c.badRequest(status, said)
	case status == http.StatusRequestTimeout || status >= 500:
		return &failure{err: c.unavailable("failed (status %d)", status), again: true, after: retryAfter(response)}
	case status >= 300 && status < 400:
		return &failure{err: c.unavailable("points elsewhere: enter the address that it really has")}
	case !readable:
		return &failure{err: c.rubbish(fmt.Sprintf("something unreadable with status %d", status))}
	}
	return &failure{err: c.unavailable("refused (status %d)", status)}
}

// badRequest tells apart why a server doesn't take a request.
func (c *Client) badRequest(status int, said serverError) *failure {
	code := fmt.Sprint(said.Error.Code)
	message := strings.ToLower(said.Error.Message)
	tooLong := code == "context_length_exceeded" || said.Error.Type == "exceed_context_size_error" ||
		strings.Contains(message, "context length") || strings.Contains(message, "context size") || strings.Contains(message, "context window")
	if tooLong {
		return &failure{err: fmt.Errorf("%w: %s says so", mind.ErrTooLong, c.options.Model)}
	}
	if strings.HasPrefix(code, "unsupported_") {
		switch said.Error.Param {
		case "max_tokens":
			return &failure{again: true, quirk: func(q *quirks) { q.maxCompletionTokens = true }, err: c.unavailable("takes no max_tokens")}
		case "temperature":
			return &failure{again: true, quirk: func(q *quirks) { q.noTemperature = true }, err: c.unavailable("takes no temperature")}
		}
	}
	return &failure{err: fmt.Errorf("%w: %s does not take it (status %d)", mind.ErrInvalid, c.base.Host, status)}
}

// longestAfter bounds how long a server may make a person wait before an attempt.
const longestAfter = 10 * time.Second

func retryAfter(response *http.Response) time.Duration {
	seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, longestAfter)
}
