package call

import "time"

// fallSilent closes the turn; a silence that has an end begins anew.
func (m *Machine) fallSilent() {
	m.person = silent
	if m.idleSince >= 0 {
		m.idleSince = m.frameAt
	}
}

// longestSilence is how long nobody may speak now before she does; 0 is for ever, or while somebody speaks or is about to.
func (m *Machine) longestSilence() time.Duration {
	switch {
	case m.idleSince < 0 || m.person != silent || m.her != idle:
		return 0
	case m.rules.IdleTimeout > 0:
		return m.rules.IdleTimeout
	case m.questioned && !m.met && m.rules.Detection == SemanticVAD:
		return m.rules.NoAnswer
	}
	return 0
}

// considerIdle has her speak into a silence that lasts too long. A client that asked for it gets an item for the silence; who does not answer
// a question of hers has said nothing that could be kept, and is met once.
func (m *Machine) considerIdle(at time.Duration) {
	limit := m.longestSilence()
	if limit == 0 || at-m.idleSince < limit {
		return
	}
	reason := NoAnswer
	if m.rules.IdleTimeout > 0 {
		reason = IdleElapsed
		m.turn++
		m.emit(Intent{Action: CommitSilence, Reason: reason, Turn: m.turn, Back: at - m.idleSince})
	}
	m.met = true
	m.beginDraft("", reason, 0)
	m.promote(reason)
}
