package llama

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"

	yzma "github.com/hybridgroup/yzma/pkg/llama"
)

// EndOfTurn tells by somebody's words whether they can be all of the turn: the probability that a language model gives to the end of the
// sentence right behind them, whatever mark the recogniser put there. A model of 135 million parameters does as well at it as one of 1.5
// billion (docs/decisions/0021). The method is that of LiveKit's turn detector, without its training.
type EndOfTurn struct {
	lock   sync.Mutex
	engine *engine
	// ends are the tokens that end a sentence or a turn, head those before a turn, and held those that the model has read.
	ends []bool
	head []yzma.Token
	held []yzma.Token
}

// beforeTurn makes the model expect what people say to somebody.
const beforeTurn = "<|im_start|>system\nYou are a companion. You talk with one person by voice.<|im_end|>\n" +
	"<|im_start|>user\nHello.<|im_end|>\n<|im_start|>assistant\nHi! What is on your mind?<|im_end|>\n<|im_start|>user\n"

// longestTurn is how much of the end of a turn is read, in bytes: what comes before decides nothing.
const longestTurn = 400

// endOfTurnOptions are what suffices for it: one sequence, and room for the longest turn even if every byte is a token.
func endOfTurnOptions(options Options) Options {
	options.ContextTokens, options.Sequences, options.Threads = 512, personaSequences+1, 1
	return options
}

// OpenEndOfTurn loads a model that knows ChatML. Of the options only Libraries and Model count.
func OpenEndOfTurn(options Options) (*EndOfTurn, error) {
	options, err := endOfTurnOptions(options).withDefaults()
	if err != nil {
		return nil, err
	}
	engine, err := openEngine(options)
	if err != nil {
		return nil, err
	}
	e := &EndOfTurn{engine: engine, ends: make([]bool, engine.vocabulary), head: engine.tokenize(beforeTurn, false, true)}
	for i := range e.ends {
		token := yzma.Token(i)
		e.ends[i] = engine.ends(token) || endsSentence(string(engine.piece(token)))
	}
	if _, err := e.Probability(context.Background(), "Hello"); err != nil { // reads what comes before every turn
		engine.close()
		return nil, err
	}
	return e, nil
}

// endsSentence says whether text that follows a word ends its sentence. Three dots do not.
func endsSentence(text string) bool {
	text = strings.TrimLeft(text, " ")
	return text != "" && strings.ContainsRune(".?!", rune(text[0])) && !strings.HasPrefix(text, "..")
}

// Probability is how likely the turn ends with these words.
func (e *EndOfTurn) Probability(ctx context.Context, words string) (float32, error) {
	words = strings.TrimRight(words, " .,;:?!…-")
	if len(words) > longestTurn {
		words = words[len(words)-longestTurn:]
		words = words[strings.IndexByte(words, ' ')+1:]
	}
	if words == "" {
		return 0, nil
	}
	e.lock.Lock()
	defer e.lock.Unlock()
	tokens := append(append([]yzma.Token(nil), e.head...), e.engine.tokenize(words, false, false)...)
	kept := 0
	for kept < min(len(tokens)-1, len(e.held)) && tokens[kept] == e.held[kept] {
		kept++
	}
	if err := e.engine.cut(0, kept); err != nil {
		return 0, err
	}
	e.held = e.held[:kept]
	for len(e.held) < len(tokens) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if err := e.read(tokens[len(e.held):min(len(tokens), len(e.held)+microBatch)], len(tokens)); err != nil {
			return 0, err
		}
	}
	return e.last()
}

// read computes the next tokens of so many.
func (e *EndOfTurn) read(tokens []yzma.Token, of int) error {
	entries := make([]entry, len(tokens))
	for i, token := range tokens {
		position := len(e.held) + i
		entries[i] = entry{position: position, token: token, wantsNext: position == of-1}
	}
	if err := e.engine.decode(entries); err != nil {
		return err
	}
	e.held = append(e.held, tokens...)
	return nil
}

// last is the share of the probability after the last token that ends the sentence.
func (e *EndOfTurn) last() (float32, error) {
	logits, err := yzma.GetLogitsIth(e.engine.context, -1, e.engine.vocabulary)
	if err != nil || logits == nil {
		return 0, fmt.Errorf("llama: no probabilities for the end of a turn: %w", err)
	}
	most := float32(math.Inf(-1))
	for _, logit := range logits {
		most = max(most, logit)
	}
	var all, ends float64
	for i, logit := range logits {
		p := math.Exp(float64(logit - most))
		all += p
		if e.ends[i] {
			ends += p
		}
	}
	return float32(ends / all), nil
}

// Close frees the model.
func (e *EndOfTurn) Close() {
	e.lock.Lock()
	defer e.lock.Unlock()
	e.engine.close()
}
