package bench

import (
	"context"
	"errors"

	"twombly/bench/duplex"
	"twombly/bench/endpoint"
	"twombly/bench/offline"
	"twombly/internal/call"
)

// shortAnswers is how many turns of a word or two a run has.
const shortAnswers = 448

// shortSound is what came of a short sound while she was silent.
type shortSound struct {
	Sound      string  `json:"sound"`
	Level      string  `json:"level"`
	LastsMS    float64 `json:"lasts_ms"`
	Heard      string  `json:"heard"`
	Confidence float32 `json:"confidence"`
	// Answered says that it became a turn, for which reason.
	Answered bool        `json:"answered"`
	Reason   call.Reason `json:"reason,omitempty"`
}

// runShort measures what is made of what is short: answers of a word, coughs and sighs while she is silent, and wishes for silence over her voice; all
// faster than real time.
func runShort(ctx context.Context, r *runner) (err error) {
	folder := turnsFolder(r)
	asked, err := openNets(ctx, r)
	if err != nil {
		return err
	}
	defer asked.close()
	nets, err := rememberNets(r, asked)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, nets.close()) }()
	rules, err := rulesAsked(r)
	if err != nil {
		return err
	}
	if err := shortStops(ctx, r, nets, asked, rules); err != nil {
		return err
	}
	noises := func(odd bool) func(duplex.Corpus, duplex.Options) (duplex.Scenario, error) {
		return func(corpus duplex.Corpus, options duplex.Options) (duplex.Scenario, error) {
			options.Events = 0
			return duplex.Noises(corpus, options, odd)
		}
	}
	for _, part := range []struct {
		name  string
		build func(duplex.Corpus, duplex.Options) (duplex.Scenario, error)
	}{{"noises_first_half", noises(false)}, {"noises_second_half", noises(true)}, {"answers", duplex.ShortAnswers}, {"digits", duplex.SaidDigits}} {
		if err := shortSounds(ctx, r, folder, part.name, part.build, nets, rules); err != nil {
			return err
		}
	}
	return nil
}

// shortSounds plays short sounds to a machine, each by itself, and says how many were answered.
func shortSounds(
	ctx context.Context, r *runner, folder, name string, build func(duplex.Corpus, duplex.Options) (duplex.Scenario, error), nets endpoint.Nets, rules call.Rules,
) error {
	scenario, err := turnsScenario(r, folder, shortAnswers, build)
	if err != nil {
		return err
	}
	takes, err := takesOf(ctx, r, folder, scenario, nets)
	if err != nil {
		return err
	}
	answered := map[string][2]int{}
	for i, take := range takes {
		sound, err := shortPlayed(ctx, take, nets, rules)
		if err != nil {
			return err
		}
		r.result.Detail = append(r.result.Detail, sound)
		for _, key := range []string{name, name + "/" + take.Level} {
			count := answered[key]
			count[1]++
			if sound.Answered {
				count[0]++
			}
			answered[key] = count
		}
		if (i+1)%50 == 0 {
			r.say("%s: %d of %d", name, i+1, len(takes))
		}
	}
	for key, count := range answered {
		r.result.proportion(key+"_answered", count[0], count[1])
	}
	return nil
}

func shortPlayed(ctx context.Context, take endpoint.Take, nets endpoint.Nets, rules call.Rules) (shortSound, error) {
	sound := shortSound{Level: take.Level, LastsMS: milliseconds(take.End() - take.Voiced[0].From)}
	if first := take.Event.Sounds[0]; first.Voice != "" {
		sound.Sound = first.Voice + ": " + first.Text
	} else {
		sound.Sound = first.File
	}
	hearing, err := endpoint.Hear(ctx, take, nets)
	if err != nil {
		return sound, err
	}
	played, err := endpoint.Play(ctx, hearing, rules, endpointingPace)
	if err != nil {
		return sound, err
	}
	for _, pause := range played.Pauses {
		sound.Heard, sound.Confidence = pause.Words, pause.Confidence
	}
	for _, commit := range played.Commits {
		sound.Reason = commit.Reason
		if commit.Reason != call.SpokenStop && commit.Reason != call.SaidToAnother {
			sound.Answered, sound.Heard = true, commit.Words
		}
	}
	return sound, nil
}

// shortStops plays wishes for silence over her voice, those of the benchmark stops.
func shortStops(ctx context.Context, r *runner, nets endpoint.Nets, asked *nets, rules call.Rules) error {
	folder := turnsFolder(r)
	scenario, err := turnsScenario(r, folder, stopEvents, duplex.SpokenStops)
	if err != nil {
		return err
	}
	_, calls, err := layCalls(ctx, r, folder, scenario)
	if err != nil {
		return err
	}
	voice, err := offlineVoice(ctx, asked)
	if err != nil {
		return err
	}
	var played []duplex.Played
	for i, laid := range calls {
		one, err := offline.Play(ctx, laid, nets, rules, offlinePace, voice, offline.Voices{})
		if err != nil {
			return err
		}
		kept := duplex.Played{}
		for _, outcome := range one.Outcomes {
			kept.Outcomes = append(kept.Outcomes, outcome.Outcome)
		}
		played = append(played, kept)
		r.say("call %d of %d", i+1, len(calls))
	}
	summariseStops(r.result, played)
	return nil
}
