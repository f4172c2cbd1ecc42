package call

import (
	"context"
	"errors"
	"math"
	"strings"
	"time"

	"twombly/internal/companion"
	"twombly/internal/speech"
)

const (
	// prefix is how much sound before the first voiced frame belongs to a turn: a soft beginning is no voice yet.
	prefix = 300 * time.Millisecond
	// preroll is how much sound is kept while nobody speaks: the longest that is heard over her voice before a turn opens, and
	// the prefix.
	preroll = 3 * time.Second
	// partialEvery is how often an open turn is recognised again.
	partialEvery = 400 * time.Millisecond
	// seamAfter is the silence in which the window of recognition may move on.
	seamAfter = 200 * time.Millisecond
	// wordsAfter is the silence in which an open turn is recognised again although its pause is not reached yet: mostly it
	// will be, and then its words are there at once. Inside words hardly any silence is heard.
	wordsAfter = 32 * time.Millisecond
	// eagerAfter is the same for what is said over her voice.
	eagerAfter = 64 * time.Millisecond
)

// hearing is the person's side of a call: the sound of the open turn and what was recognised of it. It belongs to the
// call's loop.
type hearing struct {
	before []float32 // the last sound while no turn is open
	turn   *heardTurn

	lastRecording *recording
	committed     turnTimes
}

// heardTurn is a turn that is open.
type heardTurn struct {
	itemID      string
	from        time.Duration // audio time of its first voiced frame
	samples     []float32     // the last turnEndSeconds
	total       int           // samples of the whole turn
	recognition speech.Recognition
	lastPartial time.Duration
	covers      bool    // the recognition that runs, or ran last, began in the present silence
	complete    bool    // it ended, and gave all words of the turn
	confidence  float32 // of the last one that ended, which is of the window that is open
	awaits      int     // the pause whose words the running recognition gives, 0 for none
	quiet       time.Duration
	cancel      context.CancelFunc // of the recognition that is running
	running     bool
	prepared    string
	preparing   bool
	times       turnTimes
}

// listen cuts the person's sound into frames and has each judged, until the context ends.
func (c *Call) listen(ctx context.Context) {
	var state speech.VoiceActivityState
	var beside besideHer
	for {
		frame := make([]float32, speech.FrameSamples)
		at, ok := c.sound.next(frame)
		if !ok {
			return
		}
		probability, err := c.judge(ctx, &state, frame)
		if err != nil {
			return
		}
		heard := heardFrame{samples: frame, at: at, probability: probability, level: decibels(frame)}
		if !c.hearBeside(ctx, &beside, heard) {
			return
		}
	}
}

// judge asks for voice activity, and again while the worker starts anew: sound waits, none is lost.
func (c *Call) judge(ctx context.Context, state *speech.VoiceActivityState, frame []float32) (float32, error) {
	for {
		probability, err := c.engine.VoiceActivity(ctx, state, frame)
		if err == nil {
			return probability, nil
		}
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		if !errors.Is(err, speech.ErrUnavailable) {
			c.log.Error("voice activity detection failed", "error", err)
		}
		timer := time.NewTimer(voiceRetryEvery)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return 0, ctx.Err()
		}
	}
}

// decibels is the level of a frame in dBFS, at least -100.
func decibels(samples []float32) float32 {
	var sum float64
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	if sum == 0 {
		return -100
	}
	return float32(max(-100, 10*math.Log10(sum/float64(len(samples)))))
}

// takeFrame keeps a frame and tells the machine. beside is the probability of a voice in it that is not hers.
func (c *Call) takeFrame(frame heardFrame, beside float32) {
	h := &c.hearing
	enough := c.machine.rules.SpeechProbability
	own := c.own.Whose(frame.probability >= enough, beside >= enough)
	probability := min(frame.probability, beside)
	if c.machine.rules.Detection == Manual {
		h.ensureTurn()
	}
	if h.turn != nil {
		h.turn.add(frame.samples, probability < c.machine.rules.SilenceProbability)
	} else {
		h.before = keepLast(append(h.before, frame.samples...), preroll)
	}
	c.keepVoice(frame.samples, probability, own)
	c.step(Frame{Speech: probability, Level: frame.level, Doubtful: own == MaybeHers})
	c.considerPartial()
}

// add appends a frame to the turn. In a silence the window of recognition may move on.
func (t *heardTurn) add(frame []float32, quiet bool) {
	t.samples = keepLast(append(t.samples, frame...), turnEndSeconds*time.Second)
	t.total += len(frame)
	t.recognition.Add(frame)
	if !quiet {
		t.quiet = 0
		return
	}
	t.quiet += frameLength
	if t.quiet >= seamAfter && t.quiet < seamAfter+frameLength {
		t.recognition.Pause(false)
	}
}

