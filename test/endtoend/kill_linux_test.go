package endtoend

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"twombly/internal/journal/durability"
	"twombly/internal/realtime/client"
	"twombly/internal/speech"
)

// TestKillLosesNothing kills the real program again and again while somebody writes and speaks to it, at random moments
// and inside commits. Whatever the client was told of is in the journal afterwards, and the journal is sound.
func TestKillLosesNothing(t *testing.T) {
	rounds, inside := 5, 2
	if long() {
		rounds, inside = 200, 60
	}
	seed := seedOf(t)
	chance := rand.New(rand.NewPCG(seed, 3))
	mind := newStandIn(t, "echo", func(last string) string { return "I hear you say: " + last })
	data := t.TempDir() + "/data"
	s := start(t, data, mind.flags()...)
	s.meet(t)
	s.stop(t)

	phrase := spoken(t, "Good morning, how are you today?")
	acknowledged := map[string]int{} // words, and how often they must be there
	struck := 0
	for round := range rounds {
		// The inside ones are spread over all rounds.
		if round*inside/rounds != (round+1)*inside/rounds {
			struck += killInsideCommit(t, data, mind, round, 1+chance.IntN(25), phrase, acknowledged)
		} else {
			s := start(t, data, mind.flags()...)
			life := time.Duration(chance.Int64N(int64(2500 * time.Millisecond)))
			time.AfterFunc(life, func() { _ = s.command.Process.Kill() }) // the instant of a kill is meant to be anywhere
			chat(t, s, round, phrase, acknowledged)
			<-s.ended
			s.control.Close()
		}
		if missing := missing(t, data, acknowledged); len(missing) > 0 {
			t.Fatalf("seed %d, round %d: acknowledged and not in the journal: %q", seed, round, missing)
		}
	}
	total := 0
	for _, times := range acknowledged {
		total += times
	}
	t.Logf("seed %d: %d kills, %d of them inside a commit, %d acknowledged pieces", seed, rounds, struck, total)
	if struck < inside || total < rounds {
		t.Errorf("only %d kills inside a commit and %d acknowledged pieces", struck, total)
	}
	keep(t, 3, 7, "kill", map[string]any{"rounds": rounds, "inside_commit": struck, "acknowledged": total, "lost": 0, "seed": seed})
}

// seedOf is TWOMBLY_SEED, or 1: the same run each time.
func seedOf(t testing.TB) uint64 {
	t.Helper()
	text := os.Getenv("TWOMBLY_SEED")
	if text == "" {
		return 1
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("TWOMBLY_SEED: %v", err)
	}
	return seed
}

// killInsideCommit has the program killed at the nth time that it syncs the journal's log, and returns 1 if it was.
func killInsideCommit(t *testing.T, data string, mind *standIn, round, nth int, phrase []float32, acknowledged map[string]int) int {
	t.Helper()
	s := &server{data: data, log: &tail{}, ended: make(chan struct{})}
	s.command = command(t, append([]string{"serve", "--data", data, "--listen", "127.0.0.1:0"}, mind.flags()...)...)
	s.command.Stderr = s.log
	var death durability.Death
	var failure error
	go func() {
		defer close(s.ended)
		death, failure = durability.KillInsideCommit(t.Context(), durability.Victim{Command: s.command}, "journal.db-wal", nth,
			patience(5*time.Minute))
	}()
	if err := s.reach(within(t, startWithin)); err == nil {
		chat(t, s, round, phrase, acknowledged)
		s.control.Close()
	}
	<-s.ended
	if failure != nil {
		t.Fatalf("round %d: %v\n%s", round, failure, s.log)
	}
	if death.Inside {
		return 1
	}
	return 0
}

// chat writes and speaks until the program is gone, and notes what was acknowledged.
func chat(t *testing.T, s *server, round int, phrase []float32, acknowledged map[string]int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience(3*time.Minute))
	defer cancel()
	k, err := client.DialWebSocket(ctx, client.Options{
		URL: s.address, Token: s.token, Silent: true,
		Session: map[string]any{"type": "realtime", "output_modalities": []string{"text"}},
	})
	if err != nil {
		return // it died before
	}
	defer func() { _ = k.Close() }() // the other side is dead
	sound := append(append([]float32(nil), phrase...), make([]float32, 2*client.VoiceRate)...)
	for number := 0; k.Err() == nil; number++ {
		from := k.Count()
		if number%8 == 3 {
			_ = k.Append(ctx, sound, speech.VoiceRate) // an error means that it is dead, which ends the loop
		}
		_ = k.Type(ctx, fmt.Sprintf("Round %d, message %d, number %d.", round, number, rand.Uint64()))
		if _, _, err := k.Await(ctx, from, client.OfType("response.done")); err != nil {
			break
		}
	}
	if ctx.Err() != nil {
		t.Errorf("round %d: the program lived on", round)
		return
	}
	for _, words := range told(t, k) {
		acknowledged[words]++
	}
}

// told is what a client was told to be taken: the person's words, written or recognised, and hers.
func told(t *testing.T, k *client.Client) (all []string) {
	t.Helper()
	for _, event := range k.Events(0) {
		var fields struct {
			Transcript, Delta string
			Item              struct {
				Role    string
				Content []struct{ Text string }
			}
		}
		if err := event.Decode(&fields); err != nil {
			continue // fields of these names have other types in other events
		}
		switch event.Type {
		case "conversation.item.added":
			if fields.Item.Role == "user" && len(fields.Item.Content) > 0 && fields.Item.Content[0].Text != "" {
				all = append(all, fields.Item.Content[0].Text)
			}
		case "conversation.item.input_audio_transcription.completed":
			if fields.Transcript != "" {
				all = append(all, fields.Transcript)
			}
		case "response.output_text.delta":
			all = append(all, fields.Delta)
		}
	}
	return all
}

// missing is what was acknowledged more often than the journal holds it.
func missing(t *testing.T, data string, acknowledged map[string]int) (words []string) {
	t.Helper()
	kept := map[string]int{}
	for _, m := range moments(t, data) {
		if m.Kind == "said" || m.Kind == "planned" {
			kept[m.Words]++
		}
	}
	for text, times := range acknowledged {
		if kept[text] < times {
			words = append(words, text)
		}
	}
	return words
}
