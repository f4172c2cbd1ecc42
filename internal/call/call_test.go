package call

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"twombly/internal/companion"
	"twombly/internal/speech"
)

// fakeEngine hears loud samples as speech and speaks 50 ms a character, in virtual time. It serves unit tests only: the
// same calls run on real nets in the benchmarks and in the browser tests.
type fakeEngine struct {
	lock      sync.Mutex
	words     string        // what the next transcripts say
	takes     time.Duration // how long a transcript takes; 0 is 60 ms
	turnEnd   float32
	lostVoice int    // how many syntheses fail first
	loseIn    string // a text with these words fails, once
	lostFor   time.Duration
	backAt    time.Time // until then all fail
}

func (e *fakeEngine) VoiceActivity(_ context.Context, _ *speech.VoiceActivityState, frame []float32) (float32, error) {
	if frame[0] > 0.1 {
		return 0.95, nil
	}
	return 0.02, nil
}

func (e *fakeEngine) TurnEnd(context.Context, []float32) (float32, error) {
	e.lock.Lock()
	defer e.lock.Unlock()
	return e.turnEnd, nil
}

func (e *fakeEngine) Transcribe(ctx context.Context, samples []float32) (speech.Transcript, error) {
	e.lock.Lock()
	takes := cmp.Or(e.takes, 60*time.Millisecond)
	e.lock.Unlock()
	select {
	case <-time.After(takes):
	case <-ctx.Done():
		return speech.Transcript{}, ctx.Err()
	}
	e.lock.Lock()
	defer e.lock.Unlock()
	return speech.Transcript{Text: e.words}, nil
}

// slows makes transcripts take so long.
func (e *fakeEngine) slows(takes time.Duration) {
	e.lock.Lock()
	defer e.lock.Unlock()
	e.takes = takes
}

func (e *fakeEngine) say(words string) {
	e.lock.Lock()
	defer e.lock.Unlock()
	e.words = words
}

func (e *fakeEngine) Synthesize(ctx context.Context, request speech.SynthesisRequest) (speech.Utterance, error) {
	e.lock.Lock()
	lost := e.lostVoice > 0
	e.lostVoice--
	if e.loseIn != "" && strings.Contains(request.Text, e.loseIn) {
		lost, e.loseIn, e.backAt = true, "", time.Now().Add(e.lostFor)
	}
	lost = lost || time.Now().Before(e.backAt)
	e.lock.Unlock()
	if lost {
		return speech.Utterance{}, fmt.Errorf("test: %w", speech.ErrUnavailable)
	}
	select {
	case <-time.After(100 * time.Millisecond):
	case <-ctx.Done():
		return speech.Utterance{}, ctx.Err()
	}
	const perByte = speech.VoiceRate / 20
	utterance := speech.Utterance{Samples: make([]float32, len(request.Text)*perByte)}
	at := 0
	for word := range strings.FieldsSeq(request.Text) {
		start := at + strings.Index(request.Text[at:], word)
		at = start + len(word)
		utterance.Words = append(utterance.Words, speech.WordTime{Start: start, End: at, From: start * perByte, To: at * perByte})
	}
	return utterance, nil
}

func (e *fakeEngine) Voices(context.Context) ([]speech.VoiceInfo, error) { return nil, nil }

// fakeTalker answers with fixed pieces of text and writes down what it is told to record.
type fakeTalker struct {
	writing     time.Duration // how long putting the person's words down takes
	cannotWrite error
	lock        sync.Mutex
	answers     []string
	failures    []error // of the drafts, in order
	calls       [][]companion.ToolCall
	drafts      int
	pondering   time.Duration // how long the first token takes
	records     []string
	turns       []companion.Turn // what was drafted for
	renewals    int
	prepared    int // how often something was read ahead
	habits      companion.Habits
	personVoice companion.PersonVoice
}

func (f *fakeTalker) Habits() companion.Habits { return f.habits }

