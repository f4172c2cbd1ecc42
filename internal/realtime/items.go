package realtime

import "slices"

// item is one entry of the conversation as the protocol shows it.
type item struct {
	id, previous string
	response     string // that made it
	kind         string // "function_call", "function_call_output", else a message
	callID, name string // of a call
	role         string // "user", "assistant", "system"
	content      string // "input_audio", "input_text", "output_audio", "output_text"
	words        string // text or transcript, arguments of a call, or what came of it
	heardWords   bool   // words of input audio are known
	status       string // "in_progress", "completed", "incomplete"
}

// Kinds of items that are no messages.
const (
	functionCall       = "function_call"
	functionCallOutput = "function_call_output"
)

// object is the item as the protocol shows it.
func (i *item) object() object {
	switch i.kind {
	case functionCall:
		return object{
			"id": i.id, "object": "realtime.item", "type": i.kind, "status": i.status, "call_id": i.callID, "name": i.name,
			"arguments": i.words,
		}
	case functionCallOutput:
		return object{
			"id": i.id, "object": "realtime.item", "type": i.kind, "status": i.status, "call_id": i.callID, "output": i.words,
		}
	}
	part := object{"type": i.content}
	switch i.content {
	case "input_text", "output_text":
		part["text"] = i.words
	case "input_audio":
		part["transcript"] = nil
		if i.heardWords {
			part["transcript"] = i.words
		}
	default:
		part["transcript"] = i.words
	}
	content := []object{part}
	if i.role == "assistant" && i.status == "in_progress" {
		content = []object{}
	}
	return object{
		"id": i.id, "object": "realtime.item", "type": "message", "role": i.role, "status": i.status, "content": content,
	}
}

// maxItems is how many items a session remembers for retrieve and delete; the journal remembers all.
const maxItems = 2000

// conversation is the list of items of one session.
type conversation struct {
	items []*item
}

func (c *conversation) add(i *item) {
	if len(c.items) >= maxItems {
		c.items = slices.Delete(c.items, 0, maxItems/10)
	}
	c.items = append(c.items, i)
}

// find returns the item, or nil.
func (c *conversation) find(id string) *item {
	for at := len(c.items) - 1; at >= 0; at-- {
		if c.items[at].id == id {
			return c.items[at]
		}
	}
	return nil
}

// responseOf is the response that made an item, empty when it is not known.
func (c *conversation) responseOf(id string) string {
	if i := c.find(id); i != nil {
		return i.response
	}
	return ""
}

// remove takes the item out; false when there is none.
func (c *conversation) remove(id string) bool {
	before := len(c.items)
	c.items = slices.DeleteFunc(c.items, func(i *item) bool { return i.id == id })
	return len(c.items) < before
}
