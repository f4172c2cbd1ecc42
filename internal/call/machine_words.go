package call

import "time"

// wentOn is how much voice on end shows that the person goes on: a cough or an "um" behind their last word is shorter, and changes nothing about it.
// The draft waits until then, and for what the words are now.
const wentOn = 256 * time.Millisecond

// takeWords takes the recognised words of a pause, and drafts an answer to them.
func (m *Machine) takeWords(at time.Duration, in Words) {
	if in.Pause != m.pause || m.wordsKnown {
		return
	}
	if m.wantCommit {
		m.words, m.wordsKnown = in.Words, true
		m.manualWords()
		return
	}
	if m.person != pausing {
		return
	}
	m.words, m.wordsKnown, m.bearing, m.digits, m.listening.told = in.Words, true, m.bears(in), in.Digits, in.Told
	if in.Words == "" {
		m.dropDraft(NoWords)
		m.considerCommit(at)
		return
	}
	if m.draft != 0 && !m.stillServes(in) {
		m.dropDraft(WordsChanged)
	}
	if m.wantsDraft() {
		m.answerTo(in)
	}
	m.considerCommit(at)
}

// bears is what the words mean, with what is known besides them.
func (m *Machine) bears(in Words) Bearing {
	bearing := in.Bearing
	if bearing == Meaningless && (m.questioned || m.rules.Detection != SemanticVAD) {
		bearing = Plain
	}
	switch {
	case m.hushed && in.LikeStop && m.longest < longestStop:
		return Stopping
	case bearing == Meaningless || bearing.answered() && m.doubtfulWords(in):
		return Hesitating // it is dropped, when nothing more comes of it
	case bearing == Plain && in.Digits > 0 && m.dictation.expects():
		return Hanging // the recogniser knows single digits least, and there is little else to read in them
	}
	return bearing
}

// wantsDraft says whether an answer to the words of the pause is to be drafted.
func (m *Machine) wantsDraft() bool {
	return m.draft == 0 && m.rules.CreateResponse && m.her == idle && m.bearing.answered() && m.longest >= m.rules.Word && !m.ignores()
}

// answerTo begins an answer to words that may be all of the turn; where none is to be begun before the turn has ended, it is asked whether it has.
func (m *Machine) answerTo(in Words) {
	if m.rules.Without.Drafting {
		m.askTurnEnd(WordsComplete)
		return
	}
	m.beginDraft(in.Words, WordsComplete, 0)
	m.draftMeans = in.Meaning
}

// heardVoice is how much voice there was, all of it and what was surely voice.
type heardVoice struct{ all, clear time.Duration }

func (h *heardVoice) add(clear bool) {
	h.all += frameLength
	if clear {
		h.clear += frameLength
	}
}

// doubtfulWords says whether the words of a short turn may be those of a cough: hardly anything in it was surely a voice, and the recogniser is not sure
// of them either.
func (m *Machine) doubtfulWords(in Words) bool {
	return m.rules.Detection == SemanticVAD && m.heard.all < m.rules.Brief && m.heard.clear < m.rules.Clear && in.Confidence < m.rules.Certain
}

// stillServes says whether the draft answers these words too; they are then what it answers, to the letter, so that the mind has read what is kept.
func (m *Machine) stillServes(in Words) bool {
	if m.draftMeans == "" || in.Meaning != m.draftMeans || !m.bearing.answered() {
		return m.draftWords == in.Words
	}
	m.words = m.draftWords
	if m.draftBegun {
		m.askTurnEnd(AnswerBegun)
	}
	return true
}
