package bench

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"twombly/internal/realtime/client"
)

func TestReadReplies(t *testing.T) {
	began := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var events []client.Event
	tell := func(at int, format string, values ...any) {
		text := json.RawMessage(fmt.Sprintf(format, values...))
		var kind struct{ Type string }
		if err := json.Unmarshal(text, &kind); err != nil {
			t.Fatal(err)
		}
		events = append(events, client.Event{Type: kind.Type, At: began.Add(time.Duration(at) * time.Millisecond), Data: text})
	}
	const start = 4294967000 // the RTP clock runs over in it
	tell(0, `{"type": "twombly.caption", "item_id": "a", "text": "It was late, ", "duration_ms": 1000}`)
	tell(10, `{"type": "output_audio_buffer.started", "item_id": "a", "rtp_timestamp": %d}`, uint32(start))
	tell(400, `{"type": "twombly.paused", "item_id": "a", "offset_ms": 380.5}`)
	tell(700, `{"type": "twombly.resumed", "item_id": "a", "offset_ms": 380.5, "rtp_timestamp": %d}`, uint32((start+680*48)%(1<<32)))
	tell(1310, `{"type": "twombly.paused", "item_id": "a", "offset_ms": 1000}`)
	tell(1500, `{"type": "twombly.caption", "item_id": "a", "text": "and dark.", "duration_ms": 700}`)
	tell(1510, `{"type": "twombly.resumed", "item_id": "a", "offset_ms": 1000, "rtp_timestamp": %d}`, uint32((start+1500*48)%(1<<32)))
	tell(1800, `{"type": "twombly.paused", "item_id": "a", "offset_ms": 1290}`)
	tell(2000, `{"type": "conversation.item.truncated", "item_id": "a", "transcript": "It was late, and"}`)
	tell(2000, `{"type": "response.done"}`)
	tell(3000, `{"type": "twombly.caption", "item_id": "b", "text": "Yes?", "duration_ms": 300}`)

	replies := readReplies(events)
	if len(replies) != 2 || replies[0].said() != "It was late, and dark." || replies[1].said() != "Yes?" {
		t.Fatalf("%+v", replies)
	}
	a := replies[0]
	if a.recorded != "It was late, and" || !a.cut.Equal(began.Add(2*time.Second)) || !replies[1].cut.IsZero() {
		t.Errorf("%+v, %+v", a, replies[1])
	}
	const ms = time.Millisecond
	want := []toldPause{
		{at: began.Add(400 * ms), held: true, content: 380500 * time.Microsecond, goesOn: 380500 * time.Microsecond, clock: 380500 * time.Microsecond, resumed: 680 * ms},
		{at: began.Add(1310 * ms), content: time.Second, goesOn: time.Second, clock: 1299500 * time.Microsecond, resumed: 1500 * ms},
	}
	if !reflect.DeepEqual(a.pauses, want) {
		t.Errorf("pauses %+v\nwant   %+v", a.pauses, want)
	}
}
