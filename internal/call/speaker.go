package call

import (
	"bytes"
	"context"
	"math"
	"time"

	"twombly/internal/companion"
	"twombly/internal/speech"
)

// How voices are compared (decision 0026). With them no speech of a known person of 1.5 s or more was taken for another's, down to 5 dB of noise.
const (
	clearlyAnothers = 0.25
	leastVoice      = 1504 * time.Millisecond // 47 frames
	// mostVoice is how much voice is listened to at once: the last of it.
	mostVoice = 3008 * time.Millisecond // 94 frames
	// keptVoiceTurns is how many turns count at most, so that a voice that changes is followed.
	keptVoiceTurns = 40
)

// KnownAfter is of how many turns a person's voice is known well enough.
const KnownAfter = 5

// Speakers tells whose voice some speech is in. [speech.Local] and [speech.Client] do.
type Speakers interface {
	VoicePrint(ctx context.Context, samples []float32) (speech.VoicePrint, error)
}

// WithVoices are rules by which voices are compared; only, that she answers none but the person's.
func (r Rules) WithVoices(only bool) Rules {
	r.Stranger, r.VoiceLeast, r.VoiceTurns, r.OwnVoiceOnly = clearlyAnothers, leastVoice, KnownAfter, only
	return r
}

// KnownVoice is what is known of the person's voice: the mean of prints of their turns. The zero value is that of a stranger.
type KnownVoice struct {
	// Turns is from how many turns it is known.
	Turns int
	print speech.VoicePrint
}

// Likeness is how like it a print is.
func (k *KnownVoice) Likeness(print *speech.VoicePrint) float32 { return k.print.Likeness(print) }

// Learn learns from a turn. One that is clearly in another voice takes away from what is known as much as one of the person's adds: so the voice
// that is heard most is theirs, whoever spoke first, and who hands a device on is forgotten after as many turns.
func (k *KnownVoice) Learn(print *speech.VoicePrint) {
	switch {
	case k.Turns > 0 && k.print.Likeness(print) < clearlyAnothers:
		k.Turns--
		return
	case k.Turns == 0:
		k.print = *print
	default:
		sum := k.print
		for i := range sum {
			sum[i] = sum[i]*float32(k.Turns) + print[i]
		}
		if !sum.Normalise() {
			return
		}
		k.print = sum
	}
	k.Turns = min(k.Turns+1, keptVoiceTurns)
}

// kept is what is kept of it: a byte for each number, which is exact to a hundredth of a likeness.
func (k *KnownVoice) kept() companion.PersonVoice {
	if k.Turns == 0 {
		return companion.PersonVoice{}
	}
	var most float64
	for _, x := range k.print {
		most = max(most, math.Abs(float64(x)))
	}
	bytes := make([]byte, len(k.print))
	for i, x := range k.print {
		bytes[i] = byte(int8(math.Round(float64(x) / most * math.MaxInt8)))
	}
	return companion.PersonVoice{Turns: k.Turns, Print: bytes}
}

// knownVoice is what was kept; what can't be read is a stranger's.
func knownVoice(kept companion.PersonVoice) KnownVoice {
	var k KnownVoice
	if kept.Turns <= 0 || len(kept.Print) != len(k.print) {
		return k
	}
	for i, x := range kept.Print {
		k.print[i] = float32(int8(x))
	}
	if !k.print.Normalise() {
		return KnownVoice{}
	}
	k.Turns = min(kept.Turns, keptVoiceTurns)
	return k
}

// VoicedSound keeps the last frames with voice in them, and when they were heard. The zero value is empty.
type VoicedSound struct {
	frames [mostVoicedFrames][speech.FrameSamples]float32
	at     [mostVoicedFrames]time.Duration
	count  int // of all that were added
}

const mostVoicedFrames = int(mostVoice / frameLength)

// Add keeps a frame that ends at an audio time.
func (v *VoicedSound) Add(frame []float32, at time.Duration) {
	i := v.count % mostVoicedFrames
	copy(v.frames[i][:], frame)
	v.at[i] = at
	v.count++
}

// Since copies the voice after an audio time, as far as it is kept.
func (v *VoicedSound) Since(from time.Duration) []float32 {
	samples := make([]float32, 0, mostVoicedFrames*speech.FrameSamples)
	for n := max(0, v.count-mostVoicedFrames); n < v.count; n++ {
		if i := n % mostVoicedFrames; v.at[i] > from {
			samples = append(samples, v.frames[i][:]...)
		}
	}
	return samples
}

