package journal

import (
	"encoding/json"
	"time"
)

// Kind says what sort of thing happened.
type Kind string

// Kinds of moments. A journal only grows: what changes an earlier moment is a moment of its own that refers to it.
const (
	// Said is words that somebody said or typed and that are complete: the person's, or a text of the companion.
	Said Kind = "said"
	// Planned is one clause of a reply, put down before its first sample is sent. Refers is the person's moment that is
	// answered, empty when she speaks first; Data is PlannedData.
	Planned Kind = "planned"
	// Heard ends a reply: Refers is the reply's ID, Words the part of it that was heard, Data is HeardData.
	Heard Kind = "heard"
	// Decision is a choice of the person (a name, a voice, a setting, consent), named in Data.
	Decision Kind = "decision"
	// Event is something about the call itself (begun, ended, a worker lost), named in Data.
	Event Kind = "event"
	// Tombstone stands for a moment that was forgotten, named in Refers. The kind is reserved: forgetting comes later.
	Tombstone Kind = "tombstone"
)

// Speaker says whose words a moment holds.
type Speaker string

// Who can speak.
const (
	Person    Speaker = "person"
	Companion Speaker = "companion"
	System    Speaker = "system"
)

// Trust labels where the words came from; untrusted words never choose an action.
type Trust string

// Trust labels.
const (
	TrustPerson    Trust = "person"
	TrustCompanion Trust = "companion"
	Untrusted      Trust = "untrusted"
)

// Channel is how the words travelled.
type Channel string

// Channels.
const (
	Voice Channel = "voice"
	Text  Channel = "text"
)

// Moment is one thing that happened between the person and the companion.
type Moment struct {
	// ID is a UUIDv7 given by the writer; Append makes one when it is empty.
	ID string `json:"id"`
	// Sequence is the moment's place in the journal, from 1; Append sets it.
	Sequence int64 `json:"sequence"`
	// At is when it happened, with the person's zone (an IANA name where known).
	At   time.Time `json:"at"`
	Zone string    `json:"zone,omitempty"`

	Kind    Kind    `json:"kind"`
	Speaker Speaker `json:"speaker"`
	Channel Channel `json:"channel,omitempty"`
	Trust   Trust   `json:"trust"`
	// Device names what it came through, as the person knows it ("phone").
	Device string `json:"device,omitempty"`
	// Words is the text itself.
	Words string `json:"words,omitempty"`
	// Refers is the ID of the moment that this one is about.
	Refers string `json:"refers,omitempty"`
	// AudioMilliseconds is the length of the sound, heard or spoken; 0 for text.
	AudioMilliseconds int64 `json:"audioMilliseconds,omitempty"`
	// Data is kind-specific detail: a JSON object.
	Data json.RawMessage `json:"data,omitempty"`
}
