package call

import (
	"strings"
	"time"

	"twombly/internal/companion"
	"twombly/internal/speech"
)

// response is one answer that is being spoken, or was a moment ago: what was planned of it, where each word lies in
// its sound, and how far the person has heard it. It belongs to the call's loop.
type response struct {
	id, itemID string
	answers    *recording // the person's moment that is answered, nil when she speaks first
	draft      *draft
	channel    companion.Channel
	audible    bool // it has sound, not only text

	clauses   []plannedClause
	delivered int // how many of them went to the transport
	text      strings.Builder
	samples   int // of all clauses

	answering bool   // a clause of the mind's came
	generated bool   // no more clauses will come
	reported  bool   // ResponseDone went out
	ended     bool   // Heard was recorded
	failure   string // why no answer came, as a sentence
	apology   chan struct{}
	timed     bool          // TurnTimings went out
	cutAt     time.Duration // where the client says it was cut, -1 when it does not

	played   time.Duration   // the last reported position
	playedAt time.Duration   // real time of that report
	startAt  time.Duration   // real time of the first Play, 0 before
	opener   int             // samples of the sound before its first clause
	openedAt time.Duration   // real time at which that was handed to the transport
	holds    []time.Duration // places at which it may be held now
}

// plannedClause is a clause that was handed to the transport.
type plannedClause struct {
	text  string
	at    int // first sample in the item
	words []speech.WordTime
	// places are where she may stop in it, samples of it.
	places []int
}

// add appends a clause after the samples so far.
func (r *response) add(text string, utterance speech.Utterance) {
	r.clauses = append(r.clauses, plannedClause{text: text, at: r.samples, words: utterance.Words, places: Places(utterance)})
	r.samples += len(utterance.Samples)
	r.text.WriteString(text)
}

// duration is the length of the sound so far.
func (r *response) duration() time.Duration { return samplesDuration(r.samples) }

// position estimates how far the person has heard the item at a real time: the last report, and what has played since.
func (r *response) position(at time.Duration) time.Duration {
	if r.startAt == 0 || r.playedAt == 0 {
		return r.played
	}
	position := min(r.played+max(0, min(at-r.playedAt, maxExtrapolation)), r.duration())
	for _, place := range r.holds {
		if place >= r.played-heldSlack {
			return min(position, max(place, r.played))
		}
	}
	return position
}

// heldSlack is how far behind the place where it is held the last report of an item may put it.
const heldSlack = 20 * time.Millisecond

// maxExtrapolation bounds how far a position is carried on from its last report; reports come every 100 ms.
const maxExtrapolation = 250 * time.Millisecond

// heardWords returns the beginning of the reply that was heard when its sound had played to the position: a word
// counts when half of it was audible. The text keeps its spelling; count is the number of words.
func (r *response) heardWords(position time.Duration) (words string, count int) {
	limit := int(position * speech.VoiceRate / time.Second)
	var b strings.Builder
	for _, clause := range r.clauses {
		end := 0
		for _, word := range clause.words {
			if clause.at+(word.From+word.To)/2 > limit {
				b.WriteString(clause.text[:end])
				return strings.TrimSpace(b.String()), count
			}
			end = word.End
			count++
		}
		b.WriteString(clause.text)
	}
	return strings.TrimSpace(b.String()), count
}

// places are those behind a position at which she may stop for a moment, in order.
func (r *response) places(position time.Duration) (places []time.Duration) {
	if end := samplesDuration(r.opener); end > position {
		places = append(places, end)
	}
	for _, clause := range r.clauses {
		for _, place := range clause.places {
			if at := samplesDuration(clause.at + place); at >= position {
				places = append(places, at)
			}
		}
	}
	return places
}

func samplesDuration(n int) time.Duration {
	return time.Duration(n) * time.Second / speech.VoiceRate
}