func (f *fakeTalker) PersonVoice() companion.PersonVoice { return f.personVoice }

func (f *fakeTalker) KeepPersonVoice(_ context.Context, voice companion.PersonVoice) error {
	f.personVoice = voice
	return nil
}

func (f *fakeTalker) KeepHabits(_ context.Context, habits companion.Habits) error {
	f.habits = habits
	return nil
}

func (f *fakeTalker) Draft(ctx context.Context, turn companion.Turn) *companion.Reply {
	f.lock.Lock()
	number := f.drafts
	f.drafts++
	f.turns = append(f.turns, turn)
	answer := f.answers[min(number, len(f.answers)-1)]
	var failure error
	if number < len(f.failures) {
		failure = f.failures[number]
	}
	f.lock.Unlock()
	return companion.StartReply(ctx, func(ctx context.Context, emit companion.Emit) error {
		select {
		case <-time.After(f.pondering):
		case <-ctx.Done():
			return ctx.Err()
		}
		for piece := range strings.SplitAfterSeq(answer, " ") {
			select {
			case <-time.After(65 * time.Millisecond):
			case <-ctx.Done():
				return ctx.Err()
			}
			if err := emit(companion.Piece{Text: piece, Tokens: 1}); err != nil {
				return err
			}
		}
		if number < len(f.calls) {
			for _, call := range f.calls[number] {
				if err := emit(companion.Piece{Call: &call}); err != nil {
					return err
				}
			}
		}
		return failure
	})
}

func (f *fakeTalker) Greet(ctx context.Context, turn companion.Turn) *companion.Reply {
	return f.Draft(ctx, turn)
}

func (f *fakeTalker) Prepare(context.Context, companion.Turn) error {
	f.lock.Lock()
	defer f.lock.Unlock()
	f.prepared++
	return nil
}

func (f *fakeTalker) Renew(ctx context.Context, _ companion.Turn, quiet func(context.Context) error) error {
	for range 3 {
		if err := quiet(ctx); err != nil {
			return err
		}
	}
	f.lock.Lock()
	defer f.lock.Unlock()
	f.renewals++
	return nil
}

func (f *fakeTalker) record(line string) {
	f.lock.Lock()
	defer f.lock.Unlock()
	f.records = append(f.records, line)
}

func (f *fakeTalker) RecordPerson(_ context.Context, turn companion.Turn) (string, error) {
	time.Sleep(f.writing)
	if f.cannotWrite != nil {
		return "", f.cannotWrite
	}
	f.record("person: " + turn.Words)
	return "moment", nil
}

func (f *fakeTalker) RecordClause(_ context.Context, clause companion.Clause) error {
	f.record("planned: " + strings.TrimSpace(clause.Text))
	return nil
}

func (f *fakeTalker) RecordHeard(_ context.Context, heard companion.Heard) error {
	f.record(fmt.Sprintf("heard %s: %s", heard.Reason, heard.Words))
	return nil
}

func (f *fakeTalker) Voice() companion.Voice { return companion.Voice{} }

func (f *fakeTalker) Names() (person, companion string) { return "Robin", "Orla" }

func (f *fakeTalker) recorded() string {
	f.lock.Lock()
	defer f.lock.Unlock()
	return strings.Join(f.records, "\n")
}

// fakeMouth plays what it gets in virtual time, reporting every 100 ms, and writes down the events.
type fakeMouth struct {
	call   *Call
	lock   sync.Mutex
	queued map[string]time.Duration
	hushed map[string]bool
	start  map[string]time.Time
	held   map[string]time.Duration // where an item is held
	paused map[string]time.Duration // how long it was
	holds  []time.Duration          // all places of holds
	events []Event
	ducks  []bool

	murmurs []string
}

func newFakeMouth() *fakeMouth {
	return &fakeMouth{
		queued: map[string]time.Duration{}, hushed: map[string]bool{}, start: map[string]time.Time{},
		held: map[string]time.Duration{}, paused: map[string]time.Duration{},
	}
}

