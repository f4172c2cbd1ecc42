package call

import (
	"context"
	"time"

	"twombly/internal/companion"
	"twombly/internal/speech"
)

// Mouth is the way back to the person's device: what a call asks of a transport. No method blocks.
type Mouth interface {
	// Play queues samples of her voice (mono, speech.VoiceRate) after what is queued for the item; the transport paces.
	Play(itemID string, samples []float32)
	// PlayEnd says that no more samples of the item will come.
	PlayEnd(itemID string)
	// Hush drops everything of the item that was queued and not yet sent, and tells the device to drop what it holds.
	Hush(itemID string)
	// Duck lowers the item's sound by 12 dB from what is not yet sent on, or brings it back, gently. What comes after the item
	// is not lowered.
	Duck(itemID string, down bool)
	// Hold stops the item at the first of these places in it (ends of words, in order) that is still ahead, until Release lets it
	// go on from there. It is false for a device that can't, and goes on.
	Hold(itemID string, places []time.Duration) bool
	Release(itemID string)
	// Murmur plays a sound of hers that belongs to no item, under an identifier of its own that Hush and Position take too: she listens
	// audibly. It is false for a device that would not know what it hears, and then nothing is heard.
	Murmur(id string, samples []float32) bool
	// Position estimates how much of the item has sounded by now. It need not know the device's own delay.
	Position(itemID string) time.Duration
	// Report tells the device what happened, in order.
	Report(Event)
}

// Talker is the companion as a call sees her.
type Talker interface {
	// Draft starts an answer; it ends when ctx does.
	Draft(ctx context.Context, turn companion.Turn) *companion.Reply
	// Greet starts words of her own, before the person has said anything.
	Greet(ctx context.Context, turn companion.Turn) *companion.Reply
	// Prepare reads the stable part of what is being said ahead of time.
	Prepare(ctx context.Context, turn companion.Turn) error
	// Renew keeps the opening of what the mind reads of today, in the background; it returns when that is done, or at once if
	// it need not be.
	// It goes on whenever quiet returns.
	Renew(ctx context.Context, turn companion.Turn, quiet func(context.Context) error) error
	// RecordPerson puts the person's words on disk and returns the moment's ID.
	RecordPerson(ctx context.Context, turn companion.Turn) (string, error)
	// RecordClause puts a clause on disk as planned, before its first sample is sent.
	RecordClause(ctx context.Context, clause companion.Clause) error
	// RecordHeard puts on disk what was heard of a reply.
	RecordHeard(ctx context.Context, heard companion.Heard) error
	// Voice is the voice she speaks with now.
	Voice() companion.Voice
	// Names are what the person and she are called; empty while not known.
	Names() (person, companion string)
	// Habits are how the person takes turns, as earlier calls have learnt it; KeepHabits keeps what this one has.
	Habits() companion.Habits
	KeepHabits(ctx context.Context, habits companion.Habits) error
	// PersonVoice is the person's own voice, as earlier calls have learnt it; KeepPersonVoice keeps what this one has.
	PersonVoice() companion.PersonVoice
	KeepPersonVoice(ctx context.Context, voice companion.PersonVoice) error
}

// EndOfTurn tells by a turn's words how likely they are all of it, from 0 to 1.
type EndOfTurn interface {
	EndOfTurn(ctx context.Context, words string) (float32, error)
}

// TurnDetection says who decides that a turn is over.
type TurnDetection string

// Ways of turn detection, in the words of the OpenAI Realtime protocol.
const (
	// SemanticVAD uses turn detection; the page's own choice.
	SemanticVAD TurnDetection = "semantic_vad"
	// ServerVAD ends a turn after a fixed silence.
	ServerVAD TurnDetection = "server_vad"
	// Manual leaves it to the client's commit.
	Manual TurnDetection = "none"
)

// Eagerness is how soon she answers, in the words of the OpenAI Realtime protocol.
type Eagerness string

// Degrees of eagerness. Auto is Medium.
const (
	Low    Eagerness = "low"
	Medium Eagerness = "medium"
	High   Eagerness = "high"
	Auto   Eagerness = "auto"
)

