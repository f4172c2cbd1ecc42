package call

import "time"

// Rules are the numbers of turn-taking. Durations are of audio time unless they say otherwise.
type Rules struct {
	Detection      TurnDetection `json:"detection"`
	CreateResponse bool          `json:"createResponse"`
	Interruptible  bool          `json:"interruptible"`

	// SpeechProbability is what a frame needs to count as voiced; below SilenceProbability it counts as silent, and in
	// between it counts as what the frame before was (hysteresis, as Silero's authors advise).
	SpeechProbability  float32 `json:"speechProbability"`
	SilenceProbability float32 `json:"silenceProbability"`
	// Reach is how far, in dB, below the loudest frame of the open turn a frame may be and still count as voiced: the
	// detector lingers in the noise after the words. 0 takes the detector's word for it.
	Reach float32 `json:"reach"`
	// SpeechStart is how much voiced sound opens a turn.
	SpeechStart time.Duration `json:"speechStart"`
	// Word is the shortest unbroken voice in which there can be a word: a turn with less is none.
	Word time.Duration `json:"word,omitempty"`
	// Clear is how much sure voice (ClearProbability) a turn of less than Brief must have to be one, unless the recogniser is sure of its words
	// (Certain): a cough is voice now and then, and never surely. 0 asks for none.
	Clear            time.Duration `json:"clear,omitempty"`
	ClearProbability float32       `json:"clearProbability,omitempty"`
	Brief            time.Duration `json:"brief,omitempty"`
	Certain          float32       `json:"certain,omitempty"`
	// BargeIn is how much voiced sound makes her yield.
	BargeIn time.Duration `json:"bargeIn"`
	// Judge is how long sound over her voice may last, with nothing in it that speaks for an interruption, before it is one all
	// the same; twice as long for words of assent. 0 takes every sound of BargeIn for one.
	Judge time.Duration `json:"judge,omitempty"`
	// Hesitate is how much voiced sound over her voice makes her stop at the end of a word while it is not known what it is; 0 is
	// never.
	Hesitate time.Duration `json:"hesitate,omitempty"`
	// HesitateAgain is the same when she has gone on and what is heard goes on too; 0 is as long as Hesitate.
	HesitateAgain time.Duration `json:"hesitateAgain,omitempty"`
	// Rest is the silence after which she goes on when it was short; 0 is 96 ms.
	Rest time.Duration `json:"rest,omitempty"`
	// Overhear is how often such sound is recognised while it lasts.
	Overhear time.Duration `json:"overhear,omitempty"`
	// Aside is the silence after which such sound is over, and she goes on.
	Aside time.Duration `json:"aside,omitempty"`
	// Stranger is the likeness to the person's voice below which speech of VoiceLeast or more is clearly another's, once theirs is known from
	// VoiceTurns turns; 0 compares none. It tips what the words of something over her voice leave open; with OwnVoiceOnly it is neither answered
	// nor yielded to.
	Stranger     float32       `json:"stranger,omitempty"`
	VoiceLeast   time.Duration `json:"voiceLeast,omitempty"`
	VoiceTurns   int           `json:"voiceTurns,omitempty"`
	OwnVoiceOnly bool          `json:"ownVoiceOnly,omitempty"`
	// Pause is the silence after which words are recognised and an answer is drafted.
	Pause time.Duration `json:"pause"`
	// Ask lists the silences after which turn detection is asked, as long as it has not said that the turn is likely over.
	// They are for want of an answer, and for one that is ready: where one is in the making, turn detection is asked as soon as the
	// mind begins to write it, however late that is. Before, the mind needs all cores to read the person's last words, and nothing
	// could be said with the verdict.
	Ask []time.Duration `json:"ask"`
	// Likely and Sure are turn-end probabilities: with the first her turn begins when the draft can be heard, with the
	// second at once. A turn that ends at once is answered no sooner, and cannot grow any more when the person goes on; 0 is
	// never.
	Likely float32 `json:"likely"`
	Sure   float32 `json:"sure,omitempty"`
	// Ends are the silences that end a turn, when there is something to say, by how likely its words are all of it; the likeliest come
	// first, and what is less likely than all of them waits for Hold. They are longer for a person who was cut off before, and shorter for one
	// who never is. Without a verdict on the words their sound decides (Likely).
	Ends []End `json:"ends,omitempty"`
	// ClearEnds are those where the person's loudest frame is ClearAbove dB or more above the noise.
	ClearAbove float32 `json:"clearAbove,omitempty"`
	ClearEnds  []End   `json:"clearEnds,omitempty"`
	// NumberKnown is the silence that ends a number that is read out and as long as one was before; 0 waits for Hold.
	NumberKnown time.Duration `json:"numberKnown,omitempty"`
	// NoiseWait is how much longer the silences of Ends and NumberKnown must be where the person is less than NoisyBelow dB louder than the noise:
	// there the words are not to be relied on.
	NoisyBelow float32       `json:"noisyBelow,omitempty"`
	NoiseWait  time.Duration `json:"noiseWait,omitempty"`
	// Opener is how far away her first word must be, in real time, for an opener ("Mm.") to come before it; 0 is never.
	Opener time.Duration `json:"opener,omitempty"`
	// Backchannel is the least time between two sounds with which she shows that she listens to a long turn; 0 is never.
	Backchannel time.Duration `json:"backchannel,omitempty"`
	// Hold is the silence that ends a turn whatever the detection says.
	Hold time.Duration `json:"hold"`
	// Patience is the hold of somebody who asked for time ("let me think").
	Patience time.Duration `json:"patience,omitempty"`
	// Silence is the fixed silence of ServerVAD.
	Silence time.Duration `json:"silence"`
	// IdleTimeout is how long after her last word nobody may speak, in real time, before she does; 0 is for ever.
	IdleTimeout time.Duration `json:"idleTimeout,omitempty"`
	// NoAnswer is how long after a question of hers nobody may speak, in real time, before she says something short: once, until the
	// person has spoken. 0 is for ever. Only SemanticVAD has it.
	NoAnswer time.Duration `json:"noAnswer,omitempty"`
	// Stall is how long no audio may arrive, in real time, before time itself counts as silence.
	Stall time.Duration `json:"stall"`
	// RetryFor bounds, in real time, how long a lost answer is tried again; RetryEvery is the wait between tries.
	RetryFor   time.Duration `json:"retryFor"`
	RetryEvery time.Duration `json:"retryEvery"`
	// Without are layers that are left out; see [Rules.LeaveOut].
	Without Layers `json:"without,omitzero"`
}