func (m *fakeMouth) Play(itemID string, samples []float32) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.start[itemID].IsZero() {
		m.start[itemID] = time.Now()
	}
	m.queued[itemID] += time.Duration(len(samples)) * time.Second / speech.VoiceRate
}

func (m *fakeMouth) Murmur(id string, samples []float32) bool {
	m.Play(id, samples)
	m.lock.Lock()
	defer m.lock.Unlock()
	m.murmurs = append(m.murmurs, id)
	return true
}

func (m *fakeMouth) murmured() []string {
	m.lock.Lock()
	defer m.lock.Unlock()
	return slices.Clone(m.murmurs)
}

func (m *fakeMouth) PlayEnd(string) {}

// sounds says whether anything was played yet.
func (m *fakeMouth) sounds() bool {
	m.lock.Lock()
	defer m.lock.Unlock()
	return len(m.start) > 0
}

func (m *fakeMouth) Position(itemID string) time.Duration {
	m.lock.Lock()
	defer m.lock.Unlock()
	return m.at(itemID)
}

// at is how much of an item has sounded. The caller holds the lock.
func (m *fakeMouth) at(itemID string) time.Duration {
	at := min(time.Since(m.start[itemID])-m.paused[itemID], m.queued[itemID])
	if place, held := m.held[itemID]; held {
		at = min(at, place)
	}
	return at
}

func (m *fakeMouth) Hold(itemID string, places []time.Duration) bool {
	m.lock.Lock()
	defer m.lock.Unlock()
	for _, place := range places {
		if place >= m.at(itemID) {
			m.held[itemID] = place
			m.holds = append(m.holds, place)
			break
		}
	}
	return true
}

func (m *fakeMouth) Release(itemID string) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if place, held := m.held[itemID]; held {
		m.paused[itemID] += max(0, time.Since(m.start[itemID])-m.paused[itemID]-place)
		delete(m.held, itemID)
	}
}

func (m *fakeMouth) Duck(_ string, down bool) {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.ducks = append(m.ducks, down)
}

func (m *fakeMouth) Hush(itemID string) {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.hushed[itemID] = true
}

func (m *fakeMouth) Report(event Event) {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.events = append(m.events, event)
}

func (m *fakeMouth) play(ctx context.Context) {
	for {
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return
		}
		m.lock.Lock()
		for item := range m.start {
			if !m.hushed[item] {
				played := m.at(item)
				go m.call.Played(item, played)
			}
		}
		m.lock.Unlock()
	}
}

func eventsOf[T Event](m *fakeMouth) []T {
	m.lock.Lock()
	defer m.lock.Unlock()
	var found []T
	for _, event := range m.events {
		if e, ok := event.(T); ok {
			found = append(found, e)
		}
	}
	return found
}

type stage struct {
	call   *Call
	engine *fakeEngine
	talker *fakeTalker
	mouth  *fakeMouth
	trace  *bytes.Buffer

	phrases      *Phrases
	speakers     Speakers
	ownVoiceOnly bool
	without      Layers
}

// perform runs a call in a bubble of virtual time, plays the scene, and ends the call.
func perform(t *testing.T, prepare func(*stage), scene func(*stage)) *stage {
	t.Helper()
	s := &stage{
		engine: &fakeEngine{turnEnd: 0.97}, talker: &fakeTalker{answers: []string{"Well, hello there. How was it?"}},
		mouth: newFakeMouth(), trace: &bytes.Buffer{},
	}
	synctest.Test(t, func(t *testing.T) {
		if prepare != nil {
			prepare(s)
		}
		s.call = New(Options{
			Engine: s.engine, Talker: s.talker, Mouth: s.mouth, Trace: NewTrace(s.trace, false),
			Settings: Settings{Detection: SemanticVAD, CreateResponse: true, Interruptible: true, Audio: true, OwnVoiceOnly: s.ownVoiceOnly},
			Phrases:  s.phrases, Speakers: s.speakers, Without: s.without,
		})
		s.mouth.call = s.call
		ctx, cancel := context.WithCancel(t.Context())
		var owners sync.WaitGroup
		owners.Go(func() {
			if err := s.call.Run(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("the call ended with %v", err)
			}
		})
		owners.Go(func() { s.mouth.play(ctx) })
		synctest.Wait()
		scene(s)
		cancel()
		owners.Wait()
	})
	replayed, err := Replay(bytes.NewReader(s.trace.Bytes()), nil)
	if err != nil || len(replayed.Differences) > 0 {
		t.Errorf("the trace replays differently: %+v %v", replayed.Differences, err)
	}
	return s
}

