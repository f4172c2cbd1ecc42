package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"twombly/internal/people"
)

// clientTimeout bounds one request; a server that takes longer is stuck.
const clientTimeout = 30 * time.Second

// Client asks the server that runs on a folder. Close it when done.
type Client struct {
	http *http.Client
}

// Dial connects to the server that runs on the folder, or answers ErrNoServer.
func Dial(ctx context.Context, folder string) (*Client, error) {
	client := &Client{http: &http.Client{
		Timeout: clientTimeout,
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dial(ctx, folder)
		}},
	}}
	if _, err := client.Status(ctx); err != nil {
		client.Close()
		return nil, err
	}
	return client, nil
}

// Close ends the connection.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Status asks how the server is.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var status Status
	err := c.ask(ctx, http.MethodGet, "/status", nil, &status)
	return status, err
}

// OwnerLink makes a link that lets the owner in once.
func (c *Client) OwnerLink(ctx context.Context) (people.Link, error) {
	var link people.Link
	err := c.ask(ctx, http.MethodPost, "/owner-links", nil, &link)
	return link, err
}

// CreateToken makes a token; its secret is the first result.
func (c *Client) CreateToken(ctx context.Context, name string) (string, people.Token, error) {
	var made tokenAnswer
	err := c.ask(ctx, http.MethodPost, "/tokens", tokenRequest{Name: name}, &made)
	return made.Secret, made.Token, err
}

// Tokens lists the tokens that are good.
func (c *Client) Tokens(ctx context.Context) ([]people.Token, error) {
	var tokens []people.Token
	err := c.ask(ctx, http.MethodGet, "/tokens", nil, &tokens)
	return tokens, err
}

// RevokeToken ends a token by name or ID.
func (c *Client) RevokeToken(ctx context.Context, nameOrID string) error {
	return c.ask(ctx, http.MethodDelete, "/tokens/"+url.PathEscape(nameOrID), nil, &struct{}{})
}

// Read opens what a Route of the server writes. It can be long, and takes as long as it takes; a server that fails in the
// middle ends it with an error.
func (c *Client) Read(ctx context.Context, name, argument string) (io.ReadCloser, error) {
	address := "http://twombly/read/" + name + "?" + url.Values{"argument": {argument}}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("asking the running server: %w", err)
	}
	patient := http.Client{Transport: c.http.Transport}
	response, err := patient.Do(request)
	if errors.Is(err, ErrNoServer) {
		return nil, ErrNoServer
	}
	if err != nil {
		return nil, fmt.Errorf("asking the running server: %w", err)
	}
	if response.StatusCode == http.StatusOK {
		return response.Body, nil
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxBodyBytes))
	if err != nil {
		return nil, fmt.Errorf("reading the running server's answer: %w", err)
	}
	return nil, refusal(response.StatusCode, text)
}

func (c *Client) ask(ctx context.Context, method, path string, body, into any) error {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("asking the running server: %w", err)
		}
		reader = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://twombly"+path, reader) // the host is never looked up
	if err != nil {
		return fmt.Errorf("asking the running server: %w", err)
	}
	response, err := c.http.Do(request)
	if errors.Is(err, ErrNoServer) {
		return ErrNoServer
	}
	if err != nil {
		return fmt.Errorf("asking the running server: %w", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxBodyBytes))
	if err != nil {
		return fmt.Errorf("reading the running server's answer: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return refusal(response.StatusCode, text)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("the running server answers something else than this program expects; is it of another version? %w", err)
	}
	return nil
}

// refusal turns an error on the wire back into the error it was.
func refusal(status int, text []byte) error {
	var sent problem
	if err := json.Unmarshal(text, &sent); err != nil || sent.Message == "" {
		return fmt.Errorf("the running server answered with status %d; is it of another version?", status)
	}
	if known, ok := codes[sent.Code]; ok {
		return known
	}
	return fmt.Errorf("the running server could not do it: %s", sent.Message)
}
