package realtime

import (
	"encoding/json"
	"fmt"
	"slices"

	"twombly/internal/call"
	"twombly/internal/companion"
)

// Bounds of a client's tools.
const (
	maxTools     = 64
	maxToolBytes = 64 << 10 // of all of them together
)

// clientTool is a function that a client offers.
type clientTool struct {
	Type        string          `json:"type"`
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Parameters  json.RawMessage `json:"parameters"`
}

// applyTools takes a client's tools.
func applyTools(raw json.RawMessage, param string, settings *call.Settings) *protocolError {
	if len(raw) > maxToolBytes {
		return invalid("invalid_value", param, fmt.Sprintf("Tools may have %d bytes at most in all.", maxToolBytes))
	}
	var wanted []clientTool
	if err := json.Unmarshal(raw, &wanted); err != nil {
		return invalid("invalid_value", param, fmt.Sprintf("The tools could not be read: %v.", err))
	}
	if len(wanted) > maxTools {
		return invalid("invalid_value", param, fmt.Sprintf("There may be %d tools at most.", maxTools))
	}
	settings.Tools = nil
	for i, tool := range wanted {
		at := fmt.Sprintf("%s[%d]", param, i)
		switch {
		case tool.Type != "" && tool.Type != "function":
			return invalid("invalid_value", at+".type", "Only tools of type \"function\" are called; MCP servers are not reached for a client.")
		case tool.Name == "" || len(tool.Name) > 64:
			return invalid("invalid_value", at+".name", "A tool's name has 1 to 64 characters.")
		case slices.ContainsFunc(settings.Tools, func(other companion.Tool) bool { return other.Name == tool.Name }):
			return invalid("invalid_value", at+".name", "Another tool has this name.")
		}
		settings.Tools = append(settings.Tools, companion.Tool{
			Name: tool.Name, Description: tool.Description, Parameters: tool.Parameters,
		})
	}
	return nil
}

// applyToolChoice takes "auto", "none", "required", or an object that names a function.
func applyToolChoice(raw json.RawMessage, param string, settings *call.Settings) *protocolError {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	var choice string
	if json.Unmarshal(raw, &choice) != nil {
		var named clientTool
		if err := json.Unmarshal(raw, &named); err != nil || named.Type != "function" || named.Name == "" {
			return invalid("invalid_value", param, "The tool choice is auto, none, required or a function.")
		}
		if !slices.ContainsFunc(settings.Tools, func(tool companion.Tool) bool { return tool.Name == named.Name }) {
			return invalid("invalid_value", param, "There is no tool of this name.")
		}
		settings.ToolChoice = named.Name
		return nil
	}
	switch choice {
	case "auto":
		settings.ToolChoice = ""
	case call.NoTools, "required":
		settings.ToolChoice = choice
	default:
		return invalid("invalid_value", param, "The tool choice is auto, none, required or a function.")
	}
	return nil
}

// toolObjects are the tools as the protocol shows them.
func toolObjects(tools []companion.Tool) []object {
	objects := make([]object, 0, len(tools))
	for _, tool := range tools {
		shown := object{"type": "function", "name": tool.Name, "description": tool.Description}
		if len(tool.Parameters) > 0 {
			shown["parameters"] = tool.Parameters
		}
		objects = append(objects, shown)
	}
	return objects
}

// toolChoiceObject is the tool choice as the protocol shows it.
func toolChoiceObject(settings call.Settings) any {
	switch settings.ToolChoice {
	case "":
		return "auto"
	case call.NoTools, "required":
		return settings.ToolChoice
	}
	return object{"type": "function", "name": settings.ToolChoice}
}