// hear plays sound in real time: loud or silent.
func (s *stage) hear(loud bool, lasting time.Duration) {
	frame := make([]float32, speech.FrameSamples)
	if loud {
		for i := range frame {
			frame[i] = 0.5
		}
	}
	for heard := time.Duration(0); heard < lasting; heard += frameLength {
		s.call.Hear(frame)
		time.Sleep(frameLength)
	}
}

func TestSpokenExchange(t *testing.T) {
	s := perform(t, nil, func(s *stage) {
		s.engine.say("Tell me about it.")
		s.hear(true, time.Second)
		s.hear(false, 4*time.Second)
	})
	want := "person: Tell me about it.\nplanned: Well, hello\nplanned: there.\nplanned: How was it?\n" +
		"heard heard_to_end: Well, hello there. How was it?"
	if got := s.talker.recorded(); got != want {
		t.Errorf("recorded\n%s\nwant\n%s", got, want)
	}
	timings := eventsOf[TurnTimings](s.mouth)
	if len(timings) != 1 || timings[0].Overhead > 40*time.Millisecond || timings[0].Total <= 0 {
		t.Errorf("timings %+v", timings)
	}
	if done := eventsOf[ResponseDone](s.mouth); len(done) != 1 || done[0].Status != "completed" {
		t.Errorf("done %+v", done)
	}
}

func TestBargeInRecordsExactlyWhatWasHeard(t *testing.T) {
	s := perform(t, nil, func(s *stage) {
		s.talker.answers = []string{"One two three four five six seven eight nine ten eleven twelve thirteen. "}
		s.engine.say("Count.")
		s.hear(true, time.Second)
		s.hear(false, 2*time.Second)
		s.engine.say("Stop now.")
		s.hear(true, 500*time.Millisecond)
		s.hear(false, 100*time.Millisecond)
	})
	cut := eventsOf[ItemTruncated](s.mouth)
	if len(cut) != 1 || cut[0].Words == "" || strings.Contains(cut[0].Words, "thirteen") {
		t.Fatalf("truncated %+v", cut)
	}
	if !strings.Contains(s.talker.recorded(), "heard barge_in: "+cut[0].Words) {
		t.Errorf("recorded\n%s\nwithout what was heard: %q", s.talker.recorded(), cut[0].Words)
	}
	// 50 ms a character: the words heard must be those whose middle lies before the cut.
	if limit := int(cut[0].AudioEnd / (50 * time.Millisecond)); len(cut[0].Words) > limit+6 || len(cut[0].Words) < limit-12 {
		t.Errorf("%d characters count as heard after %v", len(cut[0].Words), cut[0].AudioEnd)
	}
}

// endsWord says whether a word of the text ends before its character n.
func endsWord(text string, n int) bool {
	return n > 0 && n < len(text) && text[n-1] != ' ' && (text[n] == ' ' || text[n] == '.')
}

