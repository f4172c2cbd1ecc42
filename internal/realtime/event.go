package realtime

import (
	"encoding/json"
	"errors"
	"fmt"
)

// clientEvent holds the fields of every event that a client may send; each event uses some of them.
type clientEvent struct {
	Type           string          `json:"type"`
	EventID        string          `json:"event_id"`
	Session        json.RawMessage `json:"session"`
	Audio          *string         `json:"audio"`
	Item           json.RawMessage `json:"item"`
	ItemID         string          `json:"item_id"`
	PreviousItemID *string         `json:"previous_item_id"`
	ContentIndex   int             `json:"content_index"`
	AudioEndMS     *float64        `json:"audio_end_ms"`
	Response       json.RawMessage `json:"response"`
	ResponseID     string          `json:"response_id"`
	PlayedMS       *float64        `json:"played_ms"`
}

// parseEvent reads an event. The error is one to be sent back: what is wrong, in words.
func parseEvent(data []byte) (clientEvent, *protocolError) {
	var event clientEvent
	err := json.Unmarshal(data, &event)
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType):
		if wrongType.Field == "" {
			return event, invalid("invalid_json", "", "An event must be a JSON object.")
		}
		return event, invalid("invalid_type", wrongType.Field,
			fmt.Sprintf("%q must not be of type %s.", wrongType.Field, wrongType.Value))
	case err != nil:
		return event, invalid("invalid_json", "", fmt.Sprintf("The event could not be read as JSON: %v.", err))
	case event.Type == "":
		return event, invalid("missing_required_parameter", "type", "An event needs a \"type\".")
	}
	return event, nil
}

// protocolError is an error that a client is told.
type protocolError struct {
	// kind is "invalid_request_error" or "server_error".
	kind, code, param, message string
}

// Error implements error.
func (e *protocolError) Error() string { return e.message }

// invalid makes an error about something that the client sent.
func invalid(code, param, message string) *protocolError {
	return &protocolError{kind: "invalid_request_error", code: code, param: param, message: message}
}

// missing makes the error for a field that is not there.
func missing(param string) *protocolError {
	return invalid("missing_required_parameter", param, fmt.Sprintf("%q is required.", param))
}

// object is a JSON object to be sent.
type object = map[string]any

// event makes the error event; eventID is the client event it answers, or empty.
func (e *protocolError) event(eventID string) object {
	return object{"type": "error", "error": object{
		"type": e.kind, "code": e.code, "message": e.message, "param": orNull(e.param), "event_id": orNull(eventID),
	}}
}

// orNull gives JSON's null for an empty string.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
