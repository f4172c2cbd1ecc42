package call

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"twombly/internal/companion"
	"twombly/internal/speech"
)

// Phrases keeps the sound of what she says at once, when something in her stops or an answer takes longer, by voice, so that nobody
// waits for it: it is made when nothing else is to do, once for all calls. Its methods are safe for concurrent use, and a nil one keeps nothing.
type Phrases struct {
	lock sync.Mutex
	kept map[string]speech.Utterance
}

// NewPhrases makes one that keeps nothing yet.
func NewPhrases() *Phrases { return &Phrases{kept: map[string]speech.Utterance{}} }

// phrase is something that she may have to say at once; phonemes where no spelling gives its sound.
type phrase struct{ text, phonemes string }

// foreseen is what she may have to say at once.
var foreseen = slices.Concat([]phrase{
	{text: companion.LostThread}, {text: companion.VoiceLost}, {text: companion.StillHere}, {text: companion.NoThought},
}, openersTold, openersAsked, backchannels)

func phraseKey(voice speech.Voice, text string) string { return fmt.Sprintf("%v %s", voice, text) }

// find returns the sound of a text; its words are the caller's own.
func (p *Phrases) find(voice speech.Voice, text string) (speech.Utterance, bool) {
	if p == nil {
		return speech.Utterance{}, false
	}
	p.lock.Lock()
	defer p.lock.Unlock()
	utterance, found := p.kept[phraseKey(voice, text)]
	utterance.Words = slices.Clone(utterance.Words)
	return utterance, found
}

func (p *Phrases) keep(voice speech.Voice, text string, utterance speech.Utterance) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.kept[phraseKey(voice, text)] = utterance
}

// Prepare has what is foreseen spoken in a voice, as far as it was not yet, each when wait returns (nil waits for nothing). Errors are
// the context's and the engine's.
func (p *Phrases) Prepare(ctx context.Context, engine speech.Engine, voice speech.Voice, wait func(context.Context) error) error {
	for _, phrase := range foreseen {
		if _, kept := p.find(voice, phrase.text); kept {
			continue
		}
		if wait != nil {
			if err := wait(ctx); err != nil {
				return err
			}
		}
		utterance, err := engine.Synthesize(ctx, speech.SynthesisRequest{Text: phrase.text, Phonemes: phrase.phonemes, Voice: voice})
		if err != nil {
			return fmt.Errorf("prepare what she may have to say at once: %w", err)
		}
		p.keep(voice, phrase.text, utterance)
	}
	return nil
}

// preparePhrases prepares them in the voice of this call, whenever nobody waits for anything.
func (c *Call) preparePhrases(ctx context.Context) {
	if c.phrases == nil {
		return
	}
	if err := c.phrases.Prepare(ctx, c.engine, c.voice(), c.waitForQuiet); err != nil && ctx.Err() == nil && !errors.Is(err, speech.ErrUnavailable) {
		c.log.Warn("what she may have to say at once could not be prepared", "error", err)
	}
}
