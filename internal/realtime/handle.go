package realtime

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"twombly/internal/audio"
	"twombly/internal/call"
)

// maxAudioBytes is the most audio of one append event, as OpenAI has it.
const maxAudioBytes = 15 << 20

// handle takes one event of the client. Whatever is wrong with it is answered with an error event; nothing that came
// before is lost, and the session goes on.
func (s *session) handle(data []byte) {
	if encoded, ok := scanAppend(data); ok {
		if problem := s.append(encoded); problem != nil {
			event, _ := parseEvent(data)
			s.fail(problem, event.EventID)
		}
		return
	}
	event, problem := parseEvent(data)
	if problem == nil {
		problem = s.dispatch(event, data)
	}
	if problem != nil {
		s.fail(problem, event.EventID)
	}
}

// dispatch carries out an event; data is the whole of it.
func (s *session) dispatch(event clientEvent, data []byte) *protocolError {
	switch event.Type {
	case "session.update":
		return s.updateSession(event)
	case "input_audio_buffer.append":
		if event.Audio == nil {
			return missing("audio")
		}
		return s.append([]byte(*event.Audio))
	case "input_audio_buffer.commit":
		if _, err := s.line.Commit(); err != nil {
			return lineError(err, "input_audio_buffer_commit")
		}
		return nil
	case "input_audio_buffer.clear":
		s.hearing.Reset()
		s.line.ClearInput()
		s.lock.Lock()
		defer s.lock.Unlock()
		s.send(object{"type": "input_audio_buffer.cleared"})
		return nil
	case "output_audio_buffer.clear":
		s.line.Cancel()
		return nil
	case "conversation.item.create":
		return s.createItem(event)
	case "conversation.item.retrieve":
		return s.retrieveItem(event)
	case "conversation.item.delete":
		return s.deleteItem(event)
	case "conversation.item.truncate":
		return s.truncateItem(event)
	case "response.create":
		return s.createResponse(event)
	case "response.cancel":
		return s.cancelResponse(event)
	case "twombly.playback", "twombly.client", "twombly.hard_stop":
		return s.handleOurs(event, data)
	}
	return invalid("unknown_event", "type", fmt.Sprintf("There is no client event %q.", shorten(event.Type, 100)))
}

// append decodes audio and lets the call hear it.
func (s *session) append(encoded []byte) *protocolError {
	const code, param = "invalid_audio", "audio"
	if base64.StdEncoding.DecodedLen(len(encoded)) > maxAudioBytes+2 {
		return invalid(code, param, fmt.Sprintf("One append may hold %d bytes of audio at most.", maxAudioBytes))
	}
	b := s.server.buffers.Get().(*buffers)
	defer s.server.buffers.put(b)
	b.pcm = grow(b.pcm, base64.StdEncoding.DecodedLen(len(encoded)))
	n, err := base64.StdEncoding.Decode(b.pcm, encoded)
	if err != nil {
		return invalid(code, param, "The audio is not valid base64.")
	}
	if b.samples, err = audio.DecodePCM16(b.samples[:0], b.pcm[:n]); err != nil {
		return invalid(code, param, "The audio has an odd number of bytes; 16-bit samples have two each. Nothing of it was used.")
	}
	b.resampled = s.hearing.Process(b.resampled[:0], b.samples)
	if len(b.resampled) > 0 {
		s.line.Hear(b.resampled)
	}
	return nil
}

// updateSession changes the settings.
func (s *session) updateSession(event clientEvent) *protocolError {
	s.lock.Lock()
	config, settings := s.config, s.settings
	if s.restore != nil {
		settings = *s.restore
	}
	s.lock.Unlock()
	config, settings, problem := s.server.apply(event.Session, config, settings)
	if problem != nil {
		return problem
	}
	if err := s.line.Configure(settings); err != nil {
		return lineError(err, "session_update")
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	s.config, s.settings, s.restore = config, settings, nil
	s.send(object{"type": "session.updated", "session": config.object(s.id, s.server.options.Model, settings)})
	return nil
}

// clientItem is an item that a client creates.
type clientItem struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Role    string `json:"role"`
	Content []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	} `json:"content"`
}

