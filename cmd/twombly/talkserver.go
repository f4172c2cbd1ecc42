package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"twombly/internal/call"
	"twombly/internal/config"
	"twombly/internal/people/control"
	"twombly/internal/web"
)

// server is a server as a program with a token sees it.
type server struct {
	address, token string
	http           *http.Client
}

// httpFor is what requests to a server are made with: over HTTPS it trusts the authority in the data folder, and no other.
func httpFor(address, data string) (*http.Client, error) {
	if !strings.HasPrefix(address, "https://") {
		return http.DefaultClient, nil
	}
	pool, err := web.TrustAuthority(certificates(data))
	if err != nil {
		return nil, err
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}, nil
}

// withServer runs a job against the server that has the data folder, or against one that runs in this process meanwhile.
func withServer(ctx context.Context, settings config.Config, term terminal, job func(context.Context, server) error) error {
	client, err := control.Dial(ctx, settings.Data)
	if err == nil {
		defer client.Close()
		status, err := client.Status(ctx)
		if err != nil {
			return err
		}
		return withToken(ctx, client, status.Address, settings.Data, job)
	}
	if !errors.Is(err, control.ErrNoServer) {
		return err
	}
	serving, stop := context.WithCancel(ctx)
	defer stop()
	ready, ended := make(chan running, 1), make(chan error, 1)
	go func() { ended <- serve(serving, settings, call.Layers{}, term, func(r running) { ready <- r }) }()
	select {
	case err := <-ended:
		return errors.Join(err, context.Cause(ctx))
	case at := <-ready:
		err := withToken(ctx, at.keys, at.address, settings.Data, job)
		stop()
		return errors.Join(err, <-ended)
	}
}

// withToken runs a job with a token that lives as long as the job.
func withToken(ctx context.Context, keys control.Keys, address, data string, job func(context.Context, server) error) error {
	requests, err := httpFor(address, data)
	if err != nil {
		return err
	}
	secret, token, err := keys.CreateToken(ctx, fmt.Sprintf("terminal %d %s", os.Getpid(), rand.Text()[:6]))
	if err != nil {
		return err
	}
	err = job(ctx, server{address: address, token: secret, http: requests})
	if err != nil && errors.Is(context.Cause(ctx), errLeft) {
		err = errLeft
	}
	return errors.Join(err, keys.RevokeToken(context.WithoutCancel(ctx), token.ID))
}

// maxAnswerBytes bounds what the API may answer here; a voice's sample is the largest.
const maxAnswerBytes = 16 << 20

// get asks the API.
func (s server) get(ctx context.Context, path string, into any) error {
	text, err := s.ask(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return nil
}

// post tells the API something.
func (s server) post(ctx context.Context, path string, body, into any) error {
	sent, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write to the server: %w", err)
	}
	text, err := s.ask(ctx, http.MethodPost, path, sent)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return nil
}

// ask makes a request and returns the answer's body.
func (s server) ask(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, s.address+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask the server: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := s.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask the server: %w", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes))
	if err != nil {
		return nil, fmt.Errorf("read the server's answer: %w", err)
	}
	if response.StatusCode < 300 {
		return text, nil
	}
	var problem struct {
		Title, Detail string
	}
	if json.Unmarshal(text, &problem) == nil && problem.Detail != "" {
		return nil, errors.New(strings.TrimSuffix(problem.Detail, "."))
	}
	return nil, fmt.Errorf("the server answered with status %d to %s", response.StatusCode, path)
}

// localZone is the IANA name of this machine's time zone, empty when it can't be told.
func localZone() string {
	if zone := os.Getenv("TZ"); zone != "" {
		return strings.TrimPrefix(zone, ":")
	}
	path, err := filepath.EvalSymlinks("/etc/localtime")
	if err != nil {
		return ""
	}
	_, zone, _ := strings.Cut(path, "zoneinfo/")
	return zone
}