// keepLast drops the front of samples beyond a duration, in large steps.
func keepLast(samples []float32, duration time.Duration) []float32 {
	limit := int(duration * speech.HearingRate / time.Second)
	if len(samples) <= limit+speech.HearingRate {
		return samples
	}
	return append(samples[:0:0], samples[len(samples)-limit:]...)
}

// lastSeconds copies the end of the open turn.
func (h *hearing) lastSeconds(seconds int) []float32 {
	if h.turn == nil {
		return nil
	}
	samples := h.turn.samples
	limit := seconds * speech.HearingRate
	return append([]float32(nil), samples[max(0, len(samples)-limit):]...)
}

// ensureTurn opens a turn when there is none, with the sound kept so far, and returns its item.
func (h *hearing) ensureTurn() string {
	if h.turn == nil {
		h.open(h.before)
	}
	return h.turn.itemID
}

func (h *hearing) open(samples []float32) {
	h.turn = &heardTurn{itemID: newID("item_")}
	h.turn.samples = append(h.turn.samples, samples...)
	h.turn.total = len(samples)
	h.turn.recognition.Add(samples)
	h.before = nil
}

// anything says whether there is sound that could be committed.
func (h *hearing) anything(detection TurnDetection) bool {
	if detection == Manual {
		return h.turn != nil && h.turn.total > 0
	}
	return h.turn != nil
}

// clear forgets all sound.
func (h *hearing) clear() {
	h.stopRecognition()
	h.turn, h.before = nil, nil
}

func (h *hearing) stopRecognition() {
	if h.turn != nil && h.turn.cancel != nil {
		h.turn.cancel()
	}
}

// startHearing opens a turn with the sound from a little before its first voiced frame.
func (c *Call) startHearing(intent Intent) {
	c.stopOverhearing()
	h := &c.hearing
	back := int((intent.Back + prefix) * speech.HearingRate / time.Second)
	h.open(h.before[max(0, len(h.before)-back):])
	h.turn.lastPartial = c.machine.Position()
	h.turn.from = c.machine.Position() - intent.Back
	c.tell(SpeechStarted{ItemID: h.turn.itemID, At: c.machine.Position() - intent.Back})
	if c.response == nil {
		c.setState("hearing")
	}
}

func (c *Call) stopHearing(intent Intent) {
	turn := c.hearing.turn
	if turn == nil {
		return
	}
	now := c.now()
	turn.times.voicedAt, turn.times.pausedAt, turn.times.wordsAt = now-intent.Back, now, 0
	c.tell(SpeechStopped{ItemID: turn.itemID, At: c.machine.Position() - intent.Back})
	if !turn.covers {
		// While the words of the pause are recognised, the mind reads those of the last partial: mostly the same. When a
		// recognition that covers the silence has ended or is about to, the request for the answer is moments away, and would
		// only have to wait until the mind has read a word or two in a step of their own.
		c.prepare(turn, turn.recognition.Whole())
	}
}

// dropHeard forgets a turn that held no words.
func (c *Call) dropHeard() {
	h := &c.hearing
	if h.turn == nil {
		return
	}
	h.stopRecognition()
	h.before = keepLast(h.turn.samples, preroll)
	h.turn = nil
	if c.response == nil {
		c.setState("listening")
	}
}

// closeHeard ends the open turn as an item, and returns the item and the turn's length in seconds.
func (c *Call) closeHeard(reason Reason) (itemID string, seconds float64) {
	h := &c.hearing
	itemID = h.ensureTurn()
	turn := h.turn
	h.stopRecognition()
	seconds = float64(turn.total) / speech.HearingRate
	h.committed = turn.times
	h.committed.committedAt, h.committed.reason = c.now(), reason
	// The next turn may begin in the silence of this one.
	h.before = append([]float32(nil), turn.samples[max(0, len(turn.samples)-int(prefix*speech.HearingRate/time.Second)):]...)
	h.turn = nil
	return itemID, seconds
}

// considerPartial recognises an open turn again when it is time: now and then, and early in every silence.
func (c *Call) considerPartial() {
	turn := c.hearing.turn
	if turn == nil || c.machine.person != speaking || c.machine.rules.Detection == Manual {
		return
	}
	quiet := c.machine.Position() - c.machine.lastVoiced
	if quiet == 0 {
		turn.covers, turn.awaits = false, 0
	}
	eager := quiet >= wordsAfter && !turn.covers
	if !eager && (turn.running || c.machine.Position()-turn.lastPartial < partialEvery) {
		return
	}
	if turn.running {
		turn.cancel()
	}
	turn.lastPartial = c.machine.Position()
	turn.covers, turn.complete = eager, false
	c.recognise(turn, func(settled bool, err error) {
		turn.complete = err == nil && !(settled && turn.recognition.Open() > 0)
		if pause := turn.awaits; pause > 0 && !errors.Is(err, context.Canceled) {
			turn.awaits = 0
			c.recogniseTurn(pause)
			return
		}
		if err != nil {
			return
		}
		c.reportPartial(turn)
		if !turn.covers { // else a pause is near, as in stopHearing
			c.prepareOpen(turn)
		}
	})
}

