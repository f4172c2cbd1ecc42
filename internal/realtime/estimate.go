package realtime

import (
	"context"
	"time"
)

// What a listener has heard is told by our own page and estimated for everybody else:
//
//   - WebSocket: a client plays what it got, in order, from when it came. Its position is what was sent less what can't
//     have been played yet at the speed of real time (playhead).
//   - WebRTC: the server sends in real time, so the position is what was due half a round trip ago, less 60 ms for the
//     client's jitter buffer and loudspeaker.

// reportEvery is how often the call is told a position.
const reportEvery = 100 * time.Millisecond

// position is what was heard of an item.
type position struct {
	played time.Duration
	// done is true when nothing more of the item will be heard.
	done bool
}

// estimate tells the call what was heard while she speaks, and puts settings back after a response. It returns when the
// context ends.
func (s *session) estimate(ctx context.Context) {
	ticker := time.NewTicker(reportEvery)
	ticker.Stop()
	defer ticker.Stop()
	for {
		select {
		case <-s.wake:
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		s.lock.Lock()
		item, reports := s.playing, s.reports
		restore := s.restore != nil && len(s.responses) == 0
		s.lock.Unlock()
		if restore {
			s.putBack()
		}
		if item == "" {
			continue
		}
		at := s.voice.position(item)
		if !reports {
			s.line.Played(item, at.played)
		}
		ticker.Reset(reportEvery)
		if at.done {
			ticker.Stop()
			s.lock.Lock()
			if s.playing == item {
				s.playing = ""
			}
			s.lock.Unlock()
		}
	}
}