// TestOwnWordsAreNoInterruption: she hears herself through a loudspeaker, nothing cancels it, and nothing of the room is known yet.
func TestOwnWordsAreNoInterruption(t *testing.T) {
	const answer = "The keeper had lived at the lighthouse for thirty years. "
	s := perform(t, nil, func(s *stage) {
		s.talker.answers = []string{answer}
		s.engine.say("Tell me a story.")
		s.hear(true, time.Second)
		for !s.mouth.sounds() {
			s.hear(false, 32*time.Millisecond)
		}
		s.hear(false, 192*time.Millisecond)
		for _, heard := range []string{"The", "The keeper", "The keeper has", "The keeper had lift"} {
			s.engine.say(heard)
			s.hear(true, 288*time.Millisecond)
		}
		s.hear(false, 5*time.Second)
	})
	if got := s.talker.recorded(); !strings.HasSuffix(got, "heard heard_to_end: "+strings.TrimSpace(answer)) || strings.Count(got, "person:") != 1 {
		t.Errorf("recorded\n%s", got)
	}
}

// TestLateWishForSilence: recognition is so slow that she has gone on before the wish is known, and that something else is heard by then.
func TestLateWishForSilence(t *testing.T) {
	s := perform(t, nil, func(s *stage) {
		s.talker.answers = []string{"One two three four five six seven eight nine ten eleven twelve thirteen. "}
		s.engine.say("Count.")
		s.hear(true, time.Second)
		s.hear(false, 3*time.Second)
		s.engine.slows(1200 * time.Millisecond)
		s.engine.say("Stop.")
		s.hear(true, 400*time.Millisecond)
		s.hear(false, 800*time.Millisecond)
		s.hear(true, 128*time.Millisecond)
		s.hear(false, 5*time.Second)
	})
	if cut := eventsOf[ItemTruncated](s.mouth); len(cut) != 1 {
		t.Errorf("truncated %+v", cut)
	}
}

func TestAssentIsNoInterruption(t *testing.T) {
	const answer = "One two three four five six seven eight nine ten eleven twelve thirteen. "
	s := perform(t, nil, func(s *stage) {
		s.talker.answers = []string{answer}
		s.engine.say("Count.")
		s.hear(true, time.Second)
		s.hear(false, 3*time.Second)
		s.engine.say("Mm-hmm, yeah.")
		s.hear(true, 500*time.Millisecond)
		s.hear(false, 5*time.Second)
	})
	if got := s.talker.recorded(); !strings.HasSuffix(got, "heard heard_to_end: "+strings.TrimSpace(answer)) {
		t.Errorf("recorded\n%s", got)
	}
	if cut := eventsOf[ItemTruncated](s.mouth); len(cut) != 0 {
		t.Errorf("truncated %+v", cut)
	}
	if !slices.Equal(s.mouth.ducks, []bool{true, false}) {
		t.Errorf("ducked %v", s.mouth.ducks)
	}
	// 50 ms a character: she stops at the end of a word, once, and goes on before the person has been silent for long.
	if len(s.mouth.holds) != 1 || !endsWord(answer, int(s.mouth.holds[0]/(50*time.Millisecond))) {
		t.Errorf("held at %v", s.mouth.holds)
	}
	for item, paused := range s.mouth.paused {
		if paused > 600*time.Millisecond {
			t.Errorf("%s paused for %v", item, paused)
		}
	}
}

