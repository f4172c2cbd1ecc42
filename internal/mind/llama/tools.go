package llama

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"twombly/internal/mind"
	"twombly/internal/mind/grammar"
)

// Qwen's models, and others that follow Hermes, were trained to call tools in words: the tools stand as JSON in a system
// message, a call is JSON between two tags, and its result comes with the next turn. So tools are put into the prompt as
// words here, and calls are read out of the answer. What stands between the tags is held to a grammar, so that
// a small model can't name a tool that there is not, nor write arguments that the tool doesn't take.
const (
	callBegins = "<tool_call>"
	callEnds   = "</tool_call>"
)

// mostCalls bounds the calls of one answer.
const mostCalls = 8

// knowsTools says whether a model was trained on this notation: its own chat template speaks it.
func knowsTools(template string) bool { return strings.Contains(template, callBegins) }

// inWords puts a request's tools, calls and results into its messages, as the model was trained to read them.
func inWords(request mind.Request) []mind.Message {
	var messages []mind.Message
	for _, message := range request.Messages {
		switch {
		case message.Role == mind.ToolRole:
			result := "<tool_response>\n" + message.Content + "\n</tool_response>"
			if n := len(messages); n > 0 && messages[n-1].Role == mind.ToolRole {
				messages[n-1].Content += "\n" + result
				continue
			}
			message.Content = result // its role becomes the user's below
		case len(message.ToolCalls) > 0:
			for _, call := range message.ToolCalls {
				message.Content = strings.TrimPrefix(message.Content+"\n", "\n") + callBegins + "\n" + callText(call) + "\n" + callEnds
			}
			message.ToolCalls = nil
		}
		messages = append(messages, message)
	}
	for i := range messages {
		if messages[i].Role == mind.ToolRole {
			messages[i].Role = mind.User
		}
	}
	if len(request.Tools) == 0 {
		return messages
	}
	if last := len(messages) - 1; request.Messages[len(request.Messages)-1].Role == mind.User && request.ToolChoice == "" {
		// After a long conversation in which no tool was called, a small model has forgotten that it may.
		messages = slices.Insert(messages, last, mind.Message{Role: mind.System, Content: reminder(request.Tools)})
	}
	// Behind the persona, which is the same for every request and stays read.
	at := min(request.PersonaMessages, len(messages))
	if at == 0 && messages[0].Role == mind.System {
		messages[0].Content += "\n\n" + toolsText(request.Tools)
		return messages
	}
	return slices.Insert(messages, at, mind.Message{Role: mind.System, Content: toolsText(request.Tools)})
}

// callText is a call as the model writes it.
func callText(call mind.ToolCall) string {
	return marshal(struct {
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"`
	}{call.Name, orEmptyObject(call.Arguments)})
}

// toolsText explains the tools, in the words of the template that Qwen's models were trained with.
func toolsText(tools []mind.Tool) string {
	type function struct {
		Name        string          `json:"name"`
		Description string          `json:"description,omitempty"`
		Parameters  json.RawMessage `json:"parameters"`
	}
	var text strings.Builder
	text.WriteString("# Tools\n\nYou may call one or more functions to assist with the user query.\n\n" +
		"You are provided with function signatures within <tools></tools> XML tags:\n<tools>\n")
	for _, tool := range tools {
		text.WriteString(marshal(map[string]any{
			"type": "function", "function": function{tool.Name, tool.Description, orEmptyObject(tool.Parameters)},
		}) + "\n")
	}
	text.WriteString("</tools>\n\nFor each function call, return a json object with function name and arguments within " +
		"<tool_call></tool_call> XML tags:\n<tool_call>\n{\"name\": <function-name>, \"arguments\": <args-json-object>}\n</tool_call>")
	return text.String()
}

// reminder stands before the words that are answered.
func reminder(tools []mind.Tool) string {
	names := make([]string, len(tools))
	for i, tool := range tools {
		names[i] = tool.Name
	}
	return "If " + strings.Join(names, " or ") + " can tell or do what is asked next, don't guess: answer with the call alone, as\n" +
		callBegins + "\n{\"name\": \"" + names[0] + "\", \"arguments\": {…}}\n" + callEnds + "\nElse just talk."
}

// orEmptyObject is JSON that was checked before, or "{}" where there is none.
func orEmptyObject(text json.RawMessage) json.RawMessage {
	if len(text) == 0 || string(text) == "null" {
		return json.RawMessage("{}")
	}
	return text
}

