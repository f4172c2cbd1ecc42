package llama

import (
	"fmt"
	"strings"

	yzma "github.com/hybridgroup/yzma/pkg/llama"

	"twombly/internal/mind"
)

// prompt is a conversation as tokens.
type prompt struct {
	tokens []yzma.Token
	// persona is how many of the first tokens are the persona's: they hold no word of a person.
	persona int
}

// chatML is the template of Qwen, SmolLM2 and many others, and what we fall back to.
const chatML = "chatml"

// longestToken bounds how many bytes a token stands for on average; text beyond it can't fit and isn't split at all.
const longestToken = 16

// buildPrompt renders messages with the model's own template and splits them into tokens. With answer, the beginning
// of the assistant's turn follows; without, the end of the last message is left out, because more of it may come.
func (e *engine) buildPrompt(request mind.Request, contextTokens int, answer bool) (prompt, error) {
	if err := check(request); err != nil {
		return prompt{}, err
	}
	if len(request.Tools) > 0 && !knowsTools(e.template) {
		return prompt{}, fmt.Errorf("%w: this model was not trained to call tools", mind.ErrInvalid)
	}
	messages := inWords(request)
	size := 0
	for _, message := range messages {
		size += len(message.Content)
	}
	if size > contextTokens*longestToken {
		return prompt{}, tooLong(fmt.Sprintf("%d bytes of text", size), contextTokens)
	}
	pieces, err := e.render(messages, answer)
	if err != nil {
		return prompt{}, err
	}
	var p prompt
	persona := min(request.PersonaMessages, len(request.Messages))
	for i, piece := range pieces {
		if piece.template && !answer && i == len(pieces)-1 {
			break
		}
		p.tokens = append(p.tokens, e.tokenize(piece.text, i == 0, piece.template)...)
		if persona > 0 && i == 2*persona-1 {
			p.persona = len(p.tokens) // the content of the last persona message, without what the template puts after it
		}
	}
	if answer && mustCall(request) {
		p.tokens = append(p.tokens, e.tokenize(callBegins, false, true)...)
	}
	return p, nil
}

// check refuses what this mind can't take.
func check(request mind.Request) error {
	if len(request.Messages) == 0 {
		return fmt.Errorf("%w: there is no message to answer", mind.ErrInvalid)
	}
	if err := checkTools(request); err != nil {
		return err
	}
	for _, message := range request.Messages {
		if len(message.Images) > 0 {
			return fmt.Errorf("%w: the mind on this machine sees no pictures", mind.ErrInvalid)
		}
		switch message.Role {
		case mind.System, mind.User, mind.Assistant, mind.ToolRole:
		default:
			return fmt.Errorf("%w: no such role: %q", mind.ErrInvalid, message.Role)
		}
	}
	return nil
}

func tooLong(what string, contextTokens int) error {
	return fmt.Errorf("%w: %s, and there is room for %d tokens", mind.ErrTooLong, what, contextTokens)
}

// piece is a stretch of a rendered prompt: the template's own text, or a message's content. They take turns: message i's
// content is piece 2i+1.
type piece struct {
	text     string
	template bool
}

// render applies the template to placeholders in place of the contents, and cuts the result at the placeholders. So
// llama.cpp's templates can be used and the contents still be kept apart from them.
func (e *engine) render(messages []mind.Message, answer bool) ([]piece, error) {
	marks := make([]string, len(messages))
	chat := make([]yzma.ChatMessage, len(messages))
	for i, message := range messages {
		marks[i] = fmt.Sprintf("\uE000%d\uE001", i)
		chat[i] = yzma.NewChatMessage(string(message.Role), marks[i])
	}
	text, ok := applyTemplate(e.template, chat, answer)
	if !ok {
		if text, ok = applyTemplate(chatML, chat, answer); !ok {
			return nil, fmt.Errorf("llama: rendering %d messages failed", len(messages))
		}
	}
	var pieces []piece
	for i, mark := range marks {
		before, after, found := strings.Cut(text, mark)
		if !found {
			return nil, fmt.Errorf("llama: the model's chat template drops %s messages", messages[i].Role)
		}
		pieces = append(pieces, piece{text: before, template: true}, piece{text: messages[i].Content})
		text = after
	}
	// The end of the last turn and the beginning of the answer.
	return append(pieces, piece{text: text, template: true}), nil
}

func applyTemplate(template string, chat []yzma.ChatMessage, answer bool) (string, bool) {
	if template == "" {
		return "", false
	}
	buffer := make([]byte, 64+96*len(chat))
	n := yzma.ChatApplyTemplate(template, chat, answer, buffer)
	if int(n) > len(buffer) {
		buffer = make([]byte, n)
		n = yzma.ChatApplyTemplate(template, chat, answer, buffer)
	}
	if n <= 0 || int(n) > len(buffer) {
		return "", false
	}
	return string(buffer[:n]), true
}
