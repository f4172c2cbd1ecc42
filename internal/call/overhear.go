package call

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"twombly/internal/speech"
)

// overhearMost is how much of the end of what is said over her voice is recognised.
const overhearMost = 2 * time.Second

// overhearing is the recognition of what is heard over her voice. It belongs to the call's loop.
type overhearing struct {
	until  time.Duration // audio time at which the last one began
	cancel context.CancelFunc
}

// duck lowers her voice.
func (c *Call) duck() {
	c.stopOverhearing()
	c.duckVoice(true)
}

// hesitate stops her at the end of the word that is being heard, or of one that follows.
func (c *Call) hesitate() {
	if r := c.response; r != nil && r.audible {
		r.holds = r.wordEnds(c.mouth.Position(r.itemID))
		if !c.mouth.Hold(r.itemID, r.holds) {
			c.step(CantHold{Overlap: c.machine.over.number})
		}
	}
}

// resume lets her go on with the next word.
func (c *Call) resume() {
	if r := c.response; r != nil && r.audible {
		r.holds = nil
		c.mouth.Release(r.itemID)
	}
}

// goOn brings her voice back.
func (c *Call) goOn() {
	c.stopOverhearing()
	c.resume()
	c.duckVoice(false)
}

// duckVoice lowers the voice that sounds, or brings it back.
func (c *Call) duckVoice(down bool) {
	if r := c.response; r != nil && r.audible {
		c.mouth.Duck(r.itemID, down)
	}
}

func (c *Call) stopOverhearing() {
	if c.overheard.cancel != nil {
		c.overheard.cancel()
	}
	c.overheard = overhearing{}
}

// overhear recognises what is heard over her voice.
func (c *Call) overhear(intent Intent) {
	c.stopOverhearing()
	ctx, cancel := context.WithCancel(c.ctx)
	until := c.machine.Position()
	c.overheard = overhearing{until: until, cancel: cancel}
	before := c.hearing.before
	keep := min(intent.Back+prefix, overhearMost)
	samples := append([]float32(nil), before[max(0, len(before)-int(keep*speech.HearingRate/time.Second)):]...)
	c.work.Go(func() {
		defer cancel()
		transcript, err := c.engine.Transcribe(ctx, samples)
		cancelled := ctx.Err() != nil
		c.post(func() {
			if cancelled && err != nil || c.overheard.until != until {
				return // another took its place
			}
			if err != nil {
				c.log.Warn("what is said over her could not be recognised", "error", err)
				c.step(Overheard{Overlap: intent.Overlap, Until: until, Remark: Unclear, Failed: true})
				return
			}
			c.step(Overheard{Overlap: intent.Overlap, Until: until, Remark: RemarkOf(transcript.Text, c.names()...)})
		})
	})
}

// RemarkOf says what words over her voice seem to be. The recogniser writes short sounds as it can: a cough is "You", a
// hum "Um"; so a single weak word tells nothing yet, and neither does what may be a name, until it is known to whom one goes on
// to speak. English only; known are the names of her and of the person.
func RemarkOf(text string, known ...string) Remark {
	switch {
	case isForAnother(text, known...):
		return ForAnother
	case mayCallAnother(text, known...):
		return Unclear
	}
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && r != '\''
	})
	assent, weak, other := 0, 0, 0
	for i, word := range words {
		switch {
		case assents[word], i > 0 && assents[words[i-1]+" "+word]:
			assent++
		case i+1 < len(words) && assents[word+" "+words[i+1]]:
			assent++
		case len(word) == 1 || weakAlone[word]:
			weak++
		default:
			other++
		}
	}
	switch {
	case len(words) == 1 && other == 1 && !cutsIn[words[0]] && !calls(words[0], known):
		return Unclear // a cough is "Two", and who has more to say goes on
	case other > 0:
		return Interruption
	case assent > 0:
		// "So, yeah", "I, okay": who only agrees does not begin anew.
		return Backchannel
	case weak > 2:
		return Interruption
	}
	return Unclear
}

// calls says whether a word may be one of the names.
func calls(word string, known []string) bool {
	return slices.ContainsFunc(known, func(name string) bool { return resemble(word, strings.ToLower(name)) })
}

var (
	// cutsIn are words that interrupt alone.
	cutsIn = wordSet(`wait stop no nope never enough quiet hush shush silence hey hello hi sorry pardon excuse what why who when where how which
		but actually listen look please help again louder slower next skip careful later continue repeat`)
	assents = phraseSet(`yeah, yes, yep, yup, ya, right, okay, ok, sure, really, wow, oh, ah, aha, mm, mmm, hm, hmm, hum, uh, um, er, huh,
		ha, mhm, uhhuh, cool, nice, great, good, true, exactly, indeed, definitely, absolutely, totally, lovely, gosh, interesting,
		i see, all right, alright, oh wow, of course, i know, you know, i mean, no way, got it, fair enough, go on, that's right, that's it, that's true, that's good, that's nice, that's great,
		that's cool, that's lovely, that's funny, that's interesting, that's sad, how nice, how lovely, how funny, how sad, oh no, thank you, i guess, my goodness`)
	weakAlone = phraseSet(`the, an, you, it, so, and, to, of, in, is, that, this, for, we, he, she, my, at, uhm`)
)

// phraseSet makes a set of words and phrases that commas part.
func phraseSet(phrases string) map[string]bool {
	set := make(map[string]bool)
	for phrase := range strings.SplitSeq(phrases, ",") {
		set[strings.Join(strings.Fields(phrase), " ")] = true
	}
	return set
}
