package call

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"twombly/internal/audio"
	"twombly/internal/speech"
)

// openers are sounds with which she takes her turn while her answer is still being made: the one list suits what is told, the other what
// is asked. All are neutral: none is glad and none surprised, so that none is wrong after sad words or before them.
var (
	openersTold  = []phrase{{"Mm.", "ˈmm"}, {"Mhm.", "mhˈm"}}
	openersAsked = []phrase{{"Hm.", "hmm"}, {"Mm.", "ˈmm"}}
)

const (
	// leastOpened is how many words a turn has for an opener to suit: a greeting is answered, not considered.
	leastOpened = 4
	// afterOpener is the rest between an opener and her first word, at least.
	afterOpener = 120 * time.Millisecond
	// inaudible is the level, as a share of full scale, under which the edges of an opener are left out: -50 dBFS.
	inaudible = 0.00316
)

// paceStages are the stages of a draft: to its first token, to the text of its first clause, to that clause's sound.
const paceStages = 3

// pace is how long the stages of the last drafts took, and which opener comes next. It belongs to the call's loop.
type pace struct {
	took   [paceStages][]time.Duration
	opened int
}

// keptStages is how many of each stage are remembered.
const keptStages = 9

// note keeps how long a stage took.
func (p *pace) note(stage int, took time.Duration) {
	kept := append(p.took[stage], took)
	p.took[stage] = kept[max(0, len(kept)-keptStages):]
}

// median is what a stage takes; false while none is known.
func (p *pace) median(stage int) (time.Duration, bool) {
	if len(p.took[stage]) == 0 {
		return 0, false
	}
	sorted := slices.Sorted(slices.Values(p.took[stage]))
	return sorted[len(sorted)/2], true
}

// opener chooses what may be heard before the answer to these words; nil when nothing suits or nothing is prepared.
func (p *pace) opener(phrases *Phrases, voice speech.Voice, words string) *speech.Utterance {
	if len(strings.Fields(words)) < leastOpened {
		return nil
	}
	fitting := openersTold
	if strings.HasSuffix(strings.TrimSpace(words), "?") {
		fitting = openersAsked
	}
	utterance, prepared := phrases.find(voice, fitting[p.opened%len(fitting)].text)
	if !prepared {
		return nil
	}
	utterance.Samples = append(audibleOf(utterance.Samples), make([]float32, int(afterOpener*speech.VoiceRate/time.Second))...)
	utterance.Words = nil
	return &utterance
}

// audibleOf copies a sound from where it can be heard to where it can't any more: the voice lingers after a sound alone.
func audibleOf(samples []float32) []float32 {
	const step, fade = speech.VoiceRate / 100, speech.VoiceRate / 200
	from, to := 0, len(samples)
	for from+step < to && loudness(samples[from:from+step]) < inaudible {
		from += step
	}
	for to-step > from && loudness(samples[to-step:to]) < inaudible {
		to -= step
	}
	kept := slices.Clone(samples[max(0, from-fade):min(len(samples), to+fade)])
	audio.FadeIn(kept, fade)
	audio.FadeOut(kept, fade)
	return kept
}

// loudness is the effective value of samples, as a share of full scale.
func loudness(samples []float32) float64 {
	var sum float64
	for _, x := range samples {
		sum += float64(x) * float64(x)
	}
	return math.Sqrt(sum / float64(max(1, len(samples))))
}

// foresee keeps what a stage of a draft took, and tells the machine when its first clause will be heard.
func (c *Call) foresee(d *draft) {
	times := []time.Duration{d.timings.started, d.timings.firstToken, d.timings.firstClause, d.timings.firstSound}
	stage := 0 // the one it is in
	for stage < paceStages && times[stage+1] > 0 {
		stage++
	}
	if stage > 0 {
		c.pace.note(stage-1, times[stage]-times[stage-1])
	}
	if d.opener == nil || stage == paceStages || c.drafts[d.number] != d {
		return
	}
	told := Foreseen{Draft: d.number, At: times[stage]}
	for i := stage; i < paceStages; i++ {
		took, known := c.pace.median(i)
		if !known {
			return
		}
		if i == stage {
			told.At += took
		} else {
			told.After += took
		}
	}
	c.step(told)
}

// open has an opener heard: behind the person's words, which are on disk first, and before the first clause. It is a sound and no
// word: nothing of it is written down, and captions have its time alone.
func (c *Call) open() {
	r := c.response
	if r == nil || r.draft.opener == nil {
		return
	}
	utterance := *r.draft.opener
	c.pace.opened++
	r.opener = len(utterance.Samples)
	r.samples += r.opener
	r.openedAt = c.now()
	c.recorder <- func(context.Context) {
		failed := r.answers != nil && r.answers.err != nil // it was written before
		c.post(func() { c.playOpener(r, utterance, failed) })
	}
}

func (c *Call) playOpener(r *response, utterance speech.Utterance, failed bool) {
	switch {
	case r.ended:
		return
	case failed:
		c.step(HardStop{}) // what is not on disk is not answered
		return
	}
	r.startAt = c.now()
	c.setState("speaking")
	c.tell(ReplyText{ResponseID: r.id, ItemID: r.itemID, Duration: utterance.Duration()})
	c.own.Plays(r.itemID, "", speech.Utterance{Samples: utterance.Samples}) // it is no word
	c.mouth.Play(r.itemID, utterance.Samples)
}
