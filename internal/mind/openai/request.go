package openai

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"twombly/internal/mind"
)

// The request of the chat completions protocol, as far as it is used here.
// https://platform.openai.com/docs/api-reference/chat/create
type chatRequest struct {
	Model          string          `json:"model"`
	Messages       []chatMessage   `json:"messages"`
	Stream         bool            `json:"stream"`
	StreamOptions  *streamOptions  `json:"stream_options,omitempty"`
	MaxTokens      int             `json:"max_tokens,omitempty"`
	MaxCompletion  int             `json:"max_completion_tokens,omitempty"`
	Temperature    *float32        `json:"temperature,omitempty"`
	TopP           float32         `json:"top_p,omitempty"`
	Seed           uint32          `json:"seed,omitempty"`
	Stop           []string        `json:"stop,omitempty"`
	ResponseFormat *responseFormat `json:"response_format,omitempty"`
	Tools          []chatTool      `json:"tools,omitempty"`
	ToolChoice     any             `json:"tool_choice,omitempty"`
	CacheKey       string          `json:"prompt_cache_key,omitempty"`
}

type streamOptions struct {
	IncludeUsage bool `json:"include_usage"`
}

type responseFormat struct {
	Type       string     `json:"type"`
	JSONSchema jsonSchema `json:"json_schema"`
}

type jsonSchema struct {
	Name   string          `json:"name"`
	Strict bool            `json:"strict"`
	Schema json.RawMessage `json:"schema"`
}

type chatMessage struct {
	Role mind.Role `json:"role"`
	// Content is a string, a list of parts when there are images, or null beside tool calls.
	Content    any            `json:"content"`
	ToolCalls  []chatToolCall `json:"tool_calls,omitempty"`
	ToolCallID string         `json:"tool_call_id,omitempty"`
}

type chatPart struct {
	Type     string     `json:"type"`
	Text     string     `json:"text,omitempty"`
	ImageURL *chatImage `json:"image_url,omitempty"`
}

type chatImage struct {
	URL string `json:"url"`
}

type chatTool struct {
	Type     string       `json:"type"`
	Function chatFunction `json:"function"`
}

type chatFunction struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Parameters  json.RawMessage `json:"parameters,omitempty"`
}

type chatToolCall struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"`
	Function chatCallArgs `json:"function"`
}

type chatCallArgs struct {
	Name string `json:"name"`
	// Arguments is JSON in a string, as the protocol has it.
	Arguments string `json:"arguments"`
}

// mostStops is how many stop strings the protocol takes; all of them are looked for here too.
const mostStops = 4

// encode makes the body of a request. Quirks are what the server was found not to take.
func (c *Client) encode(request mind.Request, quirks quirks) ([]byte, error) {
	if err := c.check(request); err != nil {
		return nil, err
	}
	body := chatRequest{
		Model: c.options.Model, Stream: true, StreamOptions: &streamOptions{IncludeUsage: true},
		TopP: request.TopP, Seed: request.Seed, Stop: request.Stop[:min(len(request.Stop), mostStops)],
	}
	limit := request.MaxTokens
	if limit <= 0 {
		limit = defaultMaxTokens
	}
	if quirks.maxCompletionTokens {
		body.MaxCompletion = limit
	} else {
		body.MaxTokens = limit
	}
	if !quirks.noTemperature {
		body.Temperature = &request.Temperature
	}
	if c.options.NamesConversations && request.Conversation != "" {
		sum := sha256.Sum256([]byte(c.salt + request.Conversation))
		body.CacheKey = hex.EncodeToString(sum[:16])
	}
	if len(request.Schema) > 0 {
		body.ResponseFormat = &responseFormat{Type: "json_schema", JSONSchema: jsonSchema{Name: "answer", Strict: true, Schema: request.Schema}}
	}
	for _, tool := range request.Tools {
		body.Tools = append(body.Tools, chatTool{Type: "function", Function: chatFunction{tool.Name, tool.Description, tool.Parameters}})
	}
	switch request.ToolChoice {
	case "":
	case mind.ToolRequired, mind.ToolNone:
		body.ToolChoice = request.ToolChoice
	default:
		body.ToolChoice = chatTool{Type: "function", Function: chatFunction{Name: request.ToolChoice}}
	}
	for _, message := range request.Messages {
		body.Messages = append(body.Messages, encodeMessage(message))
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", mind.ErrInvalid, err) // a schema or arguments that are not JSON
	}
	return text, nil
}

func encodeMessage(message mind.Message) chatMessage {
	encoded := chatMessage{Role: message.Role, Content: message.Content, ToolCallID: message.ToolCallID}
	for _, call := range message.ToolCalls {
		arguments := string(call.Arguments)
		if arguments == "" {
			arguments = "{}"
		}
		encoded.ToolCalls = append(encoded.ToolCalls, chatToolCall{call.ID, "function", chatCallArgs{call.Name, arguments}})
	}
	if len(encoded.ToolCalls) > 0 && message.Content == "" {
		encoded.Content = nil
	}
	if len(message.Images) > 0 {
		parts := []chatPart{}
		if message.Content != "" {
			parts = append(parts, chatPart{Type: "text", Text: message.Content})
		}
		for _, image := range message.Images {
			parts = append(parts, chatPart{Type: "image_url", ImageURL: &chatImage{URL: image}})
		}
		encoded.Content = parts
	}
	return encoded
}

// check refuses, before anything is sent, what may not or can't be sent.
func (c *Client) check(request mind.Request) error {
	if !c.local {
		for _, kind := range request.Holds() {
			if !c.options.Consents.Allow(kind) {
				return fmt.Errorf("%w: %s to %s", mind.ErrNoConsent, kind, c.base.Host)
			}
		}
	}
	if len(request.Messages) == 0 {
		return fmt.Errorf("%w: there is no message to answer", mind.ErrInvalid)
	}
	if len(request.Tools) > 0 && !c.options.Tools {
		return fmt.Errorf("%w: %s takes no tools", mind.ErrInvalid, c.options.Model)
	}
	for _, message := range request.Messages {
		switch message.Role {
		case mind.System, mind.User, mind.Assistant, mind.ToolRole:
		default:
			return fmt.Errorf("%w: no such role: %q", mind.ErrInvalid, message.Role)
		}
		if len(message.Images) > 0 && !c.options.Images {
			return fmt.Errorf("%w: %s sees no pictures", mind.ErrInvalid, c.options.Model)
		}
	}
	return nil
}
