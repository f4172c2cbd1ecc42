package call

import "time"

// speaker is whose voice the open turn is in, or what is heard over hers: how like the person's own it is, as far as that is known.
type speaker struct {
	turns    int           // of the person's, from which their voice is known
	number   int           // of what is heard
	from     time.Duration // audio time of its first voiced frame
	counted  time.Duration // and up to which its voice was counted
	voice    time.Duration // voiced sound in it
	asked    time.Duration // how much of that there was when it was compared last
	runs     bool          // and is not answered yet
	compared bool
	likest   float32 // the highest of all its likenesses: where the person speaks too, it is theirs
}

// Times of comparing voices.
const (
	// compareAgain is after how much more voice what seems to be another's is compared again: the person may have begun to speak.
	compareAgain = time.Second
	// compareAtPause is the same at a pause, where its turn may be over.
	compareAtPause = 288 * time.Millisecond
	// voiceWait is how long something over her voice may last before she decides without the comparison.
	voiceWait = 2 * time.Second
	// voiceEnded is the silence after which it seems to be too short to be compared.
	voiceEnded = 160 * time.Millisecond
)

// hearsSpeaker begins to listen to whose voice it is.
func (m *Machine) hearsSpeaker() {
	before := &m.speaker
	m.speaker = speaker{turns: before.turns, number: before.number + 1, from: m.position - m.run, counted: m.position, voice: m.run}
}

// knowsVoice says whether the person's voice is known well enough to tell another's from it.
func (m *Machine) knowsVoice() bool {
	return m.rules.Stranger > 0 && m.rules.Detection == SemanticVAD && m.speaker.turns >= m.rules.VoiceTurns
}

// anothers says whether all that could be compared of what is heard is clearly in another's voice.
func (m *Machine) anothers() bool {
	return m.speaker.compared && m.speaker.likest < m.rules.Stranger && m.knowsVoice()
}

// considerVoice counts the voice in a frame, and has it compared with the person's once there is enough of it: over her voice always, otherwise
// where she answers nobody else. What once seemed to be the person's is.
func (m *Machine) considerVoice() {
	s := &m.speaker
	if m.person == silent {
		return
	}
	if m.voiced && m.position > s.counted {
		s.voice, s.counted = s.voice+frameLength, m.position
	}
	if s.runs || s.voice < m.rules.VoiceLeast || !m.knowsVoice() || s.compared && !m.anothers() ||
		m.person != overlapping && !m.rules.OwnVoiceOnly {
		return
	}
	more := compareAgain
	if m.person == pausing {
		more = compareAtPause
	}
	if s.asked > 0 && s.voice-s.asked < more {
		return
	}
	s.asked, s.runs = s.voice, true
	m.emit(Intent{Action: CompareVoice, Reason: VoiceHeard, Speaker: s.number, Back: m.position - s.from})
}

// likeness takes how like the person's voice it is. What comes late is of no use any more.
func (m *Machine) likeness(at time.Duration, in Compared) {
	s := &m.speaker
	if in.Speaker != s.number || !s.runs {
		return
	}
	s.runs = false
	if in.Failed {
		return // it is judged without
	}
	ignored := m.ignores()
	if !s.compared || in.Likeness > s.likest {
		s.compared, s.likest = true, in.Likeness
	}
	switch {
	case m.person == overlapping:
		m.considerOverlap(at)
	case m.ignores():
		m.dropDraft(OtherVoice)
		m.considerCommit(at)
	case ignored && m.person == pausing && m.wordsKnown && m.wantsDraft() && !m.rules.Without.Drafting:
		m.beginDraft(m.words, WordsComplete, 0)
	}
}

// ignores says whether the open turn is one that she does not answer, because it is another's. A wish for silence is everybody's.
func (m *Machine) ignores() bool {
	return m.rules.OwnVoiceOnly && m.anothers() && m.bearing != Stopping
}

// learnsVoice says whether the turn that is over is one to learn the person's voice from.
func (m *Machine) learnsVoice() bool {
	return m.rules.Stranger > 0 && m.speaker.voice >= m.rules.VoiceLeast && !m.anothers()
}

// strangerOver says whether what is heard over her voice is let pass for its voice. Where she answers everybody, that tips only what its words
// leave open.
func (m *Machine) strangerOver() bool {
	o := &m.over
	if o.remark == AsksForSilence || o.hushes || !m.anothers() {
		return false
	}
	return m.rules.OwnVoiceOnly || (o.remark == Unclear || o.remark == ForAnother) && m.lastVoiced-o.from < 4*m.rules.Judge
}

// awaitsVoice says whether she decides about what is heard over her voice when its voice was compared: she has stopped for it, so that nobody
// waits for her silence, and the comparison may tip the scales.
func (m *Machine) awaitsVoice(quiet time.Duration) bool {
	o := &m.over
	if !m.knowsVoice() || !o.holds || o.unheld || o.remark == AsksForSilence || o.hushes {
		return false
	}
	if !m.rules.OwnVoiceOnly && o.remark != Unclear && o.remark != ForAnother {
		return false
	}
	return !m.speaker.compared && quiet < voiceEnded && m.lastVoiced-o.from < voiceWait
}

// passing is the reason to let what is heard over her voice pass.
func (m *Machine) passing() Reason {
	if m.strangerOver() {
		return OtherVoice
	}
	return m.over.remark.passes()
}
