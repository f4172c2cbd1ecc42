package companion

import (
	"context"
	"encoding/json"
)

// Role says who a message is from, in the words of the OpenAI chat format.
type Role string

// Roles of a prompt's messages.
const (
	RoleSystem    Role = "system"
	RolePerson    Role = "user"
	RoleCompanion Role = "assistant"
	RoleTool      Role = "tool"
)

// Message is one message of a prompt.
type Message struct {
	Role    Role
	Content string
	// ToolCalls are what an assistant's message asked for; ToolCallID says which of them a tool's message answers.
	ToolCalls  []ToolCall
	ToolCallID string
}

// Tool is a function of a protocol client that she may have called.
type Tool struct {
	Name, Description string
	// Parameters is a JSON schema of the arguments, as the client gave it.
	Parameters json.RawMessage
}

// ToolCall is her wish to have a tool called. Arguments is JSON.
type ToolCall struct {
	ID, Name  string
	Arguments json.RawMessage
}

// Piece is a piece of an answer: more of its text, or a call.
type Piece struct {
	Text string
	Call *ToolCall
	// Tokens is how many tokens a mind wrote for it, which may be of nothing that she says.
	Tokens int
}

// Emit takes the next piece of an answer; after an error no more is wanted.
type Emit func(Piece) error

// Say emits text.
func (e Emit) Say(text string) error { return e(Piece{Text: text}) }

// Prompt is what she asks of a mind.
type Prompt struct {
	// Conversation names the conversation for the mind's cache; empty for a question of its own.
	Conversation string
	Messages     []Message
	// Persona is how many of the first messages hold no words of the person.
	Persona int
	// MaxTokens bounds the answer. She says at most so many Sentences of it; 0 are as many as there are.
	MaxTokens int
	Sentences int
	// WholeSentences: the mind is not to end its answer in the middle of a sentence.
	WholeSentences bool
	// NotBegin are beginnings that the answer is not to have, in lower case, as far as the mind can help it.
	NotBegin    []string
	Temperature float32
	TopP        float32
	// Schema is a JSON schema that the answer must obey, when set.
	Schema json.RawMessage
	// Tools may be called; ToolChoice is "" (the mind decides), "required", "none", or the name of the one to be called.
	Tools      []Tool
	ToolChoice string
}

// Mind is the language model as she needs it. Errors after which trying again may help wrap ErrUnavailable; a prompt
// that the model can't take whole wraps ErrTooLong.
type Mind interface {
	// Generate emits the answer in pieces and returns at its end.
	Generate(ctx context.Context, prompt Prompt, emit Emit) error
	// Prefill reads a prompt ahead of time.
	Prefill(ctx context.Context, prompt Prompt) error
}
