package call

import (
	"testing"
	"time"
)

// TestOverhearing: what is heard over her voice is recognised again and again while it lasts, one at a time, and once when it has ended.
func TestOverhearing(t *testing.T) {
	ms := time.Millisecond
	s := newScript(t, func(r *Rules) { r.Hesitate = 0 })
	s.talks()
	s.overhearing = true
	s.hear(voice, 224*ms)
	s.expect("duck:voice_heard")
	s.hear(voice, 32*ms)
	s.expect("overhear:voice_heard")
	s.hear(voice, 192*ms)
	s.expect() // it is not answered
	s.overhears(Unclear)
	s.hear(voice, 32*ms)
	s.expect("overhear:voice_heard")
	s.hear(quiet, 64*ms)
	s.expect("overhear:voice_ended")
	s.hear(quiet, 96*ms)
	s.expect()
	s.step(Overheard{Overlap: s.machine.over.number, Until: s.machine.over.asked, Failed: true})
	s.hear(quiet, 600*ms)
	s.expect("go_on:no_words") // by its length
	s.hear(voice, 256*ms)
	s.expect("duck:voice_heard", "overhear:voice_heard")
}
