package duplex

import (
	"maps"
	"slices"
	"strings"
)

// Person is somebody, and what they say.
type Person struct {
	Name string
	// Recorded is false for a voice from a net.
	Recorded bool
	Said     []Event
}

// People are all of a corpus's people with all that they say, and the synthetic people with theirs.
func People(corpus Corpus, options Options) ([]Person, error) {
	b, err := newBuilder(corpus, options)
	if err != nil {
		return nil, err
	}
	var people []Person
	for _, speaker := range slices.Sorted(maps.Keys(b.whole)) {
		person := Person{Name: strings.Trim(speaker, "_-"), Recorded: true}
		for _, sounds := range b.whole[speaker] {
			person.Said = append(person.Said, Event{Kind: Turn, Sounds: sounds})
		}
		people = append(people, person)
	}
	for _, voice := range b.voices {
		person := Person{Name: voice}
		for _, text := range prompts[:familiarTurns] {
			person.Said = append(person.Said, Event{Kind: Turn, Sounds: []Sound{{Voice: voice, Text: text}}})
		}
		for _, text := range turns {
			person.Said = append(person.Said, Event{Kind: Turn, Sounds: []Sound{{Voice: voice, Text: text}}})
		}
		people = append(people, person)
	}
	return people, nil
}
