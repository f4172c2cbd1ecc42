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

	// WebRTC's timestamps run on through the pauses in which the next clause was not ready, and her position does not.
	announced time.Duration // how much of the item was announced
	counted   time.Duration // where on the timestamps' clock the last sound ended
	pauses    time.Duration // how much of that was no sound of hers
	exhausted bool          // all that was announced then has sounded
}

// event watches for items that begin and end.
func (l *loudspeaker) event(event Event) {
	var fields struct {
		ItemID    string  `json:"item_id"`
		Timestamp *uint32 `json:"rtp_timestamp"`
		Duration  float64 `json:"duration_ms"`
	}
	switch event.Type {
	case "twombly.caption", "output_audio_buffer.started", "output_audio_buffer.cleared", "output_audio_buffer.stopped", "conversation.item.truncated":
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
		l.announced += time.Duration(fields.Duration * float64(time.Millisecond))
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
	if !l.exhausted {
		silent = 0
	}
	l.end = l.content(samplesDuration(sound.Offset)+silent, duration-silent)
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
	l.announced, l.counted, l.pauses, l.exhausted = 0, 0, 0, false
}

// content is how much of the item there is after sound of a length at an offset of the clock. What comes when all that was
// announced has sounded is the silence of a pause, and so is a time in which nothing came then. Without announcements all is
// content. The caller holds the lock.
func (l *loudspeaker) content(offset, length time.Duration) time.Duration {
	const slack = 20 * time.Millisecond // sound and events come by different ways
	if gap := offset - l.counted; gap > 0 && l.exhausted {
		l.pauses += gap
	}
	l.counted = offset + length
	if over := l.counted - l.pauses - l.announced; l.announced > 0 && over > slack {
		l.pauses += min(over, length)
	}
	content := l.counted - l.pauses
	l.exhausted = l.announced > 0 && content >= l.announced-slack
	return content
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