// Settings are what a client may change in a running call.
type Settings struct {
	Detection TurnDetection
	// Silence is how long ServerVAD waits; 0 means 500 ms. Threshold is the probability of speech that it takes for voice; 0
	// means 0.5. IdleTimeout, when not 0, is how long after her last word nobody may speak before she does.
	Silence     time.Duration
	Threshold   float32
	IdleTimeout time.Duration
	// Eagerness is how soon SemanticVAD takes a pause for the end; empty means auto.
	Eagerness Eagerness
	// CreateResponse: answer by herself at the end of a turn. Interruptible: yield when the person speaks.
	CreateResponse, Interruptible bool
	// Audio is false for sessions that want text only.
	Audio bool
	// Quiet keeps her from sounds that are no words: no opener before an answer that takes longer, no backchannel in a long
	// story.
	Quiet bool
	// OwnVoiceOnly has her neither answer nor yield to speech that is clearly in another voice than the person's, once theirs is known.
	OwnVoiceOnly bool
	// Voice overrides the companion's own when its Blend is not empty.
	Voice speech.Voice
	// Instructions of a protocol client, added to her own.
	Instructions string
	// Tools of a protocol client, and which of them she must call: "" leaves it to her, "required" is any, NoTools none.
	Tools      []companion.Tool
	ToolChoice string
	// Device and Zone as in companion.Turn.
	Device, Zone string
}

// NoTools is the tool choice that none may be called.
const NoTools = "none"

// Event is something that happened in a call, reported in order. The concrete types follow.
type Event interface{ event() }

// The events of a call. Item and response identifiers are strings of the protocol's form ("item_…", "resp_…");
// positions count from the start of the input audio.
type (
	// SpeechStarted: the person began to speak; ItemID will be the item of their words.
	SpeechStarted struct {
		ItemID string
		At     time.Duration
	}
	// SpeechStopped: the person fell silent (the turn may yet go on).
	SpeechStopped struct {
		ItemID string
		At     time.Duration
	}
	// TurnCommitted: the person's audio became a conversation item; it is hers to answer.
	TurnCommitted struct{ ItemID, PreviousItemID string }
	// PersonPartial: what is recognised so far, whole (not a delta); Stable is how many bytes of it will not change.
	PersonPartial struct {
		ItemID, Text string
		Stable       int
	}
	// PersonFinal: the words of the item.
	PersonFinal struct {
		ItemID, Text string
		AudioSeconds float64
	}
	// SilenceTimedOut: nobody spoke for Settings.IdleTimeout; the silence becomes an item.
	SilenceTimedOut struct {
		ItemID   string
		From, To time.Duration
	}
	// Message: a typed message of the person became an item.
	Message struct{ ItemID, PreviousItemID, Text string }
	// ResponseStarted: she begins to answer; her words will be the item ItemID.
	ResponseStarted struct{ ResponseID, ItemID, PreviousItemID string }
	// ReplyText: more of her words, about to be heard (or shown). Duration is the length of their sound, 0 for text.
	ReplyText struct {
		ResponseID, ItemID, Delta string
		Duration                  time.Duration
	}
	// ResponseDone: the answer is complete ("completed"), was ended ("cancelled", Reason "turn_detected" or
	// "client_cancelled") or failed ("failed", Reason is a sentence). It comes when all of it was generated, before it
	// was all heard. Text is what was planned; Calls are the tools that she wants called, each an item after that of her
	// words. If there are none, her words may be.
	ResponseDone struct {
		ResponseID, ItemID, Status, Reason, Text string
		Calls                                    []FunctionCall
	}
	// FunctionCall is a call of a client's tool, as an item of the conversation.
	FunctionCall struct{ ItemID, CallID, Name, Arguments string }
	// CallAnswered: what came of a call became an item.
	CallAnswered struct{ ItemID, PreviousItemID, CallID, Output string }
	// ItemTruncated: only AudioEnd of the item was heard, and these words.
	ItemTruncated struct {
		ItemID   string
		AudioEnd time.Duration
		Words    string
	}
	// PlaybackEnded: the item was heard to its end.
	PlaybackEnded struct{ ItemID string }
	// StateChanged: what she is doing, for the page's form: "listening", "hearing", "thinking", "speaking".
	StateChanged struct{ State string }
	// TurnTimings: where the time went between the person's last voiced sound and the first sound of the answer. Each is
	// a stage of its own, but Hold and those of the models overlap; Overhead is what is neither.
	TurnTimings struct {
		ResponseID string
		// Pause is from the last voiced sample to the pause being noticed; Recognition the wait for the words after it;
		// FirstToken from the words to the mind's first token; FirstClause from there to the first clause's text;
		// Synthesis its sound; Hold the wait for the turn to be hers after the sound was ready; Total all of it.
		Pause, Recognition, FirstToken, FirstClause, Synthesis, Hold, Overhead, Total time.Duration
		// Opener is when an opener was handed to the transport, counted as Total is; 0 when there was none.
		Opener time.Duration
		// Reason is why the turn was hers.
		Reason string
	}
	// DraftEnded: no more is written of a draft. Spoken is false when it was thrown away; Tokens is what a mind wrote of it.
	DraftEnded struct {
		Spoken bool
		Tokens int
	}
	// Hint: something that the person should know and that nothing went wrong with, for clients that can show it; Code and Message as in Failure.
	Hint struct{ Code, Message string }
	// Failure: something went wrong that the person should know; Code is stable, Message a sentence.
	Failure struct{ Code, Message string }
)

