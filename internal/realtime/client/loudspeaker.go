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
}

// event watches for items that begin and end.
func (l *loudspeaker) event(event Event) {
	var fields struct {
		ItemID    string  `json:"item_id"`
		Timestamp *uint32 `json:"rtp_timestamp"`
	}
	switch event.Type {
	case "output_audio_buffer.started", "output_audio_buffer.cleared", "output_audio_buffer.stopped", "conversation.item.truncated":
		if event.Decode(&fields) != nil {
			return
		}
	default:
		return
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	switch {
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

// play takes sound of an item.
func (l *loudspeaker) play(sound Sound) {
	if sound.Item == "" {
		return
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.item != sound.Item {
		l.item, l.end, l.until, l.stopped = sound.Item, 0, time.Time{}, false
	}
	if l.until.Before(sound.At) {
		l.until = sound.At
	}
	duration := samplesDuration(int64(len(sound.Samples)))
	l.until = l.until.Add(duration)
	l.end = samplesDuration(sound.Offset) + duration
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