func TestRemarkOf(t *testing.T) {
	for text, want := range map[string]Remark{
		"": Unclear, "R.": Unclear, "You know,": Backchannel, "All right.": Backchannel, "You": Unclear, "The.": Unclear, "Mm-hmm,": Backchannel, "Uh-huh": Backchannel, "Yeah, yeah, yeah.": Backchannel,
		"I see.": Backchannel, "Oh, wow.": Backchannel, "Right!": Backchannel, "That's it.": Backchannel, "So, yeah": Backchannel,
		"Wait.": CutsIn, "No.": CutsIn, "Stop!": AsksForSilence, "This stop,": AsksForSilence, "Don't stop.": Interruption, "Okay, but how": CutsIn, "Let me stop you": CutsIn, "Come, come, come, come": Unclear, "My hair, my hair, my hair": Unclear, "No way!": Backchannel, "Yeah, but": CutsIn, "Can you?": CutsIn,
		"Actually,": CutsIn, "And so, my": Interruption, "I don't": Interruption, "Anna": Unclear, "Anna,": Unclear, "Anna, can": Unclear,
		"Anna, can you": ForAnother, "Anna can": Unclear, "Anna can you": ForAnother, "Orla can you": Interruption,
		"Can you tell": CutsIn, "Then can you": Interruption, "Why did you": CutsIn, "Anna said": Interruption, "Orla, can": Interruption, "Mum, the": ForAnother,
		"The stump.": AsksForSilence, "Stuff": AsksForSilence, "Star.": AsksForSilence, "Stah, stah, stah": AsksForSilence,
		"Stay,": Unclear, "Stella?": Unclear, "The story": Interruption, "St": Unclear, "Strong.": Unclear,
		"Two.": Unclear, "Snoop!": Unclear, "Orla?": CutsIn, "Sorry?": CutsIn, "That's nice.": Backchannel, "That's not": Interruption,
	} {
		if got := RemarkOf(text, "Robin", "Orla"); got != want {
			t.Errorf("%q is %s", text, got)
		}
	}
}

func TestMindLostInMidSentence(t *testing.T) {
	s := perform(t, nil, func(s *stage) {
		s.talker.answers = []string{"Well, I think so. And then ", "Here is another answer."}
		s.talker.failures = []error{fmt.Errorf("test: %w", companion.ErrUnavailable)}
		s.engine.say("Tell me.")
		s.hear(true, time.Second)
		s.hear(false, 9*time.Second)
	})
	got := s.talker.recorded()
	if !strings.Contains(got, "planned: Sorry, something in me just stopped.") || !strings.Contains(got, "another answer.") ||
		!strings.HasSuffix(got, "Here is another answer.") {
		t.Errorf("recorded\n%s", got)
	}
	if strings.Count(got, "person:") != 1 {
		t.Errorf("the person's words were recorded again:\n%s", got)
	}
	if s.talker.renewals != 1 {
		t.Errorf("what the mind reads was renewed %d times after one reply", s.talker.renewals)
	}
	if turns := s.talker.turns; len(turns) != 2 || turns[0].InPlaceOf != "" || turns[1].InPlaceOf == "" || turns[1].Words != "" {
		t.Errorf("drafted for %+v", turns)
	}
}

func TestSlowMindIsNotSilence(t *testing.T) {
	s := perform(t, func(s *stage) { s.talker.pondering = 14 * time.Second }, func(s *stage) {
		s.engine.say("Tell me.")
		s.hear(true, time.Second)
		s.hear(false, 25*time.Second)
	})
	want := "person: Tell me.\nplanned: " + companion.StillHere + "\nplanned: Well, hello\nplanned: there.\nplanned: How was it?\n" +
		"heard heard_to_end: " + companion.StillHere + " Well, hello there. How was it?"
	if got := s.talker.recorded(); got != want {
		t.Errorf("recorded\n%s\nwant\n%s", got, want)
	}
}

func TestVoiceLostIsTriedAgain(t *testing.T) {
	s := perform(t, func(s *stage) { s.engine.lostVoice = 5 }, func(s *stage) {
		s.engine.say("Tell me.")
		s.hear(true, time.Second)
		s.hear(false, 5*time.Second)
	})
	if got := s.talker.recorded(); !strings.HasSuffix(got, "heard heard_to_end: Well, hello there. How was it?") {
		t.Errorf("recorded\n%s", got)
	}
}

