package bench

import (
	"strings"
	"time"

	"twombly/internal/realtime/client"
)

// toldReply is what a client of ours is told of a reply.
type toldReply struct {
	item    string
	clauses []announced
	pauses  []toldPause
	// cut is when she was interrupted, zero when she was not; recorded are the words on record as heard then.
	cut      time.Time
	recorded string

	start   uint32        // RTP timestamp of its first sample
	silence time.Duration // of its pauses so far
}

// toldPause is a silence inside a reply.
type toldPause struct {
	at time.Time
	// held says that she was held, and not that what follows was late.
	held bool
	// content is where in the reply's own sound it lies, goesOn where the sound after it does; clock and resumed are the same places on the RTP clock,
	// which runs on through silence.
	content, goesOn time.Duration
	clock, resumed  time.Duration
}

// slackOfDurations is how far the announced durations of a reply's clauses, whole milliseconds, may be off.
const slackOfDurations = 20 * time.Millisecond

// readReplies reads what was told of replies, in the order in which they sounded. A pause that was not ended is left out.
func readReplies(events []client.Event) (all []*toldReply) {
	by := map[string]*toldReply{}
	var paused toldPause
	for _, event := range events {
		var fields struct {
			Item       string  `json:"item_id"`
			Text       string  `json:"text"`
			Duration   float64 `json:"duration_ms"`
			Offset     float64 `json:"offset_ms"`
			Timestamp  uint32  `json:"rtp_timestamp"`
			Transcript string  `json:"transcript"`
		}
		switch event.Type {
		case "twombly.caption", "twombly.paused", "twombly.resumed", "output_audio_buffer.started", "conversation.item.truncated":
		default:
			continue
		}
		if event.Decode(&fields) != nil {
			continue
		}
		reply := by[fields.Item]
		if reply == nil {
			reply = &toldReply{item: fields.Item}
			by[fields.Item] = reply
			all = append(all, reply)
		}
		offset := durationOf(fields.Offset)
		switch event.Type {
		case "twombly.caption":
			reply.clauses = append(reply.clauses, announced{fields.Text, durationOf(fields.Duration)})
		case "output_audio_buffer.started":
			reply.start = fields.Timestamp
		case "twombly.paused":
			paused = toldPause{
				at: event.At, held: reply.announced() > offset+slackOfDurations, content: offset, clock: offset + reply.silence,
			}
		case "twombly.resumed":
			const clockRate = 2 * client.VoiceRate
			paused.resumed = time.Duration(int32(fields.Timestamp-reply.start)) * time.Second / clockRate
			paused.goesOn = offset
			reply.silence = paused.resumed - offset
			reply.pauses = append(reply.pauses, paused)
		case "conversation.item.truncated":
			reply.cut, reply.recorded = event.At, fields.Transcript
		}
	}
	return all
}

func durationOf(milliseconds float64) time.Duration {
	return time.Duration(milliseconds * float64(time.Millisecond))
}

// announced is how much sound of the reply was announced.
func (r *toldReply) announced() (sum time.Duration) {
	for _, clause := range r.clauses {
		sum += clause.length
	}
	return sum
}

// said is what she was to say.
func (r *toldReply) said() string {
	var text strings.Builder
	for _, clause := range r.clauses {
		text.WriteString(clause.text)
	}
	return text.String()
}
