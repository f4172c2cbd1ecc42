package realtime

import (
	"math"
	"strings"

	"twombly/internal/call"
)

// A session is the mouth of its call, and more.
var (
	_ call.Mouth = (*session)(nil)
	_ Teller     = (*session)(nil)
)

// response is an answer in the making.
type response struct {
	id, itemID string
	spoken     bool
	item       *item
	text       strings.Builder
	samples    int64  // of sound so far
	prefix     []byte // of its audio events
}

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

// PlayEnd implements call.Mouth.
func (s *session) PlayEnd(itemID string) { s.voice.end(itemID) }

// Hush implements call.Mouth.
func (s *session) Hush(itemID string) { s.voice.hush(itemID) }

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

// responseStarted announces an answer, its item and its part.
func (s *session) responseStarted(e call.ResponseStarted) {
	r := &response{id: e.ResponseID, itemID: e.ItemID, spoken: s.settings.Audio}
	r.item = &item{
		id: e.ItemID, previous: e.PreviousItemID, response: e.ResponseID, role: "assistant", content: "output_text",
		status: "in_progress",
	}
	if r.spoken {
		r.item.content = "output_audio"
	}
	s.responses[e.ItemID] = r
	s.send(
		object{"type": "response.created", "response": s.responseObject(r, "in_progress", nil)},
		object{"type": "response.output_item.added", "response_id": r.id, "output_index": 0, "item": r.item.object()},
	)
	s.addItem(r.item, false)
	s.send(r.event("response.content_part.added", object{"part": r.part()}))
}

// event makes an event about the part of a response.
func (r *response) event(kind string, fields object) object {
	event := object{"type": kind, "response_id": r.id, "item_id": r.itemID, "output_index": 0, "content_index": 0}
	for name, value := range fields {
		event[name] = value
	}
	return event
}

// part is the content of a response's item as events of parts have it.
func (r *response) part() object {
	if r.spoken {
		return object{"type": "audio", "transcript": r.item.words}
	}
	return object{"type": "text", "text": r.item.words}
}

// replyText passes on more of her words.
func (s *session) replyText(e call.ReplyText) {
	r := s.responses[e.ItemID]
	if r == nil {
		return
	}
	r.text.WriteString(e.Delta)
	kind := "response.output_text.delta"
	if r.spoken {
		kind = "response.output_audio_transcript.delta"
	}
	s.send(r.event(kind, object{"delta": e.Delta}))
	s.sendOurs(object{
		"type": "twombly.caption", "item_id": e.ItemID, "text": e.Delta,
		"duration_ms": e.Duration.Milliseconds(),
	})
}

// responseDone completes the part, the item and the response.
func (s *session) responseDone(e call.ResponseDone) {
	r := s.responses[e.ItemID]
	if r == nil {
		return
	}
	delete(s.responses, e.ItemID)
	r.item.words = r.text.String()
	r.item.status = "completed"
	if e.Status != "completed" {
		r.item.status = "incomplete"
	}
	if r.spoken {
		s.send(
			r.event("response.output_audio.done", nil),
			r.event("response.output_audio_transcript.done", object{"transcript": r.item.words}),
		)
	} else {
		s.send(r.event("response.output_text.done", object{"text": r.item.words}))
	}
	s.send(
		r.event("response.content_part.done", object{"part": r.part()}),
		object{"type": "conversation.item.done", "previous_item_id": orNull(r.item.previous), "item": r.item.object()},
		object{"type": "response.output_item.done", "response_id": r.id, "output_index": 0, "item": r.item.object()},
		object{"type": "response.done", "response": s.responseObject(r, e.Status, statusDetails(e))},
	)
	s.heardSeconds = 0
	if s.restore != nil {
		s.rouse()
	}
}

// statusDetails says why a response is not complete.
func statusDetails(e call.ResponseDone) any {
	switch e.Status {
	case "cancelled":
		return object{"type": "cancelled", "reason": e.Reason}
	case "failed":
		return object{"type": "failed", "error": object{"type": "server_error", "code": "failed", "message": e.Reason}}
	}
	return nil
}

// responseObject is a response as the protocol shows it.
func (s *session) responseObject(r *response, status string, details any) object {
	output, usage := []object{}, any(nil)
	modality := "text"
	if r.spoken {
		modality = "audio"
	}
	if status != "in_progress" {
		output = append(output, r.item.object())
		usage = s.usage(r)
	}
	return object{
		"object": "realtime.response", "id": r.id, "status": status, "status_details": details, "output": output,
		"output_modalities": []string{modality}, "conversation_id": s.id, "max_output_tokens": "inf", "metadata": nil,
		"usage": usage,
		"audio": object{"output": object{"format": object{"type": "audio/pcm", "rate": voiceRate}, "voice": s.config.voice}},
	}
}

// usage counts tokens as OpenAI's price list does: ten for a second heard, twenty for a second spoken, and one for
// about four letters. Nobody pays them here; clients show them.
func (s *session) usage(r *response) object {
	heard := int(math.Ceil(s.heardSeconds * 10))
	spoken := int(math.Ceil(float64(r.samples) / voiceRate * 20))
	letters := (len(r.item.words) + 3) / 4
	return object{
		"total_tokens": heard + spoken + letters, "input_tokens": heard, "output_tokens": spoken + letters,
		"input_token_details":  object{"audio_tokens": heard, "text_tokens": 0, "cached_tokens": 0},
		"output_token_details": object{"audio_tokens": spoken, "text_tokens": letters},
	}
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
		"overhead_ms": e.Overhead.Milliseconds(), "total_ms": e.Total.Milliseconds(),
	})
}
