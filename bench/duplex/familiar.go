package duplex

import (
	"slices"
	"strings"
)

// familiarTurns is how many turns of a person make their voice known.
const familiarTurns = 5

// Familiar are what the person of a call has said to her in earlier ones, so that their voice is known: turns of which, as far as there are others,
// none is said in the call. Of a recorded person with few recordings they are parts of the same, in the same room.
func Familiar(corpus Corpus, options Options, call Call) ([]Event, error) {
	b, err := newBuilder(corpus, options)
	if err != nil {
		return nil, err
	}
	var said [][]Sound
	kind, who, _ := strings.Cut(call.Person, ": ")
	switch kind {
	case "recorded":
		for speaker := range b.whole {
			if strings.Trim(speaker, "_-") == who {
				said = unsaid(b.whole[speaker], call)
			}
		}
	case "dictating":
		for n := 0; n+9 <= len(corpus.Digits[who]); n += 9 {
			var digits []Sound
			for _, file := range corpus.Digits[who][n : n+9] {
				digits = append(digits, Sound{File: file, Pause: 0.06})
			}
			said = append(said, digits)
		}
	default:
		for _, text := range prompts { // which nobody says aloud in a call
			said = append(said, []Sound{{Voice: call.Person, Text: text}})
		}
	}
	var events []Event
	for n := range familiarTurns {
		if len(said) > 0 {
			events = append(events, Event{Kind: Turn, Sounds: said[n%len(said)]})
		}
	}
	return events, nil
}

// unsaid are those that are not said in a call; all, when all are.
func unsaid(sounds [][]Sound, call Call) [][]Sound {
	others := slices.DeleteFunc(slices.Clone(sounds), func(one []Sound) bool {
		return slices.ContainsFunc(call.Events, func(event Event) bool {
			return slices.ContainsFunc(event.Sounds, func(sound Sound) bool {
				return sound.File == one[0].File && sound.From < one[len(one)-1].To && (sound.To == 0 || sound.To > one[0].From)
			})
		})
	})
	if len(others) == 0 {
		return sounds
	}
	return others
}
