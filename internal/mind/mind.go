// Package mind is the language model behind the companion's words.
//
// [Mind] is one small contract with two implementations: the embedded one, llama.cpp in a worker process on this
// machine, and a client for any OpenAI-compatible server that the person chose. One conformance suite (package
// mindtest) is run over every implementation.
//
// A mind is stateless in what it promises: each request holds the whole conversation. Speed comes from what it keeps
// privately: the embedded mind remembers the tokens of each conversation in its key-value cache and reads only what
// changed since, which is why callers keep the order of messages fixed and append only.
package mind

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// Role says who a message is from, in the words of the OpenAI chat format.
type Role string

// The roles of a conversation.
const (
	System    Role = "system"
	User      Role = "user"
	Assistant Role = "assistant"
	ToolRole  Role = "tool"
)

// Message is one turn of the conversation as the model reads it.
type Message struct {
	Role    Role
	Content string
	// Images are data or https URLs shown with the words; only minds whose Description.Images is true take them.
	Images []string
	// ToolCalls are what an assistant message asked for; ToolCallID says which of them a tool message answers.
	ToolCalls  []ToolCall
	ToolCallID string
}

// Tool is a function the model may ask for.
type Tool struct {
	Name        string
	Description string
	// Parameters is a JSON schema of the arguments.
	Parameters json.RawMessage
}

// ToolCall is the model's wish to have a tool called.
type ToolCall struct {
	ID        string
	Name      string
	Arguments json.RawMessage
}

// Request asks for one continuation.
type Request struct {
	// Conversation names the conversation, so that the mind may reuse what it read for the request before. Empty is a
	// request of its own.
	Conversation string
	Messages     []Message
	// PersonaMessages is how many of the first messages hold no words of a person (the persona and its examples); what
	// the mind computed for them may be kept on disk.
	PersonaMessages int
	// MaxTokens bounds the answer; 0 means 256.
	MaxTokens int
	// Temperature 0 is greedy.
	Temperature float32
	// TopP bounds sampling to the smallest set of tokens with this much probability; 0 means 1.
	TopP float32
	// Seed makes sampling repeatable where the mind can; 0 means any.
	Seed uint32
	// Stop ends the answer before any of these strings.
	Stop []string
	// WholeSentences: the answer does not end in the middle of a sentence, as small models end theirs when they have read replies that were cut off.
	// Minds that can't choose among tokens take no notice of it.
	WholeSentences bool
	// NotBegin are beginnings that the answer is not to have, in lower case; WholeSentences' minds heed it.
	NotBegin []string
	// Schema, when set, is a JSON schema that the answer obeys.
	Schema json.RawMessage
	// Kinds are the kinds of words in the messages beside talk; see Holds.
	Kinds []Kind
	// Tools the model may call; only minds whose Description.Tools is true take them.
	Tools []Tool
	// ToolChoice is "" (the model decides), ToolRequired, ToolNone, or the name of the one tool that it must call.
	ToolChoice string
}

// Choices of tools: some tool must be called; none may be, though the model reads of them (so that what it has read stays
// the beginning of the next request).
const (
	ToolRequired = "required"
	ToolNone     = "none"
)

// Delta is a piece of the answer.
type Delta struct {
	Text     string
	ToolCall *ToolCall
}

// Usage is what an answer cost, in tokens.
type Usage struct {
	// PromptTokens is the length of the whole prompt; CachedTokens of them did not have to be read again.
	PromptTokens, CachedTokens, GeneratedTokens int
	// FirstToken is the time from the request to the first token; Total to the last.
	FirstToken, Total time.Duration
	// FinishReason is "stop", "length" or "tool_calls", as OpenAI names them.
	FinishReason string
}

// Description says what a mind is and where it runs, for the page's "where she runs".
type Description struct {
	// Model is the model's name, as in "Qwen2.5-Coder-1.5B-Instruct Q4_K_M".
	Model string `json:"model"`
	// Place is "this machine" or the address of the server.
	Place string `json:"place"`
	// Local is true when nothing leaves this machine.
	Local bool `json:"local"`
	// Images and Tools say what the mind can take.
	Images bool `json:"images"`
	Tools  bool `json:"tools"`
	// ContextTokens is how long a prompt and answer may be together; 0 when unknown.
	ContextTokens int `json:"contextTokens"`
}

// Mind answers requests. All methods are safe for concurrent use.
type Mind interface {
	// Generate calls emit for each piece of the answer in order, from one goroutine, and returns when the answer is
	// complete, emit returned an error, or the context ended (within 50 ms of it, during prefill and generation).
	Generate(ctx context.Context, request Request, emit func(Delta) error) (Usage, error)
	// Prefill reads the messages of the request ahead of time, so that a later Generate that starts with them answers
	// sooner. It may do nothing.
	Prefill(ctx context.Context, request Request) error
	// Forget drops what is kept privately for a conversation.
	Forget(ctx context.Context, conversation string) error
	// Describe says what the mind is.
	Describe(ctx context.Context) (Description, error)
}

// Errors that callers tell apart with errors.Is. Their wrappers say the rest in a sentence fit for the person.
var (
	// ErrUnavailable means that the mind can't be reached or died; trying again later may help.
	ErrUnavailable = errors.New("the mind is not available")
	// ErrTooLong means that the request does not fit the model's context.
	ErrTooLong = errors.New("the conversation is longer than the mind can read")
	// ErrRubbish means that the server answered something that is not the protocol.
	ErrRubbish = errors.New("the mind's server sent something unreadable")
	// ErrInvalid means that the request asks for what no mind of this kind can do; asking again won't help.
	ErrInvalid = errors.New("the request can't be answered as it is")
	// ErrNoConsent means that the person has not agreed to send this kind of words to this server.
	ErrNoConsent = errors.New("not agreed to send this there")
)
