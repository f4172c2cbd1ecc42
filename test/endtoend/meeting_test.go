package endtoend

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"twombly/internal/realtime/client"
)

// meeting is the first meeting as the page is told of it.
type meeting struct {
	Done               bool
	Step, Prompt, Said string
}

// sessionReport is what the page is told of the two.
type sessionReport struct {
	Person, Companion struct{ Name string }
	Met               bool
}

// TestFirstMeetingByVoice holds the first meeting aloud, with the program stopped and started in its middle.
func TestFirstMeetingByVoice(t *testing.T) {
	data := t.TempDir() + "/data"
	var flags []string // the embedded mind
	if !long() {
		flags = newStandIn(t, "quick", func(string) string { return "It is good for ships, and for poets." }).flags()
	}
	s := start(t, data, flags...)
	p := s.comeIn(t)
	ctx := within(t, 6*time.Minute)

	k := p.call(t, overWebRTC)
	hello := k.answer(t, ctx, 0)
	if !strings.Contains(hello.words, "What should I call you?") {
		t.Fatalf("she begins with %q", hello.words)
	}
	k.await(t, ctx, 0, "the end of her hello", client.OfType("output_audio_buffer.stopped"))
	// One answer after the other, until she has understood: a name is not always recognised at once.
	moves := func(k *talk, from, to, words string) {
		t.Helper()
		for range 3 {
			understood, place := k.say(t, ctx, spoken(t, words), client.VoiceRate)
			done := k.answer(t, ctx, place)
			k.await(t, ctx, place, "the end of her voice", client.OfType("output_audio_buffer.stopped"))
			t.Logf("%q was understood as %q; she said %q", words, understood, done.words)
			if now := p.meeting(t); now.Step == to {
				return
			} else if now.Step != from {
				t.Fatalf("the meeting went from %q to %q, not to %q", from, now.Step, to)
			}
		}
		t.Fatalf("%q does not lead on from %q", words, from)
	}
	moves(k, "name", "manner", "My name is Robert.")

	// In the middle the program ends; it goes on where it stopped.
	if err := k.Close(); err != nil {
		t.Error(err)
	}
	s.stop(t)
	s = start(t, data, flags...)
	p = s.comeIn(t)
	if now := p.meeting(t); now.Step != "manner" || !strings.Contains(now.Prompt, "Robert") {
		t.Fatalf("after the restart the meeting stands at %+v", now)
	}
	k = p.call(t, overWebRTC)
	again := k.answer(t, ctx, 0)
	if !strings.Contains(again.words, "How do you like to be spoken to?") {
		t.Errorf("after the restart she begins with %q", again.words)
	}
	k.await(t, ctx, 0, "the end of her voice", client.OfType("output_audio_buffer.stopped"))
	moves(k, "manner", "voice", "Plain and brief, please.")
	moves(k, "voice", "done", "I like this one, keep it.")

	names := func() sessionReport {
		t.Helper()
		var report sessionReport
		if status, text := p.ask(t, http.MethodGet, "/api/session", nil, &report); status != http.StatusOK {
			t.Fatalf("%d %s", status, text)
		}
		return report
	}
	before := names()
	if !before.Met || before.Person.Name != "Robert" || before.Companion.Name == "" {
		t.Errorf("afterwards the page is told %+v", before)
	}
	// Met, they talk: no more questions of the meeting.
	_, place := k.say(t, ctx, spoken(t, "What is a lighthouse good for?"), client.VoiceRate)
	if done := k.answer(t, ctx, place); done.status != "completed" || done.words == "" {
		t.Errorf("the first real answer: %+v", done)
	}
	if err := k.Close(); err != nil {
		t.Error(err)
	}
	s.stop(t)
	s = start(t, data, flags...)
	p = s.comeIn(t)
	if after := names(); after != before {
		t.Errorf("after another restart the page is told %+v, before %+v", after, before)
	}
}

func (p *pageClient) meeting(t *testing.T) meeting {
	t.Helper()
	var now meeting
	if status, text := p.ask(t, http.MethodGet, "/api/meeting", nil, &now); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	return now
}

// TestFirstMeetingInWriting holds it by the API alone, restarted in its middle by a kill.
func TestFirstMeetingInWriting(t *testing.T) {
	mind := newStandIn(t, "quiet", func(string) string { return `{"name":"nobody","because":"of nothing at all"}` })
	data := t.TempDir() + "/data"
	s := start(t, data, mind.flags()...)
	p := s.comeIn(t)
	answer := func(words, step string) meeting {
		t.Helper()
		var now meeting
		if status, text := p.ask(t, http.MethodPost, "/api/meeting", map[string]string{"text": words}, &now); status != http.StatusOK {
			t.Fatalf("%d %s", status, text)
		}
		if now.Step != step || now.Said == "" {
			t.Fatalf("%q leads to %+v, not to %q", words, now, step)
		}
		return now
	}
	answer("Well, hm.", "name") // no name in that
	answer("I'm Wilhelmine, hello!", "manner")
	answer("No, it's Wilma", "manner")
	s.kill(t)
	s = start(t, data, mind.flags()...)
	p = s.comeIn(t)
	if now := p.meeting(t); now.Step != "manner" || !strings.Contains(now.Prompt, "Wilma") {
		t.Fatalf("after the kill the meeting stands at %+v", now)
	}
	answer("thoughtful, take your time", "voice")
	answer("next", "voice")
	done := answer("keep it", "done")
	if !done.Done || !strings.Contains(done.Said, "I've picked a name.") {
		t.Errorf("at the end %+v", done)
	}
	var report sessionReport
	if status, text := p.ask(t, http.MethodGet, "/api/session", nil, &report); status != http.StatusOK || !report.Met ||
		report.Person.Name != "Wilma" || report.Companion.Name == "" || !strings.Contains(done.Said, report.Companion.Name) {
		t.Errorf("%d %s %+v", status, text, report)
	}
}
