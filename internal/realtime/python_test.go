package realtime_test

import (
	"fmt"
	"math"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"twombly/internal/audio"
	"twombly/internal/call"
	"twombly/internal/realtime"
	"twombly/internal/realtime/clienttest"
)

// answering is a fake call that hears one second of sound as a turn, and answers whatever it is asked to.
type answering struct {
	lock  sync.Mutex
	turns int
}

// answer plays one response.
func (a *answering) answer(l *fakeLine, previous string) {
	a.lock.Lock()
	a.turns++
	response, item := fmt.Sprintf("resp_%d", a.turns), fmt.Sprintf("item_her_%d", a.turns)
	a.lock.Unlock()
	spoken := l.Settings().Audio
	l.mouth.Report(call.ResponseStarted{ResponseID: response, ItemID: item, PreviousItemID: previous})
	for _, clause := range []string{"Hello,", " dear person.", " How are you?"} {
		l.mouth.Report(call.ReplyText{ResponseID: response, ItemID: item, Delta: clause, Duration: 400 * time.Millisecond})
		if spoken {
			tone := make([]float32, 9600)
			for i := range tone {
				tone[i] = float32(0.3 * math.Sin(float64(i)*0.1))
			}
			l.mouth.Play(item, tone)
		}
	}
	if spoken {
		l.mouth.PlayEnd(item)
	}
	l.mouth.Report(call.ResponseDone{ResponseID: response, ItemID: item, Status: "completed", Text: "Hello, dear person. How are you?"})
}

// respond answers as a call would: with a call of the tool that must be called; with turns of the client's own only once it
// has asked a second time, too soon.
func (a *answering) respond(l *fakeLine) {
	settings := l.Settings()
	switch {
	case settings.Detection == call.Manual:
		l.lock.Lock()
		second := l.errors["respond"] != nil
		l.errors["respond"] = call.ErrBusy
		l.lock.Unlock()
		if !second {
			return
		}
	case settings.ToolChoice == "get_weather":
		l.mouth.Report(call.ResponseStarted{ResponseID: "resp_called", ItemID: "item_called"})
		l.mouth.Report(call.ResponseDone{ResponseID: "resp_called", ItemID: "item_called", Status: "completed", Calls: []call.FunctionCall{
			{ItemID: "item_call", CallID: "call_1", Name: "get_weather", Arguments: `{"city": "Lisbon"}`},
		}})
		return
	}
	a.answer(l, "item_typed")
}

// hear waits for a second of sound and takes it as a turn.
func (a *answering) hear(t *testing.T, l *fakeLine) {
	for len(l.heardSamples()) < 16000 {
		select {
		case <-l.ended:
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
	l.mouth.Report(call.SpeechStarted{ItemID: "item_p", At: 100 * time.Millisecond})
	l.mouth.Report(call.SpeechStopped{ItemID: "item_p", At: time.Second})
	l.mouth.Report(call.TurnCommitted{ItemID: "item_p"})
	l.mouth.Report(call.PersonFinal{ItemID: "item_p", Text: "And so my fellow Americans.", AudioSeconds: 1})
	a.answer(l, "item_p")
}

// TestPythonClient lets the unmodified openai client hold a conversation.
func TestPythonClient(t *testing.T) {
	interpreter := clienttest.Python(t)
	fake := &answering{}
	calls := newFakeCalls()
	calls.onAsk = func(l *fakeLine, what string) {
		switch what {
		case "respond":
			fake.respond(l)
		case "commit":
			l.mouth.Report(call.TurnCommitted{ItemID: "item_by_hand"})
			l.mouth.Report(call.PersonFinal{ItemID: "item_by_hand", Text: "And so my fellow Americans.", AudioSeconds: 3})
		}
		if item, ok := strings.CutPrefix(what, "truncate "); ok {
			l.mouth.Report(call.ItemTruncated{ItemID: strings.Fields(item)[0], AudioEnd: 150 * time.Millisecond, Words: "Hello"})
		}
	}
	url, _ := serve(t, realtime.Options{Calls: calls}, realtime.Caller{PersonID: "p"})

	clip := audio.Clip{Rate: 24000, Samples: make([]float32, 36000)}
	path := filepath.Join(t.TempDir(), "clip.wav")
	if err := audio.WriteWAVFile(path, clip); err != nil {
		t.Fatal(err)
	}
	hearing := make(chan struct{})
	go func() {
		defer close(hearing)
		fake.hear(t, <-calls.lines)
	}()
	command := exec.CommandContext(t.Context(), interpreter, "testdata/openai_client.py",
		strings.Replace(url, "http", "ws", 1)+"/v1", "token", path, "--timeout", "20")
	var result struct {
		Heard, Said, Wrote string
		Events             map[string]int
	}
	clienttest.Run(t, command, &result)
	<-hearing
	t.Logf("%+v", result)
}
