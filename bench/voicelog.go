package bench

import (
	"encoding/json"
	"strings"
	"time"

	"twombly/bench/measure"
	"twombly/internal/realtime/client"
)

// turnLog is what the server told of one turn.
type turnLog struct {
	// Pauses of the person, as the server noticed them; Commits are the items it made.
	stopped   []stop
	started   map[string]time.Duration // item to the audio position of its first voice
	commits   []string
	words     map[string]string
	replies   []reply
	responses map[string]string // response to item
	drafted   tokens
	notices   []any
}

// tokens are those of drafts that were spoken, and of drafts that were thrown away.
type tokens struct {
	Used    int `json:"used"`
	Dropped int `json:"dropped"`
}

// add takes in an event, if it tells the end of a draft.
func (t *tokens) add(event client.Event) {
	var fields struct {
		Spoken bool `json:"spoken"`
		Tokens int  `json:"tokens"`
	}
	if event.Type != "twombly.draft_ended" || event.Decode(&fields) != nil {
		return
	}
	if fields.Spoken {
		t.Used += fields.Tokens
	} else {
		t.Dropped += fields.Tokens
	}
}

// setWaste keeps how many tokens were drafted for nothing for each that was used.
func (r *Result) setWaste(prefix string, drafted tokens) {
	r.set(prefix+"tokens_used", float64(drafted.Used))
	r.set(prefix+"tokens_dropped", float64(drafted.Dropped))
	if drafted.Used > 0 {
		r.set(prefix+"dropped_tokens_per_used", float64(drafted.Dropped)/float64(drafted.Used))
	}
}

// stop is a pause that the server noticed.
type stop struct {
	item string
	at   time.Time     // when its event came
	end  time.Duration // audio position of the last voice
}

// reply is one answer as it was announced.
type reply struct {
	item    string
	clauses []announced
	timings *timings
}

// announced is a clause that is about to sound.
type announced struct {
	text   string
	length time.Duration
}

// timings are the server's stages, and when they were told: right after the first clause was handed to the transport.
type timings struct {
	stages
	at time.Time
}

// logFields are those of all events that matter here.
type logFields struct {
	Item       string          `json:"item_id"`
	Response   string          `json:"response_id"`
	AudioStart int64           `json:"audio_start_ms"`
	AudioEnd   int64           `json:"audio_end_ms"`
	Transcript string          `json:"transcript"`
	Text       string          `json:"text"`
	Duration   float64         `json:"duration_ms"`
	Whole      json.RawMessage `json:"item"`
}

// readLog reads a turn's events.
func readLog(events []client.Event) turnLog {
	log := turnLog{started: map[string]time.Duration{}, words: map[string]string{}, responses: map[string]string{}}
	for _, event := range events {
		log.drafted.add(event)
		var fields logFields
		if event.Decode(&fields) != nil {
			continue
		}
		switch event.Type {
		case "input_audio_buffer.speech_started":
			log.started[fields.Item] = time.Duration(fields.AudioStart) * time.Millisecond
		case "input_audio_buffer.speech_stopped":
			log.stopped = append(log.stopped, stop{fields.Item, event.At, time.Duration(fields.AudioEnd) * time.Millisecond})
		case "input_audio_buffer.committed":
			log.commits = append(log.commits, fields.Item)
		case "conversation.item.input_audio_transcription.completed":
			log.words[fields.Item] = fields.Transcript
		case "response.output_item.added":
			var item struct {
				ID string `json:"id"`
			}
			if json.Unmarshal(fields.Whole, &item) == nil {
				log.responses[fields.Response] = item.ID
				log.replies = append(log.replies, reply{item: item.ID})
			}
		case "twombly.caption":
			if reply := log.reply(fields.Item); reply != nil {
				length := time.Duration(fields.Duration * float64(time.Millisecond))
				reply.clauses = append(reply.clauses, announced{fields.Text, length})
			}
		case "twombly.timings":
			if reply := log.reply(log.responses[fields.Response]); reply != nil {
				told := timings{at: event.At}
				if event.Decode(&told.stages) == nil {
					var total struct {
						Total float64 `json:"total_ms"`
					}
					if event.Decode(&total) == nil {
						told.Total = total.Total
					}
					reply.timings = &told
				}
			}
		case "twombly.notice", "error":
			log.notices = append(log.notices, event.Data)
		}
	}
	return log
}

func (l *turnLog) reply(item string) *reply {
	for i := range l.replies {
		if l.replies[i].item == item {
			return &l.replies[i]
		}
	}
	return nil
}

