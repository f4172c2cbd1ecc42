package speech

import (
	"context"
	"fmt"
	"math"

	"twombly/internal/native/onnx"
)

const (
	// leadTime is the sound kept before the first word, in samples: 10 ms, in which it fades in.
	leadTime = VoiceRate / 100
	// tailTime is the sound kept after the last audible one, in samples: 30 ms, in which it fades out.
	tailTime = VoiceRate * 30 / 1000
	// onset is how far a token's sound begins before its frames, in samples: the decoder looks ahead.
	onset = 3 * frameSamples
	// earliest is how long before that a soft first sound is looked for, in samples: 40 ms. What the net makes still
	// earlier is the cut edge of its silence.
	earliest = VoiceRate * 40 / 1000
	// silenceFloor is the level, as a share of the loudest frame, under which the edges of a run count as silence: -40 dB.
	silenceFloor = 0.01
)

// synthesize speaks the words of one text.
func (k *kokoro) synthesize(ctx context.Context, words []spelledWord, after string, voice resolved, first bool) (Utterance, error) {
	session := k.first
	if rest := k.rest.Load(); !first && rest != nil {
		session = rest
	}
	var out Utterance
	out.Words = make([]WordTime, len(words))
	for i, word := range words {
		out.Words[i] = WordTime{Start: word.start, End: word.end, From: -1, To: -1}
	}
	pause := 0
	for _, run := range planRuns(words, after, k.vocabulary) {
		if len(run.tokens) == run.tail {
			continue // nothing in it can be spoken
		}
		said, err := k.speakRun(ctx, session, run, voice)
		if err != nil {
			return Utterance{}, err
		}
		if len(out.Samples) > 0 {
			out.Samples = append(out.Samples, make([]float32, pause)...)
		}
		base := len(out.Samples)
		out.Samples = append(out.Samples, said.samples...)
		for i, word := range run.words {
			from, to := base+said.words[i].from, base+said.words[i].to
			if out.Words[word.word].From < 0 {
				out.Words[word.word].From = from
			}
			out.Words[word.word].To = to
		}
		pause = run.pause
	}
	settleWords(out.Words, len(out.Samples))
	return out, nil
}

// settleWords gives words that were not spoken (a mark that nobody reads aloud) a moment without length, and keeps all
// in order and inside the sound.
func settleWords(words []WordTime, samples int) {
	last := 0
	for i := range words {
		word := &words[i]
		if word.From < 0 {
			word.From, word.To = last, last
		}
		word.From = min(max(word.From, last), samples)
		word.To = min(max(word.To, word.From), samples)
		last = word.To
	}
}

// span is a piece of a run's sound, in samples.
type span struct{ from, to int }

// saidRun is the trimmed sound of one run and when each of its words sounds.
type saidRun struct {
	samples []float32
	words   []span
}

func (k *kokoro) speakRun(ctx context.Context, session *onnx.Session, run run, voice resolved) (saidRun, error) {
	said, err := k.speak(ctx, session, run.tokens, run.limits(), voice.style(len(run.tokens)), voice.speed)
	if err != nil {
		return saidRun{}, err
	}
	for _, x := range said.samples {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return saidRun{}, fmt.Errorf("the synthesiser returned a sample that is no number")
		}
	}
	begins := make([]int, len(said.frames)+1) // where each token's sound begins
	at := 0
	for i, frames := range said.frames {
		begins[i] = max(0, at-onset)
		at += frames * frameSamples
	}
	begins[len(said.frames)] = len(said.samples)
	// Token i of the run is token i+1 of the net, after the pad.
	final := len(run.tokens) - run.tail // the last token of the last word, in the net's count
	kept := trim(said.samples, begins[1], begins[final])
	out := saidRun{samples: said.samples[kept.from:kept.to], words: make([]span, len(run.words))}
	fade(out.samples)
	for i, word := range run.words {
		from, to := begins[word.first+1], begins[word.last+1]
		if word.last == len(run.tokens)-run.tail {
			to = kept.to
		}
		out.words[i] = span{min(max(0, from-kept.from), len(out.samples)), min(max(0, to-kept.from), len(out.samples))}
	}
	return out, nil
}

// trim says which part of a run's sound to keep: from shortly before its first audible piece to shortly after its last.
// The durations say where to look: the first token's sound begins about at first, and the last token's does not end
// before it begins, at last.
func trim(samples []float32, first, last int) span {
	const step = VoiceRate / 200 // 5 ms
	pieces := (len(samples) + step - 1) / step
	energy := make([]float64, pieces)
	var loudest float64
	for i := range energy {
		piece := samples[i*step : min(len(samples), (i+1)*step)]
		for _, x := range piece {
			energy[i] += float64(x) * float64(x)
		}
		energy[i] /= float64(len(piece))
		loudest = max(loudest, energy[i])
	}
	floor := loudest * silenceFloor * silenceFloor
	from, to := max(0, first-earliest)/step, pieces
	for from < pieces-1 && from*step < first && energy[from] <= floor {
		from++
	}
	for to > from+1 && (to-1)*step > last && energy[to-1] <= floor {
		to--
	}
	return span{max(0, from*step-leadTime), min(len(samples), to*step+tailTime)}
}

// fade lets the sound begin and end at nothing, so that the cut does not click.
func fade(samples []float32) {
	in, out := min(leadTime/2, len(samples)), min(tailTime, len(samples))
	for i := range in {
		samples[i] *= float32(i) / float32(in)
	}
	for i := range out {
		x := float64(i) / float64(out)
		samples[len(samples)-1-i] *= float32(0.5 - 0.5*math.Cos(math.Pi*x))
	}
}