// createItem takes a typed message.
func (s *session) createItem(event clientEvent) *protocolError {
	if len(event.Item) == 0 {
		return missing("item")
	}
	var wanted clientItem
	if err := json.Unmarshal(event.Item, &wanted); err != nil {
		return invalid("invalid_value", "item", fmt.Sprintf("The item could not be read: %v.", err))
	}
	switch {
	case wanted.Type != "message":
		return invalid("invalid_value", "item.type", "Only items of type \"message\" can be created.")
	case wanted.Role != "user":
		return invalid("invalid_value", "item.role", "Only messages of the role \"user\" can be created; she speaks for herself.")
	case len(wanted.Content) == 0:
		return missing("item.content")
	case len(wanted.ID) > 64:
		return invalid("invalid_value", "item.id", "An item's id may have 64 characters at most.")
	}
	text := ""
	for _, part := range wanted.Content {
		if part.Type != "input_text" {
			return invalid("invalid_value", "item.content", "Only content of type \"input_text\" can be created; audio comes by the input buffer.")
		}
		if text != "" && part.Text != "" {
			text += "\n"
		}
		text += part.Text
	}
	if text == "" {
		return missing("item.content[0].text")
	}
	s.lock.Lock()
	taken := wanted.ID != "" && s.conversation.find(wanted.ID) != nil
	after := event.PreviousItemID
	last := ""
	if n := len(s.conversation.items); n > 0 {
		last = s.conversation.items[n-1].id
	}
	s.lock.Unlock()
	if taken {
		return invalid("item_create_duplicate_id", "item.id", "There is an item with this id already.")
	}
	if after != nil && *after != "" && *after != last {
		return invalid("invalid_value", "previous_item_id", "A message can only be put after the last item.")
	}
	if _, err := s.line.Type(wanted.ID, text, false); err != nil {
		return lineError(err, "item_create")
	}
	return nil
}

// retrieveItem shows an item.
func (s *session) retrieveItem(event clientEvent) *protocolError {
	s.lock.Lock()
	defer s.lock.Unlock()
	found := s.conversation.find(event.ItemID)
	if found == nil {
		return invalid("item_retrieve_invalid_item_id", "item_id", "There is no such item in this session.")
	}
	s.send(object{"type": "conversation.item.retrieved", "item": found.object()})
	return nil
}

// deleteItem takes an item out of the session's list. It is not forgotten by that: forgetting is the person's own act,
// on the page.
func (s *session) deleteItem(event clientEvent) *protocolError {
	s.lock.Lock()
	defer s.lock.Unlock()
	if !s.conversation.remove(event.ItemID) {
		return invalid("item_delete_invalid_item_id", "item_id", "There is no such item in this session.")
	}
	s.send(object{"type": "conversation.item.deleted", "item_id": event.ItemID})
	return nil
}

// truncateItem says what was heard of an item.
func (s *session) truncateItem(event clientEvent) *protocolError {
	if event.ItemID == "" {
		return missing("item_id")
	}
	if event.AudioEndMS == nil {
		return missing("audio_end_ms")
	}
	end, ok := milliseconds(*event.AudioEndMS)
	if !ok {
		return invalid("item_truncate_invalid_audio_end_ms", "audio_end_ms", "The end of the audio must be a time in milliseconds.")
	}
	if err := s.line.Truncate(event.ItemID, end); err != nil {
		return lineError(err, "item_truncate")
	}
	return nil
}

// milliseconds checks and converts a time of a client.
func milliseconds(value float64) (time.Duration, bool) {
	if !(value >= 0 && value < 1e10) {
		return 0, false
	}
	return time.Duration(math.Round(value * float64(time.Millisecond))), true
}

// responseWish is what a client may ask of one response.
type responseWish struct {
	Instructions     *string           `json:"instructions"`
	OutputModalities *[]string         `json:"output_modalities"`
	Conversation     string            `json:"conversation"`
	Input            []json.RawMessage `json:"input"`
	Tools            []json.RawMessage `json:"tools"`
}

// createResponse asks for an answer. Wishes for this one response are settings that are put back when it is done.
func (s *session) createResponse(event clientEvent) *protocolError {
	var wish responseWish
	if len(event.Response) > 0 {
		if err := json.Unmarshal(event.Response, &wish); err != nil {
			return invalid("invalid_value", "response", fmt.Sprintf("The response could not be read: %v.", err))
		}
	}
	if wish.Conversation == "none" || len(wish.Input) > 0 || len(wish.Tools) > 0 {
		return invalid("invalid_value", "response", "Responses outside the conversation, with their own input or with tools, are not supported yet.")
	}
	s.lock.Lock()
	before := s.settings
	s.lock.Unlock()
	settings := before
	if wish.Instructions != nil {
		if len(*wish.Instructions) > maxInstructions {
			return invalid("invalid_value", "response.instructions", fmt.Sprintf("Instructions may have %d bytes at most.", maxInstructions))
		}
		settings.Instructions = *wish.Instructions
	}
	if wish.OutputModalities != nil {
		spoken, ok := modalities(*wish.OutputModalities)
		if !ok {
			return invalid("invalid_value", "response.output_modalities", "Output modalities are [\"audio\"] or [\"text\"].")
		}
		settings.Audio = spoken
	}
	changed := settings.Instructions != before.Instructions || settings.Audio != before.Audio
	if changed {
		if err := s.line.Configure(settings); err != nil {
			return lineError(err, "response_create")
		}
		s.lock.Lock()
		s.settings = settings
		if s.restore == nil {
			s.restore = &before
		}
		s.lock.Unlock()
	}
	if err := s.line.Respond(); err != nil {
		if changed {
			s.putBack()
		}
		return lineError(err, "response_create")
	}
	return nil
}

