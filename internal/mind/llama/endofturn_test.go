package llama

import (
	"log/slog"
	"strings"
	"syscall"
	"testing"
	"time"

	"twombly/internal/native/nativetest"
)

func endOfTurnModel(t *testing.T) Options {
	return Options{Libraries: nativetest.Path(t, "llama.cpp", ""), Model: nativetest.Path(t, tiny, "model.gguf")}
}

// TestEndOfTurn: sentences that people end, and the same broken off. Each whole one must be likelier than its beginning.
func TestEndOfTurn(t *testing.T) {
	e, err := OpenEndOfTurn(endOfTurnModel(t))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	probability := func(words string) float32 {
		t.Helper()
		p, err := e.Probability(t.Context(), words)
		if err != nil || p < 0 || p > 1 {
			t.Fatalf("%q: %v, %v", words, p, err)
		}
		return p
	}
	whole, broken := 0, 0
	for _, pair := range [][2]string{
		{"I finally called my sister back this morning.", "I finally called my"},
		{"What would you cook with two eggs and some rice?", "What would you cook with two"},
		{"We could go to the lake on Sunday.", "We could go to the lake on"},
		{"She said that she would call, but she never did.", "She said that she would call, but"},
		{"I never really wanted to move to the city.", "So the thing is, I never really wanted"},
		{"My back has been hurting since I moved the boxes.", "My back has been hurting since"},
	} {
		all, part := probability(pair[0]), probability(pair[1])
		if all <= part {
			t.Errorf("%q ends a turn with %.2f, %q with %.2f", pair[0], all, pair[1], part)
		}
		if all >= 0.4 {
			whole++
		}
		if part < 0.4 {
			broken++
		}
		t.Logf("%.2f %q, %.2f %q", all, pair[0], part, pair[1])
	}
	if whole < 4 || broken < 6 {
		t.Errorf("%d of 6 whole sentences were known, and %d of 6 broken ones", whole, broken)
	}
	// What the recogniser puts behind the words decides nothing, nor does what was asked before.
	if a, b := probability("We could go to the lake on Sunday"), probability("We could go to the lake on Sunday..."); a != b {
		t.Errorf("%v without a mark, %v with one", a, b)
	}
	if p := probability(" ... "); p != 0 {
		t.Errorf("no words: %v", p)
	}
	if p := probability(strings.Repeat("and then he went to the next house ", 40) + "and rang the bell."); p < 0.1 {
		t.Errorf("the end of a long story: %v", p)
	}
}

// TestEndOfTurnInWorker: the same over the process, and after it was killed.
func TestEndOfTurnInWorker(t *testing.T) {
	client, err := StartEndOfTurn(t.Context(), ClientOptions{Options: endOfTurnModel(t), Env: []string{endOfTurnChildOf + "=1"}},
		slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	const words = "I finally called my sister back this morning."
	before, err := client.EndOfTurn(t.Context(), words)
	if err != nil || before < 0.4 {
		t.Fatalf("%v, %v", before, err)
	}
	if err := syscall.Kill(client.State().PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		after, err := client.EndOfTurn(t.Context(), words)
		if err == nil && client.State().Starts == 2 {
			if after != before {
				t.Errorf("%v before it was killed, %v after", before, after)
			}
			return
		}
		if time.Now().After(end) {
			t.Fatalf("it did not come back: %v", err)
		}
	}
}
