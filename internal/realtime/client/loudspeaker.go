package client

import (
	"sync"
	"time"
)

// loudspeaker stands for one: it plays what arrives, one after the other, from when it comes, and knows how much of which
// item was played.
type loudspeaker struct {
	lock    sync.Mutex
	item    string
	starts  map[string]uint32 // WebRTC: the items' first timestamps
	current string            // WebRTC: the item that was begun last
	end     time.Duration     // how much of the item there is
	until   time.Time         // when that will have been played
	stopped bool

	// WebRTC's timestamps run on through pauses, in which the next clause was not ready or she was held, and her position does not.
	announced time.Duration // how much of the item was announced
	resumes   []resume
	paused    time.Duration // where she paused, -1 while she does not
}

// resume says that so much of an item had sounded when it went on at a place on its timestamps' clock.
type resume struct{ clock, content time.Duration }

// event watches for items that begin and end.
func (l *loudspeaker) event(event Event) {
	var fields struct {
		ItemID    string  `json:"item_id"`
		Timestamp *uint32 `json:"rtp_timestamp"`
		Duration  float64 `json:"duration_ms"`
		Offset    float64 `json:"offset_ms"`
	}
	switch event.Type {
	case "twombly.caption", "twombly.paused", "twombly.resumed", "output_audio_buffer.started", "output_audio_buffer.cleared", "output_audio_buffer.stopped", "conversation.item.truncated":
		if event.Decode(&fields) != nil {
			return
		}
	default:
		return
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	switch {
	case event.Type == "twombly.caption":
		l.begin(fields.ItemID)
		l.announced += inMilliseconds(fields.Duration)
	case event.Type == "twombly.paused" && l.item == fields.ItemID:
		l.paused = inMilliseconds(fields.Offset)
	case event.Type == "twombly.resumed" && l.item == fields.ItemID && fields.Timestamp != nil:
		clock := time.Duration(int32(*fields.Timestamp-l.starts[fields.ItemID])) * time.Second / (2 * VoiceRate)
		l.paused, l.resumes = -1, append(l.resumes, resume{clock: clock, content: inMilliseconds(fields.Offset)})
	case event.Type == "output_audio_buffer.started" && fields.Timestamp != nil:
		if l.starts == nil {
			l.starts = map[string]uint32{}
		}
		l.starts[fields.ItemID], l.current = *fields.Timestamp, fields.ItemID
	case event.Type == "output_audio_buffer.stopped", event.Type == "output_audio_buffer.cleared":
		if l.current == fields.ItemID {
			l.current = ""
		}
	case event.Type == "conversation.item.truncated" && l.item == fields.ItemID && !l.stopped:
		if rest := l.until.Sub(event.At); rest > 0 { // the rest is thrown away
			l.end, l.until = l.end-rest, event.At
		}
		l.stopped = true
	}
}

// place says which item a sound with this first RTP timestamp belongs to, and where in it.
func (l *loudspeaker) place(timestamp uint32) (item string, offset int64) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.current == "" {
		return "", 0
	}
	ticks := int32(timestamp - l.starts[l.current])
	if ticks < 0 {
		return "", 0
	}
	return l.current, int64(ticks) / 2
}

// play takes sound of an item, and says when its first sample leaves the loudspeaker.
func (l *loudspeaker) play(sound Sound) time.Time {
	if sound.Item == "" {
		return sound.At
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	l.begin(sound.Item)
	// A receiver fills a pause with silence when sound goes on: it has passed by then.
	silent := silenceBefore(sound.Samples)
	if idle := sound.At.Sub(l.until); idle > 0 {
		l.until = sound.At.Add(-min(idle, silent))
	}
	leaves := l.until
	duration := samplesDuration(int64(len(sound.Samples)))
	l.until = l.until.Add(duration)
	l.end = l.content(samplesDuration(sound.Offset) + duration)
	return leaves
}

// silenceBefore is the silence at the beginning of sound.
func silenceBefore(samples []float32) time.Duration {
	for i, s := range samples {
		if s > 0.001 || s < -0.001 {
			return samplesDuration(int64(i))
		}
	}
	return samplesDuration(int64(len(samples)))
}

// begin makes an item the one that plays. The caller holds the lock.
func (l *loudspeaker) begin(item string) {
	if l.item == item {
		return
	}
	l.item, l.end, l.until, l.stopped = item, 0, time.Time{}, false
	l.announced, l.resumes, l.paused = 0, nil, -1
}

// content is how much of the item there is before a place on its clock. The caller holds the lock.
func (l *loudspeaker) content(clock time.Duration) time.Duration {
	content := clock
	for _, r := range l.resumes {
		if r.clock >= clock {
			content = min(content, r.content) // it is the silence before
			break
		}
		content = r.content + clock - r.clock
	}
	if l.paused >= 0 {
		content = min(content, l.paused)
	}
	if l.announced > 0 { // then silence follows
		content = min(content, l.announced)
	}
	return content
}

func inMilliseconds(value float64) time.Duration {
	return time.Duration(value * float64(time.Millisecond))
}

// position is how much of the current item was played.
func (l *loudspeaker) position(now time.Time) (item string, played time.Duration) {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.item, max(0, l.end-max(0, l.until.Sub(now)))
}

func samplesDuration(samples int64) time.Duration {
	return time.Duration(samples) * time.Second / VoiceRate
}
