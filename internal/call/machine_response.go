package call

import "time"

// beginDraft starts a draft as the candidate for the response.
func (m *Machine) beginDraft(words string, reason Reason, delay time.Duration) {
	m.drafts++
	m.draft, m.draftWords, m.draftMeans, m.draftBegun, m.draftReady = m.drafts, words, "", false, false
	m.emit(Intent{Action: Draft, Reason: reason, Turn: m.turn, Draft: m.draft, Words: words, Delay: delay})
}

func (m *Machine) greet() {
	m.drafts++
	m.draft, m.draftWords, m.draftReady = m.drafts, "", false
	m.emit(Intent{Action: Greet, Reason: SpeaksFirst, Draft: m.draft})
	m.promote(SpeaksFirst)
}

// dropDraft throws the candidate away.
func (m *Machine) dropDraft(reason Reason) {
	if m.draft == 0 {
		return
	}
	m.emit(Intent{Action: DropDraft, Reason: reason, Draft: m.draft})
	m.draft, m.draftWords, m.draftReady = 0, "", false
}

// promote makes the candidate the response.
func (m *Machine) promote(reason Reason) {
	m.response, m.answering, m.lostSince, m.idleSince = m.draft, m.draftWords, -1, -1
	m.far.replies++
	m.her = thinking
	if m.draftReady {
		m.her = talking
	}
	m.draft, m.draftWords, m.draftReady = 0, "", false
	m.emit(Intent{Action: Speak, Reason: reason, Turn: m.turn, Draft: m.response})
}

// yield ends the response where it is.
func (m *Machine) yield(reason Reason) {
	if m.response == 0 {
		return
	}
	m.emit(Intent{Action: Yield, Reason: reason, Draft: m.response})
	m.her, m.response, m.lostSince = idle, 0, -1
	if m.person == overlapping {
		m.interrupt() // nothing of hers is left to be heard over
	}
}

func (m *Machine) clauseReady(at time.Duration, in ClauseReady) {
	switch in.Draft {
	case 0:
	case m.draft:
		m.draftReady = true
		m.considerCommit(at)
	case m.response:
		m.her = talking
		if !in.Interjected {
			m.lostSince = -1
		}
	}
}

// draftFailed tries again what was lost, and says so when somebody is waiting for it.
func (m *Machine) draftFailed(at time.Duration, in DraftFailed) {
	if in.Draft == 0 {
		return
	}
	if in.Draft == m.draft {
		words := m.draftWords
		m.draft, m.draftWords, m.draftReady = 0, "", false
		if in.Lost && m.person == pausing && words != "" {
			m.beginDraft(words, MindLost, m.rules.RetryEvery)
		}
		return
	}
	if in.Draft != m.response {
		return
	}
	if m.lostSince < 0 {
		m.lostSince = at
		if in.Lost {
			m.emit(Intent{Action: Apologise, Reason: MindLost, Draft: m.response})
		}
	}
	if !in.Lost || at-m.lostSince > m.rules.RetryFor {
		reason := MindLost
		if !in.Lost {
			reason = DraftError
		}
		m.emit(Intent{Action: GiveUp, Reason: reason, Draft: m.response})
		return
	}
	m.drafts++
	m.emit(Intent{Action: Draft, Reason: MindLost, Turn: m.turn, Draft: m.drafts, Words: m.answering, Delay: m.rules.RetryEvery})
	m.emit(Intent{Action: Speak, Reason: MindLost, Turn: m.turn, Draft: m.drafts})
	m.response = m.drafts
}

// typed answers a typed message: what she was saying ends, as when somebody hands a note over.
func (m *Machine) typed(in Typed) {
	m.met = false
	m.dropDraft(TypedMessage)
	m.yield(TypedMessage)
	m.beginDraft(in.Words, TypedMessage, 0)
	m.promote(TypedMessage)
}

// commitAudio ends a turn by the client's word.
func (m *Machine) commitAudio() {
	if m.person == overlapping {
		m.interrupt()
	}
	if m.rules.Detection != Manual && m.person == silent {
		return
	}
	if m.person == silent {
		m.turn++
	}
	m.manualOpen = false
	m.dropDraft(ClientCommitted)
	m.fallSilent()
	m.pause++
	m.words, m.wordsKnown, m.detected = "", false, false
	m.wantCommit = true
	m.emit(Intent{Action: Recognise, Reason: ClientCommitted, Turn: m.turn, Pause: m.pause})
}

// manualWords commits a turn whose end the client decided.
func (m *Machine) manualWords() {
	if !m.wantCommit {
		return
	}
	m.wantCommit = false
	m.emit(Intent{Action: CommitTurn, Reason: ClientCommitted, Turn: m.turn, Pause: m.pause, Words: m.words})
	if m.wantAnswer {
		m.wantAnswer = false
		m.answer(m.words)
	}
}

// respondNow answers by the client's word: to the words being recognised, or to the conversation as it stands.
func (m *Machine) respondNow() {
	if m.response != 0 {
		return
	}
	if m.wantCommit {
		m.wantAnswer = true
		return
	}
	m.answer("")
}

// answer drafts and speaks at once. Empty words mean: to the conversation as it stands.
func (m *Machine) answer(words string) {
	m.dropDraft(ClientAsked)
	m.beginDraft(words, ClientAsked, 0)
	m.promote(ClientAsked)
}
