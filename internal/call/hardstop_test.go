package call

import (
	"strings"
	"testing"
	"time"

	"twombly/internal/companion"
)

// TestHardStopInEveryState: she is told to be silent, and is: her device hears of it within 10 ms, and nothing more of that answer is heard or begun,
// whatever she was doing. Who speaks is heard on.
func TestHardStopInEveryState(t *testing.T) {
	const story = "Well, that is a long story, and I would like to tell it to you from the beginning to the end."
	tell := func(s *stage) {
		s.engine.say("Tell me about it.")
		s.hear(true, time.Second)
	}
	for name, test := range map[string]struct {
		prepare func(*stage)
		until   func(*stage)
		sounds  bool // she is heard when she is told
		answers bool // what the person is saying is answered all the same
	}{
		"listening": {until: func(s *stage) { s.hear(false, time.Second) }},
		"hearing":   {until: tell, answers: true},
		"drafting": {
			prepare: func(s *stage) { s.engine.turnEnd = 0.1 }, until: func(s *stage) { tell(s); s.hear(false, 400*time.Millisecond) }, answers: true,
		},
		"thinking": {
			prepare: func(s *stage) { s.talker.pondering = 5 * time.Second }, until: func(s *stage) { tell(s); s.hear(false, 2*time.Second) },
		},
		"speaking": {until: func(s *stage) { tell(s); s.hear(false, 2500*time.Millisecond) }, sounds: true},
		"somebody is heard over her": {until: func(s *stage) {
			tell(s)
			s.hear(false, 2500*time.Millisecond)
			s.engine.say("Mm.")
			s.hear(true, 160*time.Millisecond)
		}, sounds: true}, // too short for a word
		"held between two words": {until: func(s *stage) {
			tell(s)
			s.hear(false, 2500*time.Millisecond)
			s.engine.say("Well I")
			s.hear(true, 600*time.Millisecond)
		}, sounds: true, answers: true},
		"a tool runs": {
			prepare: func(s *stage) {
				s.talker.answers = []string{"", story}
				s.talker.calls = [][]companion.ToolCall{{{Name: "weather", Arguments: []byte(`{}`)}}}
			},
			until: func(s *stage) {
				settings := s.call.Settings()
				settings.Tools = []companion.Tool{{Name: "weather", Parameters: []byte(`{"type":"object"}`)}}
				if err := s.call.Configure(settings); err != nil {
					t.Error(err)
				}
				tell(s)
				s.hear(false, 3*time.Second)
			},
		},
		"the mind hangs": {
			prepare: func(s *stage) { s.talker.pondering = time.Hour }, until: func(s *stage) { tell(s); s.hear(false, 8*time.Second) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			var planned, after int
			s := perform(t, func(s *stage) {
				s.talker.answers = []string{story}
				if test.prepare != nil {
					test.prepare(s)
				}
			}, func(s *stage) {
				test.until(s)
				if s.mouth.sounding() != test.sounds {
					t.Errorf("she is heard: %v", !test.sounds)
				}
				planned = strings.Count(s.talker.recorded(), "planned:")
				s.call.HardStop()
				time.Sleep(10 * time.Millisecond)
				if s.mouth.sounding() {
					t.Error("her device has not heard of it")
				}
				s.hear(false, 10*time.Second)
				after = strings.Count(s.talker.recorded(), "planned:")
			})
			if answered := after > planned; answered != test.answers {
				t.Errorf("afterwards she says something: %v\n%s", answered, s.talker.recorded())
			}
		})
	}
}

// sounding says whether something is being played, or would be if it were not held.
func (m *fakeMouth) sounding() bool {
	m.lock.Lock()
	defer m.lock.Unlock()
	for item := range m.start {
		if !m.hushed[item] && m.at(item) < m.queued[item] {
			return true
		}
	}
	return false
}
