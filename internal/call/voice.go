package call

import (
	"context"
	"errors"
	"fmt"
	"time"

	"twombly/internal/companion"
	"twombly/internal/speech"
	"twombly/internal/speech/clause"
)

// voiceRetry is how long and how often a clause is tried again while the voice's worker starts anew.
const (
	voiceRetryFor   = 10 * time.Second
	voiceRetryEvery = 100 * time.Millisecond
)

// speakClause gives one clause its sound and hands it over. When the voice was lost, or is lost in the middle of it, somebody
// waits in silence: the clause is then cut anew, as the beginning of an answer is, so that a few words can be heard soon.
func (c *Call) speakClause(ctx context.Context, text string, first bool, hand func(string, speech.Utterance)) error {
	utterance, err := c.trySpeaking(ctx, speech.SynthesisRequest{Text: text, First: first, NoWait: true})
	if err == nil {
		hand(text, utterance)
		return nil
	}
	if !errors.Is(err, speech.ErrUnavailable) {
		return err
	}
	silent, back := context.WithCancel(ctx)
	defer back()
	c.work.Go(func() { c.bridge(silent) })
	for i, piece := range clause.Cut(text) {
		if utterance, err = c.synthesise(ctx, piece, i == 0); err != nil {
			return err
		}
		back()
		hand(piece, utterance)
	}
	return nil
}

// Times of bridging the loss of her voice.
const (
	bridgeEvery = 50 * time.Millisecond
	// bridgeBefore is how much of her sound is left when she says that more will follow.
	bridgeBefore = 200 * time.Millisecond
)

// bridge says that her voice was lost, when all that had its sound was heard, once, unless the context ends before: it is over when the
// voice is back. Only what was prepared can be said then.
func (c *Call) bridge(ctx context.Context) {
	ticker := time.NewTicker(bridgeEvery)
	defer ticker.Stop()
	ctx, said := context.WithCancel(ctx)
	defer said()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		c.post(func() {
			if r := c.response; ctx.Err() == nil && r != nil && c.fellSilent(r) {
				r.apology = c.interject(r, companion.VoiceLost, nil)
				said()
			}
		})
	}
}

// fellSilent says whether all sound of a response was heard, or will have been in a moment, and something prepared can follow.
func (c *Call) fellSilent(r *response) bool {
	if !r.audible || r.ended || r.delivered == 0 || r.delivered < len(r.clauses) {
		return false
	}
	_, prepared := c.phrases.find(c.voice(), companion.VoiceLost)
	return prepared && c.mouth.Position(r.itemID) >= r.duration()-bridgeBefore
}

// synthesise speaks a text, and again when the voice was lost in the middle of it. First is what somebody waits for.
func (c *Call) synthesise(ctx context.Context, text string, first bool) (speech.Utterance, error) {
	began := time.Now()
	for {
		utterance, err := c.trySpeaking(ctx, speech.SynthesisRequest{Text: text, First: first})
		if err == nil || !errors.Is(err, speech.ErrUnavailable) || ctx.Err() != nil || time.Since(began) > voiceRetryFor {
			return utterance, err
		}
		first = true
		timer := time.NewTimer(voiceRetryEvery)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return speech.Utterance{}, ctx.Err()
		}
	}
}

// trySpeaking speaks a text once, with the rest that belongs behind it.
func (c *Call) trySpeaking(ctx context.Context, request speech.SynthesisRequest) (speech.Utterance, error) {
	request.Voice = c.voice()
	utterance, err := c.engine.Synthesize(ctx, request)
	if err != nil {
		return speech.Utterance{}, fmt.Errorf("speak a clause of %d bytes: %w", len(request.Text), err)
	}
	return rest(utterance, request.Text), nil
}
