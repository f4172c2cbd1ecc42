package realtime_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"twombly/internal/call"
	"twombly/internal/realtime"
	"twombly/internal/realtime/client"
	"twombly/internal/realtime/clienttest"
)

// documented reads the tables of events in docs/protocol.md: the client's and the server's, each with whether it is spoken.
func documented(t *testing.T) (client, server map[string]bool) {
	t.Helper()
	text, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	tables := []map[string]bool{{}, {}}
	for i, head := range []string{"| client event | spoken |", "| server event | spoken |"} {
		_, table, found := strings.Cut(string(text), head)
		if !found {
			t.Fatalf("docs/protocol.md has no table %q", head)
		}
		table, _, _ = strings.Cut(table, "\n\n")
		for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_.]+)` \\| (yes|no) \\|").FindAllStringSubmatch(table, -1) {
			tables[i][row[1]] = row[2] == "yes"
		}
	}
	return tables[0], tables[1]
}

// TestTableOfClientEvents: what the table calls spoken is understood, and nothing else is.
func TestTableOfClientEvents(t *testing.T) {
	client, _ := documented(t)
	if len(client) < 11 {
		t.Errorf("the table has %d client events", len(client))
	}
	url, calls := serve(t, realtime.Options{}, realtime.Caller{PersonID: "p"})
	c, _ := dial(t, url, calls)
	for kind, spoken := range client {
		// Without any of its fields it is either missing something or carried out; an unknown one is called so.
		c.send(map[string]any{"type": kind, "event_id": kind})
		c.send(map[string]any{"type": "session.update", "event_id": "fence"}) // answered with an error about what is missing
		unknown := false
		for {
			e := c.read()
			if e["type"] != "error" {
				continue
			}
			if e.at("error", "event_id") == kind && kind != "session.update" {
				unknown = e.at("error", "code") == "unknown_event"
			}
			if e.at("error", "event_id") == "fence" {
				break
			}
		}
		if unknown == spoken {
			t.Errorf("%s: the table says spoken=%v, the program knows it: %v", kind, spoken, !unknown)
		}
	}
}

// TestTableOfServerEvents: over both transports, a call in which everything happens that can, sends just the events that the
// table calls spoken.
func TestTableOfServerEvents(t *testing.T) {
	_, server := documented(t)
	seen := map[string]bool{}
	everything(t, seen)
	overWebRTC(t, seen)
	for kind, spoken := range server {
		if seen[kind] != spoken {
			t.Errorf("%s: the table says spoken=%v, it was sent: %v", kind, spoken, seen[kind])
		}
	}
	for kind := range seen {
		if _, there := server[kind]; !there && !strings.HasPrefix(kind, "twombly.") {
			t.Errorf("%s is sent and not in the table", kind)
		}
	}
}

// everything lets a call over WebSocket report all that a call can.
func everything(t *testing.T, seen map[string]bool) {
	t.Helper()
	url, calls := serve(t, realtime.Options{}, realtime.Caller{PersonID: "p"})
	c, first := dial(t, url, calls)
	seen[fmt.Sprint(first["type"])] = true
	c.send(map[string]any{"type": "session.update", "session": map[string]any{"type": "realtime"}})
	c.send(map[string]any{"type": "input_audio_buffer.clear"})
	c.send(map[string]any{"type": "nonsense"})
	for _, report := range []call.Event{
		call.SpeechStarted{ItemID: "i1"}, call.PersonPartial{ItemID: "i1", Text: "So be it.", Stable: 5},
		call.SpeechStopped{ItemID: "i1", At: time.Second}, call.TurnCommitted{ItemID: "i1"},
		call.PersonFinal{ItemID: "i1", Text: "So be it.", AudioSeconds: 1},
		call.ResponseStarted{ResponseID: "r1", ItemID: "i2", PreviousItemID: "i1"},
		call.ReplyText{ResponseID: "r1", ItemID: "i2", Delta: "Amen.", Duration: time.Second},
	} {
		c.line.mouth.Report(report)
	}
	c.line.mouth.Play("i2", make([]float32, 24000))
	for _, report := range []call.Event{
		call.ResponseDone{ResponseID: "r1", ItemID: "i2", Status: "completed", Text: "Amen.", Calls: []call.FunctionCall{
			{ItemID: "i3", CallID: "c1", Name: "ring", Arguments: `{"times":3}`},
		}},
		call.ItemTruncated{ItemID: "i2", AudioEnd: 500 * time.Millisecond, Words: "A"},
		call.CallAnswered{ItemID: "i4", PreviousItemID: "i3", CallID: "c1", Output: "rung"},
		call.SilenceTimedOut{ItemID: "i5", From: time.Second, To: 7 * time.Second},
	} {
		c.line.mouth.Report(report)
	}
	c.send(map[string]any{"type": "session.update", "session": map[string]any{"type": "realtime", "output_modalities": []string{"text"}}})
	for e := c.read(); ; e = c.read() {
		seen[fmt.Sprint(e["type"])] = true
		if e["type"] == "session.updated" && slices.Equal(e.at("session", "output_modalities").([]any), []any{"text"}) {
			break
		}
	}
	c.line.mouth.Report(call.ResponseStarted{ResponseID: "r2", ItemID: "i6"})
	c.line.mouth.Report(call.ReplyText{ResponseID: "r2", ItemID: "i6", Delta: "Amen."})
	c.line.mouth.Report(call.ResponseDone{ResponseID: "r2", ItemID: "i6", Status: "completed", Text: "Amen."})
	c.send(map[string]any{"type": "conversation.item.retrieve", "item_id": "i2"})
	c.send(map[string]any{"type": "conversation.item.delete", "item_id": "i2"})
	for e := c.read(); ; e = c.read() {
		seen[fmt.Sprint(e["type"])] = true
		if e["type"] == "conversation.item.deleted" {
			return
		}
	}
}

// TestTableIsComplete: the table names what the types of the official client name, and nothing else.
func TestTableIsComplete(t *testing.T) {
	client, server := documented(t)
	script := `
