package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"twombly/bench/measure"
	"twombly/internal/realtime/client"
)

// Times of a turn.
const (
	// answerWithin is how long an answer is waited for after the clip's end.
	answerWithin = 15 * time.Second
	// endWithin is how long the end of a reply is waited for after it was cut.
	endWithin = 3 * time.Second
	// rest is the quiet between her last sound and the next clip.
	rest = 1200 * time.Millisecond
	// backgroundSeconds is the length of the noise that is repeated between clips.
	backgroundSeconds = 5
)

// voiceTurn is one clip and what came of it. Times are in ms after the clip's last voiced sample unless they say
// otherwise; 0 where it did not happen.
type voiceTurn struct {
	Network    string `json:"network"`
	Clip       string `json:"clip"`
	Understood string `json:"understood"`
	Answer     string `json:"answer"`
	// Clauses are those of the answer that were handed over.
	Clauses []clauseMark `json:"clauses"`
	// FirstClause is the clause whose first audible sample FirstWordMS is.
	FirstClause  string        `json:"first_clause"`
	Errors       measure.Share `json:"errors"`
	Answered     bool          `json:"answered"`
	FirstWordMS  float64       `json:"first_word_ms"`
	FirstSoundMS float64       `json:"first_sound_ms"`
	Stages       stages        `json:"stages"`
	// Commits is how many turns the server made of the clip; SelfTurns those that lie outside any words of the person.
	Commits   int `json:"commits"`
	SelfTurns int `json:"self_turns"`
	// CutOffMS is how much of her voice sounded between the clip's first and last voiced sample.
	CutOffMS float64 `json:"cut_off_ms"`
	// Glitches are gaps inside clauses over 40 ms, PausesMS the silences at borders of clauses.
	Glitches []glitchMark `json:"glitches"`
	PausesMS []float64    `json:"pauses_ms"`
	// ReplyMS is how much of the reply was listened to; Cut whether the benchmark ended it.
	ReplyMS float64 `json:"reply_ms"`
	Cut     bool    `json:"cut"`
	Notices []any   `json:"notices,omitempty"`
	// Drafted is what was written for it, and for nothing.
	Drafted tokens `json:"drafted"`
}

// clauseMark is a clause and how long it sounds.
type clauseMark struct {
	Text    string  `json:"text"`
	Seconds float64 `json:"seconds"`
}

// glitchMark is a gap inside a clause: how long, where in the reply in seconds, and whether sound came late (else none was
// sent).
type glitchMark struct {
	MS     float64 `json:"ms"`
	At     float64 `json:"at_s"`
	Waited bool    `json:"waited"`
}

// stages is where the time to the first word went, in ms.
type stages struct {
	// VoiceTail is from the last voiced sample by the energy rule to the last by the server's own voice activity.
	VoiceTail float64 `json:"voice_tail_ms"`
	// What the server says: see call.TurnTimings.
	Pause       float64 `json:"pause_ms"`
	Recognition float64 `json:"recognition_ms"`
	FirstToken  float64 `json:"first_token_ms"`
	FirstClause float64 `json:"first_clause_ms"`
	Synthesis   float64 `json:"synthesis_ms"`
	Hold        float64 `json:"hold_ms"`
	Overhead    float64 `json:"overhead_ms"`
	Total       float64 `json:"server_total_ms"`
	// Opener is when an opener was handed over, counted as Total is; 0 when there was none.
	Opener float64 `json:"opener_ms"`
	Reason string  `json:"reason"`
	// Lead is the silence at the beginning of the first clause; Transport what is left: from a sample at the microphone to
	// the server's having it, and from the first clause's being handed over to its arrival at the client.
	Lead      float64 `json:"lead_ms"`
	Transport float64 `json:"transport_ms"`
	// Up and Down are the two ways, as far as the arrival of events tells, which may be later than what they tell of.
	Up   float64 `json:"up_ms"`
	Down float64 `json:"down_ms"`
}

func (t voiceTurn) line(turns int, soak bool) string {
	what := fmt.Sprintf("first word %4.0f ms, %2.0f of %2.0f words wrong, overhead %3.0f ms, hold %4.0f ms (%s)", t.FirstWordMS,
		t.Errors.Of, t.Errors.All, t.Stages.Overhead, t.Stages.Hold, t.Stages.Reason)
	if !t.Answered {
		what = "no answer"
	}
	if len(t.Glitches) > 0 || t.CutOffMS > 0 || t.Commits != 1 || t.SelfTurns > 0 {
		what += fmt.Sprintf("; glitches %v, cut off %.0f ms, %d commits, %d self turns", t.Glitches, t.CutOffMS, t.Commits, t.SelfTurns)
	}
	if soak {
		return fmt.Sprintf("%s: %s", t.Clip, what)
	}
	return fmt.Sprintf("of %d, %s: %s", turns, t.Clip, what)
}

// ear keeps what the client hears, in order.
type ear struct {
	lock   sync.Mutex
	sounds []client.Sound
}

func (e *ear) hear(sound client.Sound) {
	e.lock.Lock()
	defer e.lock.Unlock()
	e.sounds = append(e.sounds, sound)
}

// all returns what was heard, by item.
func (e *ear) all() map[string][]measure.Piece {
	e.lock.Lock()
	defer e.lock.Unlock()
	return byItem(slices.Clone(e.sounds))
}

// take returns what was heard since, by item, and forgets it: a long run must not grow by what it heard.
func (e *ear) take() map[string][]measure.Piece {
	e.lock.Lock()
	defer e.lock.Unlock()
	taken := e.sounds
	e.sounds = nil
	return byItem(taken)
}