// recogniseTurn recognises the turn up to its pause and tells the machine. What began early in this silence serves.
func (c *Call) recogniseTurn(pause int) {
	turn := c.hearing.turn
	switch {
	case turn == nil:
		return
	case turn.covers && turn.running:
		turn.awaits = pause
		return
	case turn.covers && turn.complete:
		c.wordsKnown(turn, pause)
		return
	}
	if turn.running {
		turn.cancel()
	}
	turn.covers = false
	c.recognise(turn, func(settled bool, err error) {
		if errors.Is(err, context.Canceled) {
			return
		}
		if errors.Is(err, speech.ErrUnavailable) {
			c.again(func() { c.recogniseTurn(pause) })
			return
		}
		if err != nil {
			c.tell(Failure{Code: "recognition", Message: "What you said could not be understood: " + plain(err)})
		}
		if settled && turn.recognition.Open() > 0 && err == nil {
			// A full window was settled; the rest of the turn is in the next.
			c.recogniseTurn(pause)
			return
		}
		c.wordsKnown(turn, pause)
	})
}

// wordsKnown tells the machine the words of a pause.
func (c *Call) wordsKnown(turn *heardTurn, pause int) {
	turn.times.wordsAt = c.now()
	c.reportPartial(turn)
	words := WordsAs(pause, speech.Transcript{Text: turn.recognition.Whole(), Confidence: turn.confidence}, c.names()...)
	if c.own.Said(words.Words, turn.from, c.machine.lastVoiced) {
		words.Bearing = HerWords
	}
	c.step(words)
}

// again runs a job of the loop after a little while.
func (c *Call) again(job func()) {
	c.work.Go(func() {
		timer := time.NewTimer(voiceRetryEvery)
		defer timer.Stop()
		select {
		case <-timer.C:
			c.post(job)
		case <-c.ctx.Done():
		}
	})
}

// recognise runs the recognition over the turn's present window, and then done in the loop: settled says that the window
// was closed and another begins.
func (c *Call) recognise(turn *heardTurn, done func(settled bool, err error)) {
	samples, settles := turn.recognition.Window()
	ctx, cancel := context.WithCancel(c.ctx)
	turn.running, turn.cancel = true, cancel
	c.work.Go(func() {
		defer cancel()
		var transcript speech.Transcript
		var err error
		if len(samples) > 0 {
			transcript, err = c.engine.Transcribe(ctx, samples)
		}
		cancelled := ctx.Err() != nil
		c.post(func() {
			if cancelled || c.hearing.turn != turn {
				done(false, context.Canceled)
				return
			}
			turn.running = false
			if err == nil {
				turn.recognition.Take(transcript.Text)
				turn.confidence = transcript.Confidence
			}
			done(settles, err)
		})
	})
}

func (c *Call) reportPartial(turn *heardTurn) {
	if text := turn.recognition.Whole(); text != "" {
		c.tell(PersonPartial{ItemID: turn.itemID, Text: text, Stable: len(turn.recognition.Stable())})
	}
}

// prepareOpen has the mind read the words so far while the person goes on speaking: the stable ones, and of the others
// all but the last, which may be half a word. A wrong guess costs only that its tail is read again.
func (c *Call) prepareOpen(turn *heardTurn) {
	words := turn.recognition.Whole()
	words = words[:max(len(turn.recognition.Stable()), strings.LastIndexByte(words, ' '), 0)]
	c.prepare(turn, words)
}

// prepare has the mind read words ahead of time.
func (c *Call) prepare(turn *heardTurn, words string) {
	if c.machine.rules.Without.Prefill || words == "" || words == turn.prepared || turn.preparing || c.machine.her != idle || c.machine.draft != 0 {
		return
	}
	turn.prepared, turn.preparing = words, true
	ahead := c.turnOf(words, companion.ByVoice)
	c.work.Go(func() {
		if err := c.talker.Prepare(c.ctx, ahead); err != nil && c.ctx.Err() == nil {
			c.log.Debug("reading ahead failed", "error", err)
		}
		c.post(func() { turn.preparing = false })
	})
}