import typing
from openai.types.realtime import realtime_client_event as c, realtime_server_event as s
for name, union in (("client", c.RealtimeClientEvent), ("server", s.RealtimeServerEvent)):
    for event in typing.get_args(typing.get_args(union)[0]):
        print(name, typing.get_args(event.model_fields["type"].annotation)[0])
`
	out, err := exec.CommandContext(t.Context(), clienttest.Python(t), "-c", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]map[string]bool{"client": {}, "server": {}}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		side, kind, _ := strings.Cut(line, " ")
		named[side][kind] = true
	}
	for side, table := range map[string]map[string]bool{"client": client, "server": server} {
		reference, ours := slices.Sorted(maps.Keys(named[side])), slices.Sorted(maps.Keys(table))
		if !slices.Equal(reference, ours) {
			t.Errorf("events of the %s: the reference has %q, the table %q", side, reference, ours)
		}
	}
}

// overWebRTC lets a call over WebRTC play an answer to its end, and another that is cut.
func overWebRTC(t *testing.T, seen map[string]bool) {
	t.Helper()
	url, calls, library := serveWebRTC(t, realtime.Caller{PersonID: "p"})
	c, err := client.DialWebRTC(t.Context(), client.Options{URL: url, Token: "secret", Opus: library})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	line := <-calls.lines
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	from := 0
	await := func(kind string) {
		t.Helper()
		var err error
		if _, from, err = c.Await(ctx, from, client.OfType(kind)); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		seen[kind] = true
	}
	for _, item := range []string{"whole", "cut"} {
		line.mouth.Report(call.ResponseStarted{ResponseID: "r_" + item, ItemID: item})
		line.mouth.Report(call.ReplyText{ResponseID: "r_" + item, ItemID: item, Delta: "Amen.", Duration: time.Second})
		line.mouth.Play(item, make([]float32, 24000/2))
		await("output_audio_buffer.started")
		if item == "whole" {
			line.mouth.PlayEnd(item)
			await("output_audio_buffer.stopped")
		} else {
			line.mouth.Hush(item)
			await("output_audio_buffer.cleared")
		}
	}
}
