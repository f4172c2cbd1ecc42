package call

import "time"

// Action is what the machine wants done.
type Action string

// The actions of a call.
const (
	// StartHearing: the person began to speak; a turn opens Back before the present audio position.
	StartHearing Action = "start_hearing"
	// StopHearing: the person fell silent.
	StopHearing Action = "stop_hearing"
	// Recognise the turn's words up to this pause, and answer with Words.
	Recognise Action = "recognise"
	// DetectTurnEnd: ask the turn detection, and answer with TurnEnd.
	DetectTurnEnd Action = "detect_turn_end"
	// Draft an answer to Words, unheard, after Delay.
	Draft Action = "draft"
	// DropDraft: throw a draft away.
	DropDraft Action = "drop_draft"
	// CommitTurn: the turn is over; its words are the person's and go on disk.
	CommitTurn Action = "commit_turn"
	// DropTurn: the turn held no words; forget its sound.
	DropTurn Action = "drop_turn"
	// CommitSilence: nobody has spoken for Back; it becomes a turn without words, which she answers.
	CommitSilence Action = "commit_silence"
	// Speak the draft: it becomes the response.
	Speak Action = "speak"
	// Open: the response begins with an opener, a sound that is no word, because its first clause is still far.
	Open Action = "open"
	// Yield: stop speaking at once and record what was heard.
	Yield Action = "yield"
	// GiveBackchannel: she shows that she listens, softly, in a pause that the turn goes on after. It is no response.
	GiveBackchannel Action = "give_backchannel"
	// StopBackchannel: the person goes on over it.
	StopBackchannel Action = "stop_backchannel"
	// Duck: somebody is heard over her voice, from Back before the present audio position; she goes on softly until she is to yield
	// or to GoOn.
	Duck Action = "duck"
	// Overhear: recognise what is said over her voice, from Back before the present audio position, and answer with Overheard. It takes
	// the place of one that was asked for before.
	Overhear Action = "overhear"
	// CompareVoice: say how like the person's voice what is heard is, from Back before the present audio position, and answer with Compared.
	CompareVoice Action = "compare_voice"
	// LearnVoice: the turn that is over, which began Back before the present audio position, was the person's; learn their voice from it.
	LearnVoice Action = "learn_voice"
	// Hesitate: it is still not known what is said over her voice; she stops at the end of a word. Resume: it is no interruption, so
	// far, and she goes on, softly.
	Hesitate Action = "hesitate"
	Resume   Action = "resume"
	// GoOn: she was not interrupted, and goes on as she was.
	GoOn Action = "go_on"
	// Finish: the response was heard to its end; record it.
	Finish Action = "finish"
	// Apologise: say that the thread was lost, in the running response.
	Apologise Action = "apologise"
	// GiveUp: say that no answer will come, and end the response.
	GiveUp Action = "give_up"
	// Greet: begin a draft in which she speaks first.
	Greet Action = "greet"
)

// Reason is why, as a stable code; it goes into the trace, the journal and the metrics.
type Reason string

// Reasons.
const (
	VoiceHeard        Reason = "voice_heard"
	VoiceEnded        Reason = "voice_ended"
	PauseReached      Reason = "pause_reached"
	StillSilent       Reason = "still_silent"
	AnswerBegun       Reason = "answer_begun"
	AnswerFar         Reason = "answer_far"
	WordsComplete     Reason = "words_complete"
	WordsChanged      Reason = "words_changed"
	PersonWentOn      Reason = "person_went_on"
	TurnEndSure       Reason = "turn_end_sure"
	TurnEndLikely     Reason = "turn_end_likely"
	HoldElapsed       Reason = "hold_elapsed"
	SilenceElapsed    Reason = "silence_elapsed"
	AudioStopped      Reason = "audio_stopped"
	NoWords           Reason = "no_words"
	ClientCommitted   Reason = "client_committed"
	ClientCleared     Reason = "client_cleared"
	ClientAsked       Reason = "client_asked"
	ClientCancelled   Reason = "client_cancelled"
	ClientTruncated   Reason = "client_truncated"
	BargeIn           Reason = "barge_in"
	Undecided         Reason = "undecided"
	LongTurn          Reason = "long_turn"
	Backchannelled    Reason = "backchannel"
	HardStopped       Reason = "hard_stop"
	SpokenStop        Reason = "spoken_stop"
	SaidToAnother     Reason = "said_to_another"
	SaidByHer         Reason = "said_by_her"
	OtherVoice        Reason = "other_voice"
	TypedMessage      Reason = "typed_message"
	HeardToEnd        Reason = "heard_to_end"
	MindLost          Reason = "mind_lost"
	DraftError        Reason = "draft_error"
	SpeaksFirst       Reason = "speaks_first"
	IdleElapsed       Reason = "idle_elapsed"
	NoAnswer          Reason = "no_answer"
	CallEnded         Reason = "call_ended"
	ResponsesDisabled Reason = "responses_disabled"
)

// Intent is one thing to do, and why.
type Intent struct {
	Action Action `json:"action"`
	Reason Reason `json:"reason"`
	// Turn, Pause and Draft number what it is about, from 1; 0 where it does not apply.
	Turn  int `json:"turn,omitempty"`
	Pause int `json:"pause,omitempty"`
	Draft int `json:"draft,omitempty"`
	// Overlap numbers what is heard over her voice.
	Overlap int `json:"overlap,omitempty"`
	// Speaker numbers what is compared with the person's voice.
	Speaker int `json:"speaker,omitempty"`
	// Words are the words to answer or to commit.
	Words string `json:"words,omitempty"`
	// Back is how far before the present audio position something began.
	Back time.Duration `json:"back,omitempty"`
	// Delay is how long to wait before doing it.
	Delay time.Duration `json:"delay,omitempty"`
}
