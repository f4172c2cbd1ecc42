package endtoend

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"twombly/bench/machine"
	"twombly/internal/companion"
	"twombly/internal/realtime/client"
	"twombly/internal/speech/speechtest"
)

// Limits of the acceptance line.
const (
	saysSoWithin  = 3 * time.Second
	answersWithin = 12 * time.Second
	voiceWithin   = 3 * time.Second
	noChildAfter  = 2 * time.Second
)

// longEnough is how many words an answer needs for its voice to be missed when it is lost.
const longEnough = 20

// aLongAnswer is asked for so that there is a middle of a sentence.
const aLongAnswer = "Please tell me a long story about a lighthouse keeper and a storm, in at least eight sentences."

// TestWorkersDie kills each of the three processes of the real program.
func TestWorkersDie(t *testing.T) {
	s := start(t, t.TempDir()+"/data")
	s.meet(t)
	took := map[string]any{}
	t.Run("mind", func(t *testing.T) { mindDies(t, s, took) })
	t.Run("ears", func(t *testing.T) { earsDie(t, s, took) })
	t.Run("parent", func(t *testing.T) { parentDies(t, s, took) })
	keep(t, 3, 8, "workers", took)
}

// mindDies kills the mind while she speaks: she says so, and then answers anew in the same call.
func mindDies(t *testing.T, s *server, took map[string]any) {
	k := s.call(t, overWebRTC)
	ctx := within(t, 5*time.Minute)
	isApology := func(e client.Event) bool {
		return e.Type == "twombly.caption" && strings.Contains(string(e.Data), "something in me just stopped")
	}
	var sorry client.Event
	var killed time.Time
	var watch *machine.Watch
	from, after := 0, 0
	for tries := 0; sorry.Type == ""; tries++ {
		if tries == 5 {
			t.Fatal("the mind had always ended its answer before it was killed")
		}
		began := time.Now()
		from = k.Count()
		if err := k.Type(ctx, aLongAnswer); err != nil {
			t.Fatal(err)
		}
		k.audibleSince(t, ctx, began)
		watch = machine.Begin()
		killed = s.killWorker(t, "mind")
		// A short answer may be all written, and done, when its beginning is heard: then nobody misses the mind, and she is
		// asked again.
		event, next := k.await(t, ctx, from, "her saying so", func(e client.Event) bool {
			return isApology(e) || e.Type == "response.done"
		})
		if isApology(event) {
			sorry, after = event, next
			continue
		}
		short := k.answer(t, ctx, from)
		t.Logf("a short answer: %q", short.words)
		again := k.typed(t, ctx, "Are you there?") // by the mind that was started again
		k.await(t, ctx, again.next-1, "the end of her voice", client.OfType("output_audio_buffer.stopped"))
	}
	heard := k.audibleSince(t, ctx, sorry.At)
	next, _ := k.await(t, ctx, after, "a new answer", client.OfType("twombly.caption"))
	answered := k.audibleSince(t, ctx, next.At)
	took["says_so_ms"], took["answers_ms"] = heard.Sub(killed).Milliseconds(), answered.Sub(killed).Milliseconds()
	hold(t, watch, "from the kill to her saying so", heard.Sub(killed), saysSoWithin)
	hold(t, watch, "from the kill to a new answer", answered.Sub(killed), answersWithin)
	done := k.answer(t, ctx, from)
	t.Logf("%s: %q", done.status, done.words)
	if done.status != "completed" {
		t.Errorf("the answer ended as %q", done.status)
	}
	before, rest, found := strings.Cut(done.words, companion.LostThread)
	if !found || len(strings.Fields(rest)) < 2 || strings.TrimSpace(before) == "" {
		t.Errorf("she said %q", done.words)
	}
	// The same call goes on.
	if again := k.typed(t, ctx, "Are you all right?"); again.status != "completed" || again.words == "" {
		t.Errorf("afterwards: %+v", again)
	}
}

// earsDie kills the voice while she speaks: the sound comes back, and the call hears what is said next.
func earsDie(t *testing.T, s *server, took map[string]any) {
	clip := speechtest.Clips(t)[0]
	k := s.call(t, overWebRTC)
	ctx := within(t, 5*time.Minute)
	var done reply
	var killed time.Time
	var watch *machine.Watch
	for tries := 0; len(strings.Fields(done.words)) < longEnough; tries++ {
		if tries == 4 { // a fifth crash within a minute would be the last
			t.Fatalf("her answers were as short as %q", done.words)
		}
		began, from := time.Now(), k.Count()
		wish := aLongAnswer
		if tries%2 == 1 { // so small a mind repeats a short answer, if it is asked the same
			wish = "Please count from one to forty for me, in words, one after the other."
		}
		if err := k.Type(ctx, wish); err != nil {
			t.Fatal(err)
		}
		k.audibleSince(t, ctx, began)
		watch = machine.Begin()
		killed = s.killWorker(t, "ears")
		done = k.answer(t, ctx, from)
		k.await(t, ctx, done.next-1, "the end of her voice", client.OfType("output_audio_buffer.stopped"))
	}
	if done.status != "completed" {
		t.Errorf("the answer ended as %q: %q", done.status, done.words)
	}
	// What had its sound already is played on; the longest silence that begins afterwards, within the time that she has, is
	// the one that the loss made. When none begins in it, she was never missed.
	back, longest := killed, time.Duration(0)
	for _, g := range k.gaps(killed, time.Now(), 300*time.Millisecond) {
		t.Logf("silence of %s, until %s after the kill", g.to.Sub(g.from).Round(time.Millisecond), g.to.Sub(killed).Round(time.Millisecond))
		if length := g.to.Sub(g.from); g.from.Before(killed.Add(voiceWithin)) && length > longest {
			back, longest = g.to, length
		}
	}
	took["voice_back_ms"] = back.Sub(killed).Milliseconds()
	hold(t, watch, "from the kill to her voice coming back", back.Sub(killed), voiceWithin)
	var errors tally
	errors.add(t, "what was heard of the answer", done.words, understand(t, k.voiceOf(done.item), client.VoiceRate))
	// An answer may be a few words long, of which the recogniser mishears one or two: what is looked for is a lost clause.
	if errors.over(0.4) {
		t.Errorf("%.0f %% of the answer's words were not heard", 100*errors.rate())
	}

	words, _ := k.say(t, ctx, clip.Samples, 16000)
	var understood tally
	understood.add(t, "the next turn", clip.Transcript, words)
	if understood.over(0.2) {
		t.Errorf("the next turn was not understood: %q", words)
	}
}

// parentDies kills the program itself: its workers must not outlive it.
func parentDies(t *testing.T, s *server, took map[string]any) {
	tree, err := machine.Tree(s.command.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	if len(tree) < 3 {
		t.Fatalf("only %d processes", len(tree))
	}
	watch := machine.Begin()
	killed := time.Now()
	s.kill(t)
	deadline := time.Now().Add(patience(20 * time.Second))
	for _, process := range tree[1:] {
		for lives(process.ID) {
			if time.Now().After(deadline) {
				t.Fatalf("process %d outlives its parent: %q", process.ID, process.Arguments())
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	took["children_gone_ms"] = time.Since(killed).Milliseconds()
	hold(t, watch, "from the kill to the last child's end", time.Since(killed), noChildAfter)
}

// lives says whether a process runs; one that ended and was not waited for does not.
func lives(process int) bool {
	if syscall.Kill(process, 0) != nil {
		return false
	}
	text, err := os.ReadFile("/proc/" + strconv.Itoa(process) + "/stat")
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	return !strings.HasPrefix(rest, "Z")
}
