package bench

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"time"

	"twombly/bench/duplex"
	"twombly/bench/echoes"
	"twombly/bench/rooms"
	"twombly/internal/audio/opus"
	"twombly/internal/call"
	"twombly/internal/speech"
)

// echoCalls is how many calls a run has: together she is heard for more than an hour.
const echoCalls = 60

// echoPace is how long things take with a mind that answers at once: assumed, as in endpointing.
var echoPace = echoes.Pace{
	Recognition: 40 * time.Millisecond, Detection: 60 * time.Millisecond, Thinking: 20 * time.Millisecond, Voice: 350 * time.Millisecond,
}

// longAnswers are what she says at length. Written for this benchmark.
//
//go:embed longanswers.txt
var longAnswers string

// echoRoom is a room, and where her loudspeaker and the microphone stand in it.
type echoRoom struct {
	name                    string
	box                     rooms.Box
	loudspeaker, microphone rooms.Point
}

var echoRooms = []echoRoom{
	{"study, 0.3 m", rooms.Box{Size: rooms.Point{3, 2.5, 2.4}, Reverberation: 0.25}, rooms.Point{1.2, 1.1, 0.8}, rooms.Point{1.5, 1.1, 0.8}},
	{"living room, 1 m", rooms.Box{Size: rooms.Point{5, 4, 2.6}, Reverberation: 0.3}, rooms.Point{2, 1.5, 0.9}, rooms.Point{2.9, 1.9, 1}},
	{"kitchen, 0.5 m", rooms.Box{Size: rooms.Point{4, 3, 2.5}, Reverberation: 0.4}, rooms.Point{1, 0.6, 1}, rooms.Point{1.4, 0.9, 1}},
	{"bedroom, 1.5 m", rooms.Box{Size: rooms.Point{4.5, 3.5, 2.5}, Reverberation: 0.3}, rooms.Point{0.7, 1, 0.7}, rooms.Point{2.1, 1.6, 0.8}},
	{"hall, 2 m", rooms.Box{Size: rooms.Point{7, 5, 2.8}, Reverberation: 0.4}, rooms.Point{2, 2, 1}, rooms.Point{3.8, 2.9, 1.2}},
}

// Grid of conditions.
var (
	echoLevels = []float64{5, 10, 15, 20, 25}
	echoDelays = []int{20, 100, 200, 300, 400}
)

const (
	// responseSeconds is how much of a room's response is kept.
	responseSeconds = 0.3
	// repeated is the most words of hers that are repeated, and repeatedAfter how late at most.
	repeated      = 6
	repeatedAfter = 2300 * time.Millisecond
)

// runEcho measures whether she takes her own voice for the person's.
func runEcho(ctx context.Context, r *runner) (err error) {
	without, err := echoWithout(r.Without)
	if err != nil {
		return err
	}
	takes, err := echoTakes(ctx, r)
	if err != nil {
		return err
	}
	asked, err := speech.OpenLocal(ctx, speech.OptionsIn(r.Models.Dir()))
	if err != nil {
		return err
	}
	defer asked.Close()
	notes, err := openCheckpoint[echoes.Played](r, "echo", r.Seed, r.Turns, r.Without)
	if err != nil {
		return err
	}
	done := notes.done
	defer func() { err = errors.Join(err, notes.close(len(done) == len(takes))) }()
	for i, take := range takes {
		if i < len(notes.done) {
			continue // by the run before
		}
		played, err := echoes.Play(ctx, take, asked, call.DefaultRules(), echoPace, without)
		if err != nil {
			return err
		}
		if err := notes.note(played); err != nil {
			return err
		}
		done = append(done, played)
		r.say("call %d of %d: %v: %d turns and %d stops of her own", i+1, len(takes), take.Conditions, len(played.SelfTurns), len(played.SelfYields))
	}
	r.result.Conditions["without"], r.result.Conditions["pace"] = r.Without, echoPace
	summariseEcho(r.result, done)
	return nil
}

// echoWithout reads which layer is off.
func echoWithout(names string) (without echoes.Without, err error) {
	for name := range strings.SplitSeq(names, ",") {
		switch name {
		case "":
		case "envelope":
			without.Envelope = true
		case "words":
			without.Words = true
		case "echo":
			without.Echo = true
		case "duck":
			without.Duck = true
		default:
			return without, fmt.Errorf("there is no layer %q: envelope, words, duck, or echo for the echo itself", name)
		}
	}
	return without, nil
}

