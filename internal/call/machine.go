package call

import (
	"time"

	"twombly/internal/speech"
)

// frameLength is the audio time of one frame.
const frameLength = speech.FrameSamples * time.Second / speech.HearingRate

// personState is what the person is doing.
type personState int

const (
	silent personState = iota
	speaking
	pausing
	overlapping // heard over her voice, which is being judged
)

// herState is what she is doing.
type herState int

const (
	idle herState = iota
	thinking
	talking
)

// quietest is below every level, in dBFS.
const quietest = -200

// Machine decides, and does nothing else: Step takes one input and returns what is to be done. It must be used from
// one goroutine. The time given to Step is real time since the call began; silences are measured in audio time (32 ms
// a frame), so that a client that sends faster than real time is treated alike, and in real time only when no audio
// arrives at all.
type Machine struct {
	rules Rules

	// The person's side.
	person     personState
	turn       int           // number of the turn that is open or was last
	pause      int           // number of the pause that is open or was last
	position   time.Duration // audio time of all frames so far
	frameAt    time.Duration // real time of the last frame
	voiced     bool          // what the last frame counted as
	run        time.Duration // how long the present run of voiced frames is
	doubtful   bool          // it may be her own voice
	hushed     bool          // the open turn was taken for a wish for silence when it was heard over her voice
	longest    time.Duration // how long the longest of the open turn is
	heard      heardVoice    // in the open turn, or in the present run of voiced frames before one is open
	lastVoiced time.Duration // audio time of the end of the last voiced frame
	level      float32       // of the last frame, in dBFS
	loudest    float32       // level of the loudest frame of the open turn, in dBFS
	gap        time.Duration // the silence before the present run of voiced frames
	manualOpen bool          // audio awaits a client's commit (manual turns)
	over       overlap       // the one that is judged, or was last
	before     overlap       // the one before it
	speaker    speaker
	noise      float64 // mean power of what is heard while nobody speaks, as a share of full scale; 0 while not known
	tempo      tempo
	dictation  dictation
	// noiseFrames are those that noise is the mean of.
	noiseFrames int

	// The open pause.
	words       string
	wordsKnown  bool
	bearing     Bearing
	digits      int // in the words
	probability float32
	detected    bool
	finished    float32
	judged      bool // finished is known
	asked       int  // how many of Rules.Ask are settled

	// The draft that may become the response, and the response.
	drafts     int // number of the last draft
	draft      int // the candidate, 0 when there is none
	draftWords string
	draftMeans string // the meaning of those words
	draftBegun bool   // the mind writes it
	draftReady bool
	her        herState
	response   int // the draft that is the response, 0 when there is none
	answering  string
	far        foresight
	listening  listening
	lostSince  time.Duration // real time of the first loss in this response, -1 when none
	wantCommit bool          // the client committed audio whose words are not known yet
	wantAnswer bool          // and asked for an answer to it
	idleSince  time.Duration // real time since when nobody has spoken after her last word, -1 when somebody does
	questioned bool          // her last words were a question
	met        bool          // she met a silence, and the person has not spoken since

	out []Intent
}

// NewMachine returns a machine at the start of a call.
func NewMachine(rules Rules) *Machine {
	return &Machine{
		rules: rules, lostSince: -1, idleSince: -1, far: foresight{openedIn: -1}, listening: listening{last: never},
		tempo: tempo{steady: rules.Without.Tempo}, dictation: dictation{forgets: rules.Without.Numbers},
	}
}

