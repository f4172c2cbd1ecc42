package realtime

import (
	"strings"
	"time"

	"twombly/internal/call"
)

// A session is the mouth of its call, and more.
var (
	_ call.Mouth = (*session)(nil)
	_ Teller     = (*session)(nil)
)

// words is what is being recognised of one item.
type words struct {
	committed bool
	sent      string            // the deltas so far
	stable    string            // what may be sent when the item is there
	final     *call.PersonFinal // came before the item was there
}

// Play implements call.Mouth.
func (s *session) Play(itemID string, samples []float32) {
	s.lock.Lock()
	r := s.responses[itemID]
	if r != nil {
		s.announce(r)
		r.samples += int64(len(samples))
	}
	s.lock.Unlock()
	if r == nil {
		return
	}
	s.voice.play(r, samples)
	// Only now: an estimate of an item whose sound is not queued yet would find that nothing more of it will come.
	s.lock.Lock()
	if s.playing != itemID {
		s.playing = itemID
		s.rouse()
	}
	s.lock.Unlock()
}

// Murmur implements call.Mouth: only a client of ours knows that not all sound is of a response.
func (s *session) Murmur(id string, samples []float32) bool {
	s.lock.Lock()
	ours := s.ours
	s.lock.Unlock()
	return ours && s.voice.murmur(id, samples)
}

// PlayEnd implements call.Mouth.
func (s *session) PlayEnd(itemID string) { s.voice.end(itemID) }

// Hush implements call.Mouth.
func (s *session) Hush(itemID string) { s.voice.hush(itemID) }

// Duck implements call.Mouth.
func (s *session) Duck(itemID string, down bool) { s.voice.duck(itemID, down) }

// Hold implements call.Mouth.
func (s *session) Hold(itemID string, places []time.Duration) bool {
	return s.voice.hold(itemID, places)
}

// Release implements call.Mouth.
func (s *session) Release(itemID string) { s.voice.release(itemID) }

// Position implements call.Mouth.
func (s *session) Position(itemID string) time.Duration { return s.voice.position(itemID).played }

// rouse wakes the estimator.
func (s *session) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Report implements call.Mouth: it says in the protocol's words what happened.
func (s *session) Report(event call.Event) {
	s.lock.Lock()
	defer s.lock.Unlock()
	switch e := event.(type) {
	case call.SpeechStarted:
		s.send(object{"type": "input_audio_buffer.speech_started", "item_id": e.ItemID, "audio_start_ms": e.At.Milliseconds()})
	case call.SpeechStopped:
		s.send(object{"type": "input_audio_buffer.speech_stopped", "item_id": e.ItemID, "audio_end_ms": e.At.Milliseconds()})
	case call.SilenceTimedOut:
		s.send(object{
			"type": "input_audio_buffer.timeout_triggered", "item_id": e.ItemID, "audio_start_ms": e.From.Milliseconds(),
			"audio_end_ms": e.To.Milliseconds(),
		})
	case call.TurnCommitted:
		s.committed(e)
	case call.PersonPartial:
		s.partial(e)
	case call.PersonFinal:
		s.final(e)
	case call.Message:
		s.addItem(&item{
			id: e.ItemID, previous: e.PreviousItemID, role: "user", content: "input_text", words: e.Text, status: "completed",
		}, true)
	case call.ResponseStarted:
		s.responseStarted(e)
	case call.CallAnswered:
		s.addItem(&item{
			id: e.ItemID, previous: e.PreviousItemID, kind: functionCallOutput, callID: e.CallID, words: e.Output, status: "completed",
		}, true)
	case call.ReplyText:
		s.replyText(e)
	case call.ResponseDone:
		s.responseDone(e)
	case call.ItemTruncated:
		s.truncated(e)
	case call.StateChanged:
		s.state = e.State
		s.sendOurs(object{"type": "twombly.state", "state": e.State})
	case call.TurnTimings:
		s.timings(e)
	case call.DraftEnded:
		s.sendOurs(object{"type": "twombly.draft_ended", "spoken": e.Spoken, "tokens": e.Tokens})
	case call.Hint:
		s.sendOurs(object{"type": "twombly.notice", "code": e.Code, "message": e.Message})
	case call.Failure:
		if s.ours {
			s.send(object{"type": "twombly.notice", "code": e.Code, "message": e.Message})
		} else {
			s.send((&protocolError{kind: "server_error", code: e.Code, message: e.Message}).event(""))
		}
	case call.PlaybackEnded: // the protocol's word for it comes from the transport, which knows better
	}
}

