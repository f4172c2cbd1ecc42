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
	m.words, m.wordsKnown, m.bearing, m.digits, m.listening.told = in.Words, true, in.Bearing, in.Digits, in.Told
	if m.bearing == Plain && m.digits > 0 && m.dictation.expects() {
		m.bearing = Hanging // the recogniser knows single digits least, and there is little else to read in them
	}
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