// Step takes one input at a real time since the call began and returns what is to be done, in order. The slice is
// valid until the next Step.
func (m *Machine) Step(at time.Duration, input Input) []Intent {
	m.out = m.out[:0]
	switch in := input.(type) {
	case Frame:
		m.frame(at, in)
		m.considerOverhearing()
		m.considerVoice()
	case Words:
		m.takeWords(at, in)
	case TurnEnd:
		if m.person == pausing && in.Pause == m.pause {
			m.probability, m.detected = in.Probability, true
			m.considerCommit(at)
		}
	case Finished:
		if m.person == pausing && in.Pause == m.pause {
			m.finished, m.judged = in.Probability, true
			m.considerCommit(at)
		}
	case Overheard:
		m.overheard(at, in)
	case Compared:
		m.likeness(at, in)
	case VoiceLearnt:
		m.speaker.turns = in.Turns
	case CantHold:
		if m.person == overlapping && in.Overlap == m.over.number {
			m.over.unheld = true
		}
	case DraftBegun:
		m.draftBegun = m.draftBegun || in.Draft == m.draft && in.Draft != 0
		if m.person == pausing && in.Draft == m.draft && in.Draft != 0 && m.asked == 0 && m.probability < m.rules.Likely {
			m.askTurnEnd(AnswerBegun)
		}
	case Foreseen:
		m.foreseen(at, in)
	case ClauseReady:
		m.clauseReady(at, in)
	case DraftFailed:
		m.draftFailed(at, in)
	case Spoken:
		if in.Draft == m.response && m.response != 0 {
			m.emit(Intent{Action: Finish, Reason: HeardToEnd, Draft: m.response})
			m.her, m.response, m.lostSince, m.idleSince, m.questioned = idle, 0, -1, at, in.Asked
			m.considerOverlap(at)
		}
	case Typed:
		m.typed(in)
	case CommitAudio:
		m.commitAudio()
	case ClearAudio:
		m.dropTurn(ClientCleared)
		m.manualOpen = false
	case RespondNow:
		m.respondNow()
	case CancelResponse:
		m.yield(ClientCancelled)
	case HardStop:
		m.stopBackchannel(HardStopped)
		m.dropDraft(HardStopped)
		m.yield(HardStopped)
	case Truncated:
		m.yield(ClientTruncated)
	case Opening:
		if m.person == silent && m.her == idle {
			m.greet()
		}
	case Acquainted:
		m.tempo.takes(in.Habits)
		m.speaker.turns = in.VoiceTurns
	case Configured:
		m.rules = in.Rules
	case Tick:
		m.considerPause(at)
		m.considerCommit(at)
		m.considerIdle(at)
	}
	return m.out
}

// Wake returns the real time at which Step wants a Tick if nothing else happens, and false when nothing is due.
func (m *Machine) Wake() (time.Duration, bool) {
	if limit := m.longestSilence(); limit > 0 {
		return m.idleSince + limit, true
	}
	if m.person == silent || m.rules.Detection == Manual {
		return 0, false
	}
	need := m.hold()
	if m.rules.Detection == ServerVAD {
		need = m.rules.Silence
	}
	switch m.person {
	case speaking:
		need = m.rules.Pause
	case overlapping:
		need = asideWithoutWords
	case silent, pausing:
	}
	return m.frameAt + m.rules.Stall + max(0, need-(m.position-m.lastVoiced)), true
}

// Position is the audio time of all frames so far.
func (m *Machine) Position() time.Duration { return m.position }

func (m *Machine) emit(intent Intent) { m.out = append(m.out, intent) }

// silence is how long the person has been silent: audio time, and real time once no audio arrives any more.
func (m *Machine) silence(at time.Duration) time.Duration {
	return m.position - m.lastVoiced + max(0, at-m.frameAt-m.rules.Stall)
}

// frame takes the verdict on 32 ms of sound.
func (m *Machine) frame(at time.Duration, in Frame) {
	m.position += frameLength
	m.frameAt, m.doubtful = at, in.Doubtful
	if in.Speech >= m.rules.SpeechProbability {
		m.voiced = true
	} else if in.Speech < m.rules.SilenceProbability {
		m.voiced = false
	}
	if (m.person == speaking || m.person == pausing) && m.rules.Reach > 0 {
		m.loudest = max(m.loudest, in.Level)
		m.voiced = m.voiced && in.Level >= m.loudest-m.rules.Reach
	}
	m.level = in.Level
	m.listenToNoise(in)
	if m.person == overlapping {
		m.over.hear(m.position, in.Level, m.voiced)
	}
	if m.voiced {
		if m.run == 0 {
			m.gap = m.position - frameLength - m.lastVoiced
		}
		m.run += frameLength
		m.heard.add(in.Speech >= m.rules.ClearProbability)
		m.longest = max(m.longest, m.run)
		m.lastVoiced = m.position
	} else {
		m.run = 0
		if m.person == silent {
			m.heard = heardVoice{}
		}
	}
	if m.rules.Detection == Manual {
		m.manualOpen = true
		return
	}
	m.considerBackchannel(at)
	if m.voiced {
		m.considerSpeech(at)
		return
	}
	m.considerPause(at)
	m.considerCommit(at)
	m.considerIdle(at)
}

// considerSpeech opens a turn, goes on with one, or makes her yield.
func (m *Machine) considerSpeech(at time.Duration) {
	busy := m.her == talking
	need := m.rules.SpeechStart
	if m.person == overlapping {
		m.considerOverlap(at)
		return
	}
	if busy && m.judges() && m.person == silent {
		if m.run >= need {
			m.beginOverlap()
		}
		return
	}
	if busy && m.rules.Interruptible {
		need = m.rules.BargeIn
	}
	if m.run < need || m.doubtful && m.person == silent && m.her == idle {
		return // the end of what she said may still come back; who goes on is heard from the first sample on
	}
	switch m.person {
	case silent:
		m.turn++
		m.person = speaking
		m.loudest = quietest
		m.longest = m.run
		m.hushed = false
		m.begins(m.position - m.run)
		m.hearsSpeaker()
		m.emit(Intent{Action: StartHearing, Reason: VoiceHeard, Turn: m.turn, Back: m.run})
	case pausing:
		if m.bearing == Hanging && m.digits > 0 {
			m.dictation.wentOn(m.gap)
		}
		m.person = speaking
	case speaking, overlapping:
	}
	if m.run >= wentOn {
		m.dropDraft(PersonWentOn)
	}
	if m.her != idle && m.rules.Interruptible {
		reason := BargeIn
		if m.her == thinking {
			reason = PersonWentOn
		}
		m.yield(reason)
	}
}

