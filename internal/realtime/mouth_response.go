package realtime

import (
	"math"
	"strings"

	"twombly/internal/call"
)

// response is an answer in the making.
type response struct {
	id, itemID string
	spoken     bool
	announced  bool // its message was announced
	outputs    []*item
	wish       responseWish
	item       *item
	text       strings.Builder
	samples    int64  // of sound so far
	prefix     []byte // of its audio events
}

// responseStarted announces an answer.
func (s *session) responseStarted(e call.ResponseStarted) {
	r := &response{id: e.ResponseID, itemID: e.ItemID, spoken: s.settings.Audio}
	r.item = &item{
		id: e.ItemID, previous: e.PreviousItemID, response: e.ResponseID, role: "assistant", content: "output_text",
		status: "in_progress",
	}
	if r.spoken {
		r.item.content = "output_audio"
	}
	r.wish, s.wish = s.wish, responseWish{}
	s.responses[e.ItemID] = r
	s.send(object{"type": "response.created", "response": s.responseObject(r, "in_progress", nil)})
}

// announce announces the message of an answer and its part, once there is something of it.
func (s *session) announce(r *response) {
	if r.announced {
		return
	}
	r.announced = true
	r.outputs = append(r.outputs, r.item)
	s.send(object{"type": "response.output_item.added", "response_id": r.id, "output_index": 0, "item": r.item.object()})
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
	s.announce(r)
	r.text.WriteString(e.Delta)
	kind := "response.output_text.delta"
	if r.spoken {
		kind = "response.output_audio_transcript.delta"
	}
	if e.Delta != "" { // an opener is a sound without words
		s.send(r.event(kind, object{"delta": e.Delta}))
	}
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
	if len(e.Calls) == 0 && e.Status == "completed" {
		s.announce(r)
	}
	if r.announced {
		s.messageDone(r, e.Status)
	}
	for _, call := range e.Calls {
		s.functionCall(r, call)
	}
	s.send(object{"type": "response.done", "response": s.responseObject(r, e.Status, statusDetails(e))})
	s.heardSeconds = 0
	if s.restore != nil {
		s.rouse()
	}
}

// messageDone completes the message of a response.
func (s *session) messageDone(r *response, status string) {
	r.item.words = r.text.String()
	r.item.status = "completed"
	if status != "completed" {
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
	)
}

// functionCall says that a tool of the client's is to be called. Its arguments are known all at once: half a call is none.
func (s *session) functionCall(r *response, call call.FunctionCall) {
	previous := r.item.previous
	if n := len(r.outputs); n > 0 {
		previous = r.outputs[n-1].id
	}
	i := &item{
		id: call.ItemID, previous: previous, response: r.id, kind: functionCall, callID: call.CallID, name: call.Name,
		status: "in_progress",
	}
	index := len(r.outputs)
	r.outputs = append(r.outputs, i)
	event := func(kind string, fields object) object {
		fields["type"], fields["response_id"], fields["output_index"] = kind, r.id, index
		return fields
	}
	s.send(event("response.output_item.added", object{"item": i.object()}))
	s.addItem(i, false)
	i.words, i.status = call.Arguments, "completed"
	about := func(fields object) object {
		fields["item_id"], fields["call_id"] = i.id, i.callID
		return fields
	}
	s.send(
		event("response.function_call_arguments.delta", about(object{"delta": i.words})),
		event("response.function_call_arguments.done", about(object{"name": i.name, "arguments": i.words})),
		object{"type": "conversation.item.done", "previous_item_id": orNull(i.previous), "item": i.object()},
		event("response.output_item.done", object{"item": i.object()}),
	)
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
		for _, i := range r.outputs {
			output = append(output, i.object())
		}
		usage = s.usage(r)
	}
	return object{
		"object": "realtime.response", "id": r.id, "status": status, "status_details": details, "output": output,
		"output_modalities": []string{modality}, "conversation_id": s.id, "max_output_tokens": "inf", "metadata": r.wish.Metadata,
		"usage": usage,
		"audio": object{"output": object{"format": s.config.output.object(), "voice": s.config.voice}},
	}
}

// usage counts tokens as OpenAI's price list does: ten for a second heard, twenty for a second spoken, and one for
// about four letters. Nobody pays them here; clients show them.
func (s *session) usage(r *response) object {
	heard := int(math.Ceil(s.heardSeconds * 10))
	spoken := int(math.Ceil(float64(r.samples) / voiceRate * 20))
	letters := 0
	for _, i := range r.outputs {
		letters += (len(i.words) + 3) / 4
	}
	return object{
		"total_tokens": heard + spoken + letters, "input_tokens": heard, "output_tokens": spoken + letters,
		"input_token_details":  object{"audio_tokens": heard, "text_tokens": 0, "cached_tokens": 0},
		"output_token_details": object{"audio_tokens": spoken, "text_tokens": letters},
	}
}
