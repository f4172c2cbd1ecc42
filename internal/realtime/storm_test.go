package realtime_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"twombly/internal/call"
	"twombly/internal/realtime"
	"twombly/internal/realtime/client"
)

// bad are events that must be answered by an error which names them, whatever the state of the session.
var bad = []func(*rand.Rand) object{
	func(r *rand.Rand) object { return object{"type": word(r)} },
	func(*rand.Rand) object { return object{"type": "session.update"} },
	func(r *rand.Rand) object {
		return object{"type": "session.update", "session": anyOf(r, 3, word(r), []any{}, nil)}
	},
	func(r *rand.Rand) object { return session(object{"type": word(r)}) },
	func(r *rand.Rand) object { return session(object{"output_modalities": []any{word(r)}}) },
	func(*rand.Rand) object { return session(object{"output_modalities": []any{}}) },
	func(*rand.Rand) object { return session(object{"instructions": strings.Repeat("x", 65<<10)}) },
	func(r *rand.Rand) object {
		return session(object{"tools": anyOf(r, word(r), 7, []any{object{}}, []any{object{"type": word(r), "name": "f"}})})
	},
	func(*rand.Rand) object {
		return session(object{"tools": []any{object{"name": "f"}, object{"name": "f"}}})
	},
	func(r *rand.Rand) object {
		return session(object{"tool_choice": anyOf(r, word(r), 7, object{"type": "function", "name": word(r)})})
	},
	func(r *rand.Rand) object {
		return session(object{"audio": object{"input": object{"format": object{"type": word(r)}}}})
	},
	func(*rand.Rand) object {
		return session(object{"audio": object{"output": object{"format": object{"type": "audio/pcm", "rate": 44100}}}})
	},
	func(r *rand.Rand) object {
		return session(object{"audio": object{"input": object{"turn_detection": anyOf(r, object{"type": word(r)}, 3, []any{},
			object{"type": "server_vad", "silence_duration_ms": anyOf(r, -1, 0, 1e6, word(r))},
			object{"type": "server_vad", "threshold": anyOf(r, -0.5, 1.5)}, object{"type": "server_vad", "idle_timeout_ms": anyOf(r, 1, 1e7)},
			object{"type": "semantic_vad", "eagerness": word(r)})}}})
	},
	func(r *rand.Rand) object {
		return session(object{"audio": object{"output": anyOf(r, object{"speed": anyOf(r, -1, 0, 9, word(r))}, object{"voice": anyOf(r, 3, object{}, []any{})})}})
	},
	func(*rand.Rand) object { return object{"type": "input_audio_buffer.append"} },
	func(r *rand.Rand) object {
		return object{"type": "input_audio_buffer.append", "audio": anyOf(r, "AAAA", "?", "A", 7, object{}, strings.Repeat("é", r.IntN(40)+1))}
	},
	func(r *rand.Rand) object {
		return object{"type": "conversation.item.create", "item": anyOf(r, 3, word(r), object{}, object{"type": word(r)}, object{"type": "message"},
			object{"type": "message", "role": "user"}, object{"type": "message", "role": word(r), "content": text(r)},
			object{"type": "message", "role": "user", "content": []any{object{"type": word(r)}}},
			object{"type": "message", "role": "user", "content": []any{object{"type": "input_text"}}},
			object{"type": "message", "role": "user", "content": text(r), "id": strings.Repeat("i", 65)},
			object{"type": "function_call_output"}, object{"type": "function_call_output", "call_id": "call_of_nobody", "output": word(r)},
			object{"type": "function_call_output", "call_id": 3})}
	},
	func(*rand.Rand) object { return object{"type": "conversation.item.create"} },
	func(r *rand.Rand) object {
		return object{"type": "conversation.item.create", "previous_item_id": word(r), "item": object{"type": "message", "role": "user", "content": text(r)}}
	},
	func(r *rand.Rand) object {
		return object{"type": "conversation.item.retrieve", "item_id": anyOf(r, word(r), 4)}
	},
	func(r *rand.Rand) object {
		return object{"type": "conversation.item.delete", "item_id": anyOf(r, word(r), "", nil)}
	},
	func(r *rand.Rand) object {
		return object{"type": "conversation.item.truncate", "item_id": word(r), "audio_end_ms": anyOf(r, -1, 1e300, "soon", nil)}
	},
	func(r *rand.Rand) object {
		return object{"type": "response.create", "response": anyOf(r, 3, word(r), object{"input": []any{3}}, object{"conversation": "none"},
			object{"output_modalities": []any{word(r)}}, object{"tools": word(r)}, object{"tool_choice": word(r)},
			object{"instructions": strings.Repeat("x", 65<<10)})}
	},
	func(r *rand.Rand) object { return object{"type": "response.cancel", "response_id": word(r)} },
	func(r *rand.Rand) object {
		return object{"type": "twombly.playback", "item_id": anyOf(r, "", word(r)), "played_ms": anyOf(r, -4, "x", nil)}
	},
}

