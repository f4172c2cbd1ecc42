package llama

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	yzma "github.com/hybridgroup/yzma/pkg/llama"

	"twombly/internal/mind"
)

func TestGapsBefore(t *testing.T) {
	numbers := func(from, to int) (tokens []yzma.Token) {
		for n := from; n < to; n++ {
			tokens = append(tokens, yzma.Token(n))
		}
		return tokens
	}
	held := numbers(0, 1000)
	cases := map[string]struct {
		tokens []yzma.Token
		limit  int
		gaps   []gap
		moved  int
	}{
		"nothing new":           {tokens: held, limit: 1000, moved: 1000},
		"words after":           {tokens: slices.Concat(held, numbers(2000, 2010)), limit: 1010, moved: 1000},
		"a gap":                 {tokens: slices.Concat(numbers(0, 300), numbers(700, 1000), numbers(2000, 2010)), limit: 609, gaps: []gap{{300, 700}}, moved: 600},
		"a gap and its limit":   {tokens: slices.Concat(numbers(0, 300), numbers(700, 1000)), limit: 599, gaps: []gap{{300, 700}}, moved: 599},
		"two gaps":              {tokens: slices.Concat(numbers(0, 300), numbers(400, 500), numbers(900, 1000)), limit: 500, gaps: []gap{{300, 400}, {400, 800}}, moved: 500},
		"too little behind it":  {tokens: slices.Concat(numbers(0, 300), numbers(960, 1000)), limit: 339, moved: 300},
		"something in between":  {tokens: slices.Concat(numbers(0, 300), numbers(5000, 5001), numbers(400, 1000)), limit: 900, moved: 300},
		"another altogether":    {tokens: numbers(3000, 3500), limit: 499, moved: 0},
		"the beginning is gone": {tokens: numbers(500, 1000), limit: 499, gaps: []gap{{0, 500}}, moved: 499},
	}
	for name, c := range cases {
		gaps, moved := gapsBefore(held, c.tokens, min(commonPrefix(held, c.tokens), c.limit), c.limit)
		if !slices.Equal(gaps, c.gaps) || moved != c.moved {
			t.Errorf("%s: gaps %v, %d tokens held; want %v, %d", name, gaps, moved, c.gaps, c.moved)
		}
	}
}

// chat is a conversation of turns from one to before the other, after a persona, and what is asked at the end.
func chat(from, to int, asked string) mind.Request {
	request := mind.Request{Conversation: "c", PersonaMessages: 1, MaxTokens: 24, Messages: []mind.Message{
		{Role: mind.System, Content: "You are Ada, a warm companion. Answer in one short spoken sentence. " + strings.Repeat("You are kind, curious and brief. ", 10)},
	}}
	for turn := from; turn < to; turn++ {
		subject := chatSubjects[turn%len(chatSubjects)]
		request.Messages = append(request.Messages,
			mind.Message{Role: mind.User, Content: fmt.Sprintf("Number %d. %s What do you make of it?", turn, subject[0])},
			mind.Message{Role: mind.Assistant, Content: subject[1]})
	}
	request.Messages = append(request.Messages, mind.Message{Role: mind.User, Content: asked})
	return request
}

var chatSubjects = [][2]string{
	{"My sister Clara moved to Lisbon last spring and works in a bakery.", "It sounds as if she found her place, flour and all."},
	{"I have been learning the cello for three months, every evening.", "Three months of squeaks, then. Does it sing yet?"},
	{"The neighbours cut down the old walnut tree on Tuesday.", "A tree like that leaves a hole in the sky."},
	{"My cat Pepper brought a live frog into the kitchen this morning.", "Pepper has opinions about your cooking, I think."},
	{"At work they want me to lead the harbour project from January.", "That is big. Do you want it, or are you only flattered?"},
}

// TestDroppingOldTurns: when a conversation loses its oldest turns, what follows is not read again, and the answers still
// make sense. What is dropped from one conversation is never of use to another.
func TestDroppingOldTurns(t *testing.T) {
	local := open(t, able, func(options *Options) { options.Threads = 2 })
	_, long := generate(t, local, chat(0, 14, "Good. Tell me one thing more."))
	short := chat(7, 14, "What is the name of my cat?")
	text, usage := generate(t, local, short)
	if unread := usage.PromptTokens - usage.CachedTokens; unread > 30 || long.PromptTokens < 2*unread {
		t.Errorf("of %d tokens %d were read, after a conversation of %d", usage.PromptTokens, unread, long.PromptTokens)
	}
	if !strings.Contains(text, "Pepper") {
		t.Errorf("asked for the cat she says %q", text)
	}
	again, usage := generate(t, local, short)
	if unread := usage.PromptTokens - usage.CachedTokens; unread != 1 || !strings.Contains(again, "Pepper") {
		t.Errorf("asked once more she read %d tokens and says %q", unread, again)
	}

	few := open(t, tiny, func(options *Options) { options.Sequences = personaSequences + 1 })
	generate(t, few, chat(0, 14, "Hello."))
	others := chat(7, 14, "Hello.")
	others.Conversation = "another's"
	if _, usage := generate(t, few, others); usage.CachedTokens > usage.PromptTokens/3 {
		t.Errorf("another conversation was given %d of %d tokens", usage.CachedTokens, usage.PromptTokens)
	}
}

