package companion

import (
	"context"
	"fmt"
	"strings"

	"twombly/internal/journal"
)

// Step is where the first meeting stands.
type Step string

// Steps of the first meeting, in order.
const (
	AskName   Step = "name"
	AskManner Step = "manner"
	TryVoices Step = "voice"
	Naming    Step = "naming"
	Done      Step = "done"
)

// Meeting is the first meeting as a page shows it.
type Meeting struct {
	Done    bool          `json:"done"`
	Step    Step          `json:"step"`
	Prompt  string        `json:"prompt"`
	Choices []Choice      `json:"choices"`
	Voices  []VoiceChoice `json:"voices"`
	// Said is her answer to what was just typed.
	Said string `json:"said,omitempty"`
}

// Choice is an answer that a page can offer.
type Choice struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// The manners on offer; a person may also say it in their own words.
var manners = []Choice{
	{Value: "plain and brief", Label: "Plain and brief"},
	{Value: "warm and easy-going", Label: "Warm and easy-going"},
	{Value: "playful, with some teasing", Label: "Playful"},
	{Value: "thoughtful, take your time", Label: "Thoughtful"},
}

// Met says whether the first meeting is over.
func (c *Companion) Met() bool {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.profile.Step == Done
}

func (c *Companion) step() Step {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.profile.Step == "" {
		return AskName
	}
	return c.profile.Step
}

// Meeting is the first meeting as it stands.
func (c *Companion) Meeting() Meeting {
	step := c.step()
	person, _ := c.Names()
	m := Meeting{Done: step == Done, Step: step, Prompt: question(step, person), Choices: []Choice{}, Voices: []VoiceChoice{}}
	switch step {
	case AskManner:
		m.Choices = manners
	case TryVoices:
		m.Voices = VoiceChoices()
		for _, voice := range m.Voices {
			m.Choices = append(m.Choices, Choice{Value: voice.Name, Label: voice.Name})
		}
	case AskName, Naming, Done:
	}
	return m
}

// question is what she asks at a step; after the meeting, a hello.
func question(step Step, person string) string {
	switch step {
	case AskName:
		return "Hello. I'm new here, a program that just woke up on this machine, and I don't even have a name yet. " +
			"What should I call you?"
	case AskManner:
		return fmt.Sprintf("Good to meet you, %s. How do you like to be spoken to? Plain and brief, warm and easy-going, "+
			"playful, or thoughtful?", person)
	case TryVoices:
		return "I can sound a few different ways. This is one of them. Say next to hear another, or say keep it."
	case Naming:
		return "Now I only need a name of my own. Shall I pick one?"
	case Done:
	}
	if person == "" {
		return "Hi. I'm listening."
	}
	return fmt.Sprintf("Hi, %s. I'm listening.", person)
}

// outcome is what she says to a turn of the first meeting, and what it decides. The decisions are recorded together
// with the first clause of what she says, so that a draft which is thrown away decides nothing.
type outcome struct {
	said      string
	decisions []madeDecision
	by        journal.Speaker
}

// SkipMeeting ends the first meeting with what is known; she still picks a name.
func (c *Companion) SkipMeeting(ctx context.Context) error {
	if c.Met() {
		return nil
	}
	o := c.pickName(ctx, nameWaitShort)
	return c.decide(ctx, o.by, o.decisions...)
}

// TypeMeeting takes a typed answer in the first meeting, records both sides, and returns where it stands.
func (c *Companion) TypeMeeting(ctx context.Context, text, device, zone string) (Meeting, error) {
	id, err := c.RecordPerson(ctx, Turn{Words: text, Channel: ByText, Device: device, Zone: zone})
	if err != nil {
		return Meeting{}, err
	}
	o := c.meetingOutcome(ctx, text)
	reply, err := newMomentID()
	if err != nil {
		return Meeting{}, err
	}
	c.setPending(&o)
	if err := c.RecordClause(ctx, Clause{ReplyID: reply, TurnID: id, Text: o.said, Channel: ByText}); err != nil {
		return Meeting{}, err
	}
	if err := c.RecordHeard(ctx, Heard{ReplyID: reply, Words: o.said, Reason: "shown"}); err != nil {
		return Meeting{}, err
	}
	m := c.Meeting()
	m.Said = o.said
	return m, nil
}

