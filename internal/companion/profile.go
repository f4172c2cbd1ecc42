package companion

import (
	"encoding/json"
	"fmt"

	"twombly/internal/journal"
)

// profile is what was decided so far: by the person, and in the first meeting by her. Each decision is a moment of the
// journal; the newest of a kind counts.
type profile struct {
	PersonName    string
	Manner        string
	CompanionName string
	WhyThatName   string
	VoiceID       string
	Speed         float32
	Step          Step
	Page          json.RawMessage // the page's own settings
	Habits        Habits
	PersonVoice   PersonVoice
}

// Decision names, as the journal keeps them in Data of a Decision moment.
const (
	decidePersonName    = "person_name"
	decideManner        = "manner"
	decideCompanionName = "companion_name"
	decideVoice         = "voice"
	decideStep          = "meeting_step"
	decidePage          = "page_settings"
	decideMind          = "mind"
	decideHabits        = "turn_habits"
	decidePersonVoice   = "person_voice"
)

// decision is the Data of a Decision moment.
type decision struct {
	Decided string          `json:"decided"`
	Value   json.RawMessage `json:"value"`
}

// namedChoice is the value of decideCompanionName.
type namedChoice struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

// voiceChoice is the value of decideVoice.
type voiceChoice struct {
	ID    string  `json:"id"`
	Speed float32 `json:"speed,omitempty"`
}

// take folds a decision in. Decisions of a later version are left alone.
func (p *profile) take(moment journal.Moment) error {
	if moment.Kind != journal.Decision {
		return nil
	}
	var d decision
	if err := json.Unmarshal(moment.Data, &d); err != nil {
		return fmt.Errorf("read decision %s: %w", moment.ID, err)
	}
	var err error
	switch d.Decided {
	case decidePersonName:
		err = json.Unmarshal(d.Value, &p.PersonName)
	case decideManner:
		err = json.Unmarshal(d.Value, &p.Manner)
	case decideCompanionName:
		var choice namedChoice
		err = json.Unmarshal(d.Value, &choice)
		p.CompanionName, p.WhyThatName = choice.Name, choice.Why
	case decideVoice:
		var choice voiceChoice
		err = json.Unmarshal(d.Value, &choice)
		p.VoiceID, p.Speed = choice.ID, choice.Speed
	case decideStep:
		err = json.Unmarshal(d.Value, &p.Step)
	case decidePage:
		p.Page = d.Value
	case decideHabits:
		err = json.Unmarshal(d.Value, &p.Habits)
	case decidePersonVoice:
		p.PersonVoice = PersonVoice{} // what is left out was forgotten
		err = json.Unmarshal(d.Value, &p.PersonVoice)
	}
	if err != nil {
		return fmt.Errorf("read decision %s about %s: %w", moment.ID, d.Decided, err)
	}
	return nil
}

// decisionMoment makes the moment of a decision.
func decisionMoment(decided string, value any, by journal.Speaker) (journal.Moment, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return journal.Moment{}, fmt.Errorf("write a decision about %s: %w", decided, err)
	}
	data, err := json.Marshal(decision{Decided: decided, Value: raw})
	if err != nil {
		return journal.Moment{}, fmt.Errorf("write a decision about %s: %w", decided, err)
	}
	trust := journal.TrustPerson
	if by == journal.Companion {
		trust = journal.TrustCompanion
	}
	return journal.Moment{Kind: journal.Decision, Speaker: by, Trust: trust, Data: data}, nil
}
