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
	// Words is the person's words as recognised or typed.
	Words   string
	Channel Channel
	// Device names what they came through.
	Device string
	// Zone is the person's IANA time zone, empty when unknown.
	Zone string
	// Instructions are a protocol client's own wishes for this session, empty from our page.
	Instructions string
}

// Reply is one answer in the making. Nothing of it is journaled until its clauses are recorded, so abandoning a draft
// leaves no trace.
type Reply struct {
	// Text streams clean text, fit for speech, in small pieces; it is closed at the end.
	Text <-chan string
	err  error
	done chan struct{}
}

// Wait returns when the answer is complete or was given up, with the reason.
func (r *Reply) Wait() error {
	<-r.done
	return r.err
}

// Heard says how a reply ended for the person's ears.
type Heard struct {
	// ReplyID names the reply, as given by RecordPerson's caller to RecordClause.
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
