package duplex

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"

	"twombly/internal/audio"
)

// Options say what to build.
type Options struct {
	Seed uint64
	// Events is how many there are: the last call may be cut short.
	Events int
	// NotHers are voices that she speaks with, and nobody else may.
	NotHers []string
}

// levels of noise that calls go through in turn; 0 is a quiet room.
var noiseLevels = []float64{0, 20, 10, 5}

// Build makes a scenario of a corpus. Calls of recorded people, of people who dictate digits and of synthetic people take
// turns, each through all levels of noise, so that any beginning of the scenario is a mixture too.
func Build(corpus Corpus, options Options) (Scenario, error) {
	b, err := newBuilder(corpus, options)
	if err != nil {
		return Scenario{}, err
	}
	kinds := []func() (string, []Event){b.synthetic, b.human, b.synthetic, b.human}
	if len(corpus.Digits) > 0 {
		kinds = append(kinds, b.dictating)
	}
	return b.scenario(options, kinds), nil
}

// newBuilder looks at a corpus.
func newBuilder(corpus Corpus, options Options) (*builder, error) {
	b := &builder{
		corpus: corpus, random: rand.New(rand.NewPCG(options.Seed, 5)), levels: noiseLevels, turn: map[string]int{}, calls: map[string]int{},
	}
	for _, voice := range voices {
		if !slices.Contains(options.NotHers, voice) {
			b.voices = append(b.voices, voice)
		}
	}
	return b, b.cut()
}

// scenario has the kinds of calls take turns until there are as many events as are wanted.
func (b *builder) scenario(options Options, kinds []func() (string, []Event)) Scenario {
	s := Scenario{Seed: options.Seed}
	events := 0
	for number := 0; events < options.Events; number++ {
		person, list := kinds[number%len(kinds)]()
		call := Call{Name: fmt.Sprintf("call-%02d", number+1), Person: person}
		kind, _, _ := strings.Cut(person, ":")
		if slices.Contains(b.voices, kind) {
			kind = "synthetic"
		}
		level := b.levels[b.calls[kind]%len(b.levels)]
		b.calls[kind]++
		if level > 0 && len(b.corpus.Noise) > 0 {
			call.Noise, call.SNR = pick(b, "noise", b.corpus.Noise), level
		}
		call.Events = list[:min(len(list), options.Events-events)]
		s.Calls = append(s.Calls, call)
		events += len(call.Events)
	}
	return s
}

// builder keeps what was used, so that all is used before anything is again.
type builder struct {
	corpus   Corpus
	random   *rand.Rand
	levels   []float64 // of noise, that calls go through in turn
	voices   []string
	speakers []string
	// whole are a speaker's stretches of voice that can be said alone, ends those with which a recording ends, and halved those of them
	// with a place for a pause in them.
	whole, ends, halved map[string][][]Sound
	turn                map[string]int
	calls               map[string]int // of each kind of person so far
}

// pick takes the next of a list, in an order that was shuffled once, and again after each round.
func pick[T any](b *builder, name string, list []T) T {
	n := b.turn[name]
	b.turn[name]++
	order := rand.New(rand.NewPCG(uint64(n/len(list)), uint64(len(name)))).Perm(len(list))
	return list[order[n%len(list)]]
}

// Lengths of what is cut from recordings, in seconds.
const (
	shortestTurn = 1.2
	longestTurn  = 6.0
)

// cut looks at the recordings for stretches to say.
func (b *builder) cut() error {
	b.whole, b.ends, b.halved = map[string][][]Sound{}, map[string][][]Sound{}, map[string][][]Sound{}
	for _, speaker := range slices.Sorted(maps.Keys(b.corpus.Speech)) {
		for _, file := range b.corpus.Speech[speaker] {
			clip, err := audio.ReadWAVFile(filepath.Join(b.corpus.Folder, filepath.FromSlash(file)))
			if err != nil {
				return err
			}
			if clip, err = clip.To(Rate); err != nil {
				return err
			}
			b.cutFile(speaker, file, clip.Samples)
		}
		if len(b.ends[speaker]) > 0 && len(b.halved[speaker]) > 0 {
			b.speakers = append(b.speakers, speaker)
		}
	}
	if len(b.speakers) == 0 {
		return fmt.Errorf("%w: none of it is between %.1f and %.1f s long", ErrNoCorpus, shortestTurn, longestTurn)
	}
	return nil
}

// cutFile takes from a recording what can be said. Who stops in the middle of a sentence has not finished, however long the rest that
// follows: so whole turns end where their recording does.
func (b *builder) cutFile(speaker, file string, samples []float32) {
	found := segments(samples, Rate)
	for i := 0; i < len(found); i++ {
		s := found[i]
		// Segments that lie close together are one sentence.
		for i+1 < len(found) && float64(s.to-s.from) < shortestTurn*Rate {
			i++
			s.to = found[i].to
		}
		if sayable(s) {
			b.whole[speaker] = append(b.whole[speaker], []Sound{part(file, s.from, s.to)})
		}
	}
	for i := len(found) - 1; i >= 0; i-- {
		s := span{found[i].from, found[len(found)-1].to}
		if !sayable(s) {
			continue
		}
		b.ends[speaker] = append(b.ends[speaker], []Sound{part(file, s.from, s.to)})
		if at, ok := pauseInside(samples, Rate, s); ok {
			b.halved[speaker] = append(b.halved[speaker], []Sound{part(file, s.from, at), part(file, at, s.to)})
		}
		break
	}
}