// TestVoiceLostIsBridged: what was prepared is said as soon as she would be silent, once, and then her sentence goes on.
func TestVoiceLostIsBridged(t *testing.T) {
	const answer = "Well, hello there. The keeper lit the lamp."
	for lost, wants := range map[time.Duration]int{500 * time.Millisecond: 0, 6 * time.Second: 1} {
		s := perform(t, func(s *stage) {
			s.talker.answers = []string{answer}
			s.engine.loseIn, s.engine.lostFor = "keeper", lost
			s.phrases = NewPhrases()
		}, func(s *stage) {
			s.hear(false, 3*time.Second) // in which it is prepared
			s.engine.say("Tell me.")
			s.hear(true, time.Second)
			s.hear(false, 15*time.Second)
		})
		got := s.talker.recorded()
		if n := strings.Count(got, "planned: "+companion.VoiceLost); n != wants {
			t.Errorf("lost for %v, she said so %d times:\n%s", lost, n, got)
		}
		want := answer
		if wants > 0 {
			want = "Well, hello there. " + companion.VoiceLost + " The keeper lit the lamp."
		}
		if !strings.HasSuffix(got, "heard heard_to_end: "+want) {
			t.Errorf("lost for %v, recorded\n%s", lost, got)
		}
	}
}

// TestVoiceLostInALongClause: who waits in silence hears a few words first, and every word once.
func TestVoiceLostInALongClause(t *testing.T) {
	const answer = "Well, hello there. I was away for long. " +
		"The keeper lit the lamp and the beam swung out over the water towards the harbour."
	s := perform(t, func(s *stage) {
		s.talker.answers = []string{answer}
		s.engine.loseIn = "beam"
	}, func(s *stage) {
		s.engine.say("Tell me.")
		s.hear(true, time.Second)
		s.hear(false, 12*time.Second)
	})
	got := s.talker.recorded()
	if !strings.HasSuffix(got, "heard heard_to_end: "+answer) {
		t.Errorf("recorded\n%s", got)
	}
	_, after, _ := strings.Cut(got, "long.\n")
	piece, _, found := strings.Cut(after, "\n")
	if words := len(strings.Fields(strings.TrimPrefix(piece, "planned: "))); !found || words < 2 || words > 5 {
		t.Errorf("after the loss comes %q of\n%s", piece, got)
	}
}

func TestTypedMessage(t *testing.T) {
	s := perform(t, nil, func(s *stage) {
		if _, err := s.call.Type("", "Hello by hand", true); err != nil {
			t.Error(err)
		}
		time.Sleep(4 * time.Second)
		if _, err := s.call.Type("", strings.Repeat("x", MaxTypedBytes+1), true); !errors.Is(err, ErrTooLong) {
			t.Errorf("a message that is too long: %v", err)
		}
	})
	if got := s.talker.recorded(); !strings.HasPrefix(got, "person: Hello by hand\nplanned: Well, hello") {
		t.Errorf("recorded\n%s", got)
	}
}

// TestWritingIntoAnAnswer is what the page does while she speaks: a message, and the wish for an answer.
func TestWritingIntoAnAnswer(t *testing.T) {
	s := perform(t, nil, func(s *stage) {
		s.talker.answers = []string{"One two three four five six seven eight nine ten eleven twelve thirteen. ", "Well, hello."}
		if _, err := s.call.Type("", "Count.", true); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		if _, err := s.call.Type("", "And now greet me.", false); err != nil {
			t.Error(err)
		}
		if err := s.call.Respond(); err != nil {
			t.Errorf("an answer to what was written into hers: %v", err)
		}
		time.Sleep(4 * time.Second)
	})
	got := s.talker.recorded()
	if !strings.Contains(got, "heard typed_message: One") || !strings.HasSuffix(got, "heard heard_to_end: Well, hello.") {
		t.Errorf("recorded\n%s", got)
	}
}

