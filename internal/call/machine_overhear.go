package call

import "time"

// overhearAfter is how much of what is said over her voice is recognised first: less is no word.
const overhearAfter = 256 * time.Millisecond

// considerOverhearing has what is heard over her voice recognised, again and again, and once more when it has ended.
func (m *Machine) considerOverhearing() {
	o := &m.over
	if m.person != overlapping {
		return
	}
	quiet := m.position - m.lastVoiced
	if quiet == 0 {
		o.covers = false
	}
	ended := quiet >= eagerAfter && !o.covers
	if !ended && (o.runs || quiet > 0 || m.position-o.from < overhearAfter || m.position-o.asked < m.rules.Overhear) {
		return
	}
	reason := VoiceHeard
	if ended {
		reason = VoiceEnded
	}
	o.asked, o.covers, o.runs = m.position, ended, true
	m.emit(Intent{Action: Overhear, Reason: reason, Overlap: o.number, Back: m.position - o.from})
}

// overheard takes what the words over her voice seem to be so far. They may come when she has gone on already: then she yields to what stops
// her, late. A wish for silence counts when later words have overtaken it, too, and when something else is heard over her by now.
func (m *Machine) overheard(at time.Duration, in Overheard) {
	o := &m.over
	if in.Overlap != o.number {
		m.overheardBefore(in)
		return
	}
	if in.Until >= o.asked {
		o.runs = false
	}
	if in.Failed {
		return // its length decides without words
	}
	o.hushes = o.hushes || in.Remark == AsksForSilence
	if in.Until >= o.until {
		o.takes(in)
	}
	switch {
	case m.person == overlapping:
		m.considerOverlap(at)
	case m.person == silent && m.her == talking && m.judges() && m.interrupts(m.silence(at)) && o.run >= m.rules.BargeIn && !m.strangerOver():
		m.interrupt()
	}
}

// takes notes a recognition that is not overtaken.
func (o *overlap) takes(in Overheard) {
	if o.another && in.Remark == Interruption {
		in.Remark = ForAnother // of a long sentence only the end is recognised, and it no longer says to whom
	}
	o.again, o.same = in.Remark == o.remark, in.Words != "" && in.Words == o.words
	o.another = o.another || o.again && in.Remark == ForAnother
	o.remark, o.words, o.until = in.Remark, in.Words, in.Until
}

// overheardBefore takes what was recognised of the overlap before this one: she is silent for a wish for silence although something was heard since.
func (m *Machine) overheardBefore(in Overheard) {
	before := &m.before
	lasts := before.to - before.from
	if in.Overlap != before.number || in.Remark != AsksForSilence || lasts < shortestStop || lasts >= longestStop {
		return
	}
	if m.her != talking || !m.judges() || m.person != overlapping && m.person != silent || m.position-before.from > preroll-prefix {
		return
	}
	m.over.from, m.over.run, m.over.hushes = before.from, max(m.over.run, before.run), true
	m.interrupt()
}