// selfSlack is how far outside the person's words the voice of a turn of theirs may lie.
const selfSlack = 500 * time.Millisecond

// judgeTurn makes a turn's figures of what was said, what the server told and what was heard. began is when the
// microphone's first sample was heard, buffer what the loudspeaker holds back.
func judgeTurn(said spoken, log turnLog, heard map[string][]measure.Piece, began time.Time, buffer time.Duration) voiceTurn {
	turn := voiceTurn{Commits: len(log.commits), Glitches: []glitchMark{}, PausesMS: []float64{}, Notices: log.notices, Drafted: log.drafted}
	var understood []string
	for _, item := range log.commits {
		if words := log.words[item]; words != "" {
			understood = append(understood, words)
		}
		if at, known := log.started[item]; known && !within(began.Add(at), said) {
			turn.SelfTurns++
		}
	}
	turn.Understood = strings.Join(understood, " ")
	for _, reply := range log.replies {
		played := measure.Play(heard[reply.item], client.VoiceRate, buffer)
		first, sounds := played.Audible(0)
		if !sounds {
			continue
		}
		turn.CutOffMS += milliseconds(played.AudibleBetween(said.from, said.to))
		gaps := measure.FindGaps(played, reply.lengths())
		for _, glitch := range gaps.Glitches {
			turn.Glitches = append(turn.Glitches, glitchMark{
				MS: milliseconds(glitch.Length), At: float64(glitch.Offset) / client.VoiceRate, Waited: glitch.Waited,
			})
		}
		for _, pause := range gaps.Pauses {
			turn.PausesMS = append(turn.PausesMS, milliseconds(pause))
		}
		if turn.Answered || !played.At(first).After(said.to) {
			continue
		}
		turn.Answered = true
		turn.FirstSoundMS = milliseconds(played.At(first).Sub(said.to))
		turn.ReplyMS = milliseconds(time.Duration(len(played.Samples)) * time.Second / client.VoiceRate)
		turn.Answer, turn.Clauses = reply.text(), reply.marks()
		word := first
		if at, text, ok := reply.firstWord(); ok {
			turn.FirstClause = strings.TrimSpace(text)
			if later, sounds := played.Audible(at); sounds {
				word = later
			}
		}
		turn.FirstWordMS = milliseconds(played.At(word).Sub(said.to))
		if reply.timings != nil {
			turn.Stages = explain(said, log, *reply.timings, played, first, began)
		}
	}
	return turn
}

// within says whether a time lies in the person's words.
func within(at time.Time, said spoken) bool {
	return at.After(said.from.Add(-selfSlack)) && at.Before(said.to.Add(selfSlack))
}

// explain splits the time from the last voiced sample to her first sound into stages.
func explain(said spoken, log turnLog, told timings, played measure.Playback, first int64, began time.Time) stages {
	s := told.stages
	var pause stop
	for _, candidate := range log.stopped {
		if candidate.at.Before(told.at) {
			pause = candidate
		}
	}
	if pause.item == "" {
		return s
	}
	silent := began.Add(pause.end)
	s.VoiceTail = milliseconds(silent.Sub(said.to))
	s.Up = milliseconds(pause.at.Sub(silent)) - s.Pause
	if s.Opener > 0 {
		return s // her first sound is another than what is explained
	}
	s.Lead = milliseconds(time.Duration(first) * time.Second / client.VoiceRate)
	s.Down = milliseconds(played.At(0).Sub(told.at))
	s.Transport = milliseconds(played.At(first).Sub(said.to)) - (s.VoiceTail + s.Total + s.Lead)
	return s
}

func (r reply) lengths() []time.Duration {
	lengths := make([]time.Duration, len(r.clauses))
	for i, clause := range r.clauses {
		lengths[i] = clause.length
	}
	return lengths
}

// marks are the clauses with their lengths in seconds.
func (r reply) marks() []clauseMark {
	marks := make([]clauseMark, len(r.clauses))
	for i, clause := range r.clauses {
		marks[i] = clauseMark{Text: clause.text, Seconds: clause.length.Seconds()}
	}
	return marks
}

func (r reply) text() string {
	var text strings.Builder
	for _, clause := range r.clauses {
		text.WriteString(clause.text)
	}
	return text.String()
}

// firstWord is where in the reply's sound the first clause with a word begins, in samples.
func (r reply) firstWord() (at int64, text string, ok bool) {
	var before time.Duration
	for _, clause := range r.clauses {
		if isWord(clause.text) {
			return int64(before) * client.VoiceRate / int64(time.Second), clause.text, true
		}
		before += clause.length
	}
	return 0, "", false
}
