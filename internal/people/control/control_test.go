package control_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"twombly/internal/people"
	"twombly/internal/people/control"
	"twombly/internal/people/peopletest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve runs the private socket of a new house in folder; stop ends it and waits.
func serve(t *testing.T, folder string) (house *people.House, stop func() error) {
	t.Helper()
	house, err := people.Open(t.Context(), &peopletest.Memory{}, people.Options{Pepper: bytes.Repeat([]byte{1}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan struct{}), make(chan error, 1)
	status := func() control.Status {
		return control.Status{Version: "test", Process: os.Getpid(), Since: time.Unix(1, 0), Address: "http://127.0.0.1:1", Instance: house.Instance()}
	}
	go func() {
		ended <- control.Serve(ctx, folder, house, status, slog.New(slog.DiscardHandler), func() { close(ready) })
	}()
	select {
	case <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	return house, func() error { cancel(); return <-ended }
}

func TestKeysThroughTheSocket(t *testing.T) {
	for name, folder := range map[string]string{
		"short": t.TempDir(),
		"long":  filepath.Join(t.TempDir(), strings.Repeat("a", 120)), // longer than a socket's address can be
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.MkdirAll(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			house, stop := serve(t, folder)
			client, err := control.Dial(t.Context(), folder)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			info, err := os.Stat(filepath.Join(folder, control.SocketName))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the socket's mode is %v, %v", info.Mode(), err)
			}
			useKeys(t, house, client)
			client.Close()
			if err := stop(); err != nil {
				t.Errorf("ending: %v", err)
			}
			if _, err := control.Dial(t.Context(), folder); !errors.Is(err, control.ErrNoServer) {
				t.Errorf("after the end: %v", err)
			}
			if _, err := os.Lstat(filepath.Join(folder, control.SocketName)); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the socket's file is left: %v", err)
			}
		})
	}
}

func useKeys(t *testing.T, house *people.House, client *control.Client) {
	ctx := t.Context()
	if status, err := client.Status(ctx); err != nil || status.Version != "test" || status.Instance != house.Instance() {
		t.Errorf("%+v, %v", status, err)
	}
	link, err := client.OwnerLink(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := house.Enter(ctx, link.Secret, ""); err != nil {
		t.Errorf("the link from the socket: %v", err)
	}
	secret, token, err := client.CreateToken(ctx, "a/b ?")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := house.Token(ctx, secret); err != nil {
		t.Errorf("the token from the socket: %v", err)
	}
	if _, _, err := client.CreateToken(ctx, token.Name); !errors.Is(err, people.ErrNameTaken) {
		t.Errorf("the name again: %v", err)
	}
	if _, _, err := client.CreateToken(ctx, ""); !errors.Is(err, people.ErrBadName) {
		t.Errorf("no name: %v", err)
	}
	if tokens, err := client.Tokens(ctx); err != nil || len(tokens) != 1 || tokens[0].Name != "a/b ?" {
		t.Errorf("%+v, %v", tokens, err)
	}
	if err := client.RevokeToken(ctx, "a/b ?"); err != nil {
		t.Errorf("revoking by name: %v", err)
	}
	if err := client.RevokeToken(ctx, "a/b ?"); !errors.Is(err, people.ErrNoToken) {
		t.Errorf("revoking again: %v", err)
	}
	if _, err := house.Token(ctx, secret); !errors.Is(err, people.ErrWrong) {
		t.Errorf("after revoking: %v", err)
	}
}

func TestNoServer(t *testing.T) {
	folder := t.TempDir()
	if _, err := control.Dial(t.Context(), folder); !errors.Is(err, control.ErrNoServer) {
		t.Errorf("an empty folder: %v", err)
	}
	// A server that was killed leaves its socket: nobody answers there, and the next server takes its place.
	dead, err := net.Listen("unix", filepath.Join(folder, control.SocketName))
	if err != nil {
		t.Fatal(err)
	}
	dead.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := control.Dial(t.Context(), folder); !errors.Is(err, control.ErrNoServer) {
		t.Errorf("a dead socket: %v", err)
	}
	_, stop := serve(t, folder)
	client, err := control.Dial(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestRead(t *testing.T) {
	folder := t.TempDir()
	house, err := people.Open(t.Context(), &peopletest.Memory{}, people.Options{Pepper: bytes.Repeat([]byte{1}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	routes := []control.Route{
		{Name: "long", Write: func(_ context.Context, argument string, to io.Writer) error {
			_, err := io.WriteString(to, strings.Repeat(argument, 100_000))
			return err
		}},
		{Name: "refused", Write: func(context.Context, string, io.Writer) error { return errors.New("not today") }},
		{Name: "cut", Write: func(_ context.Context, _ string, to io.Writer) error {
			_, err := io.WriteString(to, strings.Repeat("half", 10_000))
			return errors.Join(err, errors.New("the disk is gone"))
		}},
	}
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- control.Serve(ctx, folder, house, func() control.Status { return control.Status{} }, slog.New(slog.DiscardHandler),
			func() { close(ready) }, routes...)
	}()
	<-ready
	client, err := control.Dial(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	body, err := client.Read(t.Context(), "long", "ä ")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(body)
	if err := errors.Join(err, body.Close()); err != nil || string(text) != strings.Repeat("ä ", 100_000) {
		t.Errorf("read %d bytes, %v", len(text), err)
	}
	if _, err := client.Read(t.Context(), "refused", ""); err == nil || !strings.Contains(err.Error(), "not today") {
		t.Errorf("a route that refuses: %v", err)
	}
	if _, err := client.Read(t.Context(), "nothing", ""); err == nil {
		t.Error("a route that is not there answered")
	}
	if body, err = client.Read(t.Context(), "cut", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(body); err == nil {
		t.Error("an answer that was cut off looks whole")
	}
	_ = body.Close() // its answer is broken anyway
	client.Close()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
