package call

import "time"

// foresight is when her answer will be heard, and what bridges the time until then.
type foresight struct {
	latest   Foreseen
	replies  int  // how many there were, with the one that runs
	openedIn int  // the last of them that began with an opener, -1 for none
	asked    bool // turn detection was asked about the open pause for the sake of an opener
}

// verdictTakes is how long before a silence can end a turn turn detection is asked, where an opener would be heard then: in good time,
// and no sooner than must be, because the mind still reads.
const verdictTakes = 200 * time.Millisecond

// foreseen takes when a draft will be heard.
func (m *Machine) foreseen(at time.Duration, in Foreseen) {
	if in.Draft == 0 || in.Draft != m.draft && in.Draft != m.response {
		return
	}
	m.far.latest = in
	m.considerCommit(at)
	m.considerOpener(at)
}

// opens says whether an opener would be heard long enough before a draft, which is or becomes the response. Two answers running never
// begin with one: what is said each time says nothing.
func (m *Machine) opens(at time.Duration, draft int) bool {
	reply := m.far.replies
	if draft != m.response {
		reply++
	}
	away := max(0, m.far.latest.At-at) + m.far.latest.After
	listened := m.listening.pause == m.pause && m.listening.last != never // two sounds on end say that nothing else will come
	return draft != 0 && !listened && draft == m.far.latest.Draft && reply > m.far.openedIn+1 && m.rules.Opener > 0 && away > m.rules.Opener
}

// opensTurn says whether an opener may take the turn before her first clause is ready, where the turn is likely over: never after less
// silence than ends one by its words.
func (m *Machine) opensTurn(at, quiet time.Duration) bool {
	return len(m.rules.Ends) > 0 && quiet >= m.paced(m.rules.Ends[0].Silence) && m.opens(at, m.draft)
}

// considerOpener has an opener heard when the turn is hers and her answer is far.
func (m *Machine) considerOpener(at time.Duration) {
	if m.her != thinking || m.person != silent || !m.opens(at, m.response) {
		return
	}
	m.her, m.far.openedIn = talking, m.far.replies
	m.emit(Intent{Action: Open, Reason: AnswerFar, Turn: m.turn, Draft: m.response})
}

// considerAsking asks turn detection while the mind still reads, where the verdict lets an opener be heard.
func (m *Machine) considerAsking(at, quiet time.Duration) {
	if !m.wordsKnown || m.far.asked || m.asked > 0 || m.draftReady || len(m.rules.Ends) == 0 || m.rules.Detection != SemanticVAD {
		return
	}
	left := m.paced(m.rules.Ends[0].Silence) - quiet
	if left > verdictTakes || !m.opens(at+max(0, left), m.draft) {
		return
	}
	m.far.asked = true
	m.emit(Intent{Action: DetectTurnEnd, Reason: AnswerFar, Turn: m.turn, Pause: m.pause})
}
