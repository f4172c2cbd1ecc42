package realtime_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"twombly/internal/call"
	"twombly/internal/realtime"
)

// fakeLine is a call that a test plays the part of. It writes down what a transport asked of it, in order, and answers
// as it was told to.
type fakeLine struct {
	mouth call.Mouth
	who   realtime.Caller

	lock     sync.Mutex
	settings call.Settings
	asked    []string
	heard    []float32
	errors   map[string]error
	cancels  bool // Cancel finds something to cancel
	played   map[string]time.Duration
	ended    chan struct{}
	// onAsk, when set, is run after something was asked, as a call would go on.
	onAsk func(line *fakeLine, what string)
}

// fakeCalls makes fake lines; a test takes them off the channel.
type fakeCalls struct {
	lines chan *fakeLine
	err   error
	onAsk func(line *fakeLine, what string)
}

func newFakeCalls() *fakeCalls { return &fakeCalls{lines: make(chan *fakeLine, 16)} }

func (f *fakeCalls) Open(ctx context.Context, who realtime.Caller, mouth call.Mouth, settings call.Settings) (call.Line, error) {
	if f.err != nil {
		return nil, f.err
	}
	line := &fakeLine{
		mouth: mouth, who: who, settings: settings, errors: map[string]error{}, played: map[string]time.Duration{},
		ended: make(chan struct{}), onAsk: f.onAsk,
	}
	context.AfterFunc(ctx, func() { close(line.ended) })
	f.lines <- line
	return line, nil
}

// ask writes a question down and returns the answer for its verb.
func (l *fakeLine) ask(verb, format string, values ...any) error {
	l.lock.Lock()
	what := verb + fmt.Sprintf(format, values...)
	l.asked = append(l.asked, what)
	err := l.errors[verb]
	l.lock.Unlock()
	if l.onAsk != nil {
		l.onAsk(l, what)
	}
	return err
}

// take returns what was asked since the last time.
func (l *fakeLine) take() []string {
	l.lock.Lock()
	defer l.lock.Unlock()
	asked := l.asked
	l.asked = nil
	return asked
}

func (l *fakeLine) Hear(samples []float32) {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.heard = append(l.heard, samples...)
}

func (l *fakeLine) heardSamples() []float32 {
	l.lock.Lock()
	defer l.lock.Unlock()
	return append([]float32(nil), l.heard...)
}

func (l *fakeLine) Played(itemID string, played time.Duration) {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.played[itemID] = max(l.played[itemID], played)
}

func (l *fakeLine) playedOf(itemID string) time.Duration {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.played[itemID]
}

func (l *fakeLine) Type(itemID, text string, respond bool) (string, error) {
	if itemID == "" {
		itemID = "item_typed"
	}
	if len(text) > call.MaxTypedBytes {
		return "", call.ErrTooLong
	}
	if err := l.ask("type", " %s %q %v", itemID, text, respond); err != nil {
		return "", err
	}
	l.mouth.Report(call.Message{ItemID: itemID, Text: text})
	return itemID, nil
}

func (l *fakeLine) Instruct(text string) { _ = l.ask("instruct", " %q", text) }

func (l *fakeLine) Answer(itemID, callID, output string) error {
	if itemID == "" {
		itemID = "item_output"
	}
	if callID == "call_of_nobody" {
		return call.ErrUnknownCall
	}
	if err := l.ask("answer", " %s %s %q", itemID, callID, output); err != nil {
		return err
	}
	l.mouth.Report(call.CallAnswered{ItemID: itemID, CallID: callID, Output: output})
	return nil
}

func (l *fakeLine) Commit() (string, error) { return "item_committed", l.ask("commit", "") }
func (l *fakeLine) ClearInput()             { _ = l.ask("clear", "") }
func (l *fakeLine) Respond() error          { return l.ask("respond", "") }
func (l *fakeLine) HardStop()               { _ = l.ask("hard stop", "") }

func (l *fakeLine) Cancel() bool {
	_ = l.ask("cancel", "")
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.cancels
}

func (l *fakeLine) Truncate(itemID string, audioEnd time.Duration) error {
	return l.ask("truncate", " %s %v", itemID, audioEnd)
}

func (l *fakeLine) Configure(settings call.Settings) error {
	l.lock.Lock()
	l.settings = settings
	l.lock.Unlock()
	return l.ask("configure", "")
}

func (l *fakeLine) Settings() call.Settings {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.settings
}