// byItem sorts sounds by the item that they belong to. An item's first sound may arrive before the event that announces
// it, and then bears no name; it is known by its place before the first that does.
func byItem(sounds []client.Sound) map[string][]measure.Piece {
	items := map[string][]measure.Piece{}
	for i, sound := range sounds {
		if sound.Item == "" {
			continue
		}
		if items[sound.Item] == nil {
			items[sound.Item] = unnamedBefore(sounds[:i], sound.Offset)
		}
		items[sound.Item] = append(items[sound.Item], measure.Piece{At: sound.At, Offset: sound.Offset, Samples: sound.Samples})
	}
	return items
}

// unnamedBefore are the last offset samples before a sound that begins at the offset, as far as they bear no name.
func unnamedBefore(sounds []client.Sound, offset int64) (pieces []measure.Piece) {
	for i := len(sounds) - 1; i >= 0 && offset > 0 && sounds[i].Item == ""; i-- {
		samples := sounds[i].Samples
		if surplus := int64(len(samples)) - offset; surplus > 0 {
			samples = samples[surplus:]
		}
		offset -= int64(len(samples))
		pieces = append(pieces, measure.Piece{At: sounds[i].At, Offset: offset, Samples: samples})
	}
	slices.Reverse(pieces)
	return pieces
}

// voiceCall is a call under measurement.
type voiceCall struct {
	client *client.Client
	ear    ear
	began  time.Time // when the microphone's first sample was heard
	limit  time.Duration
	buffer time.Duration
}

// turn speaks a clip, listens to the answer, and waits until it is quiet again.
func (v *voiceCall) turn(ctx context.Context, c clip, number int) (voiceTurn, error) {
	from := v.client.Count()
	v.ear.take()
	noise := measure.Noise(backgroundSeconds*c.Sound.Rate, c.Floor, uint64(number))
	if err := v.client.Background(noise, c.Sound.Rate); err != nil {
		return voiceTurn{}, err
	}
	began, err := v.client.Speak(ctx, c.Sound.Samples, c.Sound.Rate)
	if err != nil {
		return voiceTurn{}, fmt.Errorf("speak %s: %w", c.Name, err)
	}
	at := func(sample int) time.Time {
		return began.Add(time.Duration(sample) * time.Second / time.Duration(c.Sound.Rate))
	}
	said := spoken{from: at(c.From), to: at(c.To)}
	cut, err := v.hearAnswer(ctx, from, said.to)
	if err != nil {
		return voiceTurn{}, err
	}
	if err := wait(ctx, rest); err != nil {
		return voiceTurn{}, err
	}
	if err := v.client.Err(); err != nil {
		return voiceTurn{}, err
	}
	log := readLog(v.client.Events(from))
	turn := judgeTurn(said, log, v.ear.take(), v.began, v.buffer)
	turn.Clip, turn.Errors, turn.Cut = c.Name, wordErrors(c.Transcript, turn.Understood), cut
	return turn, nil
}

// hearAnswer waits until an answer to all of the clip has sounded, or has sounded long enough and is cut.
func (v *voiceCall) hearAnswer(ctx context.Context, from int, said time.Time) (cut bool, err error) {
	deadline := said.Add(answerWithin)
	for {
		waiting, cancel := context.WithDeadline(ctx, deadline)
		started, next, err := v.client.Await(waiting, from, client.OfType("output_audio_buffer.started"))
		cancel()
		if err != nil {
			return false, orMissed(ctx, err)
		}
		from = next
		var fields struct {
			Item string `json:"item_id"`
		}
		if err := started.Decode(&fields); err != nil {
			return false, fmt.Errorf("read an event: %w", err)
		}
		cut, err := v.hearReply(ctx, from, fields.Item, started.At)
		if err != nil {
			return false, err
		}
		if started.At.After(said) {
			return cut, nil
		}
		// She began inside the clip; what comes after it is still to be heard.
		deadline = time.Now().Add(answerWithin)
	}
}

// hearReply waits for the end of a reply, and cuts it when it is long.
func (v *voiceCall) hearReply(ctx context.Context, from int, item string, began time.Time) (cut bool, err error) {
	ended := func(event client.Event) bool {
		var fields struct {
			Item string `json:"item_id"`
		}
		return client.OfType("output_audio_buffer.stopped", "output_audio_buffer.cleared")(event) &&
			event.Decode(&fields) == nil && fields.Item == item
	}
	waiting, cancel := context.WithDeadline(ctx, began.Add(v.limit))
	_, _, err = v.client.Await(waiting, from, ended)
	cancel()
	if err == nil || !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
		return false, err
	}
	if err := v.client.Send(ctx, map[string]any{"type": "output_audio_buffer.clear"}); err != nil {
		return false, err
	}
	waiting, cancel = context.WithTimeout(ctx, endWithin)
	defer cancel()
	if _, _, err := v.client.Await(waiting, from, ended); err != nil {
		return true, orMissed(ctx, err)
	}
	return true, nil
}

// orMissed makes of a wait that took too long no error: the turn says that nothing came.
func orMissed(ctx context.Context, err error) error {
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil
	}
	return err
}

// spoken is when the person's voice sounded.
type spoken struct{ from, to time.Time }

// hesitations are sounds that are no words: a first clause made of them alone is a sound, not a word.
var hesitations = []string{"ah", "aw", "er", "hm", "hmm", "huh", "mhm", "mm", "mmm", "oh", "uh", "um"}

// isWord says whether a clause holds a word.
func isWord(text string) bool {
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return r < 'a' || r > 'z' }) {
		found := true
		for _, hesitation := range hesitations {
			if word == hesitation {
				found = false
			}
		}
		if found {
			return true
		}
	}
	return false
}
