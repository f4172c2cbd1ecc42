package bench

import (
	"context"
	"time"

	"twombly/bench/duplex"
	"twombly/bench/measure"
	"twombly/internal/audio"
	"twombly/internal/speech"
	"twombly/internal/speech/wer"
)

// resumeEvents is how many events a run has: three of four are false alarms.
const resumeEvents = 72

// resumeCall is what is kept of a call.
type resumeCall struct {
	Alarms []falseAlarm `json:"alarms"`
	Cuts   []cutReply   `json:"cuts"`
}

// falseAlarm is a sound over her voice that was not to stop her, and what she made of it.
type falseAlarm struct {
	duplex.Outcome
	// Pauses are those that she made for it; none when she only spoke more softly, or not even that.
	Pauses []heldPause `json:"pauses"`
}

// heldPause is a pause that she made because somebody was heard over her.
type heldPause struct {
	// AtMS is where in the reply, in ms of what she says; GapMS how long nothing was heard of her, with what is silent between the two
	// words anyway.
	AtMS  float64 `json:"at_ms"`
	GapMS float64 `json:"gap_ms"`
	// SkippedMS is how much of the reply's sound was left out, or was played again if it is less than 0, as the program tells.
	SkippedMS float64 `json:"skipped_ms"`
	measure.Seam
	Said   string `json:"said"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// cutReply is a reply that an interruption ended: the words that were on record as heard, and those that could be heard.
type cutReply struct {
	Level    string `json:"level"`
	Recorded string `json:"recorded"`
	Heard    string `json:"heard"`
	// RecordedWords and HeardWords count them, the latter as a place in what was to be said.
	RecordedWords int `json:"recorded_words"`
	HeardWords    int `json:"heard_words"`
}

// within says whether the record is right to a word.
func (c cutReply) within() bool {
	return c.RecordedWords-c.HeardWords <= 1 && c.HeardWords-c.RecordedWords <= 1
}

// runResume measures how she goes on after a false alarm, and whether it is on record what was heard of her before a real one.
func runResume(ctx context.Context, r *runner) error {
	ears, err := speech.OpenLocal(ctx, speech.OptionsIn(r.Models.Dir()))
	if err != nil {
		return err
	}
	defer ears.Close()
	done, notes, err := holdScenario(ctx, r, turnsRun[resumeCall]{
		name: "resume", quiet: true, events: resumeEvents, build: duplex.FalseAlarms,
		keep: func(ctx context.Context, c *turnsCall, played duplex.Played) (resumeCall, error) {
			judged, err := c.judge(ctx, played)
			if err != nil {
				return resumeCall{}, err
			}
			return keepResumes(ctx, ears, c, judged)
		},
	})
	if err != nil {
		return err
	}
	summariseResume(r.result, done)
	return notes.close(true)
}

// keepResumes looks at each reply's pauses and ends.
func keepResumes(ctx context.Context, ears speech.Engine, c *turnsCall, played duplex.Played) (resumeCall, error) {
	var kept resumeCall
	told := readReplies(c.client.Events(0))
	heard := map[string]measure.Playback{}
	for item, pieces := range c.ear.all() {
		heard[item] = measure.Play(pieces, speech.VoiceRate, 0)
	}
	for i, outcome := range played.Outcomes {
		from, to := c.began.Add(played.Events[i].Voiced[0].From), c.began.Add(played.Events[i].Voiced[len(played.Events[i].Voiced)-1].To)
		if outcome.Event.Kind == duplex.Interruption {
			for _, reply := range told {
				if reply.cut.After(from) && reply.cut.Before(to.Add(duplex.YieldWithin)) {
					cut, err := lookAtCut(ctx, ears, *reply, heard[reply.item])
					if err != nil {
						return kept, err
					}
					cut.Level = outcome.Level
					kept.Cuts = append(kept.Cuts, cut)
				}
			}
			continue
		}
		alarm := falseAlarm{Outcome: outcome}
		for _, reply := range told {
			for _, pause := range reply.pauses {
				if !pause.held || !pause.at.After(from) || pause.at.After(to.Add(time.Second)) {
					continue
				}
				seen, err := lookAtPause(ctx, ears, *reply, pause, heard[reply.item])
				if err != nil {
					return kept, err
				}
				c.say("    paused for %.0f ms: %d words repeated, %d lost", seen.GapMS, seen.Repeated, seen.Lost)
				alarm.Pauses = append(alarm.Pauses, seen)
			}
		}
		kept.Alarms = append(kept.Alarms, alarm)
	}
	return kept, nil
}

// lookAtPause has what was heard before and after a pause transcribed, and lays it beside what was to be said.
func lookAtPause(ctx context.Context, ears speech.Engine, reply toldReply, pause toldPause, heard measure.Playback) (heldPause, error) {
	seen := heldPause{
		AtMS: milliseconds(pause.content), SkippedMS: milliseconds(pause.goesOn - pause.content), Said: reply.said(),
	}
	stops, resumes := samplesIn(pause.clock), samplesIn(pause.resumed)
	if last, sounds := heard.LastAudible(stops); sounds {
		if next, sounds := heard.Audible(resumes); sounds {
			seen.GapMS = milliseconds(time.Duration(next-last) * time.Second / speech.VoiceRate)
		}
	}
	stops, resumes = min(stops, int64(len(heard.Samples))), min(resumes, int64(len(heard.Samples)))
	var err error
	if seen.Before, err = transcribe(ctx, ears, heard.Samples[:stops]); err != nil {
		return seen, err
	}
	if seen.After, err = transcribe(ctx, ears, heard.Samples[resumes:]); err != nil {
		return seen, err
	}
	seen.Seam = measure.FindSeam(wer.Words(seen.Said), wer.Words(seen.Before), wer.Words(seen.After))
	return seen, nil
}

// lookAtCut has what was heard of a reply transcribed, and counts how far in it that is.
func lookAtCut(ctx context.Context, ears speech.Engine, reply toldReply, heard measure.Playback) (cutReply, error) {
	cut := cutReply{Recorded: reply.recorded}
	var err error
	if cut.Heard, err = transcribe(ctx, ears, heard.Samples); err != nil {
		return cut, err
	}
	cut.RecordedWords = len(wer.Words(reply.recorded))
	cut.HeardWords = measure.FindSeam(wer.Words(reply.said()), wer.Words(cut.Heard), nil).Heard
	return cut, nil
}

// transcribe has sound of hers transcribed, in pieces that end where she is silent.
func transcribe(ctx context.Context, ears speech.Engine, samples []float32) (string, error) {
	rest := make([]float32, int(restBeforeAndAfter*speech.VoiceRate/time.Second))
	sound, err := audio.Resample(append(append(append([]float32(nil), rest...), samples...), rest...), speech.VoiceRate, speech.HearingRate)
	if err != nil {
		return "", err
	}
	segments, err := speech.TranscribeClip(ctx, ears, sound)
	if err != nil {
		return "", err
	}
	text := ""
	for _, segment := range segments {
		text += segment.Text + " "
	}
	return text, nil
}

func samplesIn(d time.Duration) int64 { return int64(d) * speech.VoiceRate / int64(time.Second) }

// summariseResume makes the metrics.
func summariseResume(result *Result, calls []resumeCall) {
	var gaps []float64
	var allAlarms []falseAlarm
	var allCuts []cutReply
	var alarms, wentOn, within, cuts, short, repeated, lost, skipped int
	for _, call := range calls {
		allAlarms, allCuts = append(allAlarms, call.Alarms...), append(allCuts, call.Cuts...)
		for _, alarm := range call.Alarms {
			result.Detail = append(result.Detail, alarm)
			if alarm.Void != "" {
				continue
			}
			alarms++
			if alarm.Good {
				wentOn++
			}
			for _, pause := range alarm.Pauses {
				gaps = append(gaps, pause.GapMS)
				repeated, lost = repeated+pause.Repeated, lost+pause.Lost
				if pause.GapMS <= 250 {
					short++
				}
				if pause.SkippedMS != 0 {
					skipped++
				}
			}
		}
		for _, cut := range call.Cuts {
			result.Detail = append(result.Detail, cut)
			cuts++
			if cut.within() {
				within++
			}
		}
	}
	result.proportion("went_on", wentOn, alarms)
	result.set("pauses", float64(len(gaps)))
	result.percentile("gap_ms_p50", gaps, 0.5)
	result.percentile("gap_ms_p95", gaps, 0.95)
	result.proportion("gap_within_250_ms", short, len(gaps))
	result.set("words_repeated", float64(repeated))
	result.set("words_lost", float64(lost))
	result.set("pauses_not_to_the_sample", float64(skipped))
	result.proportion("heard_within_a_word", within, cuts)
	result.keepWorst(resumeAims, func(metric string) []duplex.Worst { return worstAlarms(metric, allAlarms, allCuts) })
}
