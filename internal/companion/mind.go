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
)

// Message is one message of a prompt.
type Message struct {
	Role    Role
	Content string
}

// Prompt is what she asks of a mind.
type Prompt struct {
	// Conversation names the conversation for the mind's cache; empty for a question of its own.
	Conversation string
	Messages     []Message
	// Persona is how many of the first messages hold no words of the person.
	Persona int
	// MaxTokens bounds the answer.
	MaxTokens   int
	Temperature float32
	TopP        float32
	// Schema is a JSON schema that the answer must obey, when set.
	Schema json.RawMessage
}

// Mind is the language model as she needs it. Errors after which trying again may help wrap ErrUnavailable; a prompt
// that the model can't take whole wraps ErrTooLong.
type Mind interface {
	// Generate emits the answer in pieces and returns at its end.
	Generate(ctx context.Context, prompt Prompt, emit func(string) error) error
	// Prefill reads a prompt ahead of time.
	Prefill(ctx context.Context, prompt Prompt) error
}