// fine are events that must do no harm, whatever they hold.
var fine = []func(*rand.Rand) object{
	func(*rand.Rand) object { return session(object{}) },
	func(r *rand.Rand) object {
		return session(object{"tracing": anyOf(r, "auto", nil, object{}), "prompt": nil, "unknown": word(r)})
	},
	func(r *rand.Rand) object {
		return object{"type": "input_audio_buffer.append", "audio": []byte(strings.Repeat("xy", r.IntN(2000)))}
	},
	func(*rand.Rand) object { return object{"type": "input_audio_buffer.clear"} },
	func(*rand.Rand) object { return object{"type": "output_audio_buffer.clear"} },
	func(r *rand.Rand) object { return object{"type": "twombly.client", "zone": word(r), "device": word(r)} },
	func(*rand.Rand) object { return object{"type": "twombly.hard_stop"} },
}

func session(of object) object {
	if _, there := of["type"]; !there {
		of["type"] = "realtime"
	}
	return object{"type": "session.update", "session": of}
}

func text(r *rand.Rand) []any { return []any{object{"type": "input_text", "text": word(r)}} }

func anyOf(r *rand.Rand, values ...any) any { return values[r.IntN(len(values))] }

// word is a word that means nothing in the protocol.
func word(r *rand.Rand) string {
	return "no_" + strings.Repeat(string(rune('a'+r.IntN(26))), 1+r.IntN(6)) + anyOf(r, "", "é", "\u0000", "😀", "\\", `"`).(string)
}

// rubbish is what is no event at all.
func rubbish(r *rand.Rand) string {
	random := make([]byte, r.IntN(300))
	for i := range random {
		random[i] = byte(r.IntN(256))
	}
	return anyOf(r, "", "{", "[]", "null", "7", `"type"`, strings.Repeat("[", 2000), `{"type":`+strings.Repeat(`{"a":`, 500)+"1", string(random),
		`{"type":7}`, `{"type":"error","type":null}`).(string)
}

// TestStorm lets a client that knows the protocol and means no good send events over both transports, for 10 minutes in the long
// form: nothing breaks or hangs, and every bad event is answered by an error that names it.
func TestStorm(t *testing.T) {
	lasting := 2 * time.Second
	if os.Getenv("TWOMBLY_LONG") == "1" {
		lasting = 5 * time.Minute
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for name, dial := range map[string]func(*testing.T) (*client.Client, *fakeLine){
		"WebSocket": func(t *testing.T) (*client.Client, *fakeLine) {
			url, calls := serve(t, realtime.Options{}, realtime.Caller{PersonID: "p"})
			c, err := client.DialWebSocket(t.Context(), client.Options{URL: url, Token: "secret", Silent: true})
			if err != nil {
				t.Fatal(err)
			}
			return c, <-calls.lines
		},
		"data channel": func(t *testing.T) (*client.Client, *fakeLine) {
			url, calls, library := serveWebRTC(t, realtime.Caller{PersonID: "p"})
			c, err := client.DialWebRTC(t.Context(), client.Options{URL: url, Token: "secret", Opus: library})
			if err != nil {
				t.Fatal(err)
			}
			return c, <-calls.lines
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, line := dial(t)
			defer c.Close()
			line.lock.Lock()
			line.errors["truncate"], line.errors["commit"] = call.ErrUnknownItem, call.ErrEmpty
			line.lock.Unlock()
			r := rand.New(rand.NewPCG(seed, 1))
			events := 0
			for until := time.Now().Add(lasting); time.Now().Before(until); {
				events += storm(t, c, r, events)
			}
			t.Logf("%d events", events)
		})
	}
}

// storm sends a few dozen events and checks the answers.
func storm(t *testing.T, c *client.Client, r *rand.Rand, number int) (sent int) {
	t.Helper()
	from := c.Count()
	wrong := map[string]string{}
	unreadable := 0
	for range 40 {
		sent++
		id := fmt.Sprintf("storm_%d", number+sent)
		switch kind := r.IntN(10); {
		case kind < 6:
			event := bad[r.IntN(len(bad))](r)
			event["event_id"] = id
			wrong[id] = sendEvent(t, c, event)
		case kind < 9:
			event := fine[r.IntN(len(fine))](r)
			event["event_id"] = id
			sendEvent(t, c, event)
		default:
			unreadable++
			if err := c.SendText(t.Context(), rubbish(r)); err != nil {
				t.Fatal(err)
			}
		}
	}
	fence := fmt.Sprintf("fence_%d", number)
	sendEvent(t, c, object{"type": "fence", "event_id": fence})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	anonymous := 0
	for {
		event, next, err := c.Await(ctx, from, client.OfType("error"))
		if err != nil {
			t.Fatalf("it hangs, or is gone: %v", err)
		}
		from = next
		var told struct {
			Error struct {
				EventID string `json:"event_id"`
				Message string `json:"message"`
			} `json:"error"`
		}
		if err := json.Unmarshal(event.Data, &told); err != nil || told.Error.Message == "" {
			t.Errorf("an error that says nothing: %s (%v)", event.Data, err)
		}
		if told.Error.EventID == fence {
			break
		}
		if told.Error.EventID == "" {
			anonymous++
		}
		delete(wrong, told.Error.EventID)
	}
	for id, what := range wrong {
		t.Errorf("%s was not answered by an error: %.300s", id, what)
	}
	if anonymous < unreadable {
		t.Errorf("%d of %d unreadable messages were answered", anonymous, unreadable)
	}
	return sent
}

func sendEvent(t *testing.T, c *client.Client, event object) string {
	t.Helper()
	text, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.SendText(t.Context(), string(text)); err != nil {
		t.Fatal(err)
	}
	return string(text)
}
