package call

import (
	"cmp"
	"time"
)

// overlap is sound of the person over her voice that is being judged: she goes on, softly, until it is known whether she
// is interrupted.
type overlap struct {
	number  int
	from    time.Duration // audio time of its first voiced frame
	to      time.Duration // and of the end of the last
	run     time.Duration // its longest run of voiced frames
	loudest float32       // level of its loudest frame, in dBFS
	remark  Remark
	words   string
	again   bool          // the last two recognitions agree on the remark
	same    bool          // and on the words
	another bool          // they agreed that it is for another
	hushes  bool          // one of them was a wish for silence
	holds   bool          // she has stopped for it
	held    bool          // or had, before she went on
	unheld  bool          // or would have, if her device could
	until   time.Duration // the audio time up to which its words are known

	// The recognition of it, which is asked for again and again.
	asked  time.Duration // audio time up to which it was asked for last
	runs   bool          // and is not answered yet
	covers bool          // the last one was asked for in the present silence
}

// Times of judging what is heard over her voice.
const (
	// surelyHeard is how much must have been recognised, twice with the same outcome, for its words to count before it has ended:
	// at 350 ms "I see" is still "I say".
	surelyHeard = 448 * time.Millisecond
	// heardInSilence is the same for words with which nobody interrupts in particular, while she has stopped for them: nobody waits for her
	// silence any more, and "Two coffees" becomes "Two coffees, please".
	heardInSilence = 1312 * time.Millisecond
	// shortestSentence is how long something with such words must have been, when it has ended: "mm-hm" in noise is "My help" to the recogniser.
	shortestSentence = 896 * time.Millisecond
	// shortestRemark is how long something must be for one recognition of it to count: a cough is shorter, and is some word to
	// the recogniser ("Listen").
	shortestRemark = 352 * time.Millisecond
	// shortestStop is the same for a wish for silence: few sounds are mistaken for one, and "Stop." is short.
	shortestStop = 256 * time.Millisecond
	// longestStop is how long something may be for one recognition of several to count that took it for a wish for silence.
	longestStop = 800 * time.Millisecond
	// longestRemark is what shows that one listens, mostly: while it lasts no longer, she waits with going on until it has ended.
	longestRemark = 640 * time.Millisecond
	// asideWithoutWords is how long after sound over her voice its words are waited for.
	asideWithoutWords = 600 * time.Millisecond
	// restAside is the silence after which she goes on, softly, whatever it was, unless it is known to be an interruption, where Rules.Rest is 0.
	restAside = 96 * time.Millisecond
)

// clearlyAbove is how far, in dB, somebody's voice must be above the room for the recogniser to be believed about a few words.
const clearlyAbove = 18

// judges says whether sound over her voice is judged at all, and not simply an interruption.
func (m *Machine) judges() bool {
	return m.rules.Judge > 0 && m.rules.Interruptible && m.rules.Detection == SemanticVAD
}

// beginOverlap lets her go on, softly, while somebody is heard over her.
func (m *Machine) beginOverlap() {
	m.person = overlapping
	m.before = m.over
	m.over = overlap{
		number: m.over.number + 1, from: m.position - m.run, to: m.position, run: m.run, loudest: m.level, remark: Unclear,
	}
	m.emit(Intent{Action: Duck, Reason: VoiceHeard, Overlap: m.over.number, Back: m.run})
	m.hearsSpeaker()
	m.considerHesitation()
}

// hear takes a frame that ends at a time.
func (o *overlap) hear(at time.Duration, level float32, voiced bool) {
	o.loudest = max(o.loudest, level)
	if voiced {
		o.to = at
	}
}

// considerOverlap decides about what is heard over her voice, as soon as it can be.
func (m *Machine) considerOverlap(at time.Duration) {
	if m.person != overlapping {
		return
	}
	m.over.run = max(m.over.run, m.run)
	quiet := m.silence(at)
	switch {
	case m.her == idle && m.over.remark != OwnWords:
		m.interrupt() // she has ended: whatever it is, it answers her
	case m.interrupts(quiet) && m.over.run >= m.rules.BargeIn && !m.strangerOver() && !m.awaitsVoice(quiet):
		m.interrupt()
	case quiet >= m.rules.Aside && (m.over.until >= m.lastVoiced || quiet >= asideWithoutWords):
		m.goOn(m.passing())
	default:
		m.considerHesitation()
	}
}

