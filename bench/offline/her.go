package offline

import (
	"time"

	"twombly/bench/duplex"
	"twombly/internal/speech"
)

// her is her voice: a text that she says from its beginning whenever it is her turn, and again when it ends.
type her struct {
	voice    speech.Utterance
	places   []int // of it, at which she may stop
	ready    int   // the draft whose first clause is made
	response int   // the draft that is spoken
	talks    bool  // and can be heard
	at       int   // her next sample
	until    int   // where she stops for now, -1 when she does not
	stood    int   // samples for which she has stopped so far
	heard    duplex.Timeline
	replies  []duplex.Reply
}

func (h *her) made(draft int, now time.Duration) {
	h.ready = draft
	h.consider(now)
}

func (h *her) speak(draft int, now time.Duration) {
	h.response = draft
	h.consider(now)
}

// consider begins when it is her turn and there is something to be heard.
func (h *her) consider(now time.Duration) {
	if h.talks || h.response == 0 || h.response != h.ready {
		return
	}
	h.talks, h.at, h.until = true, 0, -1
	h.replies = append(h.replies, duplex.Reply{From: now, To: endless})
}

// stop ends what she says.
func (h *her) stop(now time.Duration) {
	if h.talks {
		last := &h.replies[len(h.replies)-1]
		last.To, last.Over, last.Cut = now, true, true
	}
	h.talks, h.response, h.stood = false, 0, 0
}

// hesitate has her stop at the next place at which she can.
func (h *her) hesitate() {
	if !h.talks || h.until >= 0 {
		return
	}
	length := len(h.voice.Samples)
	round := h.at / length * length
	for _, place := range h.places {
		if round+place >= h.at {
			h.until = round + place
			return
		}
	}
	h.until = round + length
}

// goOn has her go on, and says for how long she had stopped.
func (h *her) goOn() time.Duration {
	stood := time.Duration(h.stood) * time.Second / speech.VoiceRate
	h.until, h.stood = -1, 0
	return stood
}

// sound lays a frame of her voice down, as it is heard from a time on.
func (h *her) sound(at time.Duration) {
	if !h.talks {
		return
	}
	n := int(frameLength * speech.VoiceRate / time.Second)
	if h.until >= 0 {
		whole := n
		n = max(0, min(n, h.until-h.at))
		h.stood += whole - n
	}
	samples := make([]float32, n)
	for i := range samples {
		samples[i] = h.voice.Samples[(h.at+i)%len(h.voice.Samples)]
	}
	h.heard.Add(at, samples, speech.VoiceRate)
	h.at += n
}
