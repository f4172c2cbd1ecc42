package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"twombly/bench/duplex"
	"twombly/bench/measure"
	"twombly/internal/realtime/client"
)

// Times of a call of turns.
const (
	// speakWithin is how long her answer to a prompt is waited for.
	speakWithin = 20 * time.Second
	// heardOut is how much of an answer is listened to before the next event.
	heardOut = 1500 * time.Millisecond
	// calm is the quiet before an event that wants her silent.
	calm = 800 * time.Millisecond
	// promptedRest is how much of a reply must be left for something to be said over it.
	promptedRest = 4 * time.Second
)

// turnsCall is a call of turns at work.
type turnsCall struct {
	*runner
	client *client.Client
	ear    ear
	bank   *duplex.Bank
	quiet  bool
	began  time.Time // when the microphone's first sample was heard
	// traces lists those of the program's calls, tracedBefore are those of calls before this one; nil where there are none to read.
	traces       func() ([]string, error)
	tracedBefore []string
}

// hold holds a call: dials, does what its person does, and hangs up. What was heard and told is kept for who judges it.
func (c *turnsCall) hold(ctx context.Context, call duplex.Call, options client.Options) (_ duplex.Played, err error) {
	options.OnSound = c.ear.hear
	if c.client, err = client.DialWebRTC(ctx, options); err != nil {
		return duplex.Played{}, err
	}
	c.began = time.Now()
	defer func() { err = errors.Join(err, c.client.Close()) }()
	hello := map[string]any{"type": "twombly.client", "device": "bench", "zone": "UTC", "transport": "webrtc", "quiet": c.quiet}
	if err := c.client.Send(ctx, hello); err != nil {
		return duplex.Played{}, err
	}
	if call.Noise != "" {
		noise, err := c.bank.Noise(call.Noise, call.SNR)
		if err != nil {
			return duplex.Played{}, err
		}
		if err := c.client.Noise(noise, duplex.Rate); err != nil {
			return duplex.Played{}, err
		}
	}
	if err := wait(ctx, settleFirst); err != nil {
		return duplex.Played{}, err
	}
	played := duplex.Played{Call: call}
	for _, event := range call.Events {
		performed, err := c.perform(ctx, event)
		if err != nil {
			return duplex.Played{}, fmt.Errorf("%s: %w", event, err)
		}
		played.Events = append(played.Events, performed)
	}
	return played, nil
}

// perform does an event, and listens as long as it takes to judge it.
func (c *turnsCall) perform(ctx context.Context, event duplex.Event) (duplex.Performed, error) {
	performed := duplex.Performed{Event: event}
	rendered, err := c.bank.Render(ctx, event)
	if err != nil {
		return performed, err
	}
	if event.During {
		err = c.haveHerSpeak(ctx, event, rendered)
	} else {
		err = c.haveHerSilent(ctx)
	}
	if err != nil {
		return performed, err
	}
	from := c.client.Count()
	began, err := c.client.Speak(ctx, rendered.Samples, duplex.Rate)
	if err != nil {
		return performed, err
	}
	for _, stretch := range rendered.Voiced {
		at := began.Sub(c.began)
		performed.Voiced = append(performed.Voiced, duplex.Stretch{From: at + stretch.From, To: at + stretch.To})
	}
	ended := began.Add(rendered.Voiced[len(rendered.Voiced)-1].To)
	if err := c.listen(ctx, event, from, ended); err != nil {
		return performed, err
	}
	for _, e := range c.client.Events(from) {
		if e.Type == "input_audio_buffer.committed" {
			performed.Commits = append(performed.Commits, e.At.Sub(c.began))
		}
	}
	return performed, c.client.Err()
}

// listen lets pass what an event must be listened to; a turn's answer ends it.
func (c *turnsCall) listen(ctx context.Context, event duplex.Event, from int, ended time.Time) error {
	until := ended.Add(duplex.Listen(event))
	if event.Kind != duplex.Turn && event.Kind != duplex.Pausing {
		return wait(ctx, time.Until(until))
	}
	waiting, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	for {
		started, next, err := c.client.Await(waiting, from, client.OfType("output_audio_buffer.started"))
		if err != nil {
			return orMissed(ctx, err)
		}
		if started.At.After(ended) {
			return wait(ctx, heardOut)
		}
		from = next
	}
}

// haveHerSilent ends what she says or thinks, and waits until it has been quiet for a while.
func (c *turnsCall) haveHerSilent(ctx context.Context) error {
	if err := c.client.Send(ctx, map[string]any{"type": "output_audio_buffer.clear"}); err != nil {
		return err
	}
	return wait(ctx, calm)
}

// haveHerSpeak waits for the moment of an event that happens while she speaks: in the reply that she is at, if enough of it
// is left, or in one that she is asked for.
func (c *turnsCall) haveHerSpeak(ctx context.Context, event duplex.Event, sound duplex.Rendered) error {
	long := sound.Voiced[len(sound.Voiced)-1].To
	delay := time.Duration(event.Delay * float64(time.Second))
	if c.left(time.Now()) > delay+long+promptedRest {
		return wait(ctx, delay)
	}
	if err := c.haveHerSilent(ctx); err != nil {
		return err
	}
	from := c.client.Count()
	if err := c.client.Type(ctx, event.Prompt); err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, speakWithin)
	defer cancel()
	if _, _, err := c.client.Await(waiting, from, client.OfType("output_audio_buffer.started")); err != nil {
		return orMissed(ctx, err) // the event is void then, as the judge finds
	}
	return wait(ctx, delay)
}