func (SpeechStarted) event()   {}
func (SpeechStopped) event()   {}
func (TurnCommitted) event()   {}
func (PersonPartial) event()   {}
func (PersonFinal) event()     {}
func (Message) event()         {}
func (SilenceTimedOut) event() {}
func (ResponseStarted) event() {}
func (ReplyText) event()       {}
func (ResponseDone) event()    {}
func (CallAnswered) event()    {}
func (ItemTruncated) event()   {}
func (PlaybackEnded) event()   {}
func (StateChanged) event()    {}
func (TurnTimings) event()     {}
func (DraftEnded) event()      {}
func (Hint) event()            {}
func (Failure) event()         {}

// Line is the way in: what a transport may ask of a call. *Call implements it. All methods return soon and are safe
// for concurrent use; Hear waits when 30 s of sound have not been listened to yet, to slow down a client that is faster
// than real time.
type Line interface {
	// Hear takes the person's sound: mono at speech.HearingRate, any number of samples, in order.
	Hear(samples []float32)
	// Played reports how much of an item's audio has left the loudspeaker.
	Played(itemID string, played time.Duration)
	// Type takes a typed message as an item; respond asks for an answer at once (a running answer is ended first).
	// itemID may be empty; the item's ID is returned. A message over MaxTypedBytes is refused.
	Type(itemID, text string, respond bool) (string, error)
	// Answer takes what came of a call; ErrUnknownCall when she asked for no such call. She goes on with Respond.
	Answer(itemID, callID, output string) error
	// Instruct puts a client's word to her behind what was said: the next answer follows it. What is to hold for longer belongs
	// to Settings.Instructions.
	Instruct(text string)
	// Commit makes an item of the audio heard so far (manual turns); ErrEmpty when there is none.
	Commit() (itemID string, err error)
	// ClearInput drops the audio heard since the last commit.
	ClearInput()
	// Respond asks for an answer now; ErrBusy when one is in the making. It follows one that is still being heard, and
	// takes the place of one that a message was typed into.
	Respond() error
	// Cancel ends the answer in the making and its sound; false when there is none.
	Cancel() bool
	// HardStop makes her silent at once, in every state.
	HardStop()
	// Truncate says that only this much of the item was heard; ErrUnknownItem, ErrBeyondItem.
	Truncate(itemID string, audioEnd time.Duration) error
	// Configure replaces the settings.
	Configure(Settings) error
	// Settings returns the settings in force.
	Settings() Settings
}
