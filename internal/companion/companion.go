package companion

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"twombly/internal/journal"
)

// Journal is the person's journal as she needs it.
type Journal interface {
	Append(ctx context.Context, moments ...journal.Moment) ([]journal.Moment, error)
	Each(ctx context.Context, query journal.Query, visit func(journal.Moment) error) error
}

// Options is what a companion is made of. Journal and Mind are required.
type Options struct {
	// Person is the person's identifier: the name of the conversation for the mind's cache.
	Person  string
	Journal Journal
	Mind    Mind
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	Log *slog.Logger
}

// Companion is her, for one person. It is safe for concurrent use.
type Companion struct {
	person  string
	journal Journal
	mind    Mind
	now     func() time.Time
	log     *slog.Logger

	recording sync.Mutex // held while a message that its client named is looked up and written

	lock     sync.Mutex
	profile  profile
	history  history
	opening  []Message // persona and acquaintance, as frozen for the present stretch of conversation
	openedAt time.Time
	renewing bool
	pending  *outcome // of the first meeting, not yet said
	changed  map[int]func()
	changes  int // listeners so far
}

// Open reads what she knows from the journal. Replies that a crash cut off are to be ended before, by Journal.Settle.
func Open(ctx context.Context, options Options) (*Companion, error) {
	c := &Companion{
		person: options.Person, journal: options.Journal, mind: options.Mind, now: options.Now, log: options.Log,
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	err := c.journal.Each(ctx, journal.Query{}, func(moment journal.Moment) error {
		if moment.Kind == journal.Decision {
			return c.profile.take(moment)
		}
		c.history.take(moment)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what was said before: %w", err)
	}
	return c, nil
}

// OnChange registers a function that is called after the first meeting or a choice moved on, until stop is called. It
// must not block.
func (c *Companion) OnChange(f func()) (stop func()) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.changed == nil {
		c.changed = map[int]func(){}
	}
	c.changes++
	number := c.changes
	c.changed[number] = f
	return func() {
		c.lock.Lock()
		defer c.lock.Unlock()
		delete(c.changed, number)
	}
}

// decide records decisions and takes them over.
func (c *Companion) decide(ctx context.Context, by journal.Speaker, decisions ...madeDecision) error {
	moments, err := c.decisionMoments(by, decisions)
	if err != nil {
		return err
	}
	if _, err := c.journal.Append(ctx, moments...); err != nil {
		return fmt.Errorf("record a decision: %w", err)
	}
	c.takeDecisions(moments)
	return nil
}

func (c *Companion) decisionMoments(by journal.Speaker, decisions []madeDecision) ([]journal.Moment, error) {
	moments := make([]journal.Moment, 0, len(decisions))
	for _, d := range decisions {
		moment, err := decisionMoment(d.what, d.value, by)
		if err != nil {
			return nil, err
		}
		moment.At = c.now()
		moments = append(moments, moment)
	}
	return moments, nil
}

// takeDecisions takes recorded decisions over, and tells who listens.
func (c *Companion) takeDecisions(moments []journal.Moment) {
	if len(moments) == 0 {
		return
	}
	c.lock.Lock()
	for _, moment := range moments {
		if err := c.profile.take(moment); err != nil {
			c.log.Error("a decision could not be taken over", "error", err)
		}
	}
	c.opening = nil
	listeners := slices.Collect(maps.Values(c.changed))
	c.lock.Unlock()
	for _, f := range listeners {
		f()
	}
}

type madeDecision struct {
	what  string
	value any
}

// Names are what the two call each other; empty before the first meeting.
func (c *Companion) Names() (person, companion string) {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.profile.PersonName, c.profile.CompanionName
}

// Voice is the voice she speaks with now: the chosen one, or in the first meeting the one about to be heard.
func (c *Companion) Voice() Voice {
	c.lock.Lock()
	defer c.lock.Unlock()
	id := c.profile.VoiceID
	if c.pending != nil {
		for _, d := range c.pending.decisions {
			if choice, ok := d.value.(voiceChoice); ok {
				id = choice.ID
			}
		}
	}
	choice, _ := voiceByID(id)
	voice := Voice{Blend: choice.Blend, Speed: choice.Speed}
	if c.profile.Speed > 0 {
		voice.Speed = c.profile.Speed
	}
	return voice
}

// ErrNoSuchVoice means that no voice on offer has this ID.
var ErrNoSuchVoice = errors.New("there is no such voice")

// ChooseVoice makes a voice hers; a speed of 0 is the voice's own.
func (c *Companion) ChooseVoice(ctx context.Context, id string, speed float32) error {
	if _, ok := voiceByID(id); !ok {
		return fmt.Errorf("%w: %q", ErrNoSuchVoice, id)
	}
	return c.decide(ctx, journal.Person, madeDecision{decideVoice, voiceChoice{ID: id, Speed: speed}})
}

// CurrentVoice is the ID and speed of the chosen voice.
func (c *Companion) CurrentVoice() (id string, speed float32) {
	c.lock.Lock()
	defer c.lock.Unlock()
	choice, _ := voiceByID(c.profile.VoiceID)
	speed = c.profile.Speed
	if speed == 0 {
		speed = choice.Speed
	}
	return choice.ID, speed
}

// PageSettings are the page's own settings, an opaque JSON object; nil when none were kept.
func (c *Companion) PageSettings() json.RawMessage {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.profile.Page
}

// KeepPageSettings keeps the page's own settings.
func (c *Companion) KeepPageSettings(ctx context.Context, settings json.RawMessage) error {
	return c.decide(ctx, journal.Person, madeDecision{decidePage, settings})
}

// newMomentID makes an ID as the journal wants it.
func newMomentID() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("make an identifier: %w", err)
	}
	return id.String(), nil
}
