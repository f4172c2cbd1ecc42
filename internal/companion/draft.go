package companion

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Draft starts an answer to the turn; it ends when ctx does. In the first meeting the answer is the meeting's next step.
func (c *Companion) Draft(ctx context.Context, turn Turn) *Reply {
	if turn.Meeting && !c.Met() {
		return c.draftMeeting(ctx, turn)
	}
	c.setPending(nil)
	return StartReply(ctx, func(ctx context.Context, emit Emit) error {
		return c.answer(ctx, c.prompt(turn), emit)
	})
}

// Greet starts words of her own: in the first meeting its present question, later a short hello.
func (c *Companion) Greet(ctx context.Context, _ Turn) *Reply {
	return StartReply(ctx, func(_ context.Context, emit Emit) error {
		person, _ := c.Names()
		return emit.Say(question(c.step(), person))
	})
}

// Prepare reads the stable part of what is being said ahead of time; without words, at the beginning of a call, the
// conversation so far.
func (c *Companion) Prepare(ctx context.Context, turn Turn) error {
	if turn.Meeting && !c.Met() {
		return nil
	}
	if turn.Words == "" {
		c.refresh()
	}
	if err := c.mind.Prefill(ctx, c.prompt(turn)); err != nil {
		return fmt.Errorf("read ahead: %w", err)
	}
	return nil
}

// errEnough ends the mind's answer when she has said enough.
var errEnough = errors.New("enough was said")

// refusals are how a small mind begins when it takes something harmless for something it may not do. She says none of that (package care leaves it out).
var refusals = []string{"i'm sorry", "sorry", "i can't", "i cannot", "i am sorry", "i'm unable", "i'm not able", "as an"}

// answer asks the mind and cleans what it says. Where nothing is left of that, it is asked once more, and is not to begin so.
func (c *Companion) answer(ctx context.Context, prompt Prompt, emit Emit) error {
	said, err := c.attempt(ctx, prompt, emit)
	if !said && err == nil {
		prompt.NotBegin = refusals
		said, err = c.attempt(ctx, prompt, emit)
	}
	if err != nil || said {
		return err
	}
	// All of it was something she doesn't say: a servile phrase, a stage direction. A listener's sound is honest.
	return emit.Say("Mm. Go on.")
}

// attempt asks the mind once. said tells whether anything of its answer is said.
func (c *Companion) attempt(ctx context.Context, prompt Prompt, emit Emit) (said bool, err error) {
	_, name := c.Names()
	cleaned := cleaner{name: name, sentences: prompt.Sentences}
	enough := false
	err = c.mind.Generate(ctx, prompt, func(piece Piece) error {
		if err := emit(Piece{Tokens: 1}); err != nil { // a mind's pieces are tokens
			return err
		}
		if piece.Call != nil {
			said = true
			return emit(piece)
		}
		if enough {
			return nil
		}
		text, done := cleaned.push(piece.Text)
		if text != "" {
			said = said || strings.TrimSpace(text) != ""
			if err := emit.Say(text); err != nil {
				return err
			}
		}
		enough = done
		if done && len(prompt.Tools) == 0 { // else a call may follow
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return said, err
	}
	if err == nil && !enough {
		if rest := cleaned.flush(); rest != "" {
			said = true
			return said, emit.Say(rest)
		}
	}
	return said, nil
}