// considerPause opens a pause once the silence is long enough, and asks turn detection at later ones.
func (m *Machine) considerPause(at time.Duration) {
	quiet := m.silence(at)
	switch m.person {
	case speaking:
		if quiet < m.rules.Pause {
			return
		}
		m.person = pausing
		m.pause++
		m.words, m.wordsKnown, m.bearing, m.probability, m.detected, m.asked = "", false, Plain, 0, false, 0
		m.finished, m.judged, m.digits, m.far.asked = 0, false, 0, false
		m.listening.told = false
		m.emit(Intent{Action: StopHearing, Reason: VoiceEnded, Turn: m.turn, Back: quiet})
		m.emit(Intent{Action: Recognise, Reason: PauseReached, Turn: m.turn, Pause: m.pause})
		if !m.rules.CreateResponse || m.her != idle {
			m.askTurnEnd(PauseReached) // no draft will begin
		}
	case pausing:
		m.considerAsking(at, quiet)
		if m.draft != 0 && (m.asked == 0 || !m.draftReady) {
			return // the mind needs all cores, and nothing could be said with the verdict; when it begins to write, it is asked
		}
		if !m.judged && m.probability < m.rules.Likely && m.asked < len(m.rules.Ask) && quiet >= m.rules.Ask[m.asked] {
			m.askTurnEnd(StillSilent)
		}
	case overlapping:
		m.considerOverlap(at)
	case silent:
	}
}

// askTurnEnd asks turn detection about the open pause.
func (m *Machine) askTurnEnd(reason Reason) {
	if m.rules.Detection != SemanticVAD {
		return
	}
	m.asked++
	m.emit(Intent{Action: DetectTurnEnd, Reason: reason, Turn: m.turn, Pause: m.pause})
}

// considerCommit ends the turn when it is over.
func (m *Machine) considerCommit(at time.Duration) {
	if m.person != pausing || !m.wordsKnown || m.rules.Detection == Manual {
		return
	}
	if m.bearing == HerWords {
		m.dropTurn(SaidByHer)
		return
	}
	if m.words == "" || m.longest < m.rules.Word {
		// A cough or a click opens a turn too, and a recogniser has a word for everything; it is dropped as soon as it is known to hold
		// none.
		m.dropTurn(NoWords)
		return
	}
	reason := m.overBecause(at)
	if reason == "" {
		return
	}
	if m.bearing == Hesitating { // and nothing came of it
		m.dropTurn(NoWords)
		return
	}
	switch {
	case m.bearing == Elsewhere:
		reason = SaidToAnother
	case m.ignores():
		reason = OtherVoice
	}
	m.met = false
	if reason != OtherVoice {
		m.learn()
	}
	m.emit(Intent{Action: CommitTurn, Reason: reason, Turn: m.turn, Pause: m.pause, Words: m.words})
	m.fallSilent()
	switch reason {
	case SpokenStop:
		// Who asks for silence gets it, and no answer.
		m.dropDraft(SpokenStop)
		m.yield(SpokenStop)
		return
	case SaidToAnother, OtherVoice:
		m.dropDraft(reason)
		return
	}
	if m.learnsVoice() {
		m.emit(Intent{Action: LearnVoice, Reason: WordsComplete, Turn: m.turn, Back: m.position - m.speaker.from})
	}
	if !m.rules.CreateResponse {
		m.dropDraft(ResponsesDisabled)
		return
	}
	if m.her != idle {
		// Only when interruptions are off: she is not answered over herself.
		m.dropDraft(ResponsesDisabled)
		return
	}
	if m.draft == 0 {
		m.beginDraft(m.words, WordsComplete, 0)
	}
	m.promote(reason)
	m.considerOpener(at)
}

// dropTurn forgets an open turn.
func (m *Machine) dropTurn(reason Reason) {
	m.dropDraft(reason)
	m.goOn(reason)
	if m.person == silent && !m.manualOpen {
		return
	}
	m.emit(Intent{Action: DropTurn, Reason: reason, Turn: m.turn, Pause: m.pause})
	m.fallSilent()
}
