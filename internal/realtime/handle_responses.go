package realtime

import (
	"encoding/json"
	"fmt"
)

// responseWish is what a client may ask of one response.
type responseWish struct {
	Instructions     *string           `json:"instructions"`
	OutputModalities *[]string         `json:"output_modalities"`
	Conversation     string            `json:"conversation"`
	Input            []json.RawMessage `json:"input"`
	Tools            *json.RawMessage  `json:"tools"`
	ToolChoice       json.RawMessage   `json:"tool_choice"`
	Metadata         map[string]string `json:"metadata"`
}

// createResponse asks for an answer. Wishes for this one response are settings that are put back when it is done.
func (s *session) createResponse(event clientEvent) *protocolError {
	var wish responseWish
	if len(event.Response) > 0 {
		if err := json.Unmarshal(event.Response, &wish); err != nil {
			return invalid("invalid_value", "response", fmt.Sprintf("The response could not be read: %v.", err))
		}
	}
	if wish.Conversation == "none" || len(wish.Input) > 0 {
		return invalid("invalid_value", "response", "Responses outside the conversation or with their own input are not supported yet.")
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
	if wish.Tools != nil {
		if problem := applyTools(*wish.Tools, "response.tools", &settings); problem != nil {
			return problem
		}
	}
	if problem := applyToolChoice(wish.ToolChoice, "response.tool_choice", &settings); problem != nil {
		return problem
	}
	changed := settings.Instructions != before.Instructions || settings.Audio != before.Audio || wish.Tools != nil ||
		settings.ToolChoice != before.ToolChoice
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
	s.lock.Lock()
	s.wish = wish
	s.lock.Unlock()
	if err := s.line.Respond(); err != nil {
		s.lock.Lock()
		s.wish = responseWish{}
		s.lock.Unlock()
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
