package call

import (
	"testing"
	"time"
)

// TestEndedInMidSentence: the line is lost while the person speaks. What they said so far is kept, unless it may be her own
// voice, or a client that commits by itself has not.
func TestEndedInMidSentence(t *testing.T) {
	speaking := func(s *stage) {
		s.engine.say("I walked home along")
		s.hear(true, time.Second)
	}
	for name, test := range map[string]struct {
		scene func(*stage)
		want  string
	}{
		"while they speak":    {speaking, "person: I walked home along"},
		"in a pause":          {func(s *stage) { speaking(s); s.hear(false, 100*time.Millisecond) }, "person: I walked home along"},
		"before any word":     {func(s *stage) { s.hear(true, time.Second) }, ""},
		"while nobody speaks": {func(s *stage) { s.engine.say("I"); s.hear(false, time.Second) }, ""},
		"in a manual turn": {func(s *stage) {
			settings := s.call.Settings()
			settings.Detection = Manual
			if err := s.call.Configure(settings); err != nil {
				panic(err)
			}
			speaking(s)
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := perform(t, nil, test.scene).talker.recorded(); got != test.want {
				t.Errorf("recorded %q, want %q", got, test.want)
			}
		})
	}
}