// Notice tells a client of ours something that its person should know.
func (s *session) Notice(code, message string) { s.Report(call.Failure{Code: code, Message: message}) }

// MeetingMoved tells a client of ours that the first meeting went on.
func (s *session) MeetingMoved() {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.sendOurs(object{"type": "twombly.meeting"})
}

// addItem puts an item into the conversation and says so; done when nothing more will come of it.
func (s *session) addItem(i *item, done bool) {
	s.conversation.add(i)
	s.send(object{"type": "conversation.item.added", "previous_item_id": orNull(i.previous), "item": i.object()})
	if done {
		s.send(object{"type": "conversation.item.done", "previous_item_id": orNull(i.previous), "item": i.object()})
	}
}

// committed makes an item of what the person said.
func (s *session) committed(e call.TurnCommitted) {
	s.send(object{"type": "input_audio_buffer.committed", "item_id": e.ItemID, "previous_item_id": orNull(e.PreviousItemID)})
	s.addItem(&item{
		id: e.ItemID, previous: e.PreviousItemID, role: "user", content: "input_audio", status: "completed",
	}, true)
	w := s.person(e.ItemID)
	w.committed = true
	s.sendStable(e.ItemID, w)
	if w.final != nil {
		s.final(*w.final)
	}
}

// person returns what is being recognised of an item.
func (s *session) person(itemID string) *words {
	w := s.persons[itemID]
	if w == nil {
		if len(s.persons) > 32 { // those of speech that never became an item
			clear(s.persons)
		}
		w = &words{}
		s.persons[itemID] = w
	}
	return w
}

// partial passes on what is recognised so far: whole to us, and to others as deltas of what will not change, from when
// the item is there.
func (s *session) partial(e call.PersonPartial) {
	s.sendOurs(object{"type": "twombly.partial", "item_id": e.ItemID, "text": e.Text, "stable": e.Stable})
	w := s.person(e.ItemID)
	w.stable = e.Text[:min(max(e.Stable, 0), len(e.Text))]
	if w.committed {
		s.sendStable(e.ItemID, w)
	}
}

// sendStable sends what is stable and was not sent.
func (s *session) sendStable(itemID string, w *words) {
	rest, ok := strings.CutPrefix(w.stable, w.sent)
	if !ok || rest == "" {
		return
	}
	w.sent = w.stable
	s.send(object{
		"type": "conversation.item.input_audio_transcription.delta", "item_id": itemID, "content_index": 0, "delta": rest,
	})
}

// final passes on the words of an item, after the item.
func (s *session) final(e call.PersonFinal) {
	w := s.person(e.ItemID)
	if !w.committed {
		w.final = &e
		return
	}
	delete(s.persons, e.ItemID)
	if i := s.conversation.find(e.ItemID); i != nil {
		i.words, i.heardWords = e.Text, true
	}
	s.heardSeconds += e.AudioSeconds
	w.stable = e.Text
	s.sendStable(e.ItemID, w)
	s.send(object{
		"type":    "conversation.item.input_audio_transcription.completed",
		"item_id": e.ItemID, "content_index": 0, "transcript": e.Text,
		"usage": object{"type": "duration", "seconds": e.AudioSeconds},
	})
}

// truncated says what was heard of an item.
func (s *session) truncated(e call.ItemTruncated) {
	if i := s.conversation.find(e.ItemID); i != nil {
		i.words, i.status = e.Words, "incomplete"
	}
	event := object{
		"type": "conversation.item.truncated", "item_id": e.ItemID, "content_index": 0, "audio_end_ms": e.AudioEnd.Milliseconds(),
	}
	if s.ours {
		event["transcript"] = e.Words
	}
	s.send(event)
}

// timings passes on where the time of a turn went.
func (s *session) timings(e call.TurnTimings) {
	s.sendOurs(object{
		"type": "twombly.timings", "response_id": e.ResponseID, "reason": e.Reason,
		"pause_ms": e.Pause.Milliseconds(), "recognition_ms": e.Recognition.Milliseconds(),
		"first_token_ms": e.FirstToken.Milliseconds(), "first_clause_ms": e.FirstClause.Milliseconds(),
		"synthesis_ms": e.Synthesis.Milliseconds(), "hold_ms": e.Hold.Milliseconds(),
		"overhead_ms": e.Overhead.Milliseconds(), "total_ms": e.Total.Milliseconds(), "opener_ms": e.Opener.Milliseconds(),
	})
}