func sayable(s span) bool {
	long := float64(s.to-s.from) / Rate
	return long >= shortestTurn && long <= longestTurn
}

func part(file string, from, to int) Sound {
	return Sound{File: file, From: float64(from) / Rate, To: float64(to) / Rate}
}

// human is a call of a recorded person.
func (b *builder) human() (string, []Event) {
	speaker := pick(b, "speakers", b.speakers)
	turn := func() Event { return Event{Kind: Turn, Sounds: pick(b, "ends "+speaker, b.ends[speaker])} }
	interruption := func() Event {
		return b.during(Event{Kind: Interruption, Sounds: pick(b, "whole "+speaker, b.whole[speaker])})
	}
	return "recorded: " + strings.Trim(speaker, "_-"), []Event{
		turn(),
		b.during(b.tic()),
		interruption(),
		{Kind: Pausing, Sounds: b.paused(pick(b, "halved "+speaker, b.halved[speaker]))},
		b.tic(),
		b.during(b.aside("")),
		interruption(),
		b.television(),
		turn(),
		{Kind: Pausing, Sounds: b.paused(pick(b, "halved "+speaker, b.halved[speaker]))},
	}
}

// synthetic is a call of a person who is a voice from a net.
func (b *builder) synthetic() (string, []Event) {
	voice := pick(b, "voices", b.voices)
	say := func(kind Kind, list []string) Event {
		return Event{Kind: kind, Sounds: []Sound{{Voice: voice, Text: pick(b, string(kind), list)}}}
	}
	backchannel := func() Event {
		sound := pick(b, "backchannels", backchannels)
		sound.Voice = voice
		return b.during(Event{Kind: Backchannel, Sounds: []Sound{sound}})
	}
	filler := pick(b, "fillers", fillers)
	filler.Voice = voice
	var parts []Sound
	for _, text := range pick(b, "halves", halves) {
		parts = append(parts, Sound{Voice: voice, Text: text})
	}
	return voice, []Event{
		say(Turn, turns),
		backchannel(),
		b.during(say(Interruption, interruptions)),
		{Kind: Pausing, Sounds: b.paused(parts)},
		backchannel(),
		b.during(Event{Kind: Tic, Sounds: []Sound{filler}}),
		b.during(b.aside(voice)),
		b.during(say(Interruption, interruptions)),
		backchannel(),
		b.during(say(Stop, stops)),
		b.aside(voice),
	}
}

// dictating is a call of somebody who reads numbers out.
func (b *builder) dictating() (string, []Event) {
	speaker := pick(b, "dictating", slices.Sorted(maps.Keys(b.corpus.Digits)))
	var events []Event
	for range 4 {
		var sounds []Sound
		for group := range 3 {
			for digit := range 3 {
				sound := Sound{File: pick(b, "digits "+speaker, b.corpus.Digits[speaker]), Pause: 0.06}
				if digit == 2 && group < 2 {
					sound.Pause = b.pause()
				}
				sounds = append(sounds, sound)
			}
		}
		sounds[len(sounds)-1].Pause = 0
		events = append(events, Event{Kind: Pausing, Sounds: sounds})
	}
	return "dictating: " + speaker, append(events, b.tic(), b.during(b.tic()))
}

// paused puts pauses between the parts of a turn.
func (b *builder) paused(parts []Sound) []Sound {
	parts = slices.Clone(parts)
	for i := range parts[:len(parts)-1] {
		parts[i].Pause = b.pause()
	}
	return parts
}

// pause is a pause inside a turn, in seconds.
func (b *builder) pause() float64 { return float64(int(30+b.random.Float64()*90)) / 100 }

// tic is a sound of a person that is no speech.
func (b *builder) tic() Event {
	if len(b.corpus.Nonverbal) == 0 {
		filler := pick(b, "fillers", fillers)
		filler.Voice = pick(b, "voices of fillers", b.voices)
		return Event{Kind: Tic, Sounds: []Sound{filler}}
	}
	return Event{Kind: Tic, Sounds: []Sound{{File: pick(b, "nonverbal", b.corpus.Nonverbal)}}}
}

// aside is what the person, or another one further away, says to somebody else.
func (b *builder) aside(voice string) Event {
	sound := Sound{Voice: voice, Text: pick(b, "asides", asides)}
	if voice == "" {
		sound.Voice, sound.Gain = pick(b, "voices of others", b.voices), -6
	}
	return Event{Kind: Aside, Sounds: []Sound{sound}}
}

// television is people talking in the background, while she is silent.
func (b *builder) television() Event {
	if len(b.corpus.Talk) == 0 {
		return b.aside("")
	}
	from := float64(int(b.random.Float64()*20)) / 10
	return Event{Kind: Aside, Sounds: []Sound{{File: pick(b, "talk", b.corpus.Talk), From: from, To: from + 3, Gain: -10}}}
}

// during has an event happen while she speaks.
func (b *builder) during(event Event) Event {
	event.During = true
	event.Delay = float64(int(60+b.random.Float64()*100)) / 100
	event.Prompt = pick(b, "prompts", prompts)
	return event
}
