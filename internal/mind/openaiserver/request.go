package openaiserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"twombly/internal/mind"
)

// Bounds on a request's parts.
const (
	maxConversation = 256
	maxStops        = 16
	maxTemperature  = 2
)

// requestBody is a chat completion request, as far as it is understood.
type requestBody struct {
	Model         string        `json:"model"`
	Messages      []messageBody `json:"messages"`
	Stream        bool          `json:"stream"`
	StreamOptions struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
	MaxTokens     int      `json:"max_tokens"`
	MaxCompletion int      `json:"max_completion_tokens"`
	Temperature   *float32 `json:"temperature"`
	TopP          float32  `json:"top_p"`
	Seed          int64    `json:"seed"`
	N             int      `json:"n"`
	Stop          stops    `json:"stop"`
	Format        *struct {
		Type       string `json:"type"`
		JSONSchema struct {
			Schema json.RawMessage `json:"schema"`
		} `json:"json_schema"`
	} `json:"response_format"`
	Tools []struct {
		Type     string `json:"type"`
		Function struct {
			Name        string          `json:"name"`
			Description string          `json:"description"`
			Parameters  json.RawMessage `json:"parameters"`
		} `json:"function"`
	} `json:"tools"`
	ToolChoice toolChoice `json:"tool_choice"`
	CacheKey   string     `json:"prompt_cache_key"`
}

// toolChoice is "auto", "none", "required", or an object that names a function.
type toolChoice struct{ name string } // as mind.Request.ToolChoice

func (c *toolChoice) UnmarshalJSON(text []byte) error {
	var named struct {
		Function struct {
			Name string `json:"name"`
		} `json:"function"`
	}
	switch {
	case string(text) == `null`, string(text) == `"auto"`:
	case string(text) == `"none"`:
		c.name = mind.ToolNone
	case string(text) == `"required"`:
		c.name = mind.ToolRequired
	case json.Unmarshal(text, &named) == nil && named.Function.Name != "":
		c.name = named.Function.Name
	default:
		return errors.New("tool_choice is auto, none, required or a function")
	}
	return nil
}

type messageBody struct {
	Role       string  `json:"role"`
	Content    content `json:"content"`
	ToolCallID string  `json:"tool_call_id"`
	ToolCalls  []struct {
		ID       string `json:"id"`
		Function struct {
			Name      string `json:"name"`
			Arguments string `json:"arguments"`
		} `json:"function"`
	} `json:"tool_calls"`
}

// stops is one string or a list of them.
type stops []string

func (s *stops) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil && string(text) != "null" {
		*s = stops{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(s))
}

// content is a string, null, or a list of parts.
type content struct {
	text   string
	images []string
}

func (c *content) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, &c.text) == nil {
		return nil
	}
	var parts []struct {
		Type     string `json:"type"`
		Text     string `json:"text"`
		Refusal  string `json:"refusal"`
		ImageURL struct {
			URL string `json:"url"`
		} `json:"image_url"`
	}
	if err := json.Unmarshal(text, &parts); err != nil {
		return errors.New("content is neither text nor a list of parts")
	}
	for _, part := range parts {
		switch part.Type {
		case "text":
			c.text += part.Text
		case "refusal":
			c.text += part.Refusal
		case "image_url":
			c.images = append(c.images, part.ImageURL.URL)
		default:
			return errors.New("a part of the content is of a kind that is not understood here")
		}
	}
	return nil
}

// decodeRequest reads a request.
func decodeRequest(body io.Reader) (mind.Request, requestBody, *problemError) {
	var in requestBody
	decoder := json.NewDecoder(body)
	if err := decoder.Decode(&in); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return mind.Request{}, in, &problemError{http.StatusRequestEntityTooLarge, "invalid_request_error", "", "", "the request is too large"}
		}
		return mind.Request{}, in, invalid("", "the request is not JSON of this protocol")
	}
	if problem := in.check(); problem != nil {
		return mind.Request{}, in, problem
	}
	request := mind.Request{
		MaxTokens: max(in.MaxTokens, in.MaxCompletion), Temperature: 1, TopP: in.TopP, Seed: uint32(in.Seed), Stop: in.Stop,
	}
	if in.Temperature != nil {
		request.Temperature = *in.Temperature
	}
	if in.CacheKey != "" {
		request.Conversation = "openai " + in.CacheKey
	}
	if in.Format != nil {
		switch in.Format.Type {
		case "json_schema":
			request.Schema = in.Format.JSONSchema.Schema
		case "json_object":
			request.Schema = json.RawMessage(`{"type":"object"}`)
		}
	}
	for _, tool := range in.Tools {
		request.Tools = append(request.Tools, mind.Tool{Name: tool.Function.Name, Description: tool.Function.Description, Parameters: tool.Function.Parameters})
	}
	request.ToolChoice = in.ToolChoice.name
	for _, message := range in.Messages {
		request.Messages = append(request.Messages, message.decode())
	}
	return request, in, nil
}

func (m messageBody) decode() mind.Message {
	message := mind.Message{Role: mind.Role(m.Role), Content: m.Content.text, Images: m.Content.images, ToolCallID: m.ToolCallID}
	if m.Role == "developer" { // OpenAI's newer name
		message.Role = mind.System
	}
	for _, call := range m.ToolCalls {
		message.ToolCalls = append(message.ToolCalls, mind.ToolCall{ID: call.ID, Name: call.Function.Name, Arguments: json.RawMessage(call.Function.Arguments)})
	}
	return message
}

// check refuses what can't be answered as it is meant.
func (in *requestBody) check() *problemError {
	switch {
	case len(in.Messages) == 0:
		return invalid("messages", "there is no message to answer")
	case in.N > 1:
		return invalid("n", "one answer at a time is given here")
	case in.MaxTokens < 0 || in.MaxCompletion < 0:
		return invalid("max_tokens", "max_tokens is below 0")
	case in.Temperature != nil && (*in.Temperature < 0 || *in.Temperature > maxTemperature):
		return invalid("temperature", fmt.Sprintf("temperature is not between 0 and %d", maxTemperature))
	case in.TopP < 0 || in.TopP > 1:
		return invalid("top_p", "top_p is not between 0 and 1")
	case len(in.Stop) > maxStops:
		return invalid("stop", fmt.Sprintf("there are more than %d stop strings", maxStops))
	case len(in.CacheKey) > maxConversation:
		return invalid("prompt_cache_key", fmt.Sprintf("it is longer than %d bytes", maxConversation))
	}
	for _, tool := range in.Tools {
		if tool.Type != "function" {
			return invalid("tools", "only tools of type function are understood")
		}
	}
	if in.Format != nil {
		switch in.Format.Type {
		case "text", "json_object":
		case "json_schema":
			if len(in.Format.JSONSchema.Schema) == 0 {
				return invalid("response_format", "there is no schema")
			}
		default:
			return invalid("response_format", "there is no such format")
		}
	}
	return nil
}
