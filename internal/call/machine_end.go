package call

import "time"

// overBecause says why the turn is over, or "" when it is not.
func (m *Machine) overBecause(at time.Duration) Reason {
	quiet := m.silence(at)
	stalled := at-m.frameAt > m.rules.Stall
	if m.rules.Detection == ServerVAD {
		if quiet < m.rules.Silence {
			return ""
		}
		if stalled {
			return AudioStopped
		}
		return SilenceElapsed
	}
	hold := m.rules.Hold
	if m.bearing == Pondering {
		hold = max(hold, m.rules.Patience)
	}
	switch {
	case m.bearing == Stopping:
		return SpokenStop
	case m.bearing == Plain && m.surelyOver(quiet):
		return TurnEndSure
	case m.bearing == Plain && m.likelyOver(quiet) && (m.draftReady || m.opensTurn(at, quiet) || !m.rules.CreateResponse || m.her != idle):
		return TurnEndLikely
	case quiet >= hold && stalled:
		return AudioStopped
	case quiet >= hold:
		return HoldElapsed
	}
	return ""
}

// likelyOver says whether a silence ends the turn, by its sound and its words.
func (m *Machine) likelyOver(quiet time.Duration) bool {
	heard := m.detected && m.probability >= m.rules.Likely
	if !m.judged {
		return heard
	}
	for i, end := range m.rules.Ends {
		if m.finished < end.Finished {
			continue
		}
		if heard {
			return quiet >= end.Silence
		}
		return i+1 < len(m.rules.Ends) && quiet >= m.rules.Ends[i+1].Silence
	}
	return false
}

// surelyOver says whether the turn ends without waiting for anything.
func (m *Machine) surelyOver(quiet time.Duration) bool {
	return m.rules.Sure > 0 && m.detected && m.probability >= m.rules.Sure && (!m.judged || m.likelyOver(quiet))
}
