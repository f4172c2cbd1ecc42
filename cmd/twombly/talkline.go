package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"twombly/internal/call"
	"twombly/internal/realtime/client"
)

// textLine is a conversation in text over the Realtime protocol.
type textLine struct{ client *client.Client }

func dialText(ctx context.Context, at server) (*textLine, error) {
	dialled, err := client.DialWebSocket(ctx, client.Options{
		URL: at.address, Token: at.token, HTTP: at.http, Silent: true,
		Session: map[string]any{"type": "realtime", "output_modalities": []string{"text"}},
	})
	if err != nil {
		return nil, fmt.Errorf("call her: %w", err)
	}
	if err := introduce(ctx, dialled); err != nil {
		return nil, errors.Join(err, dialled.Close())
	}
	return &textLine{client: dialled}, nil
}

// introduce says who calls, and asks for her own events with it.
func introduce(ctx context.Context, dialled *client.Client) error {
	return dialled.Send(ctx, map[string]any{
		"type": "twombly.client", "device": "terminal", "zone": localZone(), "transport": "websocket",
	})
}

func (l *textLine) close() error { return l.client.Close() }

// stop ends the answer in the making.
func (l *textLine) stop(ctx context.Context) error {
	return l.client.Send(ctx, map[string]any{"type": "response.cancel"})
}

// reply is what events of an answer carry.
type reply struct {
	Delta    string
	Message  string // of a notice
	Response struct {
		Status  string
		Details struct {
			Reason string
			Error  struct{ Message string }
		} `json:"status_details"`
	}
	Error struct{ Code, Message string }
}

// say sends a message and writes the answer as it comes. It returns when the answer is complete, or was stopped.
func (l *textLine) say(ctx context.Context, text string, out io.Writer) error {
	if len(text) > call.MaxTypedBytes {
		return fmt.Errorf("that is %d bytes, and a message may have %d; send it in parts", len(text), call.MaxTypedBytes)
	}
	place := l.client.Count()
	if err := l.client.Type(ctx, text); err != nil {
		return fmt.Errorf("send your words: %w", err)
	}
	for {
		var event client.Event
		var err error
		event, place, err = l.client.Await(ctx, place, client.OfType("response.output_text.delta", "response.done", "twombly.notice", "error"))
		if err != nil {
			return fmt.Errorf("wait for her answer: %w", err)
		}
		var got reply
		if err := event.Decode(&got); err != nil {
			return fmt.Errorf("read her answer: %w", err)
		}
		switch event.Type {
		case "response.output_text.delta":
			if _, err := io.WriteString(out, got.Delta); err != nil {
				return err
			}
		case "twombly.notice":
			if _, err := fmt.Fprintf(out, "[%s] ", got.Message); err != nil {
				return err
			}
		case "error":
			if got.Error.Code == "response_cancel_not_active" {
				continue // Ctrl-C met the end of the answer
			}
			return errors.New(strings.TrimSuffix(got.Error.Message, "."))
		case "response.done":
			return got.failure()
		}
	}
}

// failure is why an answer did not come, nil when it did or was stopped.
func (r reply) failure() error {
	if r.Response.Status != "failed" {
		return nil
	}
	if r.Response.Details.Error.Message == "" {
		return errors.New("she could not answer; \"twombly doctor\" may know why")
	}
	return errors.New(strings.TrimSuffix(r.Response.Details.Error.Message, "."))
}
