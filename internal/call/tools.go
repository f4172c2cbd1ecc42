package call

import (
	"twombly/internal/companion"
)

// callsMade takes the calls of a draft whose words have all come; alone when it has no words.
func (c *Call) callsMade(d *draft, calls []companion.ToolCall, alone bool) {
	if c.drafts[d.number] != d {
		return
	}
	d.calls = calls
	if alone && len(calls) > 0 && (c.response == nil || c.response.draft != d) {
		c.step(ClauseReady{Draft: d.number}) // nothing will be heard, so it is ready
	}
}

// takeCalls makes items of the calls of a response that is done, and remembers them as part of the conversation until they
// have led to an answer. A call is the client's from here on: one that she was interrupted before is never made.
func (c *Call) takeCalls(r *response) []FunctionCall {
	calls := r.draft.calls
	if len(calls) == 0 {
		c.exchange = nil
		return nil
	}
	items := make([]FunctionCall, 0, len(calls))
	for _, call := range calls {
		id := call.ID
		if id == "" {
			id = newID("call_")
		}
		items = append(items, FunctionCall{ItemID: newID("item_"), CallID: id, Name: call.Name, Arguments: string(call.Arguments)})
	}
	said := companion.Message{Role: companion.RoleCompanion}
	for i, call := range calls {
		call.ID = items[i].CallID
		said.ToolCalls = append(said.ToolCalls, call)
	}
	c.exchange = append(c.exchange[:len(c.exchange):len(c.exchange)], said)
	c.previousItem = items[len(items)-1].ItemID
	return items
}

// Answer implements Line.
func (c *Call) Answer(itemID, callID, output string) error {
	if len(output) > MaxOutputBytes {
		return ErrTooLong
	}
	known, err := ask(c, func() bool {
		if !c.waits(callID) {
			return false
		}
		if itemID == "" {
			itemID = newID("item_")
		}
		c.exchange = append(c.exchange[:len(c.exchange):len(c.exchange)], companion.Message{
			Role: companion.RoleTool, Content: output, ToolCallID: callID,
		})
		c.tell(CallAnswered{ItemID: itemID, PreviousItemID: c.previousItem, CallID: callID, Output: output})
		c.previousItem = itemID
		return true
	})
	if err == nil && !known {
		return ErrUnknownCall
	}
	return err
}

// Instruct implements Line.
func (c *Call) Instruct(text string) {
	c.post(func() {
		c.exchange = append(c.exchange[:len(c.exchange):len(c.exchange)], companion.Message{Role: companion.RoleSystem, Content: text})
	})
}

// waits says whether a call was made and has no answer yet.
func (c *Call) waits(callID string) bool {
	waits := false
	for _, message := range c.exchange {
		for _, call := range message.ToolCalls {
			waits = waits || call.ID == callID
		}
		if message.ToolCallID == callID {
			return false
		}
	}
	return waits
}
