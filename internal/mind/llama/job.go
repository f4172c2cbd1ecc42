package llama

import (
	"context"
	"time"

	yzma "github.com/hybridgroup/yzma/pkg/llama"

	"twombly/internal/mind"
	"twombly/internal/mind/textstream"
)

// job is one request on its way through the decode loop. Its fields belong to the loop; the caller only reads text
// until done is closed, and then usage and err.
type job struct {
	ctx     context.Context
	request mind.Request
	// prompt is what has to be read. Reading ahead ends there; an answer begins.
	prompt prompt
	answer bool

	slot    *slot
	sampler *sampler
	stream  *textstream.Stream
	// answered are the tokens of the answer so far; the last of them is not yet computed.
	answered []yzma.Token
	// served is the clock of the last step that read of its prompt.
	served uint64
	// personaHeld: a persona slot holds its persona, or it has none.
	personaHeld bool
	personaKey  string

	started time.Time
	// text has room for every token of the answer, so that the loop never waits for a slow reader.
	text  chan string
	done  chan struct{}
	usage mind.Usage
	err   error
}

func newJob(ctx context.Context, request mind.Request, prompt prompt, answer bool) *job {
	return &job{
		ctx: ctx, request: request, prompt: prompt, answer: answer,
		started: time.Now(),
		stream:  textstream.New(request.Stop),
		text:    make(chan string, request.MaxTokens+2), // every token, and what was held back
		done:    make(chan struct{}),
		usage:   mind.Usage{PromptTokens: len(prompt.tokens)},
	}
}

// urgency orders jobs: answers before reading ahead.
func (j *job) urgency() int {
	if j.answer {
		return 0
	}
	return 1
}

func (j *job) sameConversation(other *job) bool {
	return j.request.Conversation != "" && j.request.Conversation == other.request.Conversation
}

// lets reports whether an answer that just came lets a job's step go on: another answer's, or one that reads what the
// answer may need.
func (j *job) lets(computing *job) bool { return computing.answer || j.sameConversation(computing) }

// before says which of two jobs is read of first: answers take turns; of what is read ahead, the little that a person
// is just saying comes before a conversation that is read in the background.
func (j *job) before(other *job) bool {
	if j.answer != other.answer {
		return j.answer
	}
	if j.answer {
		return j.served < other.served
	}
	return j.unread() < other.unread()
}

// unread is how many tokens of the prompt are not in the slot yet.
func (j *job) unread() int { return max(len(j.prompt.tokens)-len(j.slot.tokens), 0) }

// cells is how many cells of the key-value cache the job may come to need.
func (j *job) cells() int {
	if j.answer {
		return len(j.prompt.tokens) + j.request.MaxTokens
	}
	return len(j.prompt.tokens)
}

// say gives text to the reader.
func (j *job) say(text string) {
	if text != "" {
		j.text <- text
	}
}

// take handles the next token of the answer and returns why the answer ends with it, or "".
func (j *job) take(token yzma.Token, engine *engine) (finish string) {
	if j.usage.GeneratedTokens == 0 {
		j.usage.FirstToken = time.Since(j.started)
	}
	if engine.ends(token) {
		return "stop"
	}
	j.usage.GeneratedTokens++
	j.answered = append(j.answered, token)
	text, stopped := j.stream.Push(engine.piece(token))
	j.say(text)
	switch {
	case stopped:
		return "stop"
	case len(j.request.Schema) == 0 && loops(j.answered):
		return "stop"
	case j.usage.GeneratedTokens >= j.request.MaxTokens:
		return "length"
	}
	return ""
}

// finish tells the caller that the job is over. Held text is given out unless the answer failed or met a stop string.
func (j *job) finish(reason string, err error) {
	if err == nil {
		j.say(j.stream.Flush())
	}
	if j.sampler != nil {
		j.sampler.close()
	}
	j.usage.Total = time.Since(j.started)
	j.usage.FinishReason = reason
	j.err = err
	close(j.done)
}
