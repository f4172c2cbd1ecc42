package call

import (
	"time"

	"twombly/internal/audio"
	"twombly/internal/speech"
)

const (
	// longWord is how long a word must be for her to stop inside it.
	longWord = 240 * time.Millisecond
	// insideWord is how far from both ends of it.
	insideWord = 70 * time.Millisecond
	// placeFrame is the length of sound whose level counts.
	placeFrame = 10 * time.Millisecond
	// deepEnough is how far, in dB, the quietest place between two syllables must be below both.
	deepEnough = 6
)

// Places are the samples of an utterance at which she may stop for a moment and go on from there, in order: where a word ends, and between the
// syllables of a long one, where her voice is at its softest.
func Places(utterance speech.Utterance) (places []int) {
	for _, word := range utterance.Words {
		if word.To <= word.From {
			continue
		}
		places = append(append(places, syllableEnds(utterance.Samples, word.From, word.To)...), word.To)
	}
	return places
}

// syllableEnds are the softest places inside samples [from, to), those of a word.
func syllableEnds(samples []float32, from, to int) (places []int) {
	const frame = int(placeFrame * speech.VoiceRate / time.Second)
	to = min(to, len(samples))
	if samplesDuration(to-from) < longWord {
		return nil
	}
	var levels []float64
	for at := from; at+frame <= to; at += frame {
		levels = append(levels, audio.Level(samples[at:at+frame]))
	}
	margin := int(insideWord / placeFrame)
	loudest := audio.Silence // since the last place
	for i := 0; i < len(levels); i++ {
		loudest = max(loudest, levels[i])
		if i < margin || i >= len(levels)-margin || levels[i] > loudest-deepEnough {
			continue
		}
		// The softest place before her voice is louder again.
		softest, rises := i, false
		for j := i; j < len(levels) && !rises; j++ {
			if levels[j] < levels[softest] {
				softest = j
			}
			rises = levels[j] >= levels[softest]+deepEnough
		}
		if !rises || softest >= len(levels)-margin {
			return places
		}
		places = append(places, from+softest*frame)
		i, loudest = softest, audio.Silence
	}
	return places
}