// left is how much of her voice is announced and was not heard.
func (c *turnsCall) left(now time.Time) time.Duration {
	var ends time.Time
	for _, e := range c.client.Events(0) {
		switch e.Type {
		case "twombly.caption":
			var fields struct {
				Duration float64 `json:"duration_ms"`
			}
			if e.Decode(&fields) == nil {
				if ends.Before(e.At) {
					ends = e.At
				}
				ends = ends.Add(time.Duration(fields.Duration * float64(time.Millisecond)))
			}
		case "output_audio_buffer.cleared", "output_audio_buffer.stopped":
			ends = time.Time{}
		}
	}
	return ends.Sub(now)
}

// judge judges the events of a call.
func (c *turnsCall) judge(ctx context.Context, played duplex.Played) (duplex.Played, error) {
	moments, err := c.decisions(ctx)
	if err != nil {
		return played, err
	}
	timeline, events := c.timeline(), c.client.Events(0)
	replies := c.replies(events)
	for i, performed := range played.Events {
		outcome := duplex.Judge(performed, timeline, replies)
		outcome.Call, outcome.Level, outcome.ID = played.Call.Name, played.Call.Level(), fmt.Sprintf("%s/%d", played.Call.Name, i+1)
		outcome.Notes = notesOf(performed, moments)
		played.Outcomes = append(played.Outcomes, outcome)
		c.say("  %s: %s", performed.Event, outcome.Describe())
	}
	played.Her, played.Marks = timeline.Stretches(), c.marks(events)
	var drafted tokens
	for _, event := range events {
		drafted.add(event)
	}
	played.TokensUsed, played.TokensDropped = drafted.Used, drafted.Dropped
	played.SelfTurns = c.selfTurns(events, played.Events)
	return played, nil
}

// timeline is how loud she was.
func (c *turnsCall) timeline() *duplex.Timeline {
	var t duplex.Timeline
	const piece = client.VoiceRate / 100
	for _, pieces := range c.ear.all() {
		played := measure.Play(pieces, client.VoiceRate, 0)
		for from := 0; from < len(played.Samples); from += piece {
			to := min(from+piece, len(played.Samples))
			t.Add(played.At(int64(from)).Sub(c.began), played.Samples[from:to], client.VoiceRate)
		}
	}
	return &t
}

// replies are her replies, from when the first sample was sent.
func (c *turnsCall) replies(events []client.Event) (all []duplex.Reply) {
	place := map[string]int{}
	for _, e := range events {
		var fields struct {
			Item string `json:"item_id"`
		}
		if e.Decode(&fields) != nil || fields.Item == "" {
			continue
		}
		at, known := place[fields.Item]
		switch e.Type {
		case "output_audio_buffer.started":
			place[fields.Item] = len(all)
			all = append(all, duplex.Reply{From: e.At.Sub(c.began), To: time.Hour})
		case "output_audio_buffer.stopped", "output_audio_buffer.cleared":
			if known {
				all[at].To, all[at].Over = e.At.Sub(c.began), true
				all[at].Cut = all[at].Cut || e.Type == "output_audio_buffer.cleared"
			}
		case "conversation.item.truncated":
			if known {
				all[at].Cut = true
			}
		}
	}
	return all
}

// marks are the decisions that the program told of.
func (c *turnsCall) marks(events []client.Event) (all []duplex.Mark) {
	for _, e := range events {
		text := map[string]string{
			"input_audio_buffer.committed": "turn", "conversation.item.truncated": "cut", "twombly.paused": "pauses",
			"twombly.resumed": "goes on",
		}[e.Type]
		if e.Type == "twombly.duck" {
			var fields struct {
				Down bool `json:"down"`
			}
			text = "goes on"
			if e.Decode(&fields) == nil && fields.Down {
				text = "softer"
			}
		}
		if text != "" {
			all = append(all, duplex.Mark{At: e.At.Sub(c.began), Text: text})
		}
	}
	return all
}

// selfTurns counts turns of the person that began where the person made no sound.
func (c *turnsCall) selfTurns(events []client.Event, performed []duplex.Performed) (n int) {
	began := map[string]time.Duration{}
	for _, e := range events {
		var fields struct {
			Item  string `json:"item_id"`
			Start int64  `json:"audio_start_ms"`
		}
		if e.Decode(&fields) != nil {
			continue
		}
		switch e.Type {
		case "input_audio_buffer.speech_started":
			began[fields.Item] = time.Duration(fields.Start) * time.Millisecond
		case "input_audio_buffer.committed":
			if at, known := began[fields.Item]; known && !insideSome(at, performed) {
				n++
			}
		}
	}
	return n
}

// insideSome says whether a time lies in what a person did.
func insideSome(at time.Duration, performed []duplex.Performed) bool {
	for _, p := range performed {
		from, to := p.Voiced[0].From, p.Voiced[len(p.Voiced)-1].To
		if at > from-selfSlack && at < to+selfSlack {
			return true
		}
	}
	return false
}
