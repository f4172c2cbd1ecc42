package call

import "time"

// listening is how she shows that she listens while somebody tells something long. What she gives is no response: the turn goes on
// under it, and it is not talking.
type listening struct {
	turn  int
	from  time.Duration // audio time at which that turn began
	told  bool          // the words of the open pause tell something long
	last  time.Duration // audio time at which she was heard last
	pause int           // and in which pause
	heard bool          // and it may still be heard
}

const (
	// never is so long ago that it does not count.
	never = -time.Hour
	// listensAfter is how long a turn must last before she is heard to listen.
	listensAfter = 10 * time.Second
	// backchannelAfter is the silence after which she may be, backchannelUntil that after which it would be late: a question whether
	// anybody is there.
	backchannelAfter = 250 * time.Millisecond
	backchannelUntil = 800 * time.Millisecond
	// backchannelLasts is longer than any of these sounds.
	backchannelLasts = 800 * time.Millisecond
	// goesOnAfter is how much voice ends one.
	goesOnAfter = 2 * frameLength
)

// considerBackchannel has her heard in a pause of a long turn that is not its end, and silent when the person goes on.
func (m *Machine) considerBackchannel(at time.Duration) {
	l := &m.listening
	if m.person == speaking && l.turn != m.turn {
		l.turn, l.from = m.turn, m.position
	}
	if l.heard && m.position-l.last >= backchannelLasts {
		l.heard = false
	}
	if m.run >= goesOnAfter {
		m.stopBackchannel(PersonWentOn)
		return
	}
	if m.person != pausing || m.run > 0 || m.her != idle || !l.told || m.rules.Backchannel == 0 || m.rules.Detection != SemanticVAD {
		return
	}
	quiet := m.silence(at)
	if quiet < backchannelAfter || quiet > backchannelUntil || m.position-l.from < listensAfter || m.position-l.last < m.rules.Backchannel {
		return
	}
	if !m.willGoOn() {
		return
	}
	l.last, l.pause, l.heard = m.position, m.pause, true
	m.emit(Intent{Action: GiveBackchannel, Reason: LongTurn, Turn: m.turn, Pause: m.pause})
}

// stopBackchannel ends one that may still be heard.
func (m *Machine) stopBackchannel(reason Reason) {
	if m.listening.heard {
		m.listening.heard = false
		m.emit(Intent{Action: StopBackchannel, Reason: reason, Turn: m.turn})
	}
}

// willGoOn says whether the open pause is hardly the end of the turn: its words can't be all of it, or are judged not to be.
func (m *Machine) willGoOn() bool {
	if m.bearing == Hanging {
		return true
	}
	least := len(m.rules.Ends) - 1
	return m.bearing == Plain && m.judged && least >= 0 && m.finished < m.rules.Ends[least].Finished
}
