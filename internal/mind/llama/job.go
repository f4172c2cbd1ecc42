package llama

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	yzma "github.com/hybridgroup/yzma/pkg/llama"

	"twombly/internal/mind"
	"twombly/internal/mind/textstream"
)

// job is one request on its way through the decode loop. Its fields belong to the loop; the caller only reads deltas
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
	// last is the last piece of it that is more than white space; begun is its beginning, as far as that matters.
	last, begun []byte
	// calling: the answer calls tools; called is what it wrote since callBegins.
	calling bool
	called  strings.Builder
	// served is the clock of the last step that read of its prompt.
	served uint64
	// personaHeld: a persona slot holds its persona, or it has none.
	personaHeld bool
	personaKey  string

	started time.Time
	// deltas has room for every token of the answer, so that the loop never waits for a slow reader.
	deltas chan mind.Delta
	done   chan struct{}
	usage  mind.Usage
	err    error
}

func newJob(ctx context.Context, request mind.Request, prompt prompt, answer bool) *job {
	stops := request.Stop
	if len(request.Tools) > 0 {
		stops = append(slices.Clone(stops), callBegins)
	}
	return &job{
		ctx: ctx, request: request, prompt: prompt, answer: answer,
		calling: answer && mustCall(request), // the prompt ends in callBegins
		started: time.Now(),
		stream:  textstream.New(stops),
		deltas:  make(chan mind.Delta, request.MaxTokens+2+mostCalls), // every token, what was held back, and calls
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
		j.deltas <- mind.Delta{Text: text}
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
	if j.calling {
		j.called.Write(engine.piece(token))
		if j.usage.GeneratedTokens >= j.request.MaxTokens {
			return "length"
		}
		return ""
	}
	piece := engine.piece(token)
	if len(j.answered) == 1 && j.mayCall() && strings.HasPrefix(string(piece), "{") {
		// Small models forget the tag.
		began, err := j.beginsBareCall(token)
		if err != nil {
			j.err = err
			return "stop"
		}
		if began {
			j.called.Write(piece)
			return ""
		}
	}
	if trimmed := bytes.TrimSpace(piece); len(trimmed) > 0 {
		j.last = trimmed
	}
	if len(j.begun) < mostBegun {
		j.begun = append(j.begun, piece...)
	}
	text, stopped := j.stream.Push(piece)
	j.say(text)
	switch {
	case stopped && j.stream.Stop() == callBegins && j.mayCall():
		return j.beginCalls()
	case stopped:
		return "stop"
	case len(j.request.Schema) == 0 && loops(j.answered):
		return "stop"
	case j.usage.GeneratedTokens >= j.request.MaxTokens:
		return "length"
	}
	return ""
}

// mostBegun is how many bytes of an answer are its beginning.
const mostBegun = 64

// barred says whether a token is not to come next: it would end the answer in the middle of a sentence, or make it begin as it is not to.
func (j *job) barred(token yzma.Token) bool {
	switch engine := j.sampler.engine; {
	case len(j.request.Schema) > 0 || len(j.request.Tools) > 0:
		return false
	case engine.ends(token):
		return j.request.WholeSentences && j.inSentence()
	case len(j.request.NotBegin) == 0 || len(j.begun) >= mostBegun:
		return false
	default:
		begun := strings.TrimLeft(string(j.begun)+string(engine.piece(token)), " ")
		begun = strings.ToLower(strings.ReplaceAll(begun, "’", "'"))
		return slices.ContainsFunc(j.request.NotBegin, func(beginning string) bool { return strings.HasPrefix(begun, beginning) })
	}
}

// inSentence says whether the answer so far ends in the middle of a sentence.
func (j *job) inSentence() bool {
	end, _ := utf8.DecodeLastRune(j.last)
	return len(j.last) == 0 || unicode.IsLetter(end) || unicode.IsDigit(end) || strings.ContainsRune(",;:-–—", end)
}

// beginCalls goes over from talking to calling tools.
func (j *job) beginCalls() (finish string) {
	j.calling = true
	if err := j.holdCalls(); err != nil {
		j.err = err
		return "stop"
	}
	return ""
}

// mayCall says whether the answer may call tools.
func (j *job) mayCall() bool {
	return len(j.request.Tools) > 0 && j.request.ToolChoice != mind.ToolNone
}

// holdCalls holds the rest of the answer to the grammar of calls.
func (j *job) holdCalls() error {
	rules, err := callsGrammar(j.request)
	if err != nil {
		return err
	}
	return j.sampler.hold(rules, taggedCalls)
}

// beginsBareCall goes over to calling a tool if this token, the answer's first, begins a call without its tag.
func (j *job) beginsBareCall(token yzma.Token) (bool, error) {
	rules, err := callsGrammar(j.request)
	if err != nil {
		return false, err
	}
	j.calling, err = j.sampler.startsWith(token, rules, bareCall)
	return j.calling, err
}

// giveCalls gives the calls to the reader.
func (j *job) giveCalls() error {
	calls, err := readCalls(j.called.String())
	if err != nil {
		return fmt.Errorf("%w: %w", mind.ErrTooLong, err)
	}
	for _, call := range calls {
		j.deltas <- mind.Delta{ToolCall: &call}
	}
	return nil
}

// finish tells the caller that the job is over. Held text is given out unless the answer failed or met a stop string.
func (j *job) finish(reason string, err error) {
	err = errors.Join(j.err, err)
	switch {
	case err != nil:
	case j.calling && j.answer:
		if err = j.giveCalls(); err == nil {
			reason = "tool_calls"
		}
	default:
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
