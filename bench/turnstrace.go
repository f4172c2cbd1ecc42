package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"twombly/bench/duplex"
	"twombly/internal/call"
	"twombly/internal/realtime/client"
)

// recordedMoment is something that the program recognised or decided in a call, at a time after the call's beginning at the client.
type recordedMoment struct {
	at         time.Duration
	what, said string
}

// recordedBefore and recordedAfter are how much is shown around an event.
const (
	recordedBefore = 300 * time.Millisecond
	recordedAfter  = 2 * time.Second
)

// decisions are those of a call, from its trace. The trace counts from the beginning of the call at the program: its first turns and the events that
// tell the client of them lay both clocks beside one another. Words are not in it; those that the client is told come from its events.
func (c *turnsCall) decisions(ctx context.Context) ([]recordedMoment, error) {
	path, err := c.newTrace()
	if path == "" || err != nil {
		return nil, err
	}
	if err := awaitTrace(ctx, path); err != nil {
		return nil, err
	}
	var moments []recordedMoment
	var opened []time.Duration // by the program's clock
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read a trace: %w", err)
	}
	_, err = call.Replay(file, func(at time.Duration, input call.Input, intents []call.Intent) {
		if heard, is := input.(call.Overheard); is {
			moments = append(moments, recordedMoment{at: at, what: "overheard: " + string(heard.Remark)})
		}
		for _, intent := range intents {
			if intent.Action == call.StartHearing {
				opened = append(opened, at)
			}
			if decided(intent.Action) {
				moments = append(moments, recordedMoment{at: at, what: string(intent.Action) + ": " + string(intent.Reason)})
			}
		}
	})
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("read a trace: %w", err)
	}
	events := c.client.Events(0)
	later, known := c.clocksApart(opened, events)
	if !known {
		return nil, nil
	}
	for i := range moments {
		moments[i].at += later
	}
	moments = append(moments, c.recognised(events)...)
	slices.SortStableFunc(moments, func(a, b recordedMoment) int { return cmp.Compare(a.at, b.at) })
	return moments, nil
}

// decided says whether an action of the program is told of beside an event.
func decided(action call.Action) bool {
	switch action {
	case call.CommitTurn, call.DropTurn, call.Yield, call.Duck, call.Hesitate, call.Resume, call.GoOn, call.Speak, call.Open, call.DropDraft:
		return true
	}
	return false
}

// newTrace is the path of the trace that no call before this one had.
func (c *turnsCall) newTrace() (string, error) {
	if c.traces == nil {
		return "", nil
	}
	paths, err := c.traces()
	if err != nil {
		return "", err
	}
	for _, path := range paths {
		if !slices.Contains(c.tracedBefore, path) {
			return path, nil
		}
	}
	return "", nil
}

// clocksApart is by how much the client's clock is ahead of the program's: the least by which the events that tell of turns are later than the turns.
func (c *turnsCall) clocksApart(opened []time.Duration, events []client.Event) (apart time.Duration, known bool) {
	n := 0
	for _, e := range events {
		if e.Type != "input_audio_buffer.speech_started" || n == len(opened) {
			continue
		}
		if later := e.At.Sub(c.began) - opened[n]; !known || later < apart {
			apart, known = later, true
		}
		n++
	}
	return apart, known
}

// recognised are the words of turns that the client was told.
func (c *turnsCall) recognised(events []client.Event) (moments []recordedMoment) {
	last := ""
	for _, e := range events {
		var fields struct {
			Text       string `json:"text"`
			Transcript string `json:"transcript"`
		}
		if e.Decode(&fields) != nil {
			continue
		}
		at := e.At.Sub(c.began)
		switch e.Type {
		case "twombly.partial":
			if fields.Text != last {
				moments = append(moments, recordedMoment{at, "recognised", fields.Text})
			}
			last = fields.Text
		case "conversation.item.input_audio_transcription.completed":
			moments = append(moments, recordedMoment{at, "turn", strings.TrimSpace(fields.Transcript)})
		}
	}
	return moments
}

// notesOf are the moments around an event, in ms after its first voiced sample.
func notesOf(performed duplex.Performed, moments []recordedMoment) (notes []duplex.Note) {
	from, to := performed.Voiced[0].From, performed.Voiced[len(performed.Voiced)-1].To
	for _, moment := range moments {
		if moment.at >= from-recordedBefore && moment.at < to+recordedAfter {
			notes = append(notes, duplex.Note{AtMS: milliseconds(moment.at - from), What: moment.what, Said: moment.said})
		}
	}
	return notes
}