// interrupts says whether what is heard over her voice is known to be an interruption.
func (m *Machine) interrupts(quiet time.Duration) bool {
	o := &m.over
	if m.doubtful && !o.unheld && !o.hushes {
		// It may be her own voice. She falters for it: if it falls silent with her, it was; if it goes on, it is not in doubt any more. A wish for silence
		// is too short for that, and was compared with her words.
		return false
	}
	lasts, known := m.lastVoiced-o.from, o.until-o.from
	whole := quiet > 0 && o.until >= m.lastVoiced
	most := m.rules.Judge
	if o.holds && !o.unheld {
		most = max(most, heardInSilence)
	}
	if o.hushes && whole && lasts >= shortestStop && lasts < longestStop {
		return true // in noise "Stop." is one word now and another then
	}
	switch o.remark {
	case CutsIn, AsksForSilence:
		shortest := shortestRemark
		if o.remark == AsksForSilence {
			shortest = shortestStop
		}
		return o.again && known >= surelyHeard || whole && lasts >= shortest || lasts >= most
	case Interruption:
		enough := heardInSilence
		if o.unheld || m.rules.Hesitate == 0 {
			enough = surelyHeard
		}
		if o.again && known >= enough {
			return true
		}
		if whole && (lasts >= shortestSentence || o.same && lasts >= shortestRemark && m.aboveNoise(o.loudest) >= clearlyAbove) {
			return !o.another
		}
	case Backchannel:
		most *= 2 // "yeah, yeah, right"
	case ForAnother, OwnWords:
		most *= 4
	case Unclear:
	}
	if o.another {
		most = max(most, 4*m.rules.Judge)
	}
	return lasts >= most
}

// considerHesitation stops her at the end of a word while it is not known what is heard over her, and lets her go on when it
// seems to be nothing that is meant to stop her. People do the same: who is spoken to in mid-sentence falters before knowing why.
func (m *Machine) considerHesitation() {
	o := &m.over
	quiet, lasts := m.position-o.to, o.to-o.from
	passes := o.remark == Backchannel || o.remark == ForAnother || o.remark == OwnWords
	enough := m.rules.Hesitate
	if o.held && m.rules.HesitateAgain > 0 {
		enough = m.rules.HesitateAgain
	}
	ended := quiet >= cmp.Or(m.rules.Rest, restAside) && lasts < longestRemark && o.remark != CutsIn && !o.hushes
	switch {
	case o.holds && (ended || passes && m.seemsToPass(quiet, lasts) || m.strangerOver()):
		o.holds = false
		m.emit(Intent{Action: Resume, Reason: m.passing(), Overlap: o.number})
	case !o.holds && (!passes || m.outlasts()) && !m.strangerOver() && quiet == 0 && m.rules.Hesitate > 0 && m.run >= enough:
		o.holds, o.held = true, true
		m.emit(Intent{Action: Hesitate, Reason: Undecided, Overlap: o.number})
	}
}

// outlasts says whether what seemed to be assent, and for which she has gone on, goes on itself with voice that no recognition knows yet.
func (m *Machine) outlasts() bool {
	o := &m.over
	return o.held && o.remark == Backchannel && o.until <= m.position-m.run
}

// seemsToPass says whether she need not wait any longer with going on for something whose words let it pass. Assent has to have paused: "Okay" may become "Okay,
// but". Speech to another goes on, and is long known by then.
func (m *Machine) seemsToPass(quiet, lasts time.Duration) bool {
	o := &m.over
	if o.remark == Backchannel && m.rules.HesitateAgain > 0 {
		return quiet > 0 && o.again
	}
	if o.remark == ForAnother && m.rules.HesitateAgain > 0 {
		return o.again && lasts >= surelyHeard
	}
	return o.again && (quiet > 0 || lasts >= longestRemark)
}

// interrupt makes a turn of what was heard over her voice, and she yields to it.
func (m *Machine) interrupt() {
	m.turn++
	m.person = speaking
	m.loudest = quietest
	m.longest = m.over.run
	m.hushed = m.over.hushes
	m.begins(m.over.from)
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
