package endtoend

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"twombly/internal/realtime/client"
	"twombly/internal/speech/speechtest"
)

// statusReport is what the page is told of her mind.
type statusReport struct {
	Mind struct {
		Model, Place string
		Local        bool
	}
	Leaves []string
}

// TestAnotherMind holds a call with minds behind the OpenAI protocol, chosen by flags and on the page, and lets the server
// fail in every way.
func TestAnotherMind(t *testing.T) {
	first := newStandIn(t, "first", func(string) string { return "I am the first mind, and I listen to you gladly." })
	second := newStandIn(t, "second", func(string) string { return "I am the second mind, and I think a little more." })
	s := start(t, t.TempDir()+"/data", first.flags()...)
	s.meet(t)
	clips := speechtest.Clips(t)
	k := s.call(t, overWebRTC)
	ctx := within(t, 8*time.Minute)

	answered := func(by string, clip speechtest.Clip) {
		t.Helper()
		words, from := k.say(t, ctx, clip.Samples, 16000)
		done := k.answer(t, ctx, from)
		if done.status != "completed" || !strings.Contains(done.words, "the "+by+" mind") {
			t.Errorf("to %q she answered %q (%s), not by the %s mind", words, done.words, done.status, by)
		}
		k.await(t, ctx, from, "the end of her voice", client.OfType("output_audio_buffer.stopped"))
		var errors tally
		errors.add(t, "her voice", done.words, understand(t, k.voiceOf(done.item), client.VoiceRate))
		if errors.over(0.15) {
			t.Errorf("her voice was not understood")
		}
	}
	shown := func(model string) {
		t.Helper()
		var report statusReport
		s.must(t, http.MethodGet, "/api/status", nil, &report)
		if report.Mind.Model != model || !report.Mind.Local || report.Mind.Place == "" || len(report.Leaves) > 0 {
			t.Errorf("the page is told %+v", report)
		}
	}
	answered("first", clips[0])
	shown("first")

	// On the page, in the middle of the call.
	s.must(t, http.MethodPut, "/api/mind", map[string]any{
		"kind": "openai", "address": second.address, "model": "second", "consents": []string{"talk"},
	}, nil)
	answered("second", clips[1])
	shown("second")

	// One that can't be reached is refused in words, and nothing changes.
	status, text := s.ask(t, http.MethodPut, "/api/mind", map[string]any{
		"kind": "openai", "address": "http://127.0.0.1:1/v1", "model": "none", "consents": []string{"talk"},
	}, nil)
	if status != http.StatusUnprocessableEntity || !strings.Contains(text, "127.0.0.1:1") {
		t.Errorf("a server that is not there: %d %s", status, text)
	}
	shown("second")

	t.Run("slow", func(t *testing.T) {
		second.behave(slow)
		isSlow(t, ctx, k, second)
	})
	failures := []manner{rubbish, breaksOff}
	if long() {
		failures = append(failures, "down", refuses, hangs, slow) // each takes as long as her patience
	}
	for _, ill := range failures {
		t.Run(string(ill), func(t *testing.T) {
			if ill == "down" {
				second.down()
			} else {
				second.behave(ill)
			}
			failsKindly(t, ctx, k)
			if ill == "down" {
				second.again(t)
			}
			second.behave(wellBehaved)
			if done := k.typed(t, ctx, "Are you there again?"); !strings.Contains(done.words, "the second mind") {
				t.Errorf("afterwards she answered %q (%s)", done.words, done.status)
			}
		})
	}
	answered("second", clips[2])
	keep(t, 3, 11, "another-mind", map[string]any{"failures": failures, "call_lived": !t.Failed()})
}

// failsKindly asks something that can't be answered: she says a sentence about it, aloud, and the call lives.
func failsKindly(t *testing.T, ctx context.Context, k *talk) {
	t.Helper()
	asked, from := time.Now(), k.Count()
	done := k.typed(t, ctx, "What do you think?")
	t.Logf("after %s she said %q (%s)", time.Since(asked).Round(100*time.Millisecond), done.words, done.status)
	if done.status != "failed" || !strings.Contains(done.words, "I can't think right now. Please try me again in a little while.") {
		t.Errorf("she said %q (%s)", done.words, done.status)
	}
	if notice, _ := k.await(t, ctx, from, "a notice", client.OfType("twombly.notice")); !strings.Contains(string(notice.Data), "message") {
		t.Errorf("the page is told %s", notice.Data)
	}
	k.await(t, ctx, from, "the end of her voice", client.OfType("output_audio_buffer.stopped"))
	heard := understand(t, k.voiceOf(done.item), client.VoiceRate)
	if !strings.Contains(strings.ToLower(heard), "right now") {
		t.Errorf("what was heard: %q", heard)
	}
	if k.Err() != nil {
		t.Fatalf("the call ended: %v", k.Err())
	}
}

// isSlow waits for her to say that she is still there, writes into her waiting, and is answered.
func isSlow(t *testing.T, ctx context.Context, k *talk, mind *standIn) {
	t.Helper()
	asked, from := time.Now(), k.Count()
	if err := k.Type(ctx, "What takes so long?"); err != nil {
		t.Fatal(err)
	}
	patient, _ := k.await(t, ctx, from, "a word in between", client.OfType("twombly.caption"))
	if !strings.Contains(string(patient.Data), "I'm still here.") {
		t.Errorf("she said %s", patient.Data)
	}
	t.Logf("after %s she said that she is still there", k.audibleSince(t, ctx, patient.At).Sub(asked).Round(100*time.Millisecond))
	mind.behave(wellBehaved)
	from = k.Count()
	if err := k.Type(ctx, "Then let it be."); err != nil {
		t.Fatal(err)
	}
	done := k.answer(t, ctx, from)
	if done.status == "cancelled" { // that was the slow one
		done = k.answer(t, ctx, done.next)
	}
	if !strings.Contains(done.words, "the second mind") {
		t.Errorf("she answered %q (%s)", done.words, done.status)
	}
	k.await(t, ctx, from, "the end of her voice", client.OfType("output_audio_buffer.stopped"))
}
