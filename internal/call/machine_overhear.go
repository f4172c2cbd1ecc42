package call

import "time"

const (
	// overhearAfter is how much of what is said over her voice is recognised first: less is no word.
	overhearAfter = 256 * time.Millisecond
	// overhearEvery is how often it is recognised again.
	overhearEvery = 96 * time.Millisecond
)

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
	if !ended && (o.runs || quiet > 0 || m.position-o.from < overhearAfter || m.position-o.asked < overhearEvery) {
		return
	}
	reason := VoiceHeard
	if ended {
		reason = VoiceEnded
	}
	o.asked, o.covers, o.runs = m.position, ended, true
	m.emit(Intent{Action: Overhear, Reason: reason, Overlap: o.number, Back: m.position - o.from})
}

// overheard takes what the words over her voice seem to be so far.
func (m *Machine) overheard(at time.Duration, in Overheard) {
	if in.Overlap != m.over.number || in.Until < m.over.until {
		return // of another, or overtaken
	}
	if in.Until >= m.over.asked {
		m.over.runs = false
	}
	if in.Failed || m.person != overlapping {
		return // its length decides without words
	}
	m.over.again = in.Remark == m.over.remark
	m.over.remark, m.over.until = in.Remark, in.Until
	m.considerOverlap(at)
}
