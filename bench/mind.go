package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"

	"twombly/bench/measure"
	"twombly/internal/companion"
	"twombly/internal/mind"
	"twombly/internal/mind/llama"
)

// mindTurns is how many answers are measured unless a number is asked for.
const mindTurns = 20

// Sizes of what is read and written, in tokens or words.
const (
	readWords     = 300
	answerTokens  = 64
	contextTokens = 8192
)

// mindTurn is one turn of the three measurements.
type mindTurn struct {
	// PromptTokens were read anew in PromptMS.
	PromptTokens int     `json:"prompt_tokens"`
	PromptMS     float64 `json:"prompt_ms"`
	// GeneratedTokens came in GenerateMS after the first.
	GeneratedTokens int     `json:"generated_tokens"`
	GenerateMS      float64 `json:"generate_ms"`
	// CachedFirstTokenMS is from the person's complete words to the first token of the answer, when everything before
	// them was read; NewTokens is how many those words are.
	CachedFirstTokenMS float64 `json:"cached_first_token_ms"`
	CachedTokens       int     `json:"cached_tokens"`
	NewTokens          int     `json:"new_tokens"`
}

// runMind measures the embedded mind on her real prompt: persona, the person met, twenty turns of talk.
func runMind(ctx context.Context, r *runner) error {
	model, err := r.mindModel()
	if err != nil {
		return err
	}
	turns := r.Turns
	if turns == 0 {
		turns = mindTurns
	}
	notes, err := openCheckpoint[mindTurn](r, "mind", turns, r.Mind)
	if err != nil {
		return err
	}
	done := notes.done
	prompt, err := realPrompt(ctx)
	if err != nil {
		return err
	}
	engine, err := llama.Open(llama.Options{
		Libraries: r.Models.Folder(mindEntries[0]), Model: model, ContextTokens: contextTokens,
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer engine.Close()
	said := strings.Split(strings.TrimSpace(sentences), "\n")
	for i := len(done); i < turns; i++ {
		turn, err := thinkOnce(ctx, engine, prompt, said, i)
		if err != nil {
			return err
		}
		r.say("%d/%d read %.0f tokens/s, wrote %.1f tokens/s, first token after %.0f ms", i+1, turns,
			float64(turn.PromptTokens)/turn.PromptMS*1000, float64(turn.GeneratedTokens)/turn.GenerateMS*1000, turn.CachedFirstTokenMS)
		done = append(done, turn)
		if err := notes.note(turn); err != nil {
			return err
		}
	}
	summariseMind(r.result, done)
	return notes.close(true)
}

// errNoPrompt means that she asked nothing of her mind.
var errNoPrompt = errors.New("no prompt was made for the mind")

// realPrompt is what a companion asks of her mind after the twenty turns, up to the person's words.
func realPrompt(ctx context.Context) (mind.Request, error) {
	book := &memoryJournal{}
	if err := acquaint(ctx, "bench", book); err != nil {
		return mind.Request{}, err
	}
	asked := &askedMind{}
	c, err := companion.Open(ctx, companion.Options{Person: "bench", Journal: book, Mind: asked})
	if err != nil {
		return mind.Request{}, err
	}
	reply := c.Draft(ctx, companion.Turn{Words: "Hello.", Channel: companion.ByVoice})
	for range reply.Text { // it ends with an error that is ours
	}
	if err := reply.Wait(); !errors.Is(err, companion.ErrUnavailable) || len(asked.prompt.Messages) == 0 {
		return mind.Request{}, errors.Join(errNoPrompt, err)
	}
	request := mind.Request{Conversation: "bench", PersonaMessages: asked.prompt.Persona}
	for _, message := range asked.prompt.Messages {
		request.Messages = append(request.Messages, mind.Message{Role: mind.Role(message.Role), Content: message.Content})
	}
	return request, nil
}

// askedMind keeps what it was asked and answers nothing.
type askedMind struct {
	noMind
	prompt companion.Prompt
}

func (a *askedMind) Generate(_ context.Context, prompt companion.Prompt, _ companion.Emit) error {
	a.prompt = prompt
	return companion.ErrUnavailable
}

// thinkOnce takes one turn of each measurement.
func thinkOnce(ctx context.Context, engine mind.Mind, prompt mind.Request, said []string, number int) (mindTurn, error) {
	var turn mindTurn
	ignore := func(mind.Delta) error { return nil }
	// Reading: words that were never read before, in an order of their own.
	random := rand.New(rand.NewPCG(uint64(number), 7))
	var text []string
	for words := 0; words < readWords; {
		sentence := said[random.IntN(len(said))]
		text = append(text, sentence)
		words += len(strings.Fields(sentence))
	}
	usage, err := engine.Generate(ctx, mind.Request{
		Messages: []mind.Message{{Role: mind.User, Content: fmt.Sprintf("%d. %s", number, strings.Join(text, " "))}}, MaxTokens: 1,
	}, ignore)
	if err != nil {
		return turn, fmt.Errorf("read: %w", err)
	}
	turn.PromptTokens, turn.PromptMS = usage.PromptTokens-usage.CachedTokens, milliseconds(usage.FirstToken)

	// Answering: everything before the person's words was read while they spoke.
	before := prompt
	before.Messages = prompt.Messages[:len(prompt.Messages)-1]
	if err := engine.Prefill(ctx, before); err != nil {
		return turn, fmt.Errorf("read ahead: %w", err)
	}
	request := prompt
	request.MaxTokens = answerTokens
	request.Messages = append(append([]mind.Message(nil), before.Messages...), mind.Message{
		Role: mind.User, Content: said[number%len(said)],
	})
	usage, err = engine.Generate(ctx, request, ignore)
	if err != nil {
		return turn, fmt.Errorf("answer: %w", err)
	}
	turn.CachedFirstTokenMS = milliseconds(usage.FirstToken)
	turn.CachedTokens, turn.NewTokens = usage.CachedTokens, usage.PromptTokens-usage.CachedTokens
	turn.GeneratedTokens, turn.GenerateMS = usage.GeneratedTokens-1, milliseconds(usage.Total-usage.FirstToken)
	return turn, nil
}

func summariseMind(result *Result, turns []mindTurn) {
	var read, write []measure.Share
	var first []float64
	for _, turn := range turns {
		read = append(read, measure.Share{Of: float64(turn.PromptTokens), All: turn.PromptMS / 1000})
		if turn.GeneratedTokens > 0 {
			write = append(write, measure.Share{Of: float64(turn.GeneratedTokens), All: turn.GenerateMS / 1000})
		}
		first = append(first, turn.CachedFirstTokenMS)
		result.Detail = append(result.Detail, turn)
	}
	result.rate("prompt_tps", read)
	result.rate("generate_tps", write)
	result.percentile("cached_first_token_ms_p50", first, 0.5)
}