// BenchmarkShift compares what comes next after a shift with what comes next when all is read anew, and both with what would
// come had nothing been dropped: how far apart the probabilities are (Kullback-Leibler divergence in nats), how often the
// likeliest token is the same, and what each costs.
func BenchmarkShift(b *testing.B) {
	local := open(b, able, func(options *Options) { options.Threads = 2 })
	e := local.loop.engine
	questions := []string{
		"What is the name of my cat?", "Where does my sister live now?", "I feel a bit low today.", "What should I cook tonight?",
		"Shall I take the job?", "Do you miss the tree?", "How long have I played the cello?", "Tell me a story.",
	}
	var shifting, reading []time.Duration
	var shiftedFresh, uncutShifted, uncutFresh, same float64
	for b.Loop() {
		for _, question := range questions {
			long, short := tokensOf(b, local, chat(0, 20, question)), tokensOf(b, local, chat(10, 20, question))
			last := len(long) - 1
			read(b, e, 0, 0, long[:last])
			uncut := next(b, e, 0, last, long[last])
			if err := e.cut(0, last); err != nil {
				b.Fatal(err)
			}
			gaps, moved := gapsBefore(long[:last], short, commonPrefix(long, short), len(short)-1)
			if len(gaps) != 1 || moved != len(short)-1 {
				b.Fatalf("gaps %v, %d of %d tokens", gaps, moved, len(short))
			}
			start := time.Now()
			if err := e.shift(0, gaps[0].start, gaps[0].end); err != nil {
				b.Fatal(err)
			}
			shifting = append(shifting, time.Since(start))
			shifted := next(b, e, 0, moved, short[moved])
			start = time.Now()
			read(b, e, 1, 0, short[:moved])
			reading = append(reading, time.Since(start))
			fresh := next(b, e, 1, moved, short[moved])
			shiftedFresh += divergence(fresh, shifted)
			uncutShifted += divergence(uncut, shifted)
			uncutFresh += divergence(uncut, fresh)
			if slices.Index(fresh, slices.Max(fresh)) == slices.Index(shifted, slices.Max(shifted)) {
				same++
			}
			if err := e.clear(); err != nil {
				b.Fatal(err)
			}
		}
	}
	report(b, "shift", shifting)
	report(b, "read", reading)
	n := float64(len(shifting))
	b.ReportMetric(shiftedFresh/n, "fresh-shifted-nats")
	b.ReportMetric(uncutShifted/n, "uncut-shifted-nats")
	b.ReportMetric(uncutFresh/n, "uncut-fresh-nats")
	b.ReportMetric(100*same/n, "%same")
}

// divergence is the Kullback-Leibler divergence of q from p, in nats.
func divergence(p, q []float64) (sum float64) {
	for i := range p {
		if p[i] > 0 && q[i] > 0 {
			sum += p[i] * math.Log(p[i]/q[i])
		}
	}
	return sum
}

func tokensOf(b *testing.B, local *Local, request mind.Request) []yzma.Token {
	b.Helper()
	prompt, err := local.engine.buildPrompt(request, local.context, true)
	if err != nil {
		b.Fatal(err)
	}
	return prompt.tokens
}

// read computes tokens of a sequence.
func read(b *testing.B, e *engine, sequence, position int, tokens []yzma.Token) {
	b.Helper()
	for part := range slices.Chunk(tokens, microBatch) {
		var entries []entry
		for _, token := range part {
			entries = append(entries, entry{sequence: sequence, position: position, token: token})
			position++
		}
		if err := e.decode(entries); err != nil {
			b.Fatal(err)
		}
	}
}

// next is the probabilities of the token after this one.
func next(b *testing.B, e *engine, sequence, position int, token yzma.Token) []float64 {
	b.Helper()
	if err := e.decode([]entry{{sequence: sequence, position: position, token: token, wantsNext: true}}); err != nil {
		b.Fatal(err)
	}
	logits, err := yzma.GetLogitsIth(e.context, 0, e.vocabulary)
	if err != nil {
		b.Fatal(err)
	}
	highest, sum := slices.Max(logits), 0.0
	probabilities := make([]float64, len(logits))
	for i, logit := range logits {
		probabilities[i] = math.Exp(float64(logit - highest))
		sum += probabilities[i]
	}
	for i := range probabilities {
		probabilities[i] /= sum
	}
	return probabilities
}