// draftMeeting answers a turn of the first meeting.
func (c *Companion) draftMeeting(ctx context.Context, turn Turn) *Reply {
	return StartReply(ctx, func(ctx context.Context, emit Emit) error {
		words := turn.Words
		if words == "" {
			words = c.lastPersonWords()
		}
		o := c.meetingOutcome(ctx, words)
		if err := ctx.Err(); err != nil {
			return err
		}
		c.setPending(&o)
		return emit.Say(o.said)
	})
}

func (c *Companion) setPending(o *outcome) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.pending = o
}

func (c *Companion) lastPersonWords() string {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.history.lastPersonWords()
}

// meetingOutcome is what the words decide at the present step.
func (c *Companion) meetingOutcome(ctx context.Context, words string) outcome {
	step := c.step()
	person, _ := c.Names()
	switch step {
	case AskName:
		return hearName(words)
	case AskManner:
		return hearManner(words, person)
	case TryVoices:
		return c.hearVoice(ctx, words)
	case Naming:
		return c.pickName(ctx, nameWait)
	case Done:
	}
	return outcome{said: question(step, person)}
}

// hearName takes the person's name.
func hearName(words string) outcome {
	name := nameIn(words)
	if name == "" {
		return outcome{said: "I didn't catch a name in that. Just the name is fine: what should I call you?"}
	}
	return outcome{
		said:      question(AskManner, name),
		decisions: []madeDecision{{decidePersonName, name}, {decideStep, AskManner}},
		by:        journal.Person,
	}
}

// hearManner takes how the person likes to be spoken to, or a correction of the name.
func hearManner(words, person string) outcome {
	if name := correctionIn(words); name != "" {
		return outcome{
			said:      fmt.Sprintf("Sorry. %s, then. And how do you like to be spoken to?", name),
			decisions: []madeDecision{{decidePersonName, name}},
			by:        journal.Person,
		}
	}
	manner := strings.TrimSpace(words)
	for _, choice := range manners {
		first, _, _ := strings.Cut(choice.Label, " ")
		if strings.Contains(strings.ToLower(words), strings.ToLower(first)) {
			manner = choice.Value
		}
	}
	if manner == "" {
		return outcome{said: question(AskManner, person)}
	}
	if len(manner) > maxManner {
		manner = strings.ToValidUTF8(manner[:maxManner], "")
	}
	return outcome{
		said:      "I'll keep that in mind. " + question(TryVoices, person),
		decisions: []madeDecision{{decideManner, manner}, {decideStep, TryVoices}},
		by:        journal.Person,
	}
}

// maxManner bounds how the person likes to be spoken to, in bytes: it is read before every answer.
const maxManner = 200

// hearVoice lets the person hear the next voice, or keeps one.
func (c *Companion) hearVoice(ctx context.Context, words string) outcome {
	lower := " " + strings.ToLower(strings.Trim(words, " .!?")) + " "
	for _, voice := range VoiceChoices() {
		if strings.Contains(lower, " "+strings.ToLower(voice.Name)+" ") || strings.TrimSpace(lower) == voice.ID {
			return c.keepVoice(ctx, voice.ID)
		}
	}
	current, _ := c.CurrentVoice()
	switch {
	case containsAny(lower, " next", " another", " other", " different", " else", " no ", " more "):
		voice := voiceAfter(current)
		return outcome{
			said:      fmt.Sprintf("And this is how I sound when I'm %s. Next, or keep it?", strings.ToLower(voice.Name)),
			decisions: []madeDecision{{decideVoice, voiceChoice{ID: voice.ID}}},
			by:        journal.Person,
		}
	case containsAny(lower, " keep", " yes", " this", " that", " good", " fine", " ok", " okay", " like ", " stay", " great", " perfect"):
		return c.keepVoice(ctx, current)
	}
	return outcome{said: "Say next to hear another way I could sound, or keep it if you like this one."}
}

// keepVoice ends the choice of a voice, and she picks her name.
func (c *Companion) keepVoice(ctx context.Context, id string) outcome {
	voice, _ := voiceByID(id)
	named := c.pickName(ctx, nameWait)
	named.decisions = append([]madeDecision{{decideVoice, voiceChoice{ID: voice.ID}}}, named.decisions...)
	return named
}

func voiceAfter(id string) VoiceChoice {
	choices := VoiceChoices()
	for i, choice := range choices {
		if choice.ID == id {
			return choices[(i+1)%len(choices)]
		}
	}
	return choices[0]
}

func containsAny(text string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}