// End is a silence that ends a turn whose words are all of it with this probability or more.
type End struct {
	Finished float32       `json:"finished"`
	Silence  time.Duration `json:"silence"`
}

// DefaultRules are those of docs/calls.md, for the page's own calls.
func DefaultRules() Rules {
	return Rules{
		Detection:          SemanticVAD,
		CreateResponse:     true,
		Interruptible:      true,
		SpeechProbability:  0.5,
		SilenceProbability: 0.35,
		Reach:              30,
		SpeechStart:        96 * time.Millisecond,
		Word:               192 * time.Millisecond,
		Clear:              128 * time.Millisecond,
		ClearProbability:   0.9,
		Brief:              800 * time.Millisecond,
		Certain:            0.75,
		BargeIn:            256 * time.Millisecond,
		Judge:              900 * time.Millisecond,
		Hesitate:           192 * time.Millisecond,
		HesitateAgain:      64 * time.Millisecond,
		Rest:               64 * time.Millisecond,
		Overhear:           96 * time.Millisecond,
		Aside:              200 * time.Millisecond,
		Pause:              96 * time.Millisecond,
		Ask:                []time.Duration{600 * time.Millisecond, 900 * time.Millisecond},
		Likely:             0.5,
		Ends:               []End{{0.8, 350 * time.Millisecond}, {0.6, 500 * time.Millisecond}, {0.27, 900 * time.Millisecond}},
		NumberKnown:        600 * time.Millisecond,
		NoisyBelow:         13,
		NoiseWait:          350 * time.Millisecond,
		ClearAbove:         26,
		ClearEnds:          []End{{0.8, 350 * time.Millisecond}, {0.4, 500 * time.Millisecond}, {0.27, 900 * time.Millisecond}},
		Opener:             500 * time.Millisecond,
		Backchannel:        8 * time.Second,
		Hold:               1300 * time.Millisecond,
		Patience:           20 * time.Second,
		Silence:            500 * time.Millisecond,
		NoAnswer:           14 * time.Second,
		Stall:              200 * time.Millisecond,
		RetryFor:           12 * time.Second,
		RetryEvery:         300 * time.Millisecond,
	}
}

// rulesOf takes over what a client may set.
func rulesOf(settings Settings) Rules {
	rules := DefaultRules()
	rules.Detection = settings.Detection
	rules.CreateResponse = settings.CreateResponse
	rules.Interruptible = settings.Interruptible
	if settings.Silence > 0 {
		rules.Silence = settings.Silence
	}
	if settings.Detection == ServerVAD && settings.Threshold > 0 {
		rules.SpeechProbability = settings.Threshold
		rules.SilenceProbability = max(0.01, settings.Threshold-0.15)
	}
	if settings.Detection == ServerVAD {
		rules.IdleTimeout, rules.NoAnswer = settings.IdleTimeout, 0
	}
	if settings.Quiet {
		rules.Opener, rules.Backchannel = 0, 0
	}
	switch settings.Eagerness {
	case Low: // somebody who thinks aloud
		rules.Likely, rules.Hold, rules.NumberKnown = 0.8, 3*time.Second, 0
		rules.Ends, rules.ClearEnds = []End{{0.6, 1200 * time.Millisecond}, {0.4, 2 * time.Second}}, nil
	case High:
		rules.Likely, rules.Sure, rules.Hold = 0.35, 0.8, 800*time.Millisecond
		rules.Ends, rules.ClearEnds = []End{{0.3, 300 * time.Millisecond}, {0.1, 500 * time.Millisecond}}, nil
	case Medium, Auto, "":
	}
	return rules
}
