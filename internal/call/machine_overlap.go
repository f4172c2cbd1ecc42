package call

import "time"

// Remark is what the words of somebody who speaks over her seem to be.
type Remark string

// Remarks.
const (
	// Unclear: no words yet, or too few to tell.
	Unclear Remark = "unclear"
	// Backchannel: a word of assent, a sound: she is listened to, and goes on.
	Backchannel Remark = "backchannel"
	// ForAnother: words to somebody else in the room.
	ForAnother Remark = "for_another"
	// Interruption: words of somebody who wants to speak.
	Interruption Remark = "interruption"
)

// overlap is sound of the person over her voice that is being judged: she goes on, softly, until it is known whether she
// is interrupted.
type overlap struct {
	number int
	from   time.Duration // audio time of its first voiced frame
	run    time.Duration // its longest run of voiced frames
	remark Remark
	again  bool          // the last two recognitions agree on it
	holds  bool          // she has stopped for it
	unheld bool          // or would have, if her device could
	until  time.Duration // the audio time up to which its words are known

	// The recognition of it, which is asked for again and again.
	asked  time.Duration // audio time up to which it was asked for last
	runs   bool          // and is not answered yet
	covers bool          // the last one was asked for in the present silence
}

// judges says whether sound over her voice is judged at all, and not simply an interruption.
func (m *Machine) judges() bool {
	return m.rules.Judge > 0 && m.rules.Interruptible && m.rules.Detection == SemanticVAD
}

// beginOverlap lets her go on, softly, while somebody is heard over her.
func (m *Machine) beginOverlap() {
	m.person = overlapping
	m.over = overlap{number: m.over.number + 1, from: m.position - m.run, run: m.run, remark: Unclear}
	m.emit(Intent{Action: Duck, Reason: VoiceHeard, Overlap: m.over.number, Back: m.run})
}

// considerOverlap decides about what is heard over her voice, as soon as it can be.
func (m *Machine) considerOverlap(at time.Duration) {
	if m.person != overlapping {
		return
	}
	m.over.run = max(m.over.run, m.run)
	most := m.rules.Judge
	switch m.over.remark {
	case Backchannel:
		most *= 2 // "yeah, yeah, right"
	case ForAnother:
		most *= 4
	case Unclear, Interruption:
	}
	quiet := m.silence(at)
	lasts := m.lastVoiced - m.over.from
	whole := quiet > 0 && m.over.until >= m.lastVoiced
	// The beginning of a word is often taken for another word.
	enough := surelyHeard
	if m.over.holds && !m.over.unheld {
		enough = heardInSilence
	}
	sure := m.over.again && m.over.until-m.over.from >= enough || whole && lasts >= shortestRemark
	interrupts := lasts >= most || m.over.remark == Interruption && sure
	switch {
	case m.her == idle:
		m.interrupt() // she has ended: whatever it is, it answers her
	case interrupts && m.over.run >= m.rules.BargeIn:
		m.interrupt()
	case quiet >= m.rules.Aside && (whole || quiet >= asideWithoutWords):
		m.goOn(m.over.remark.passes())
	default:
		m.considerHesitation(whole)
	}
}

// considerHesitation stops her at the end of a word while it is not known what is heard over her, and lets her go on when it
// seems to be nothing that is meant to stop her. People do the same: who is spoken to in mid-sentence falters before knowing why. ended
// says that what was heard has ended, and all of it is recognised.
func (m *Machine) considerHesitation(ended bool) {
	passes := m.over.remark == Backchannel || m.over.remark == ForAnother
	switch {
	case m.over.holds && passes && (m.over.again || ended):
		m.over.holds = false
		m.emit(Intent{Action: Resume, Reason: m.over.remark.passes(), Overlap: m.over.number})
	case !m.over.holds && !passes && m.rules.Hesitate > 0 && m.over.run >= m.rules.Hesitate:
		m.over.holds = true
		m.emit(Intent{Action: Hesitate, Reason: Undecided, Overlap: m.over.number})
	}
}

// passes is the reason to let a remark pass.
func (r Remark) passes() Reason {
	switch r {
	case Backchannel:
		return Backchannelled
	case ForAnother:
		return SaidToAnother
	case Unclear, Interruption:
	}
	return NoWords
}

// surelyHeard is how much must have been recognised, twice with the same outcome, for its words to count before it has ended:
// at 350 ms "I see" is still "I say".
const surelyHeard = 448 * time.Millisecond

// heardInSilence is the same while she has stopped for it: nobody waits for her silence any more, and "Anna, ca" becomes "Anna, can you".
const heardInSilence = 736 * time.Millisecond

// shortestRemark is how long something must be for one recognition of it to count: a cough is shorter, and is some word to
// the recogniser ("Listen").
const shortestRemark = 352 * time.Millisecond

// asideWithoutWords is how long after sound over her voice its words are waited for.
const asideWithoutWords = 600 * time.Millisecond

// interrupt makes a turn of what was heard over her voice, and she yields to it.
func (m *Machine) interrupt() {
	m.turn++
	m.person = speaking
	m.loudest = quietest
	m.longest = m.over.run
	m.emit(Intent{Action: StartHearing, Reason: VoiceHeard, Turn: m.turn, Back: m.position - m.over.from})
	m.yield(BargeIn)
}

// goOn lets what was heard over her voice pass: she goes on as she was.
func (m *Machine) goOn(reason Reason) {
	if m.person != overlapping {
		return
	}
	m.person = silent
	m.emit(Intent{Action: GoOn, Reason: reason, Overlap: m.over.number})
}
