package companion

// Channel is how the person's words came and how the answer will go.
type Channel string

// Channels of a turn.
const (
	ByVoice Channel = "voice"
	ByText  Channel = "text"
)

// Turn is what the person said, to be answered.
type Turn struct {
	// Words is the person's words as recognised or typed, when they are not in the journal yet; empty to answer the
	// conversation as it stands.
	Words   string
	Channel Channel
	// ClientID is the client's own name of a typed message, empty when it gave none: the same one, sent again because a line was
	// lost before its echo came, is written down once.
	ClientID string
	// Device names what they came through.
	Device string
	// Meeting is true for turns of our own page and command line, which can hold the first meeting.
	Meeting bool
	// Zone is the person's IANA time zone, empty when unknown.
	Zone string
	// InPlaceOf names a reply of which a beginning was said before the mind was lost: it is answered anew, as if it had not
	// begun.
	InPlaceOf string
	// Unprompted: the person has said nothing for a while, and she says something.
	Unprompted bool
	// Instructions are a protocol client's own wishes for this session, empty from our page.
	Instructions string
	// Tools are a protocol client's, which she may have called; ToolChoice as in Prompt.
	Tools      []Tool
	ToolChoice string
	// Exchange is what was called since the person's last words, and what came of it: calls and results in turn.
	Exchange []Message
}

// Heard says how a reply ended for the person's ears.
type Heard struct {
	// ReplyID names the reply, as its clauses do.
	ReplyID string
	// Words is exactly what was heard, the whole reply or its beginning.
	Words string
	// Cut is true when the reply was not heard to its end; Reason says why, as a reason code ("barge_in").
	Cut    bool
	Reason string
	// AudioMilliseconds is how much of her voice was heard.
	AudioMilliseconds int64
}

// Clause is one piece of a reply that is about to be spoken or shown.
type Clause struct {
	ReplyID string
	// TurnID is the person's moment that is answered; empty when she speaks first.
	TurnID string
	// Index counts clauses of the reply from 0.
	Index int
	Text  string
	// HeardWords is how many words of the reply had been heard when this clause was planned: after a crash that is
	// what counts as heard.
	HeardWords int
	Channel    Channel
}