// echoTakes are the calls.
func echoTakes(ctx context.Context, r *runner) ([]echoes.Take, error) {
	folder := turnsFolder(r)
	scenario, err := turnsScenario(r, folder, 2*echoCalls, duplex.Interruptions)
	if err != nil {
		return nil, err
	}
	r.result.Conditions["calls"] = len(scenario.Calls)
	replies, short, err := herReplies(ctx, r)
	if err != nil {
		return nil, err
	}
	bank := &duplex.Bank{Folder: folder, Cache: filepath.Join(r.Models.Dir(), "bench", "voices")}
	repetitions := echoRepetitions(scenario.Calls, short)
	if err := prepareSounds(ctx, r, bank, append(repetitions, scenario.Calls...)); err != nil {
		return nil, err
	}
	library, err := loadOpus(r)
	if err != nil {
		return nil, err
	}
	var takes []echoes.Take
	for i := range scenario.Calls {
		take, err := echoTake(ctx, bank, library, i, scenario.Calls[i], repetitions[i], replies, short)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", scenario.Calls[i].Name, err)
		}
		takes = append(takes, take)
	}
	return takes, nil
}

// echoRepetitions are what is repeated of her in each call, said by synthetic people.
func echoRepetitions(calls []duplex.Call, short []spokenReply) []duplex.Call {
	repetitions := make([]duplex.Call, len(calls))
	for i := range calls {
		voice := calls[i&^1].Person // calls of recorded people come after one of a synthetic one
		for j := range 2 {
			words := strings.Fields(short[(2*i+j)%len(short)].text)
			text := strings.Join(words[max(0, len(words)-1-(2*i+j)%repeated):], " ")
			text = strings.ToUpper(text[:1]) + text[1:]
			repetitions[i].Events = append(repetitions[i].Events, duplex.Event{Kind: duplex.Turn, Sounds: []duplex.Sound{{Voice: voice, Text: text}}})
		}
	}
	return repetitions
}

// echoTake is a call: an undisturbed reply, and then she is interrupted and repeated, twice.
func echoTake(
	ctx context.Context, bank *duplex.Bank, library *opus.Library, number int, person, repetition duplex.Call, replies, short []spokenReply,
) (take echoes.Take, err error) {
	random := rand.New(rand.NewPCG(uint64(number), 3))
	room := echoRooms[(number+number/7)%len(echoRooms)]
	take = echoes.Take{Name: person.Name, Seed: uint64(number), Most: 6 * time.Minute, Conditions: echoes.Conditions{
		Below: echoLevels[number%len(echoLevels)], DelayMS: echoDelays[(number+number/5)%len(echoDelays)], Room: room.name,
		Noise: person.Level(), Opus: number/3%2 == 1,
	}}
	if take.Conditions.Opus {
		take.Codec = func(rate int) (echoes.Codec, error) { return newOpusWay(library, rate) }
	}
	if person.Noise != "" {
		if take.Noise, err = bank.Noise(person.Noise, person.SNR); err != nil {
			return take, err
		}
	}
	for i := range replies {
		take.Replies = append(take.Replies, replies[(number+i)%len(replies)].clauses)
	}
	for i, event := range person.Events {
		heard, err := echoEvent(ctx, bank, echoes.Interruption, event)
		if err != nil {
			return take, err
		}
		heard.Skip, heard.After = 1-i, time.Duration((0.6+5*random.Float64())*float64(time.Second))
		repeat, err := echoEvent(ctx, bank, echoes.Repetition, repetition.Events[i])
		if err != nil {
			return take, err
		}
		repeat.Reply, repeat.Words = short[(2*number+i)%len(short)].clauses, len(strings.Fields(repeat.Said))
		repeat.After = 300*time.Millisecond + time.Duration(random.Float64()*float64(repeatedAfter))
		take.Events = append(take.Events, heard, repeat)
	}
	take.Response, err = room.response(take.Conditions.Below, take.Replies[0])
	return take, err
}

// echoEvent is an event with its sound.
func echoEvent(ctx context.Context, bank *duplex.Bank, kind echoes.Kind, event duplex.Event) (echoes.Event, error) {
	rendered, err := bank.Render(ctx, event)
	said := event.Sounds[0].Text
	if said == "" {
		said = event.String()
	}
	return echoes.Event{Kind: kind, Rendered: rendered, Said: said, Human: event.Human()}, err
}

// response is what a room makes of a click, so loud that her reply comes back so many dB below a person's voice.
func (e echoRoom) response(below float64, reply echoes.Reply) ([]float32, error) {
	response, err := e.box.Response(e.loudspeaker, e.microphone, duplex.Rate, int(responseSeconds*duplex.Rate))
	if err != nil {
		return nil, err
	}
	const block = 4096
	convolver := rooms.NewConvolver(response, block)
	var heard []float32
	sound, err := soundOf(reply)
	if err != nil {
		return nil, err
	}
	for from := 0; from < len(sound); from += block {
		heard = convolver.Next(heard, sound[from:min(len(sound), from+block)])
	}
	gain := float32(math.Pow(10, (duplex.PersonLevel-below-duplex.ActiveLevel(heard))/20))
	for i := range response {
		response[i] *= gain
	}
	return response, nil
}