// putBack restores the settings from before a response with its own. It must not run on the call's goroutine.
func (s *session) putBack() {
	s.lock.Lock()
	restore := s.restore
	if restore != nil {
		s.settings, s.restore = *restore, nil
	}
	s.lock.Unlock()
	if restore == nil {
		return
	}
	if err := s.line.Configure(*restore); err != nil {
		s.log.Warn("the settings from before a response could not be put back", "error", err)
	}
}

// cancelResponse ends the answer.
func (s *session) cancelResponse(event clientEvent) *protocolError {
	if event.ResponseID != "" {
		s.lock.Lock()
		known := false
		for _, r := range s.responses {
			known = known || r.id == event.ResponseID
		}
		s.lock.Unlock()
		if !known {
			return invalid("response_cancel_not_active", "response_id", "This response is not in the making.")
		}
	}
	if !s.line.Cancel() {
		return invalid("response_cancel_not_active", "", "There is no response to cancel.")
	}
	return nil
}

// handleOurs takes one of our own events.
func (s *session) handleOurs(event clientEvent, data []byte) *protocolError {
	s.lock.Lock()
	if !s.ours {
		s.ours = true
		if s.state != "" {
			s.send(object{"type": "twombly.state", "state": s.state})
		}
	}
	s.lock.Unlock()
	switch event.Type {
	case "twombly.hard_stop":
		s.line.HardStop()
	case "twombly.client":
		return s.handleClient(data)
	case "twombly.playback":
		if event.ItemID == "" {
			return missing("item_id")
		}
		if event.PlayedMS == nil {
			return missing("played_ms")
		}
		played, ok := milliseconds(*event.PlayedMS)
		if !ok {
			return invalid("invalid_value", "played_ms", "What was played must be a time in milliseconds.")
		}
		s.lock.Lock()
		s.reports = true
		s.lock.Unlock()
		s.line.Played(event.ItemID, played)
	}
	return nil
}

// handleClient takes what a client says about itself.
func (s *session) handleClient(data []byte) *protocolError {
	var report ClientReport
	if err := json.Unmarshal(data, &report); err != nil {
		return invalid("invalid_value", "", fmt.Sprintf("The event could not be read: %v.", err))
	}
	report.Device, report.Zone = shorten(report.Device, 100), shorten(report.Zone, 64)
	s.lock.Lock()
	settings := s.settings
	if report.Device != "" {
		settings.Device = report.Device
	}
	if _, err := time.LoadLocation(report.Zone); err == nil {
		settings.Zone = report.Zone
	}
	s.settings = settings
	if s.restore != nil {
		s.restore.Device, s.restore.Zone = settings.Device, settings.Zone
	}
	s.lock.Unlock()
	if err := s.line.Configure(settings); err != nil {
		return lineError(err, "client")
	}
	s.log.Info("client", "device", report.Device, "transport", report.Transport, "echo_cancellation", report.EchoCancellation,
		"noise_suppression", report.NoiseSuppression, "auto_gain", report.AutoGain, "output_latency_ms", report.OutputLatencyMS)
	if reporter, ok := s.line.(ClientReporter); ok {
		reporter.Client(report)
	}
	return nil
}

// lineError turns what a call answers into what the protocol says; action is how the protocol's codes begin.
func lineError(err error, action string) *protocolError {
	switch {
	case errors.Is(err, call.ErrEmpty):
		return invalid("input_audio_buffer_commit_empty", "", "The input audio buffer is empty: no audio was heard since the last commit.")
	case errors.Is(err, call.ErrBusy):
		return invalid("conversation_already_has_active_response", "", "A response is in the making. Wait for response.done, or cancel it.")
	case errors.Is(err, call.ErrUnknownItem):
		return invalid(action+"_invalid_item_id", "item_id", "There is no such item with audio in this session.")
	case errors.Is(err, call.ErrBeyondItem):
		return invalid(action+"_invalid_audio_end_ms", "audio_end_ms", "The position lies beyond the audio of the item.")
	case errors.Is(err, call.ErrTooLong):
		return invalid("string_above_max_length", "item.content", fmt.Sprintf("A message may have %d bytes at most.", call.MaxTypedBytes))
	}
	return &protocolError{kind: "server_error", code: action + "_failed", message: err.Error()}
}

// shorten cuts a text to at most n bytes, whole characters only.
func shorten(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && text[n]&0xC0 == 0x80 {
		n--
	}
	return text[:n]
}