// voices is the call's side of telling voices apart. It belongs to the call's loop.
type voices struct {
	net     Speakers // nil where its model is not there
	kept    companion.PersonVoice
	known   KnownVoice
	heard   *VoicedSound // nil without the net
	learn   []float32    // voice of the person's last turn, to be learnt from when its answer has ended
	told    time.Duration
	missing bool // that was told
}

// tellEvery is how often the person is told that something was not answered: a television goes on.
const tellEvery = 30 * time.Second

// rules are those of the settings, with voices compared where they can be.
func (c *Call) rules(settings Settings) Rules {
	rules := rulesOf(settings)
	if c.voices.net != nil {
		rules = rules.WithVoices(settings.OwnVoiceOnly)
	}
	return rules.LeaveOut(c.without)
}

// acquaint begins the call with what earlier ones have learnt of the person.
func (c *Call) acquaint(habits companion.Habits) {
	if c.voices.net != nil {
		c.voices.kept = c.talker.PersonVoice()
		c.voices.known = knownVoice(c.voices.kept)
	}
	c.step(Acquainted{Habits: habits, VoiceTurns: c.voices.known.Turns})
}

// considerMissing tells the person that only their voice was wished for, and can't be told. It is for when the settings were changed: every client that
// can show it does so at its beginning.
func (c *Call) considerMissing() {
	if c.voices.net == nil && c.Settings().OwnVoiceOnly && !c.voices.missing {
		c.voices.missing = true
		c.tell(Hint{
			Code: "own_voice.model", Message: "She can't tell your voice from others yet, and answers everybody. " +
				"\"twombly models fetch speaker-embedding\" fetches what she needs for it; then start her again.",
		})
	}
}

// keepVoice keeps the next frame, if there is voice in it and not hers.
func (c *Call) keepVoice(frame []float32, probability float32, own Own) {
	if c.voices.net != nil && own == NotHers && probability >= c.machine.rules.SpeechProbability {
		c.voices.heard.Add(frame, c.machine.Position()+frameLength)
	}
}

// compareVoice has the voice that is heard compared with the person's.
func (c *Call) compareVoice(intent Intent) {
	samples := c.voices.heard.Since(c.machine.Position() - intent.Back)
	c.printOf(samples, func(print *speech.VoicePrint) {
		if print == nil {
			c.step(Compared{Speaker: intent.Speaker, Failed: true})
			return
		}
		c.step(Compared{Speaker: intent.Speaker, Likeness: c.voices.known.Likeness(print)})
	})
}

// printOf makes a print of samples, and hands it to the loop: nil when there is none.
func (c *Call) printOf(samples []float32, take func(*speech.VoicePrint)) {
	c.work.Go(func() {
		print, err := c.voices.net.VoicePrint(c.ctx, samples)
		if err != nil && c.ctx.Err() == nil {
			c.log.Warn("whose voice it is could not be told", "error", err)
		}
		c.post(func() {
			if err != nil {
				take(nil)
				return
			}
			take(&print)
		})
	})
}

// learnVoice keeps the person's turn, to learn their voice from when she has answered it: nobody waits for the cores then.
func (c *Call) learnVoice(intent Intent) {
	if c.voices.net != nil {
		c.voices.learn = c.voices.heard.Since(c.machine.Position() - intent.Back)
	}
}

// learnKept learns from the turn that was answered.
func (c *Call) learnKept() {
	samples := c.voices.learn
	if c.voices.learn = nil; len(samples) == 0 {
		return
	}
	c.printOf(samples, func(print *speech.VoicePrint) {
		if print != nil {
			c.voices.known.Learn(print)
			c.step(VoiceLearnt{Turns: c.voices.known.Turns})
		}
	})
}

// tellUnanswered tells the person that something was taken for another's voice, so that who was taken for somebody else knows.
func (c *Call) tellUnanswered() {
	v, now := &c.voices, c.now()
	if v.told > 0 && now-v.told < tellEvery {
		return
	}
	v.told = now
	c.tell(Hint{Code: "own_voice.other", Message: "She heard another voice and did not answer it. If it was you: Settings, Only my voice."})
}

// keepPersonVoice has the next call know the person's voice, unless it was forgotten meanwhile, or learnt in another call.
func (c *Call) keepPersonVoice() {
	before, learnt := c.voices.kept, c.voices.known.kept()
	if c.voices.net == nil || sameVoice(learnt, before) || !sameVoice(c.talker.PersonVoice(), before) {
		return
	}
	c.recorder <- func(ctx context.Context) {
		if err := c.talker.KeepPersonVoice(ctx, learnt); err != nil {
			c.log.Error("the person's voice could not be kept", "error", err)
		}
	}
}

func sameVoice(a, b companion.PersonVoice) bool {
	return a.Turns == b.Turns && bytes.Equal(a.Print, b.Print)
}
