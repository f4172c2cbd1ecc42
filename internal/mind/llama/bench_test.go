package llama

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"twombly/internal/mind"
)

// The benchmarks use the model that talks, with 1 and 2 threads. On a machine that does other things too, the rates by
// CPU time ("/cpu-s") with one thread are what to compare.

// companionPrompt is a request whose persona has about n tokens, and whose last words are about 30.
func companionPrompt(n int, words string) mind.Request {
	return mind.Request{
		Conversation: "bench", PersonaMessages: 1, MaxTokens: 1,
		Messages: []mind.Message{
			{Role: mind.System, Content: strings.Repeat("You are a warm and curious companion who speaks briefly. ", n/10)},
			{Role: mind.User, Content: words + " I walked along the river this morning, and there was a heron standing quite still in the shallow water, waiting for its breakfast."},
		},
	}
}

func eachThreads(b *testing.B, run func(*testing.B, *Local)) {
	for _, threads := range []int{1, 2} {
		b.Run(fmt.Sprintf("threads=%d", threads), func(b *testing.B) {
			model := able
			if other := os.Getenv("TWOMBLY_BENCH_MODEL"); other != "" {
				model = other
			}
			local := open(b, model, func(options *Options) { options.Threads = threads })
			run(b, local)
		})
	}
}

func BenchmarkPrompt(b *testing.B) {
	eachThreads(b, func(b *testing.B, local *Local) {
		tokens := 0
		var took, used time.Duration
		for i := 0; b.Loop(); i++ {
			request := companionPrompt(500, fmt.Sprint(i))
			request.Messages[0].Content = fmt.Sprint(i, request.Messages[0].Content)
			request.PersonaMessages = 0
			before := usedNow(b)
			_, usage := generate(b, local, request)
			used += usedNow(b) - before
			took += usage.Total
			tokens += usage.PromptTokens - usage.CachedTokens
		}
		b.ReportMetric(float64(tokens)/took.Seconds(), "tokens/s")
		b.ReportMetric(float64(tokens)/used.Seconds(), "tokens/cpu-s")
	})
}

func BenchmarkGenerate(b *testing.B) {
	eachThreads(b, func(b *testing.B, local *Local) {
		tokens := 0
		var took, used time.Duration
		for i := 0; b.Loop(); i++ {
			request := mind.Request{MaxTokens: 40, Temperature: 1, Seed: uint32(i + 1), Messages: []mind.Message{{Role: mind.User, Content: "Tell me a long story about a lighthouse."}}}
			var first time.Time
			var before time.Duration
			usage, err := local.Generate(b.Context(), request, func(mind.Delta) error {
				if first.IsZero() {
					first, before = time.Now(), usedNow(b)
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
			took += time.Since(first)
			used += usedNow(b) - before
			tokens += usage.GeneratedTokens - 1
		}
		b.ReportMetric(float64(tokens)/took.Seconds(), "tokens/s")
		b.ReportMetric(float64(tokens)/used.Seconds(), "tokens/cpu-s")
	})
}

// BenchmarkFirstToken: 1,500 tokens of persona are kept, 30 are new.
func BenchmarkFirstToken(b *testing.B) {
	eachThreads(b, func(b *testing.B, local *Local) {
		ahead := companionPrompt(1500, "")
		ahead.Messages = ahead.Messages[:1]
		if err := local.Prefill(b.Context(), ahead); err != nil {
			b.Fatal(err)
		}
		var times []time.Duration
		var used time.Duration
		for i := 0; b.Loop(); i++ {
			before := usedNow(b)
			_, usage := generate(b, local, companionPrompt(1500, fmt.Sprint("Day ", i)))
			used += usedNow(b) - before
			if usage.CachedTokens < 1300 {
				b.Fatalf("%+v", usage)
			}
			times = append(times, usage.FirstToken)
		}
		report(b, "", times)
		b.ReportMetric(float64(used.Milliseconds())/float64(len(times)), "cpu-ms")
	})
}

// BenchmarkCancel: from the cancellation until Generate has returned and nothing is computed any more.
func BenchmarkCancel(b *testing.B) {
	eachThreads(b, func(b *testing.B, local *Local) {
		var reading, writing, readingUsed, writingUsed []time.Duration
		for i := 0; b.Loop(); i++ {
			request := companionPrompt(800, fmt.Sprint(i))
			request.Messages[0].Content = fmt.Sprint(i, request.Messages[0].Content)
			request.PersonaMessages = 0
			took, used := cancelAfter(b, local, request, time.Duration(40+37*i%400)*time.Millisecond)
			reading, readingUsed = append(reading, took), append(readingUsed, used)
			request = mind.Request{Conversation: "cancel", MaxTokens: 200, Temperature: 1, Messages: []mind.Message{{Role: mind.User, Content: "Tell me a long story."}}}
			generate(b, local, mind.Request{Conversation: "cancel", MaxTokens: 1, Messages: request.Messages})
			took, used = cancelAfter(b, local, request, time.Duration(150+37*i%400)*time.Millisecond)
			writing, writingUsed = append(writing, took), append(writingUsed, used)
		}
		report(b, "reading-", reading)
		report(b, "writing-", writing)
		report(b, "reading-cpu-", readingUsed)
		report(b, "writing-cpu-", writingUsed)
	})
}

// cancelAfter cancels an answer and returns how long it went on, on the clock and in CPU time of all threads.
func cancelAfter(b *testing.B, local *Local, request mind.Request, after time.Duration) (took, used time.Duration) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	var cancelled time.Time
	var before time.Duration
	time.AfterFunc(after, func() { cancelled, before = time.Now(), usedNow(b); cancel() })
	for { // an answer may be over before
		if _, err := local.Generate(ctx, request, func(mind.Delta) error { return nil }); err != nil {
			break
		}
	}
	return time.Since(cancelled), usedNow(b) - before
}

func report(b *testing.B, name string, times []time.Duration) {
	slices.Sort(times)
	for _, at := range []struct {
		name  string
		share float64
	}{{"p50", 0.5}, {"p95", 0.95}, {"max", 1}} {
		index := min(int(at.share*float64(len(times))), len(times)-1)
		b.ReportMetric(float64(times[index].Microseconds())/1000, name+at.name+"-ms")
	}
	b.ReportMetric(0, "ns/op")
}
