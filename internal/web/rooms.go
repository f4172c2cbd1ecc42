package web

import (
	"context"
	"encoding/json"

	"twombly/internal/companion"
	"twombly/internal/journal"
)

// Rooms opens what belongs to one person. The command wires it; a person's store is opened on demand.
type Rooms interface {
	// Open returns the person's room. Every call is followed by one of release, when the request is over.
	Open(ctx context.Context, person string) (room Room, release func(), err error)
}

// Room is what belongs to one person.
type Room struct {
	Companion Companion
	Journal   Journal
}

// Companion is she, as the page of one person sees her. *companion.Companion is one.
type Companion interface {
	// Names are what the two call each other; empty before the first meeting.
	Names() (person, companion string)
	// Met says whether the first meeting is over.
	Met() bool
	// Meeting is the first meeting as it stands.
	Meeting() companion.Meeting
	// TypeMeeting takes a typed answer in the first meeting and returns where it stands then, with what she said.
	TypeMeeting(ctx context.Context, text, device, zone string) (companion.Meeting, error)
	// SkipMeeting ends the first meeting with what is known.
	SkipMeeting(ctx context.Context) error
	// CurrentVoice is the chosen voice and how fast she speaks with it.
	CurrentVoice() (id string, speed float32)
	// ChooseVoice makes a voice hers; a speed of 0 is the voice's own. companion.ErrNoSuchVoice.
	ChooseVoice(ctx context.Context, id string, speed float32) error
	// PageSettings are the page's own settings as KeepPageSettings got them; nil when none were kept.
	PageSettings() json.RawMessage
	KeepPageSettings(ctx context.Context, settings json.RawMessage) error
	// ForgetPersonVoice forgets how the person's own voice sounds.
	ForgetPersonVoice(ctx context.Context) error
}

// Journal is what the history reads. *journal.Journal is one.
type Journal interface {
	Read(ctx context.Context, query journal.Query) ([]journal.Moment, error)
}

// Samples lets a person hear a voice before it is chosen.
type Samples interface {
	// Sample is one sentence in the voice, as a WAV file.
	Sample(ctx context.Context, voice companion.VoiceChoice) ([]byte, error)
}

// Status says how each part of her is and where it runs.
type Status interface {
	Status(ctx context.Context, person string) (StatusReport, error)
}

// Minds shows and chooses the language model that a person's companion thinks with.
type Minds interface {
	// Mind is what she thinks with now, what was found on this machine, and what may be sent there.
	Mind(ctx context.Context, person string) (MindReport, error)
	// ChooseMind changes it, after trying it. Refuse says why it can't be.
	ChooseMind(ctx context.Context, person string, choice MindChoice) error
}
