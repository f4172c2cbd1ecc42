package realtime

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
)

// clientItem is an item that a client creates.
type clientItem struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Role    string `json:"role"`
	CallID  string `json:"call_id"`
	Output  string `json:"output"`
	Content []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	} `json:"content"`
}

// createItem takes an item of the client's: a typed message, a word of its own to her, or what came of a call.
func (s *session) createItem(event clientEvent) *protocolError {
	if len(event.Item) == 0 {
		return missing("item")
	}
	var wanted clientItem
	if err := json.Unmarshal(event.Item, &wanted); err != nil {
		return invalid("invalid_value", "item", fmt.Sprintf("The item could not be read: %v.", err))
	}
	if problem := s.checkPlace(wanted, event.PreviousItemID); problem != nil {
		return problem
	}
	switch wanted.Type {
	case "message":
		return s.createMessage(wanted)
	case functionCallOutput:
		if wanted.CallID == "" {
			return missing("item.call_id")
		}
		if err := s.line.Answer(wanted.ID, wanted.CallID, wanted.Output); err != nil {
			return lineError(err, "item_create")
		}
		return nil
	}
	return invalid("invalid_value", "item.type", "Only items of the types \"message\" and \"function_call_output\" can be created.")
}

// checkPlace refuses an item whose ID is taken, or that is to stand elsewhere than at the end.
func (s *session) checkPlace(wanted clientItem, after *string) *protocolError {
	if len(wanted.ID) > 64 {
		return invalid("invalid_value", "item.id", "An item's id may have 64 characters at most.")
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	if wanted.ID != "" && s.conversation.find(wanted.ID) != nil {
		return invalid("item_create_duplicate_id", "item.id", "There is an item with this id already.")
	}
	last := "root"
	if n := len(s.conversation.items); n > 0 {
		last = s.conversation.items[n-1].id
	}
	if after != nil && *after != "" && *after != last {
		return invalid("invalid_value", "previous_item_id", "An item can only be put after the last one.")
	}
	return nil
}

// createMessage takes a message: the user's to be answered, or the client's own word to her.
func (s *session) createMessage(wanted clientItem) *protocolError {
	if len(wanted.Content) == 0 {
		return missing("item.content")
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
	switch wanted.Role {
	case "user":
		if _, err := s.line.Type(wanted.ID, text, false); err != nil {
			return lineError(err, "item_create")
		}
		return nil
	case "system", "developer":
		return s.instruct(wanted.ID, text)
	}
	return invalid("invalid_value", "item.role", "Only messages of the roles \"user\" and \"system\" can be created; she speaks for herself.")
}

// instruct takes a client's word to her: the next answer follows it, and as one of the instructions it holds from here on, in
// this session. It is never journaled as something that the person said.
func (s *session) instruct(id, text string) *protocolError {
	s.lock.Lock()
	settings, restore := s.settings, s.restore
	s.lock.Unlock()
	add := func(instructions string) string { return strings.TrimPrefix(instructions+"\n"+text, "\n") }
	settings.Instructions = add(settings.Instructions)
	if len(settings.Instructions) > maxInstructions {
		return invalid("string_above_max_length", "item.content", fmt.Sprintf("Instructions may have %d bytes at most in all.", maxInstructions))
	}
	if err := s.line.Configure(settings); err != nil {
		return lineError(err, "item_create")
	}
	s.line.Instruct(text)
	if id == "" {
		id = newID("item_")
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	s.settings = settings
	if restore != nil {
		restore.Instructions = add(restore.Instructions)
	}
	i := &item{id: id, role: "system", content: "input_text", words: text, status: "completed"}
	if n := len(s.conversation.items); n > 0 {
		i.previous = s.conversation.items[n-1].id
	}
	s.addItem(i, true)
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
