package call

import "time"

// reportTimings tells where the time of a turn went, when the first clause of its answer is handed to the transport.
func (c *Call) reportTimings(r *response, d *draft, planned time.Duration) {
	turn := c.hearing.committed
	if r.channel != "voice" || turn.reason == "" || r.timed {
		return
	}
	r.timed = true
	now := c.now()
	stages := TurnTimings{
		ResponseID:  r.id,
		Pause:       turn.pausedAt - turn.voicedAt,
		Recognition: turn.wordsAt - turn.pausedAt,
		FirstToken:  max(0, d.timings.firstToken-d.timings.started),
		FirstClause: max(0, d.timings.firstClause-d.timings.firstToken),
		Synthesis:   max(0, d.timings.firstSound-d.timings.firstClause),
		Hold:        max(0, turn.committedAt-max(d.timings.firstSound, turn.wordsAt)),
		Total:       now - turn.voicedAt,
		Reason:      string(turn.reason),
		Opener:      max(0, r.openedAt-turn.voicedAt),
	}
	// Pause + Recognition + FirstToken + FirstClause + Synthesis + Hold follow one another; what is left over is ours.
	stages.Overhead = max(0, stages.Total-stages.Pause-stages.Recognition-stages.FirstToken-stages.FirstClause-
		stages.Synthesis-stages.Hold)
	c.tell(stages)
}

// turnTimes are the real times of one turn's milestones.
type turnTimes struct {
	voicedAt, pausedAt, wordsAt, committedAt time.Duration
	reason                                   Reason
}