// marshal is the JSON of a value that surely has one.
func marshal(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// checkTools refuses tools that can't be offered.
func checkTools(request mind.Request) error {
	for _, tool := range request.Tools {
		if tool.Name == "" || len(tool.Parameters) > 0 && !json.Valid(tool.Parameters) {
			return fmt.Errorf("%w: a tool needs a name, and parameters that are a JSON schema", mind.ErrInvalid)
		}
	}
	for _, message := range request.Messages {
		for _, call := range message.ToolCalls {
			if len(call.Arguments) > 0 && !json.Valid(call.Arguments) {
				return fmt.Errorf("%w: the arguments of a call are not JSON", mind.ErrInvalid)
			}
		}
	}
	switch choice := request.ToolChoice; {
	case !mustCall(request), choice == mind.ToolRequired && len(request.Tools) > 0, hasTool(request.Tools, choice):
		return nil
	}
	return fmt.Errorf("%w: it must call a tool %q that it is not given", mind.ErrInvalid, request.ToolChoice)
}

// mustCall says whether the answer is to be a call.
func mustCall(request mind.Request) bool {
	return request.ToolChoice != "" && request.ToolChoice != mind.ToolNone
}

func hasTool(tools []mind.Tool, name string) bool {
	return slices.ContainsFunc(tools, func(tool mind.Tool) bool { return tool.Name == name })
}

// Roots of the grammar of calls: what follows callBegins, and a call without its tags.
const (
	taggedCalls = "calls"
	bareCall    = "bare"
)

// callsGrammar is the grammar of calls: of one, when a call was demanded, else of several.
func callsGrammar(request mind.Request) (rules string, err error) {
	var choices []any
	for _, tool := range request.Tools {
		if request.ToolChoice != "" && request.ToolChoice != mind.ToolRequired && request.ToolChoice != tool.Name {
			continue
		}
		choice := callSchema(tool.Name, orEmptyObject(tool.Parameters))
		if _, err := grammar.FromSchema(json.RawMessage(marshal(choice))); err != nil {
			// A schema that says more than a grammar can promise: any object, and the tool must check.
			choice = callSchema(tool.Name, json.RawMessage(`{"type":"object"}`))
		}
		choices = append(choices, choice)
	}
	rules, err = grammar.FromSchema(json.RawMessage(marshal(map[string]any{"anyOf": choices})))
	if err != nil {
		return "", fmt.Errorf("%w: tools: %w", mind.ErrInvalid, err)
	}
	more := mostCalls - 1
	if mustCall(request) {
		more = 0
	}
	rules += fmt.Sprintf("call ::= \"\\n\" %s \"\\n%s\"\n", grammar.Root, callEnds)
	rules += fmt.Sprintf("%s ::= call (\"\\n%s\" call){0,%d}\n", taggedCalls, callBegins, more)
	rules += fmt.Sprintf("%s ::= %s\n", bareCall, grammar.Root)
	return rules, nil
}

// callSchema is the schema of a call. Its properties are in the order in which the model was trained to write them.
func callSchema(name string, parameters json.RawMessage) json.RawMessage {
	if string(parameters) == "{}" {
		parameters = json.RawMessage(`{"type":"object"}`)
	}
	return json.RawMessage(fmt.Sprintf(
		`{"type":"object","properties":{"name":{"const":%s},"arguments":%s},"required":["name","arguments"],"additionalProperties":false}`,
		marshal(name), parameters))
}

// readCalls reads the calls in what was written of them. One that was cut off is no call; it is an error when there is no other.
func readCalls(text string) ([]mind.ToolCall, error) {
	var calls []mind.ToolCall
	for _, part := range strings.Split(text, callBegins) {
		var call struct {
			Name      string          `json:"name"`
			Arguments json.RawMessage `json:"arguments"`
		}
		body, _, _ := strings.Cut(part, callEnds)
		if err := json.Unmarshal([]byte(body), &call); err != nil {
			if len(calls) > 0 {
				break
			}
			return nil, fmt.Errorf("a call of a tool was cut off: %w", err)
		}
		calls = append(calls, mind.ToolCall{ID: "call_" + rand.Text(), Name: call.Name, Arguments: call.Arguments})
	}
	return calls, nil
}