// TestAskingAgainWhileSheIsHeard: the protocol allows a response as soon as the one before was made.
func TestAskingAgainWhileSheIsHeard(t *testing.T) {
	s := perform(t, nil, func(s *stage) {
		s.talker.answers = []string{"One two three four five six seven eight nine ten.", "Well, hello."}
		if _, err := s.call.Type("", "Count.", true); err != nil {
			t.Error(err)
		}
		time.Sleep(1500 * time.Millisecond)
		if done := eventsOf[ResponseDone](s.mouth); len(done) != 1 {
			t.Errorf("done %+v", done)
		}
		if err := s.call.Respond(); err != nil {
			t.Error(err)
		}
		time.Sleep(6 * time.Second)
	})
	if got := s.talker.recorded(); !strings.Contains(got, "heard heard_to_end: One two three four five six seven eight nine ten.") ||
		!strings.HasSuffix(got, "heard heard_to_end: Well, hello.") {
		t.Errorf("recorded\n%s", got)
	}
}

func TestHangingUpRecordsWhatWasHeard(t *testing.T) {
	s := perform(t, nil, func(s *stage) {
		s.engine.say("Tell me.")
		s.hear(true, time.Second)
		s.hear(false, time.Second)
	})
	if got := s.talker.recorded(); !strings.Contains(got, "heard call_ended: ") {
		t.Errorf("recorded\n%s", got)
	}
}

func TestTruncateBySomebodyElsesClient(t *testing.T) {
	perform(t, nil, func(s *stage) {
		s.engine.say("Tell me.")
		s.hear(true, time.Second)
		s.hear(false, 5*time.Second)
		item := eventsOf[ResponseDone](s.mouth)[0].ItemID
		if err := s.call.Truncate(item, time.Hour); !errors.Is(err, ErrBeyondItem) {
			t.Errorf("beyond the item: %v", err)
		}
		if err := s.call.Truncate("item_none", 0); !errors.Is(err, ErrUnknownItem) {
			t.Errorf("unknown item: %v", err)
		}
		if err := s.call.Truncate(item, 300*time.Millisecond); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if got := s.talker.recorded(); !strings.HasSuffix(got, "heard client_truncated: Well,") {
			t.Errorf("recorded\n%s", got)
		}
	})
}

func TestManualTurnByAClient(t *testing.T) {
	s := perform(t, nil, func(s *stage) {
		settings := s.call.Settings()
		settings.Detection = Manual
		if err := s.call.Configure(settings); err != nil {
			t.Error(err)
		}
		if _, err := s.call.Commit(); !errors.Is(err, ErrEmpty) {
			t.Errorf("nothing heard: %v", err)
		}
		s.engine.say("Tell me.")
		s.hear(true, time.Second)
		if _, err := s.call.Commit(); err != nil {
			t.Error(err)
		}
		if err := s.call.Respond(); err != nil {
			t.Error(err)
		}
		time.Sleep(4 * time.Second)
	})
	if got := s.talker.recorded(); !strings.HasPrefix(got, "person: Tell me.\nplanned: Well, hello") {
		t.Errorf("recorded\n%s", got)
	}
}

// TestFasterThanItsCall asks a call for things before it runs: they wait for it.
func TestFasterThanItsCall(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := New(Options{Settings: Settings{Detection: SemanticVAD}, Mouth: silentMouth{}, Talker: &fakeTalker{}})
	configured := make(chan error, 1)
	go func() { configured <- c.Configure(Settings{Detection: Manual}) }()
	cancelled := make(chan bool, 1)
	go func() { cancelled <- c.Cancel() }()
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	if err := <-configured; err != nil {
		t.Error(err)
	}
	if <-cancelled {
		t.Error("an answer was cancelled where there was none")
	}
	cancel()
	<-ended
}

// silentMouth says nothing to nobody.
type silentMouth struct{}

func (silentMouth) Play(string, []float32)        {}
func (silentMouth) PlayEnd(string)                {}
func (silentMouth) Hush(string)                   {}
func (silentMouth) Duck(string, bool)             {}
func (silentMouth) Report(Event)                  {}
func (silentMouth) Release(string)                {}
func (silentMouth) Murmur(string, []float32) bool { return false }

func (silentMouth) Hold(string, []time.Duration) bool { return false }

func (silentMouth) Position(string) time.Duration { return 0 }
