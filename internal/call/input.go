package call

import (
	"time"

	"twombly/internal/companion"
)

// Input is something the machine is told. Words are opaque to it: it compares them and asks whether they are empty, so
// that a trace which holds hashes in their place replays exactly as the call ran.
type Input interface{ input() }

// The inputs of a call.
type (
	// Frame is the verdict on the next 32 ms of the person's sound; frames are the machine's measure of audio time.
	Frame struct {
		// Speech is the probability of speech, from 0 to 1.
		Speech float32 `json:"speech"`
		// Level is the loudness in dBFS.
		Level float32 `json:"level"`
		// Doubtful says that it may be her own voice: she is heard, and it is not known yet how her voice comes back.
		Doubtful bool `json:"doubtful,omitempty"`
	}
	// Words is what was recognised of the turn up to a pause, whole.
	Words struct {
		Pause int    `json:"pause"`
		Words string `json:"words"`
		// Bearing is what they mean for whose turn it is, however they sounded.
		Bearing Bearing `json:"bearing,omitempty"`
		// Told is true when they are long, and tell something: neither a question nor what is read out.
		Told bool `json:"told,omitempty"`
		// Digits is how many there are in them, as figures and as words.
		Digits int `json:"digits,omitempty"`
		// Meaning is the words without what changes nothing about them: a draft that answers the same still serves.
		Meaning string `json:"meaning,omitempty"`
		// LikeStop is true when they may be a "stop" that noise has changed.
		LikeStop bool `json:"likeStop,omitempty"`
		// Confidence is how sure the recogniser is of them, from 0 to 1; 0 is not known.
		Confidence float32 `json:"confidence,omitempty"`
	}
	// TurnEnd is the probability that the person had finished at a pause.
	TurnEnd struct {
		Pause       int     `json:"pause"`
		Probability float32 `json:"probability"`
	}
	// Finished is the probability that the words of a pause are all of the turn, by what they say; TurnEnd is by how they sounded.
	Finished struct {
		Pause       int     `json:"pause"`
		Probability float32 `json:"probability"`
	}
	// Overheard is what the words that are heard over her voice seem to be, up to the audio time at which Overhear asked. Failed says that
	// they could not be recognised.
	Overheard struct {
		Overlap int           `json:"overlap"`
		Until   time.Duration `json:"until"`
		Remark  Remark        `json:"remark"`
		Words   string        `json:"words,omitempty"`
		Failed  bool          `json:"failed,omitempty"`
	}
	// Compared is how like the person's voice what CompareVoice asked about is, from about 0 for another's to 1. Failed says that it could
	// not be told.
	Compared struct {
		Speaker  int     `json:"speaker"`
		Likeness float32 `json:"likeness"`
		Failed   bool    `json:"failed,omitempty"`
	}
	// VoiceLearnt says from how many turns the person's voice is known now.
	VoiceLearnt struct {
		Turns int `json:"turns"`
	}
	// CantHold says that her voice can't be stopped between words for an overlap: the device plays on.
	CantHold struct {
		Overlap int `json:"overlap"`
	}
	// DraftBegun says that the mind has read all and begins to write the draft.
	DraftBegun struct {
		Draft int `json:"draft"`
	}
	// ClauseReady says that the first clause of a draft can be heard at once. Interjected means that it is not of the
	// draft, but says what became of it.
	ClauseReady struct {
		Draft       int  `json:"draft"`
		Interjected bool `json:"interjected,omitempty"`
	}
	// Foreseen says when a draft's first clause will be heard, as far as earlier drafts tell: the stage that it is in ends at At, in real
	// time since the call began, and what follows takes After. It is told only where an opener is at hand.
	Foreseen struct {
		Draft int           `json:"draft"`
		At    time.Duration `json:"at"`
		After time.Duration `json:"after"`
	}
	// DraftFailed says that no more of a draft will come. Lost means that a worker died or a server went away, so that
	// trying again may help.
	DraftFailed struct {
		Draft int  `json:"draft"`
		Lost  bool `json:"lost"`
	}
	// Spoken says that all of the response was generated and heard to its end.
	Spoken struct {
		Draft int `json:"draft"`
		// Asked is true when it ended in a question and a silence after it is hers to meet.
		Asked bool `json:"asked,omitempty"`
	}
	// Typed is a typed message to be answered.
	Typed struct {
		Words string `json:"words"`
	}
	// CommitAudio, ClearAudio, RespondNow, CancelResponse and HardStop are a client's wishes.
	CommitAudio    struct{}
	ClearAudio     struct{}
	RespondNow     struct{}
	CancelResponse struct{}
	HardStop       struct{}
	// Truncated says that the client told where the response was cut (its own barge-in).
	Truncated struct{}
	// Opening asks her to speak first.
	Opening struct{}
	// Acquainted is what earlier calls have learnt of the person.
	Acquainted struct {
		Habits companion.Habits
		// VoiceTurns is from how many turns the person's voice is known.
		VoiceTurns int `json:",omitempty"`
	}
	// Configured replaces the rules of turn-taking.
	Configured struct{ Rules Rules }
	// Tick says that a deadline asked for by Machine.Wake has passed.
	Tick struct{}
)

func (Frame) input()          {}
func (Words) input()          {}
func (TurnEnd) input()        {}
func (Finished) input()       {}
func (Overheard) input()      {}
func (Compared) input()       {}
func (VoiceLearnt) input()    {}
func (CantHold) input()       {}
func (DraftBegun) input()     {}
func (ClauseReady) input()    {}
func (Foreseen) input()       {}
func (DraftFailed) input()    {}
func (Spoken) input()         {}
func (Typed) input()          {}
func (CommitAudio) input()    {}
func (ClearAudio) input()     {}
func (RespondNow) input()     {}
func (CancelResponse) input() {}
func (HardStop) input()       {}
func (Truncated) input()      {}
func (Opening) input()        {}
func (Acquainted) input()     {}
func (Configured) input()     {}
func (Tick) input()           {}
