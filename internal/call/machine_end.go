package call

import (
	"math"
	"time"
)

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
	hold := m.hold()
	switch {
	case m.bearing == Stopping:
		return SpokenStop
	case m.bearing == Plain && m.surelyOver(quiet):
		return TurnEndSure
	case m.likelyOver(quiet) && (m.draftReady || m.rules.Without.Drafting || m.opensTurn(at, quiet) || !m.rules.CreateResponse || m.her != idle):
		return TurnEndLikely
	case quiet >= hold && stalled:
		return AudioStopped
	case quiet >= hold:
		return HoldElapsed
	}
	return ""
}

// hold is the silence that ends the open turn whatever its words are.
func (m *Machine) hold() time.Duration {
	hold := m.rules.Hold
	if m.bearing == Hanging && m.digits > 0 {
		hold = m.dictation.hold(hold)
	}
	if m.bearing == Pondering {
		hold = max(hold, m.rules.Patience)
	}
	return hold
}

// paced is a silence behind words as it is for this person, and in the noise there is; where it would be longer than the hold, that ends the turn.
func (m *Machine) paced(silence time.Duration) time.Duration {
	silence = time.Duration(float64(silence) * m.tempo.scale()).Round(time.Millisecond)
	if m.noisy() {
		silence += m.rules.NoiseWait
	}
	return silence
}

// likelyOver says whether a silence ends the turn when there is something to say: by its words, or by its sound where they aren't judged.
func (m *Machine) likelyOver(quiet time.Duration) bool {
	switch {
	case m.bearing == Hanging && m.digits > 0 && m.rules.NumberKnown > 0 && m.dictation.knows(m.digits):
		return quiet >= m.paced(m.rules.NumberKnown)
	case m.bearing != Plain:
		return false
	case !m.judged:
		return m.detected && m.probability >= m.rules.Likely
	}
	for _, end := range m.ends() {
		if m.finished >= end.Finished {
			return quiet >= m.paced(end.Silence)
		}
	}
	return false
}

// ends are the silences that end a turn by its words. Where the person is far louder than the noise the words are to be relied on, and less likely ones
// count.
func (m *Machine) ends() []End {
	if len(m.rules.ClearEnds) > 0 && m.noise > 0 && m.aboveNoise(m.loudest) >= float64(m.rules.ClearAbove) {
		return m.rules.ClearEnds
	}
	return m.rules.Ends
}

// surelyOver says whether the turn ends without waiting for anything.
func (m *Machine) surelyOver(quiet time.Duration) bool {
	return m.rules.Sure > 0 && m.detected && m.probability >= m.rules.Sure && (!m.judged || m.likelyOver(quiet))
}

// begins notes that the person begins a turn. Of one that only goes on with the last there is nothing to learn about how long their numbers are.
func (m *Machine) begins(at time.Duration) {
	m.dictation.part = m.tempo.begins(at)
	if m.dictation.part {
		m.dictation.forget()
	}
}

// learn takes from the turn that is over what there is to learn for the next one.
func (m *Machine) learn() {
	m.tempo.ends(m.lastVoiced)
	if m.bearing == Hanging {
		m.dictation.ends(m.digits)
	} else {
		m.dictation.ends(0)
	}
}

// noiseMemory is over how many frames the noise is averaged: 2 s.
const noiseMemory = 62

// listenToNoise learns how loud it is while nobody speaks: the mean power, so that what is loud now and then counts too.
func (m *Machine) listenToNoise(in Frame) {
	if m.person != silent || m.her == talking || in.Speech >= m.rules.SilenceProbability {
		return
	}
	m.noiseFrames = min(m.noiseFrames+1, noiseMemory)
	m.noise += (math.Pow(10, float64(in.Level)/10) - m.noise) / float64(m.noiseFrames)
}

// noisy says whether the person is so little louder than the noise that their words can't be relied on.
func (m *Machine) noisy() bool {
	return m.rules.NoiseWait > 0 && m.noise > 0 && m.aboveNoise(m.loudest) < float64(m.rules.NoisyBelow)
}

// aboveNoise is how far a level is above the noise, in dB; 0 while that is not known.
func (m *Machine) aboveNoise(level float32) float64 {
	if m.noise == 0 {
		return 0
	}
	return float64(level) - 10*math.Log10(m.noise)
}
