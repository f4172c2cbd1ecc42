package mindtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"twombly/internal/mind"
)

const cancellations = 9

// onTime checks the median of how long cancellations took: the machine may be busy with something else now and then.
func onTime(t *testing.T, suite Suite, took []time.Duration) {
	t.Helper()
	slices.Sort(took)
	t.Logf("after a cancellation it returned within %v (median), %v (longest)", took[len(took)/2], took[len(took)-1])
	if took[len(took)/2] > suite.Grace {
		t.Errorf("it returned %v after the cancellation in the median, more than %v", took[len(took)/2], suite.Grace)
	}
}

func cancelGenerating(t *testing.T, suite Suite) {
	var took []time.Duration
	for i := range cancellations {
		ctx, cancel := context.WithCancel(t.Context())
		var cancelled time.Time
		parts := 0
		_, err := suite.Mind.Generate(ctx, story("cancel"), func(mind.Delta) error {
			if parts++; parts == 2+i%3 {
				cancelled = time.Now()
				cancel()
			} else if parts > 2+i%3 {
				t.Error("emit was called after the cancellation")
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("a cancelled answer ended with %v", err)
		}
		took = append(took, time.Since(cancelled))
		cancel()
	}
	onTime(t, suite, took)
}

func cancelReading(t *testing.T, suite Suite) {
	var took []time.Duration
	for i := range cancellations {
		request := story(fmt.Sprint("cancel reading ", i))
		request.Messages[1].Content = long(1500, fmt.Sprint(i))
		ctx, cancel := context.WithCancel(t.Context())
		var cancelled time.Time
		timer := time.AfterFunc(time.Duration(30+23*i)*time.Millisecond, func() {
			cancelled = time.Now()
			cancel()
		})
		_, err := suite.Mind.Generate(ctx, request, func(mind.Delta) error { return nil })
		if err == nil && timer.Stop() {
			cancel()
			continue // it was faster than that
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("a cancelled answer ended with %v", err)
		}
		took = append(took, time.Since(cancelled))
	}
	if len(took) > 0 {
		onTime(t, suite, took)
	}
}

func cancelledBefore(t *testing.T, suite Suite) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	result, err := try(ctx, suite.Mind, story("cancelled before"))
	if !errors.Is(err, context.Canceled) || result.text != "" {
		t.Errorf("an answer that was cancelled before it began: %q, %v", result.text, err)
	}
	if err := suite.Mind.Prefill(ctx, story("cancelled before")); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("reading ahead that was cancelled before it began: %v", err)
	}
}

func emitError(t *testing.T, suite Suite) {
	enough := errors.New("enough")
	calls := 0
	_, err := suite.Mind.Generate(t.Context(), story("emit error"), func(mind.Delta) error {
		if calls++; calls == 3 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || calls != 3 {
		t.Errorf("emit failed at its third call: it was called %d times, and Generate returned %v", calls, err)
	}
}

func keeps(t *testing.T, suite Suite) {
	if !suite.Keeps {
		t.Skip("this mind doesn't say what it keeps")
	}
	messages := append(game("apple"), mind.Message{Role: mind.Assistant, Content: "apple"}, mind.Message{Role: mind.User, Content: "Say: pear"})
	first := ask(t, suite.Mind, mind.Request{Conversation: "keeps", Messages: messages[:len(messages)-2], MaxTokens: 8})
	second := ask(t, suite.Mind, mind.Request{Conversation: "keeps", Messages: messages, MaxTokens: 8})
	if second.usage.CachedTokens < first.usage.PromptTokens {
		t.Errorf("of the %d tokens read before, %d were kept", first.usage.PromptTokens, second.usage.CachedTokens)
	}
}

func prefill(t *testing.T, suite Suite) {
	request := mind.Request{Conversation: "prefill", Messages: game("a little b"), MaxTokens: 8}
	if err := suite.Mind.Prefill(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	request.Messages = game("a little bird")
	result := ask(t, suite.Mind, request)
	if suite.Keeps && result.usage.CachedTokens < result.usage.PromptTokens-12 {
		t.Errorf("after reading ahead %d of %d tokens were kept", result.usage.CachedTokens, result.usage.PromptTokens)
	}
}

func forget(t *testing.T, suite Suite) {
	secret := long(200, "secret")
	request := mind.Request{Conversation: "forget", MaxTokens: 4, Messages: []mind.Message{{Role: mind.User, Content: secret}}}
	ask(t, suite.Mind, request)
	if err := suite.Mind.Forget(t.Context(), "forget"); err != nil {
		t.Fatal(err)
	}
	if err := suite.Mind.Forget(t.Context(), "never heard of"); err != nil {
		t.Fatal(err)
	}
	if !suite.Forgets {
		return
	}
	if again := ask(t, suite.Mind, request); again.usage.CachedTokens > again.usage.PromptTokens/2 {
		t.Errorf("after Forget %d of %d tokens were still known", again.usage.CachedTokens, again.usage.PromptTokens)
	}
}

func tooLong(t *testing.T, suite Suite) {
	for name, text := range map[string]string{"long": suite.TooLong, "100,000 characters": strings.Repeat("so it goes ", 10_000)[:100_000], "one word": strings.Repeat("a", 100_000)} {
		request := mind.Request{Conversation: "too long", MaxTokens: 4, Messages: []mind.Message{{Role: mind.User, Content: text}}}
		started := time.Now()
		_, err := try(t.Context(), suite.Mind, request)
		if name == "long" && !errors.Is(err, mind.ErrTooLong) || err != nil && !errors.Is(err, mind.ErrTooLong) {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(started); took > 5*time.Second {
			t.Errorf("%s: to say so took %v", name, took)
		}
	}
}

func empty(t *testing.T, suite Suite) {
	if _, err := try(t.Context(), suite.Mind, mind.Request{MaxTokens: 4}); !errors.Is(err, mind.ErrInvalid) {
		t.Errorf("a request without messages: %v", err)
	}
	if _, err := try(t.Context(), suite.Mind, mind.Request{MaxTokens: 4, Messages: []mind.Message{{Role: "emperor", Content: "x"}}}); !errors.Is(err, mind.ErrInvalid) {
		t.Errorf("a message of nobody: %v", err)
	}
	ask(t, suite.Mind, mind.Request{MaxTokens: 4, Messages: []mind.Message{{Role: mind.System}, {Role: mind.User}}})
}
