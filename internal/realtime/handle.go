package realtime

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

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
	if b.samples, err = s.format.decode(b.samples[:0], b.pcm[:n]); err != nil {
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
	s.listenIn(config.input)
	s.send(object{"type": "session.updated", "session": config.object(s.id, s.server.options.Model, settings)})
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
	switch {
	case report.Quiet != nil:
		settings.Quiet = *report.Quiet
	case !s.introduced:
		settings.Quiet = s.server.options.Quiet
	}
	if report.OnlyMyVoice != nil {
		settings.OwnVoiceOnly = *report.OnlyMyVoice
	}
	s.introduced = true
	s.settings = settings
	if s.restore != nil {
		s.restore.Device, s.restore.Zone, s.restore.Quiet = settings.Device, settings.Zone, settings.Quiet
		s.restore.OwnVoiceOnly = settings.OwnVoiceOnly
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
	case errors.Is(err, call.ErrUnknownCall):
		return invalid("invalid_value", "item.call_id", "She waits for no call with this id.")
	case errors.Is(err, call.ErrUnknownItem):
		return invalid(action+"_invalid_item_id", "item_id", "There is no such item with audio in this session.")
	case errors.Is(err, call.ErrBeyondItem):
		return invalid(action+"_invalid_audio_end_ms", "audio_end_ms", "The position lies beyond the audio of the item.")
	case errors.Is(err, call.ErrTooLong):
		return invalid("string_above_max_length", "item", fmt.Sprintf("A message may have %d bytes at most, and what came of a call %d.",
			call.MaxTypedBytes, call.MaxOutputBytes))
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
